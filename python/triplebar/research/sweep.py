"""Many parameter sets of one strategy over one market or several."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.suggest import hint
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.engines.custom.summary import SUMMARY
from triplebar.research.interruption import stoppable
from triplebar.research.sweeping.evaluators import Evaluator, evaluator_for, known_parameters
from triplebar.research.sweeping.plan import Plan, Recipe, block_size, check_plan, scenes_of
from triplebar.research.sweeping.results import InMemory, InStore, Results, table_of
from triplebar.research.sweeping.space import Space, space_of
from triplebar.research.sweeping.standing import Meter, Progress, Watch
from triplebar.research.sweeping.study import Study
from triplebar.research.sweeping.threads import Threads, task_of
from triplebar.research.sweeping.top import Top
from triplebar.store.studies import StudyStore

if TYPE_CHECKING:
    from triplebar.research.sweeping.executor import Done, Executor
    from triplebar.research.sweeping.found import Tell

__all__ = ["Study", "sweep"]

MODES: Final = ("auto", "interpreted", "compiled")
IN_MEMORY_MAX: Final = 10_000_000
"""More sets than this need a store."""


@dataclass
class _Session:
    """One call of `sweep`, from checked arguments to a study."""

    plan: Plan
    results: Results
    executor: Executor
    meter: Meter
    top: Top
    on_error: str
    by_engine: Counter[str] = field(default_factory=Counter)
    evaluated: int = 0

    def run(self, blocks: Iterable[int]) -> bool:
        """Run blocks until there are none, or somebody presses Ctrl-C; whether all of them are done."""
        with stoppable() as stopped:
            for done in self.executor.run(self.plan, blocks, self._teller, stopped):
                self._keep(done)
                if not done.whole:
                    return False
            return not stopped() or len(self.results.done()) == self.plan.blocks

    def _teller(self, block: int) -> Tell:
        del block
        return lambda done, _: self.meter.inside(done)

    def _keep(self, done: Done) -> None:
        found = done.found
        if found.failures and self.on_error == "raise":
            raise found.failures[0].raised()
        if not done.whole and isinstance(self.results, InStore):
            return  # a part of a block cannot be gone on with
        if isinstance(self.results, InStore):  # first, so that nothing that was evaluated is ever left out
            from triplebar.research.validation.counting import count_block

            count_block(self.results, self.plan, found.numbers, scene=self.plan.place(done.block)[0])
        self.results.put(done.block, found, done.seconds)
        self.by_engine.update(found.by_engine)
        self.evaluated += found.seen
        self.top.add(table_of(found))
        _, start, stop = self.plan.place(done.block)
        self.meter.add(stop - start if done.whole else found.seen, len(found.failures), self.top.best)


def sweep(  # noqa: PLR0913 - everything but the first three is optional
    strategy: Any,  # noqa: ANN401 - a rule, a strategy class, a function, or an evaluator
    market: Market | Mapping[str, Market],
    parameters: Mapping[str, Sequence[Any]] | Space,
    config: BacktestConfig | Mapping[str, BacktestConfig] | None = None,
    *,
    engine: str | Engine = "custom",
    mode: str = "auto",
    metrics: Sequence[str] = (),
    seeds: Sequence[int] | None = None,
    executor: Any = "threads",  # noqa: ANN401 - a name, or an executor of any kind
    threads: int | None = None,
    block: int | None = None,
    store: str | Path | StudyStore | None = None,
    name: str | None = None,
    resume: bool = True,
    by: str = "sharpe",
    smallest: bool = False,
    on_error: str = "keep",
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Study:
    """Run every set of a space, and give one row a set.

    - `strategy`: a rule of `triplebar.signals`, which runs in lanes; a `Strategy` class; or a function that makes
      `Signals` (or any strategy) from the parameters.
    - `market`: one, or several by name; `config` may then have one for each. `seeds` runs every set with each of them.
    - `parameters`: values by name, the last one changing fastest; or a space of `triplebar.spaces`.
    - `mode`: a strategy class runs compiled in threads if it compiles (`auto`), must (`compiled`), or runs in Python.
    - `metrics`: further metrics by name; each set is then run with all its tables, which takes longer.
    - `executor`: `threads`; `processes`; `ray`; or any `concurrent.futures.Executor`. `threads` bounds the workers.
    - `block`: sets that are run and kept at once; as many as take about a second, if it is left out.
    - `store`: a file that keeps what is finished, block by block. With `resume` the same sweep goes on where it was;
      without, it begins anew. A sweep is the same if everything that can change a number is; `name` is for you.
    - `by`, `smallest`: which metric decides what is best.
    - `on_error`: a set that raises is written down in `study.failures` (`keep`), or ends the sweep (`raise`).
    - `progress(done, total)` is called now and then, `watch(standing)` after each block.

    The columns are the parameters and those of `triplebar.engines.custom.summary.SUMMARY`; the numbers of a set are
    those of a single run of it. Ctrl-C ends the sweep early: what was finished is kept.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=60, seed=1)
    >>> study = sweep(tb.samples.MovingAverageCross, market, {"fast": [2, 3], "slow": [9]})
    >>> study.table.column_names[:4]
    ['set', 'fast', 'slow', 'final_equity']
    """
    checks.choice("mode", mode, MODES)
    checks.choice("on_error", on_error, ("keep", "raise"))
    workers = len(os.sched_getaffinity(0)) if threads is None else checks.integer("threads", threads, low=1)
    scenes = scenes_of(market, config, seeds)
    space = space_of(parameters)
    space.check_names(known_parameters(strategy))
    check_plan(space, scenes)
    plan = Plan(Recipe(strategy, scenes, engine, mode, _measures(metrics)), space)
    _check_by(by, plan)
    evaluator = evaluator_for(strategy, task_of(plan.recipe, 0, workers), plan.first()[0][0], mode)
    runs = _executor(executor, threads, evaluator)
    with closing(runs):
        size = block_size(plan, evaluator.rate, 1 if isinstance(runs, Threads) else runs.workers)
        plan = replace(plan, block=size if block is None else checks.integer("block", block, low=1))
        plan, results = _results(plan, store, name, resume=resume)
        done = set(results.done())
        before = sum(stop - start for _, start, stop in map(plan.place, done))
        top = Top(1, by, smallest=smallest)
        if done and watch is not None:
            top.of(results.tables())
        session = _Session(plan, results, runs, Meter(len(plan), before, progress, watch), top, on_error)
        whole = session.run(block for block in range(plan.blocks) if block not in done)
    study = Study(plan, results, evaluator, _metadata(session, evaluator, whole=whole, before=before), by, smallest)
    _close(study, whole=whole)
    return study


def _metadata(session: _Session, evaluator: Evaluator, *, whole: bool, before: int) -> dict[str, Any]:
    plan, executor = session.plan, session.executor
    finished, failed = session.results.counts()
    scenes = plan.recipe.scenes
    return {
        "sets": len(plan),
        "finished": finished,
        "failed": failed,
        "evaluated": session.evaluated,
        "resumed": before,
        "status": "completed" if whole else "interrupted",
        "executor": executor.name,
        "workers": executor.workers,
        "evaluator": evaluator.name,
        "seconds": session.meter.seconds,
        "config": scenes[0].config.to_mapping(),
        "data_digest": scenes[0].market.digest,
        "by_engine": dict(session.by_engine),
        **evaluator.notes(),
    }


def _close(study: Study, *, whole: bool) -> None:
    """Say in the store how the study was left; a sweep of which nothing succeeded raises what went wrong."""
    if isinstance(study.results, InStore):
        study.results.store.close_study(study.id, "completed" if whole else "interrupted")
    if whole and study.metadata["failed"] and not study.metadata["finished"]:
        raise study.results.failures()[0].raised()


Place = str | Path | StudyStore | None


def _results(plan: Plan, store: Place, name: str | None, *, resume: bool) -> tuple[Plan, Results]:
    """Where the blocks go, and the plan with the blocks that a study in a store has already."""
    if store is None:
        if len(plan) > IN_MEMORY_MAX:
            problem = f"the space has {len(plan):,} sets, more than {IN_MEMORY_MAX:,} do not fit the memory"
            raise ConfigError(problem, where="sweep", fix="give store='runs.db', which keeps them on the disk")
        return plan, InMemory()
    kept = store if isinstance(store, StudyStore) else StudyStore(store)
    if not resume:
        kept.forget(plan.id)
    record = kept.open(plan.id, plan.definition, total=len(plan), block=plan.block, name=name)
    return replace(plan, block=record.block), InStore(kept, plan.id)


def _executor(given: object, threads: int | None, evaluator: Evaluator) -> Executor:
    """The executor of a name, or one of somebody's."""
    here = threads or len(os.sched_getaffinity(0))
    mode = "interpreted" if evaluator.name == "interpreted" else "auto"
    if given == "threads":
        return Threads(here, evaluator)
    if given == "processes":
        from triplebar.research.sweeping.processes import Processes

        return Processes(here, mode)
    if given == "ray" or (isinstance(given, str) and given.startswith("ray://")):
        from triplebar.research.sweeping.ray_cluster import RayCluster

        return RayCluster(threads, None if given == "ray" else str(given), mode)
    if callable(getattr(given, "submit", None)):
        from triplebar.research.sweeping.pool import Pool

        return Pool(given, threads, mode)  # type: ignore[arg-type] # it has submit, which is all that is needed
    fix = "use 'threads', 'processes', 'ray', 'ray://host:10001', or a concurrent.futures.Executor"
    raise ConfigError.of("executor", given, "is no executor", fix=fix)


def _measures(metrics: Sequence[str]) -> tuple[str, ...]:
    """The metrics that the summary of every set does not have."""
    names = checks.sequence("metrics", metrics)
    if not names:
        return ()
    from triplebar.metrics.measure import ordered

    known = [each.name for each in ordered()]
    for each in names:
        if each not in {*known, *SUMMARY.names}:
            raise ConfigError.of("metrics", each, "is no metric", fix=hint(each, known))
    return tuple(each for each in dict.fromkeys(names) if each not in SUMMARY.names)


def _check_by(by: str, plan: Plan) -> None:
    known = (*SUMMARY.names, *plan.recipe.measures)
    if by not in known:
        raise ConfigError.of("by", by, "is no metric of this sweep", fix=hint(by, known))
