"""What came of a block of sets: rows of numbers, and the failures of those that have none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import joined, to_arrow
from triplebar.contracts.errors import DataError, ExecutionError, StrategyError
from triplebar.contracts.sets import Numbers, Sets
from triplebar.engines.custom.summary import SUMMARY

Tell = Callable[[int, int], None]
Stopped = Callable[[], bool]

PARAMETERS: Final = b"triplebar.parameters"
"""Where a table keeps the parameters of its sets, if they do not follow from their numbers."""
PRUNED: Final = "Pruned"
"""The kind of failure of a set that was evaluated on parts of the market only, since others were ahead of it."""
RECORDED: Final = (StrategyError, ExecutionError, DataError)
"""What may happen to one set and not to another: it is written down, and the sweep goes on. Everything else (a wrong
setting, an engine that is not there, a defect) would happen to all."""


@dataclass(frozen=True)
class Failure:
    """A set that could not be run: its number, the kind of error and what it said."""

    number: int
    error: str
    message: str
    problem: Exception | None = field(default=None, compare=False, repr=False)
    """The error itself, in the process in which it was raised."""

    @classmethod
    def of(cls, sets: Sets, place: int, problem: Exception) -> Failure:
        """Write down what happened to a set."""
        number = int(sets.numbers[place])
        note = f"in set {number} of the sweep: {sets[place]}"
        if note not in getattr(problem, "__notes__", ()):
            problem.add_note(note)
        return cls(number, type(problem).__name__, str(problem), problem)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "problem": None}

    def raised(self) -> Exception:
        """The error, to be raised."""
        return self.problem or StrategyError(f"{self.error}: {self.message}", where=f"set {self.number}")


@dataclass(frozen=True)
class Found:
    """What came of the first `seen` of some sets: a row for each number that succeeded, a failure for each other."""

    rows: pa.RecordBatch
    numbers: Numbers
    failures: tuple[Failure, ...]
    seen: int
    by_engine: Mapping[str, int] = field(default_factory=dict)
    """Sets that an engine ran instead of a lane, by the reason."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What is worth knowing about how these sets were run: sets that did not compile, why some were run alone."""
    parameters: str | None = None
    """The parameters of all sets as JSON, where they do not follow from their numbers."""

    @property
    def tried(self) -> Numbers:
        """The numbers that were evaluated and chosen among, those that were given up on the way included."""
        pruned = [each.number for each in self.failures if each.error == PRUNED]
        return np.sort(np.append(self.numbers, np.array(pruned, dtype=np.int64))) if pruned else self.numbers

    @cached_property
    def table(self) -> pa.Table:
        """The rows with their numbers."""
        names = ["set", *self.rows.schema.names]
        table = pa.table([to_arrow(self.numbers), *self.rows.columns], names=names)
        return table if self.parameters is None else table.replace_schema_metadata({PARAMETERS: self.parameters})


def columns_with(measures: tuple[str, ...]) -> pa.Schema:
    """The columns of a summary, and those of further metrics.

    >>> columns_with(("calmar",)).names[-1]
    'calmar'
    """
    return pa.schema([*SUMMARY, *(pa.field(name, pa.float64()) for name in measures)])


def added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What was told of some sets and of others: counts add up, and the first reason stands for all.

    >>> added({"interpreted_sets": 1, "interpreted_because": "a"}, {"interpreted_sets": 2, "interpreted_because": "b"})
    {'interpreted_sets': 3, 'interpreted_because': 'a'}
    """
    more = {name: one[name] + value for name, value in other.items() if name in one and isinstance(value, int)}
    return {**other, **one, **more}


def nothing(measures: tuple[str, ...] = ()) -> Found:
    """What comes of no sets.

    >>> nothing().seen
    0
    """
    return Found(joined([], columns_with(measures)), np.zeros(0, dtype=np.int64), (), 0)
