"""Many parameter sets of one strategy over one market."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.result import RunResult
from triplebar.contracts.suggest import hint
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.engines.custom.summary import SUMMARY
from triplebar.research.interruption import stoppable
from triplebar.research.run import run
from triplebar.research.sweep_evaluators import Evaluator, Task, evaluator_for, known_parameters
from triplebar.research.sweep_space import Space

Progress = Callable[[int, int], None]
MODES = ("auto", "interpreted", "compiled")


@dataclass(frozen=True)
class Study:
    """What a sweep found: one row a set, in the order of their numbers.

    >>> import triplebar as tb
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> study = tb.sweep(rule, tb.Market.synthetic(bars=300, seed=1), {"fast": [2, 3], "slow": [9, 20]})
    >>> study.table.num_rows, study.parameters(3)
    (4, {'fast': 3, 'slow': 20})
    >>> best = study.best(1, by="final_equity")
    >>> study.run(best.column("set")[0].as_py()).ending_value == best.column("final_equity")[0].as_py()
    True
    """

    table: pa.Table
    space: Space
    evaluator: Evaluator
    task: Task
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Sets that were run."""
        return int(self.table.num_rows)

    def parameters(self, number: int) -> dict[str, Any]:
        """The parameters of a set."""
        return self.space[number]

    def best(self, count: int = 10, *, by: str = "sharpe", smallest: bool = False) -> pa.Table:
        """The sets with the largest (or smallest) value in a column, the first of equals first; no value, no place."""
        if by not in self.table.column_names:
            raise ConfigError.of("by", by, "is no column", fix=hint(by, self.table.column_names))
        numbered = self._numbered
        there = numbered.filter(pc.is_valid(numbered.column(by)))
        order = "ascending" if smallest else "descending"
        return there.sort_by([(by, order), ("set", "ascending")]).slice(0, count)

    def run(self, number: int, **options: Any) -> RunResult:  # noqa: ANN401 - those of `run`
        """Run one set again, with all its tables; options are those of `run`."""
        self.space[number]
        options = {"engine": self.task.engine, **options}
        return run(self.evaluator.strategy(number), self.task.market, self.task.config, **options)

    @cached_property
    def _numbered(self) -> pa.Table:
        return self.table.add_column(0, "set", pa.array(range(self.table.num_rows), pa.int64()))


def sweep(
    strategy: Any,  # noqa: ANN401 - a rule, a strategy class, a function, or an evaluator
    market: Market,
    parameters: Mapping[str, Sequence[Any]],
    config: BacktestConfig | None = None,
    *,
    engine: str | Engine = "custom",
    mode: str = "auto",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Study:
    """Run every combination of the parameters' values, and give one row a set.

    - `strategy`: a rule of `triplebar.signals`, which runs in lanes; a `Strategy` class; or a function that makes
      `Signals` (or any strategy) from the parameters.
    - `mode`: a strategy class runs compiled in threads if it compiles (`auto`), must (`compiled`), or runs in Python.
    - `parameters`: values by name; the last parameter changes fastest.
    - `progress(done, total)` is called now and then.

    The columns are the parameters and those of `triplebar.engines.custom.summary.SUMMARY`; the numbers of a set are
    those of a single run of it. Ctrl-C ends the sweep early: the table has the sets that were finished.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=60, seed=1)
    >>> study = sweep(tb.samples.MovingAverageCross, market, {"fast": [2, 3], "slow": [9]})
    >>> study.table.column_names[:3]
    ['fast', 'slow', 'final_equity']
    """
    if mode not in MODES:
        raise ConfigError.of("mode", mode, f"must be one of {', '.join(MODES)}", fix="leave it out")
    if not isinstance(market, Market):
        raise ConfigError.of("market", market, "must be a Market", fix="use Market.from_table(...) or the like")
    workers = None if threads is None else checks.integer("threads", threads, low=1)
    space = Space.of(parameters, known=known_parameters(strategy))
    task = Task(space, market, config or BacktestConfig(), engine)
    task = task if workers is None else replace(task, threads=workers)
    began = time.perf_counter()
    evaluator = evaluator_for(strategy, task, mode)
    with stoppable() as stopped:
        batches = list(_batches(evaluator, space, progress or _quiet, stopped))
    table = pa.Table.from_batches(batches) if batches else _empty(space)
    metadata = {
        "sets": len(space),
        "finished": table.num_rows,
        "status": "completed" if table.num_rows == len(space) else "interrupted",
        "evaluator": evaluator.name,
        "seconds": time.perf_counter() - began,
        "config": task.config.to_mapping(),
        "data_digest": market.digest,
        **evaluator.notes(),
    }
    return Study(table, space, evaluator, task, metadata)


def _batches(
    evaluator: Evaluator, space: Space, progress: Progress, stopped: Callable[[], bool]
) -> Iterator[pa.RecordBatch]:
    total = len(space)
    for start in range(0, total, evaluator.batch):
        sets = range(start, min(start + evaluator.batch, total))
        found = evaluator.evaluate(sets, _shifted(progress, start, total), stopped)
        done = range(start, start + found.num_rows)
        if done:
            numbers = dict(zip(SUMMARY.names, found.columns, strict=True))
            yield pa.RecordBatch.from_pydict({**space.columns(done), **numbers})
        if len(done) < len(sets):
            return
        progress(done.stop, total)


def _shifted(progress: Progress, start: int, total: int) -> Progress:
    """Progress of a batch as progress of the whole."""
    return lambda done, _: progress(start + done, total)


def _empty(space: Space) -> pa.Table:
    none = SUMMARY.empty_table()
    return pa.table({**space.columns(range(0)), **dict(zip(SUMMARY.names, none.columns, strict=True))})


def _quiet(done: int, total: int) -> None:
    del done, total
