"""Whole results of the best sets of a study, as runs of its store."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError, DuplicateId
from triplebar.contracts.metadata import plain_values
from triplebar.research.interruption import stoppable
from triplebar.research.sweeping.exits import kept_in
from triplebar.research.sweeping.results import InStore
from triplebar.store.runs import ExperimentRegistry
from triplebar.store.studies import KeptSet

if TYPE_CHECKING:
    from triplebar.research.sweeping.study import Study


def check_keep(keep: int, store: object) -> int:
    """How many of the best sets are to be kept, which needs somewhere to keep them."""
    if checks.integer("keep", keep) and store is None:
        raise ConfigError.of("keep", keep, "needs a store", fix="give store='runs.db', which keeps the runs")
    return keep


def with_best_kept(study: Study, keep: int) -> Study:
    """The study of which the best are kept: `interrupted` if Ctrl-C came before all of them were."""
    if not keep or study.metadata["status"] != "completed":
        return study
    with stoppable(inside=True) as stopped:
        numbers = study.best(keep).column("set").to_pylist()
        kept = keep_best(study, numbers, stopped)
        state = "completed" if len(kept) == len(numbers) else "interrupted"
    return replace(study, metadata={**study.metadata, "kept": kept, "status": state})


def keep_best(study: Study, numbers: list[int], stopped: Callable[[], bool]) -> dict[int, str]:
    """Keep these sets, and give the ids of their runs; fewer if it was stopped.

    A set is run only if its run is not kept yet. It is the trial that the sweep has counted, and no other.
    """
    if not isinstance(study.results, InStore):
        raise ConfigError("is in no store", where=study.id, fix="sweep with store='runs.db', which keeps runs too")
    store = study.results.store
    runs = ExperimentRegistry(store.database)
    known = {each.number: each.run_id for each in store.runs(study.id)}
    kept = dict[int, str]()
    for number in numbers:
        run_id = known.get(number) or _kept(study, number, runs, stopped)
        if run_id is None:
            break
        kept[number] = run_id
        store.put_run(study.id, KeptSet(number, run_id, plain_values(study.parameters(number))))
    return kept


def _kept(study: Study, number: int, runs: ExperimentRegistry, stopped: Callable[[], bool]) -> str | None:
    """The id of the run of a set that is kept now, if it was not before; None if it was stopped."""
    if stopped():
        return None
    job = study.job(number, mode="auto" if study.evaluator.name == "compiled" else "interpreted")
    run_id = job.identify().run_id
    if runs.exists(run_id):
        return run_id
    with kept_in(job.strategy.name):
        result = job.result()
    if result.interrupted:
        return None
    with suppress(DuplicateId):  # another process was quicker
        runs.save(result)
    return run_id
