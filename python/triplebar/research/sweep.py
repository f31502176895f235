"""Many parameter sets of one strategy over one market or several."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.suggest import hint
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.engines.custom.summary import SUMMARY
from triplebar.research.interruption import stoppable
from triplebar.research.sweeping.early import Early, laid
from triplebar.research.sweeping.evaluators import evaluator_for, known_parameters
from triplebar.research.sweeping.keeping import check_keep, with_best_kept
from triplebar.research.sweeping.plan import Plan, Recipe, check_plan, scenes_of
from triplebar.research.sweeping.session import (
    Session,
    close_study,
    executor_for,
    metadata_of,
    opened,
    results_for,
    told_if_ended,
)
from triplebar.research.sweeping.space import Space, space_of
from triplebar.research.sweeping.standing import Meter, Progress, Watch
from triplebar.research.sweeping.study import Study
from triplebar.research.sweeping.threads import task_of
from triplebar.research.sweeping.top import Top
from triplebar.store.studies import StudyStore

__all__ = ["Study", "sweep"]

MODES: Final = ("auto", "interpreted", "compiled")


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
    keep: int = 0,
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
    - `keep`: so many of the best sets are run again, and their whole results are runs of the store, found in
      `study.metadata["kept"]` by the numbers of the sets.
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
    check_keep(keep, store)
    workers = len(os.sched_getaffinity(0)) if threads is None else checks.integer("threads", threads, low=1)
    scenes = scenes_of(market, config, seeds)
    space = space_of(parameters)
    space.check_names(known_parameters(strategy))
    measures = measures_of(metrics)
    if name is not None:
        checks.text("name", name)
    check_plan(space, scenes, measures)
    plan = Plan.of(Recipe(strategy, scenes, engine, mode, measures), space)
    check_by(by, plan)
    evaluator = evaluator_for(strategy, task_of(plan.recipe, 0, workers), plan.first()[0][0], mode)
    runs = executor_for(executor, threads, evaluator, scenes[0])
    with closing(runs), stoppable() as stopped:
        kept, early = opened(store), Early()
        if block is None:
            plan, early = laid(plan, evaluator, runs, kept, stopped, resume=resume)
        else:
            plan = plan.in_blocks(checks.integer("block", block, low=1))
        plan, results = results_for(plan, kept, name, resume=resume)
        with told_if_ended(results):
            done = set(results.done())
            before = sum(stop - start for _, start, stop in map(plan.place, done))
            meter = Meter(len(plan), before, progress, watch, Top(1, by, smallest=smallest), early.took_seconds)
            if done and watch is not None:
                meter.top.of(results.tables())
            session = Session(plan, results, runs, meter, on_error, early)
            whole = session.run((block for block in range(plan.blocks) if block not in done), stopped)
    study = Study(plan, results, evaluator, metadata_of(session, evaluator, whole=whole, before=before), by, smallest)
    close_study(study, whole=whole)
    return with_best_kept(study, keep)


def measures_of(metrics: Sequence[str]) -> tuple[str, ...]:
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


def check_by(by: str, plan: Plan) -> None:
    known = (*SUMMARY.names, *plan.recipe.measures)
    if by not in known:
        raise ConfigError.of("by", by, "is no metric of this sweep", fix=hint(by, known))
