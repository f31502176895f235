"""Who runs the sets of a sweep on one market: one protocol, and a class for each kind of strategy."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import joined
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ParameterError, UnsupportedSettingError
from triplebar.contracts.sets import Sets
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.engines.custom.lanes import LaneRunner
from triplebar.engines.custom.summary import SUMMARY, summarise
from triplebar.engines.settings import resolve
from triplebar.research.preparation import prepared_market
from triplebar.research.run import run
from triplebar.research.sweeping.exits import kept_in, made
from triplebar.research.sweeping.found import RECORDED, Failure, Found, Stopped, Tell, columns_with
from triplebar.strategy.base import Strategy, _parameters_of
from triplebar.strategy.rules import Rule
from triplebar.strategy.signals import Signals

LANE_RATE: Final = 1 << 29
COMPILED_RATE: Final = 1 << 24
PYTHON_RATE: Final = 1 << 20
"""Set-bars that a core does in a second, roughly: how large a block of sets should be, if nothing has been timed."""


@dataclass(frozen=True)
class Task:
    """What every evaluator needs to know."""

    market: Market
    config: BacktestConfig
    engine: str | Engine = "custom"
    threads: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    measures: tuple[str, ...] = ()
    """Metrics of the registry beside the columns of `SUMMARY`."""


@runtime_checkable
class Evaluator(Protocol):
    """Runs sets of a sweep.

    All evaluators give the columns of `SUMMARY`, computed by the core's one accumulator.
    """

    name: str
    rate: int
    """Set-bars in a second, roughly."""

    def evaluate(self, sets: Sets, tell: Tell, stopped: Stopped) -> Found:
        """One row a set, in order; only the first ones if `stopped` said so."""
        ...

    def strategy(self, values: Mapping[str, Any]) -> Strategy:
        """The strategy of one set, for `run`."""
        ...

    def notes(self) -> Mapping[str, Any]:
        """What is worth knowing about how the sets are run."""
        ...


class RuleEvaluator:
    """A column rule, in lanes; sets that lanes cannot run exactly are run by the engine."""

    name = "lanes"

    def __init__(
        self, rule: Rule, task: Task, names: tuple[str, ...], *, level: str | None = None, by_engine: bool = False
    ) -> None:
        """Check the names of the parameters."""
        rule.check_names(names)
        market, _ = prepared_market(task.market, task.config)
        self.rule = rule
        self.rate = LANE_RATE * task.threads
        self.runner = LaneRunner(rule, market, resolve(task.config, market), task.threads, level, by_engine)

    def prepare(self, sets: Sets) -> None:
        """Make the next block of sets ready, while one is run."""
        self.runner.prepare(sets)

    def evaluate(self, sets: Sets, tell: Tell, stopped: Stopped, meanwhile: Callable[[], None] | None = None) -> Found:
        """Run a block of sets; the core does without the interpreter, which has time for something `meanwhile`."""
        self.runner.doubts.clear()
        rows, problems = self.runner.run(sets, tell, stopped, meanwhile)
        left = np.delete(np.arange(len(sets)), list(problems)) if problems else np.arange(len(sets))
        seen = len(sets) if rows.num_rows == left.size else int(left[rows.num_rows])
        failures = [Failure.of(sets, place, problem) for place, problem in sorted(problems.items()) if place < seen]
        return Found(rows, sets.numbers[left[: rows.num_rows]], tuple(failures), seen, dict(self.runner.doubts))

    def strategy(self, values: Mapping[str, Any]) -> Strategy:
        """The rule with the values of a set."""
        return self.rule(**values)

    def notes(self) -> Mapping[str, Any]:
        """How many threads there are."""
        return {"threads": self.runner.threads}


class OneByOne:
    """Anything that `run` can run: one set after the other, through the same door as a single run."""

    rate = PYTHON_RATE

    def __init__(
        self, make: Callable[..., Strategy], task: Task, name: str, *, why: str | None = None, mode: str = "interpreted"
    ) -> None:
        """Take what makes the strategy of a set from its parameters; `why` it is not done faster, if somebody asked."""
        self.make, self.task, self.name, self.why = make, task, name, why
        self.mode = mode

    def evaluate(self, sets: Sets, tell: Tell, stopped: Stopped) -> Found:
        """Run the sets of a block."""
        rows: list[pa.RecordBatch] = []
        failures: list[Failure] = []
        numbers: list[int] = []
        seen = 0
        for place in range(len(sets)):
            if stopped():
                break
            try:
                row = self._row(sets[place])
            except RECORDED as problem:
                failures.append(Failure.of(sets, place, problem))
            else:
                if row is None:
                    break
                rows.append(row)
                numbers.append(int(sets.numbers[place]))
            seen = place + 1
            tell(seen, len(sets))
        told = {} if self.why is None else {"interpreted_sets": seen, "interpreted_because": self.why}
        table = joined(rows, columns_with(self.task.measures))
        return Found(table, np.array(numbers, np.int64), tuple(failures), seen, told=told)

    def _row(self, values: Mapping[str, Any]) -> pa.RecordBatch | None:
        task = self.task
        strategy = self.strategy(values)
        with kept_in(strategy.name):
            result = run(strategy, task.market, task.config, engine=task.engine, mode=self.mode)
        if result.metadata.status == "interrupted":
            return None
        row = summarise(result.facts, result.market, result.settings)
        if not task.measures:
            return row
        found = {name: pa.array([number_of(result.metrics.get(name))], pa.float64()) for name in task.measures}
        return pa.RecordBatch.from_pydict({**dict(zip(SUMMARY.names, row.columns, strict=True)), **found})

    def strategy(self, values: Mapping[str, Any]) -> Strategy:
        """The strategy of a set."""
        return made(self.make, values)

    def notes(self) -> Mapping[str, Any]:
        """Why the sets were not compiled, if they might have been."""
        return {} if self.why is None else {"interpreted_because": self.why}


def known_parameters(strategy: object) -> tuple[str, ...] | None:
    """The names of the parameters that a sweep of this may have; None if only a call will tell."""
    if isinstance(strategy, Rule):
        return strategy.parameters
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        return tuple(_parameters_of(strategy))
    if isinstance(strategy, Strategy):
        return tuple(strategy.parameters())
    return None


def evaluator_for(strategy: object, task: Task, first: Mapping[str, Any], mode: str = "auto") -> Evaluator:
    """Pick who runs the sets of a strategy; `first` is a set to see whether it compiles."""
    if isinstance(strategy, Evaluator):
        return strategy
    if isinstance(strategy, Rule):
        lanes = task.engine == "custom" and not task.measures
        return RuleEvaluator(strategy, task, tuple(first)) if lanes else OneByOne(strategy, task, "signals")
    if isinstance(strategy, Strategy) and not isinstance(strategy, Signals):
        return _of_strategy(strategy.clone, task, first, mode)
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        return _of_strategy(strategy, task, first, mode)
    if callable(strategy) and not isinstance(strategy, Strategy):
        return OneByOne(_factory(strategy), task, "signals")
    fix = "give a rule of triplebar.signals, a Strategy class, or a function that makes Signals from parameters"
    raise ParameterError(f"{type(strategy).__name__} cannot be swept", where="sweep", fix=fix)


def _of_strategy(make: Callable[..., Strategy], task: Task, first: Mapping[str, Any], mode: str) -> Evaluator:
    """Compiled if it can be, one by one in Python if not; what was asked for is done or refused."""
    if mode == "interpreted" or (mode == "auto" and task.engine != "custom"):
        return OneByOne(make, task, "interpreted")
    if task.engine != "custom":
        raise UnsupportedSettingError(
            f"engine {task.engine!r} does not run compiled strategies", where="mode", fix="use engine='custom'"
        )
    from triplebar.research.sweeping.compiled import CompiledEvaluator
    from triplebar.strategy.compile.errors import CompileError

    spare = OneByOne(make, task, "interpreted") if mode == "auto" else None
    chosen = CompiledEvaluator(make, task, spare)
    try:
        chosen.compile(first)
    except CompileError as problem:
        if mode == "compiled":
            raise
        return OneByOne(make, task, "interpreted", why=str(problem))
    except RECORDED as problem:
        if mode == "compiled":
            raise
        why = f"the first set failed before it could be compiled: {problem}"
        return OneByOne(make, task, "interpreted", why=why)
    return OneByOne(make, task, "compiled", mode=mode) if task.measures else chosen


def _factory(function: Callable[..., Any]) -> Callable[..., Strategy]:
    def make(**values: Any) -> Strategy:  # noqa: ANN401 - parameters of any kind
        made = function(**values)
        if not isinstance(made, Strategy):
            where = getattr(function, "__name__", "sweep")
            raise ParameterError(f"gave {type(made).__name__}", where=where, fix="return Signals or a strategy")
        return made

    return make


def number_of(value: object) -> float | None:
    """A metric as a number; None for what is none.

    >>> number_of(2), number_of("never")
    (2.0, None)
    """
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
