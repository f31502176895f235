"""What is wrong with a table: every fault names its place and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from triplebar.contracts.errors import DataQualityError
from triplebar.data.arrays import MaskArray
from triplebar.data.places import Place, Places

SHOWN_MAX: Final = 20
"""Faults written out in an error message."""

KEPT_MAX: Final = 100
"""Faults of one kind and column that are kept; the others are counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `row` counts from 1 without the header, `line` is the line of a text file.

    >>> print(Fault("not_positive", "-1.0 is not above 0", "remove the row", column="low", row=7, file="x.parquet"))
    x.parquet, row 7, column low: -1.0 is not above 0; remove the row
    """

    kind: str
    problem: str
    fix: str
    column: str | None = None
    row: int | None = None
    value: object = None
    file: str | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """Where: file, line or row, column."""
        if self.row is not None:
            return Place(self.row, self.file, self.line).text(self.column)
        parts = (self.file, self.column and f"column {self.column}")
        return ", ".join(part for part in parts if part) or "table"

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}; {self.fix}"

    def to_mapping(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        value = self.value if isinstance(self.value, (int, float, str, type(None))) else str(self.value)
        if isinstance(value, float) and not np.isfinite(value):
            value = str(value)
        return {
            "kind": self.kind,
            "problem": self.problem,
            "fix": self.fix,
            "column": self.column,
            "row": self.row,
            "line": self.line,
            "value": value,
        }


@dataclass(slots=True)
class FaultList:
    """Collects faults; of a kind that hits every row it keeps the first and counts the rest."""

    places: Places = field(default_factory=Places)
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    @property
    def file(self) -> str | None:
        """What the table is called in messages."""
        return self.places.file

    @property
    def total(self) -> int:
        """How many faults there are, those not kept included."""
        return self.counts.total()

    def kinds(self) -> dict[str, int]:
        """Return the number of faults of each kind."""
        found: Counter[str] = Counter()
        for (kind, _), count in self.counts.items():
            found[kind] += count
        return dict(found)

    def add(
        self,
        kind: str,
        problem: str,
        fix: str,
        *,
        column: str | None = None,
        place: Place | None = None,
        value: object = None,
    ) -> None:
        """Add one fault; without a place it is one of the whole table."""
        self.counts[kind, column] += 1
        if self.counts[kind, column] > KEPT_MAX:
            return
        if place is None:
            self.faults.append(Fault(kind, problem, fix, column, None, value, self.file))
        else:
            self.faults.append(Fault(kind, problem, fix, column, place.row, value, place.file, place.line))

    def add_rows(
        self,
        bad: MaskArray,
        kind: str,
        describe: Callable[[int], tuple[str, object]],
        fix: str,
        column: str,
    ) -> None:
        """Add a fault for each row of the mask; `describe` gets the row's index and returns problem and value."""
        if not bad.any():
            return
        indices = np.flatnonzero(bad)
        for index in indices[:KEPT_MAX].tolist():
            problem, value = describe(index)
            self.add(kind, problem, fix, column=column, place=self.places.of(index), value=value)
        self.counts[kind, column] += len(indices) - min(len(indices), KEPT_MAX)

    def in_order(self) -> list[Fault]:
        """Return the faults of the whole table first, then row by row."""
        return sorted(
            self.faults, key=lambda fault: (fault.row is not None, fault.file or "", fault.line or fault.row or 0)
        )

    def text(self, most: int = SHOWN_MAX) -> str:
        """Write the first `most` faults, one to a line, and how many more there are."""
        return listing(self.in_order(), self.total, most)


def listing(lines: Iterable[object], total: int, most: int) -> str:
    """Write at most `most` lines and the count of those left out.

    >>> print(listing(["a", "b", "c"], 3, 2))
    a
    b
    ... and 1 more
    """
    shown = [str(line) for line in lines][:most]
    left = total - len(shown)
    return "\n".join([*shown, f"... and {left} more"] if left > 0 else shown)


class BadDataError(DataQualityError):
    """A table that cannot be used, with all its faults in `faults` (kept ones) and `count` (all).

    >>> from triplebar.data.market import Market
    >>> try:
    ...     Market.from_table({"time": [60_000_000_000], "open": [1.0], "high": [0.5], "low": [0.4], "close": [0.5]})
    ... except BadDataError as problem:
    ...     problem.count > 0
    True
    """

    def __init__(self, found: FaultList) -> None:
        """Write the first faults and the number of all into the message."""
        word = "fault" if found.total == 1 else "faults"
        super().__init__(f"{found.file or 'the table'} has {found.total} {word}:\n{found.text()}")
        self.faults = found.in_order()
        self.count = found.total
