"""One run of a study, from a plan to what is kept."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.sets import Sets
from triplebar.research.sweeping.early import Early
from triplebar.research.sweeping.evaluators import Evaluator
from triplebar.research.sweeping.executor import Done
from triplebar.research.sweeping.found import added, nothing
from triplebar.research.sweeping.plan import RESERVED, Plan, Scene
from triplebar.research.sweeping.results import InMemory, InStore, Results
from triplebar.research.sweeping.standing import Meter
from triplebar.research.sweeping.study import Study
from triplebar.research.sweeping.threads import Threads
from triplebar.store.studies import StudyStore
from triplebar.store.trials import TrialLedger

if TYPE_CHECKING:
    from triplebar.research.sweeping.executor import Executor
    from triplebar.research.sweeping.found import Stopped, Tell
    from triplebar.research.validation.counting import TrialCounter

REASON_MAX: Final = 500
"""Letters of an error that a study keeps at most."""
IN_MEMORY_MAX: Final = 10_000_000
"""More sets than this need a store."""
Place = str | Path | StudyStore | None


@dataclass
class Session:
    """One call of `sweep`, from checked arguments to a study."""

    plan: Plan
    results: Results
    executor: Executor
    meter: Meter
    on_error: str
    early: Early = field(default_factory=Early)
    """What was run before there were blocks."""
    by_engine: Counter[str] = field(default_factory=Counter)
    told: dict[str, Any] = field(default_factory=dict)
    evaluated: int = 0
    _behind: Done | None = field(default=None, init=False)
    """A block that came back and is not kept yet."""

    def run(self, blocks: Iterable[int], stopped: Stopped) -> bool:
        """Run blocks until there are none, or somebody presses Ctrl-C; whether all of them are done."""
        if self.early.failures and self.on_error == "raise":
            raise self.early.failures[0].raised()
        waits = self._asks_for_time()
        try:
            for done in self.some(blocks, stopped):
                self._keep_behind()  # if there was no time for it
                if self._is_kept(done):
                    self._behind = done
                if not waits:
                    self._keep_behind()
                whole = done.whole
                del done  # it is gone when it is kept
                if not whole:
                    return False
        finally:
            self._keep_behind()
        return not stopped() or len(self.results.done()) == self.plan.blocks

    def _asks_for_time(self) -> bool:
        """Ask the executor for time to keep a block while the next one is run, if it has some.

        To a kill are lost a block that is run and one that is being kept: no more than there are threads.
        """
        if not (isinstance(self.results, InStore) and isinstance(self.executor, Threads) and self.executor.overlaps):
            return False
        self.executor.meanwhile = self._meanwhile
        return True

    def _meanwhile(self, scene: int, sets: Sets) -> None:
        """What can be done while sets are run."""
        self._keep_behind()
        self._trials.prepare(sets, scene)

    def _keep_behind(self) -> None:
        """Keep the block that came back last, and tell of it."""
        done, self._behind = self._behind, None
        if done is not None:
            self._put(done)
            self._tell(done)

    def some(self, blocks: Iterable[int], stopped: Stopped) -> Iterator[Done]:
        """Run some blocks; the caller keeps them."""
        if not self.early.done:
            return self.executor.run(self.plan, blocks, self._teller, stopped)
        finished = self.early.finished(self.plan)
        left = (block for block in blocks if block not in finished)
        ran = self.executor.run(self.early.rest(self.plan), left, self._teller, stopped)
        empty = (Done(block, nothing(self.plan.recipe.measures), 0.0) for block in finished)
        return map(partial(self.early.with_them, self.plan), chain(empty, ran))

    def _teller(self, block: int) -> Tell:
        del block
        return lambda done, _: self.meter.inside(done)

    def keep(self, done: Done) -> None:
        """Keep a block, and tell of it."""
        if self._is_kept(done):
            self._put(done)
            self._tell(done)

    def _is_kept(self, done: Done) -> bool:
        if done.found.failures and self.on_error == "raise":
            raise done.found.failures[0].raised()
        return done.whole or not isinstance(self.results, InStore)  # a part of a block cannot be gone on with

    def _put(self, done: Done) -> None:
        """Into memory, or into the store: its trials with it, so that nothing that was evaluated is ever left out."""
        if not isinstance(self.results, InStore):
            self.results.put(done.block, done.found, done.seconds)
            return
        with self.results.store.database.writing():
            self._trials.add(done.found.tried, self.plan.place(done.block)[0])
            self.results.put(done.block, done.found, done.seconds)

    @cached_property
    def _trials(self) -> TrialCounter:
        from triplebar.research.validation.counting import TrialCounter

        if not isinstance(self.results, InStore):
            raise TypeError(self.results)
        return TrialCounter(self.results, self.plan)

    def _tell(self, done: Done) -> None:
        found = done.found
        self.by_engine.update(found.by_engine)
        self.told = added(self.told, found.told)
        self.evaluated += found.seen
        self.meter.seen(found.table)
        _, start, stop = self.plan.place(done.block)
        self.meter.add(stop - start if done.whole else found.seen, len(found.failures))


def metadata_of(session: Session, evaluator: Evaluator, *, whole: bool, before: int) -> dict[str, Any]:
    """What is known of a study beside its numbers."""
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
        **session.told,
        **evaluator.notes(),
    }


def close_study(study: Study, *, whole: bool) -> None:
    """Say in the store how the study was left; a sweep of which nothing succeeded raises what went wrong."""
    if isinstance(study.results, InStore):
        state, reason = ("completed", None) if whole else ("interrupted", "Ctrl-C")
        study.results.close(state, reason)
    if whole and study.metadata["failed"] and not study.metadata["finished"]:
        raise study.results.failures()[0].raised()


@contextmanager
def told_if_ended(results: Results) -> Iterator[None]:
    """Say in the store that a study failed, or was interrupted by what is no error, if anything is raised inside."""
    try:
        yield
    except BaseException as problem:
        if isinstance(results, InStore):
            state = "failed" if isinstance(problem, Exception) else "interrupted"
            with suppress(Exception):  # what ended the study is what should be told
                told = " ".join(f"{type(problem).__name__}: {problem}".removesuffix(": ").split())
                results.close(state, told[:REASON_MAX])
        raise


def opened(store: Place) -> StudyStore | None:
    """The store of a path, or one that somebody has opened."""
    return store if store is None or isinstance(store, StudyStore) else StudyStore(store)


def columns_of(plan: Plan) -> frozenset[str]:
    """What the table of every block has."""
    return frozenset((*RESERVED, *plan.recipe.measures))


def results_for(plan: Plan, store: Place, name: str | None, *, resume: bool) -> tuple[Plan, Results]:
    """Where the blocks go, and the plan with the blocks that a study in a store has already."""
    kept = opened(store)
    if kept is None:
        if len(plan) > IN_MEMORY_MAX:
            problem = f"the space has {len(plan):,} sets, more than {IN_MEMORY_MAX:,} do not fit the memory"
            raise ConfigError(problem, where="sweep", fix="give store='runs.db', which keeps them on the disk")
        return plan, InMemory()
    if not resume:
        kept.forget(plan.id)
    record = kept.open(plan.id, plan.definition, total=len(plan), block=plan.block, name=name)
    for scene in plan.recipe.scenes:
        TrialLedger(kept.database).relate(scene.market)
    return plan.in_blocks(record.block), InStore(kept, record, columns_of(plan))


def executor_for(given: object, threads: int | None, evaluator: Evaluator, scene: Scene) -> Executor:
    """The executor of a name, or one of somebody's."""
    here = threads or len(os.sched_getaffinity(0))
    mode = "interpreted" if evaluator.name == "interpreted" else "auto"
    if given == "threads":
        return Threads(here, evaluator, scene)
    if given == "processes":
        from triplebar.research.sweeping.processes import Processes

        return Processes(here, mode)
    if given == "ray" or (isinstance(given, str) and given.startswith("ray://")):
        from triplebar.research.sweeping.ray_cluster import RayCluster

        return RayCluster(threads, None if given == "ray" else str(given), mode)
    if callable(getattr(given, "submit", None)):
        return _pool(given, threads, mode)
    fix = "use 'threads', 'processes', 'ray', 'ray://host:10001', or a concurrent.futures.Executor"
    raise ConfigError.of("executor", given, "is no executor", fix=fix)


def _pool(given: Any, threads: int | None, mode: str) -> Executor:  # noqa: ANN401 - it has submit
    from triplebar.research.sweeping.pool import Pool, dask_threads

    if dask_threads(given) is None:
        return Pool(given, threads, mode)
    from triplebar.research.sweeping.dask_cluster import DaskCluster

    return DaskCluster(given, threads, mode)
