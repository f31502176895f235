"""Batches that are killed, cancelled and shared: what has ended is seen, kept and never run again (F-104, U-24).

`TRIPLEBAR_KILLS=100 pytest tests/batches tests/store` kills a hundred times instead of a few.
"""

import multiprocessing
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.batches.strategies import Hold
from triplebar.contracts.errors import ConfigError, NotFound
from triplebar.store.batch_states import BatchStatus
from triplebar.store.batches import BatchRegistry
from triplebar.store.runs import ExperimentRegistry

KILLS = int(os.environ.get("TRIPLEBAR_KILLS", "2"))
PATIENCE_SECONDS = 120
MARKET = tb.Market.synthetic(bars=40, seed=1)
SPAWN = multiprocessing.get_context("spawn")
METRICS = ["ending_value"]


def arguments(folder: Path, sizes: int, waits_at: float = -1.0) -> dict[str, Any]:
    parameters = {
        "size": [float(each) for each in range(sizes)],
        "book": str(folder / "book"),
        "waits_at": waits_at,
    }
    return {"strategy": Hold, "market": MARKET, "parameters": parameters, "metrics": METRICS}


def run_all(folder: Path, given: dict[str, Any], resume: str | None = None) -> tb.BatchResult:
    with BatchRegistry(folder / "runs.db") as registry, ExperimentRegistry(folder / "runs.db") as runs:
        return tb.run_batch(**given, batch_registry=registry, runs=runs, resume=resume)


def run_group(folder: Path, given: dict[str, Any]) -> None:
    os.setpgrp()  # so that a kill takes the workers, too
    run_all(folder, given)


def until(true: Callable[[], Any]) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < ends_at, "nothing happens"
        time.sleep(0.005)


def begun(folder: Path) -> Counter[str]:
    book = folder / "book"
    return Counter(book.read_text().split() if book.exists() else [])


def only_batch(folder: Path) -> str:
    with BatchRegistry(folder / "runs.db") as registry:
        (found,) = registry.list_batches()
        return found.batch_id


@pytest.mark.feature("F-104")
def test_a_killed_batch_shows_what_has_ended_and_resume_runs_the_rest(tmp_path: Path) -> None:
    given = arguments(tmp_path, 6, waits_at=3.0)
    worker = SPAWN.Process(target=run_all, args=(tmp_path, given))
    worker.start()
    until(lambda: begun(tmp_path)["3"])  # items 0, 1 and 2 have ended, item 3 waits
    worker.kill()
    worker.join()
    batch_id = only_batch(tmp_path)
    with BatchRegistry(tmp_path / "runs.db") as registry:
        seen = registry.get_batch(batch_id)
    assert (seen.status, [each.item_id for each in seen.item_results]) == (BatchStatus.RUNNING, [0, 1, 2])
    assert all(each.success and each.run_id for each in seen.item_results)
    Path(f"{tmp_path}/book.go").touch()
    resumed = run_all(tmp_path, given, resume=batch_id)
    assert begun(tmp_path) == {"0": 1, "1": 1, "2": 1, "3": 2, "4": 1, "5": 1}
    assert resumed.status is BatchStatus.COMPLETED
    assert resumed.items[:3] == seen.item_results
    assert resumed.table.equals(tb.backtest_batch(**given))
    again = run_all(tmp_path, given, resume=batch_id)  # nothing is left
    assert again.items == resumed.items
    assert again.table.equals(resumed.table)


@pytest.mark.feature("F-104", "U-24")
@pytest.mark.parametrize(("executor", "workers"), [(None, 1), ("threads", 2), ("processes", 2)])
def test_a_batch_that_is_killed_at_any_moment_repeats_one_item_of_each_worker_at_most(
    tmp_path: Path, executor: str | None, workers: int
) -> None:
    draws = random.Random(1)
    for number in range(KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        given = {**arguments(folder, 12), "executor": executor, "workers": workers}
        worker = SPAWN.Process(target=run_group, args=(folder, given))
        worker.start()
        until(partial(begun, folder))
        time.sleep(draws.uniform(0.0, 0.25))
        if worker.is_alive():
            os.killpg(worker.pid or 0, signal.SIGKILL)
        worker.join()
        with sqlite3.connect(folder / "runs.db") as connection:
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        resumed = run_all(folder, given, resume=only_batch(folder))
        assert resumed.status is BatchStatus.COMPLETED
        assert sum(begun(folder).values()) <= 12 + workers
        with ExperimentRegistry(folder / "runs.db") as runs:
            assert runs.count() == 12
            for row in resumed.table.to_pylist():
                assert runs.load(row["run_id"]).result_hash == row["result_hash"]


@pytest.mark.feature("F-104")
def test_a_batch_that_another_process_cancels_stops(tmp_path: Path) -> None:
    given = arguments(tmp_path, 5, waits_at=2.0)
    worker = SPAWN.Process(target=run_all, args=(tmp_path, given))
    worker.start()
    until(lambda: begun(tmp_path)["2"])
    batch_id = only_batch(tmp_path)
    with BatchRegistry(tmp_path / "runs.db") as registry:
        registry.update_status(batch_id, BatchStatus.CANCELLED)
        Path(f"{tmp_path}/book.go").touch()
        worker.join(PATIENCE_SECONDS)
        assert worker.exitcode == 0
        found = registry.get_batch(batch_id)
    assert (found.status, found.finished_items) == (BatchStatus.CANCELLED, 2)
    assert set(begun(tmp_path)) == {"0", "1", "2"}
    left = run_all(tmp_path, given, resume=batch_id)  # a cancelled batch stays so
    assert (left.status, len(left.items)) == (BatchStatus.CANCELLED, 2)
    assert set(begun(tmp_path)) == {"0", "1", "2"}


@pytest.mark.feature("F-104")
def test_an_interrupted_batch_goes_on_later(tmp_path: Path) -> None:
    given = arguments(tmp_path, 5)

    def interrupt(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with BatchRegistry(tmp_path / "runs.db") as registry:
        first = tb.run_batch(**given, batch_registry=registry, progress=interrupt)
        assert (first.interrupted, first.status, len(first.items)) == (True, BatchStatus.RUNNING, 2)
        rest = tb.run_batch(**given, batch_registry=registry, resume=first.batch_id)
    assert (rest.interrupted, rest.status) == (False, BatchStatus.COMPLETED)
    assert set(begun(tmp_path).values()) == {1}


@pytest.mark.feature("F-104")
def test_only_the_same_arguments_go_on_with_a_batch(tmp_path: Path) -> None:
    with BatchRegistry(tmp_path / "runs.db") as registry:
        first = tb.run_batch(**arguments(tmp_path, 2), batch_registry=registry)
        for other in (
            arguments(tmp_path, 3),
            {**arguments(tmp_path, 2), "market": tb.Market.synthetic(bars=40, seed=2)},
            {**arguments(tmp_path, 2), "strategy": tb.samples.BuyAndHold},
            {**arguments(tmp_path, 2), "config": tb.BacktestConfig(commission_bps=1)},
            {**arguments(tmp_path, 2), "metrics": ["sharpe"]},
        ):
            with pytest.raises(ConfigError, match="was a batch of other arguments"):
                tb.run_batch(**other, batch_registry=registry, resume=first.batch_id)
        held, others = ([tb.Signals(target=[each] * 40)] for each in (1.0, -1.0))
        batch_id = tb.run_batch(held, MARKET, batch_registry=registry).batch_id
        with pytest.raises(ConfigError, match="was a batch of other arguments"):
            tb.run_batch(others, MARKET, batch_registry=registry, resume=batch_id)
        assert tb.run_batch(held, MARKET, batch_registry=registry, resume=batch_id).batch_id == batch_id
        with pytest.raises(NotFound, match="batch-0: there is no such batch"):
            tb.run_batch(**arguments(tmp_path, 2), batch_registry=registry, resume="batch-0")


@pytest.mark.feature("F-104", "U-24")
def test_two_processes_go_on_with_one_batch(tmp_path: Path) -> None:
    given = arguments(tmp_path, 8)
    with BatchRegistry(tmp_path / "runs.db") as registry:

        def stop(done: int, _: int) -> None:
            if done:
                raise KeyboardInterrupt

        batch_id = tb.run_batch(**given, batch_registry=registry, progress=stop).batch_id
    workers = [SPAWN.Process(target=run_all, args=(tmp_path, given, batch_id)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE_SECONDS)
    assert [worker.exitcode for worker in workers] == [0, 0]
    with BatchRegistry(tmp_path / "runs.db") as registry, ExperimentRegistry(tmp_path / "runs.db") as runs:
        found = registry.get_batch(batch_id or "")
        assert (found.status, found.succeeded_items) == (BatchStatus.COMPLETED, 8)
        assert runs.count() == 7  # the first one was run without a place for results
