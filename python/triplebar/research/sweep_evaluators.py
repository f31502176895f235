"""Who runs the sets of a sweep: one protocol, and a class for each kind of strategy."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ParameterError, TradingError, UnsupportedSettingError
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.engines.custom.lanes import LaneRunner
from triplebar.engines.custom.summary import SUMMARY, summarise
from triplebar.engines.settings import resolve
from triplebar.research.preparation import prepared_market
from triplebar.research.run import run
from triplebar.research.sweep_space import Space
from triplebar.strategy.base import Strategy, _parameters_of
from triplebar.strategy.rules import Rule
from triplebar.strategy.signals import Signals

Tell = Callable[[int, int], None]
Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Task:
    """What every evaluator needs to know."""

    space: Space
    market: Market
    config: BacktestConfig
    engine: str | Engine = "custom"
    threads: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))


@runtime_checkable
class Evaluator(Protocol):
    """Runs sets of a sweep, by their numbers.

    All evaluators give the columns of `SUMMARY`, computed by the core's one accumulator.
    """

    name: str
    batch: int
    """Sets that are asked for at once."""

    def evaluate(self, sets: range, progress: Tell, stopped: Stopped) -> pa.RecordBatch:
        """One row a set, in order; fewer if `stopped` said so: the first ones."""
        ...

    def strategy(self, number: int) -> Strategy:
        """The strategy of one set, for `run`."""
        ...

    def notes(self) -> Mapping[str, Any]:
        """What is worth knowing about how the sets were run."""
        ...


class RuleEvaluator:
    """A column rule, in lanes; sets that lanes cannot run exactly are run by the engine."""

    name = "lanes"
    batch = 1 << 16

    def __init__(self, rule: Rule, task: Task, *, level: str | None = None, by_engine: bool = False) -> None:
        """Compute the columns of the rule."""
        rule.check_names(tuple(task.space.axes))
        market, _ = prepared_market(task.market, task.config)
        self.rule, self.space = rule, task.space
        settings = resolve(task.config, market)
        self.runner = LaneRunner(rule, task.space.axes, market, settings, task.threads, level, by_engine)

    def evaluate(self, sets: range, progress: Tell, stopped: Stopped) -> pa.RecordBatch:
        """Run a batch of sets."""
        return self.runner.run(self.space.places(sets), progress, stopped)

    def strategy(self, number: int) -> Strategy:
        """The rule with the values of a set."""
        return self.rule(**self.space[number])

    def notes(self) -> Mapping[str, Any]:
        """Sets that the engine ran instead of a lane, by reason."""
        return {"by_engine": dict(self.runner.doubts), "threads": self.runner.threads}


class OneByOne:
    """Anything that `run` can run: one set after the other, through the same door as a single run."""

    batch = 64

    def __init__(self, make: Callable[..., Strategy], task: Task, name: str, *, why: str | None = None) -> None:
        """Take what makes the strategy of a set from its parameters; `why` it is not done faster, if somebody asked."""
        self.make, self.task, self.name, self.why = make, task, name, why

    def evaluate(self, sets: range, progress: Tell, stopped: Stopped) -> pa.RecordBatch:
        """Run the sets of a batch."""
        rows = []
        for number in sets:
            if stopped():
                break
            row = self._row(number)
            if row is None:
                break
            rows.append(row)
            progress(number + 1 - sets.start, len(sets))
        if not rows:
            return pa.RecordBatch.from_pylist([], schema=SUMMARY)
        return pa.Table.from_batches(rows).combine_chunks().to_batches()[0]

    def _row(self, number: int) -> pa.RecordBatch | None:
        task = self.task
        try:
            result = run(self.strategy(number), task.market, task.config, engine=task.engine)
        except TradingError as problem:
            problem.add_note(f"in set {number} of the sweep: {task.space[number]}")
            raise
        if result.metadata.status == "interrupted":
            return None
        return summarise(result.facts, result.market, result.settings)

    def strategy(self, number: int) -> Strategy:
        """The strategy of a set."""
        return self.make(**self.task.space[number])

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


def evaluator_for(strategy: object, task: Task, mode: str = "auto") -> Evaluator:
    """Pick who runs the sets of a strategy."""
    if isinstance(strategy, Evaluator):
        return strategy
    if isinstance(strategy, Rule):
        lanes = task.engine == "custom"
        return RuleEvaluator(strategy, task) if lanes else OneByOne(strategy, task, "signals")
    if isinstance(strategy, Strategy) and not isinstance(strategy, Signals):
        return _of_strategy(strategy.clone, task, mode)
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        return _of_strategy(strategy, task, mode)
    if callable(strategy) and not isinstance(strategy, Strategy):
        return OneByOne(_factory(strategy), task, "signals")
    fix = "give a rule of triplebar.signals, a Strategy class, or a function that makes Signals from parameters"
    raise ParameterError(f"{type(strategy).__name__} cannot be swept", where="sweep", fix=fix)


def _of_strategy(make: Callable[..., Strategy], task: Task, mode: str) -> Evaluator:
    """Compiled if it can be, one by one in Python if not; what was asked for is done or refused."""
    if mode == "interpreted" or (mode == "auto" and task.engine != "custom"):
        return OneByOne(make, task, "interpreted")
    if task.engine != "custom":
        raise UnsupportedSettingError(
            f"engine {task.engine!r} does not run compiled strategies", where="mode", fix="use engine='custom'"
        )
    from triplebar.research.sweep_compiled import CompiledEvaluator
    from triplebar.strategy.compile.errors import CompileError

    chosen = CompiledEvaluator(make, task)
    try:
        chosen.compile()
    except CompileError as problem:
        if mode == "compiled":
            raise
        return OneByOne(make, task, "interpreted", why=str(problem))
    return chosen


def _factory(function: Callable[..., Any]) -> Callable[..., Strategy]:
    def make(**values: Any) -> Strategy:  # noqa: ANN401 - parameters of any kind
        made = function(**values)
        if not isinstance(made, Strategy):
            where = getattr(function, "__name__", "sweep")
            raise ParameterError(f"gave {type(made).__name__}", where=where, fix="return Signals or a strategy")
        return made

    return make
