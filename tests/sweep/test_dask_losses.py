"""Dask: what a worker or a scheduler takes with it is run again, or told; nothing waits for ever."""

import os
import signal
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.sweep.strategies import Slow, Steps
from tests.sweep.test_kill import sets_kept
from triplebar.research.sweeping.dask_cluster import DaskCluster
from triplebar.research.sweeping.packing import Packed, pack
from triplebar.research.sweeping.standing import Standing
from triplebar.research.sweeping.worker import Work

MARKET = tb.Market.synthetic(bars=300, seed=6, interval="1d")
LENGTHS = {"length": range(5, 45), "file": [os.devnull]}
distributed = pytest.importorskip("distributed")


class Snare:
    """What a worker dies of that hands it out, once."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[type, tuple[Path]]:
        if self.file.exists():
            self.file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return Snare, (self.file,)


def laid(recipe: Packed, file: Path) -> Any:
    """What a worker has done, until it is fetched."""
    del recipe
    return Snare(file)


def test_what_is_lost_on_its_way_from_dask_with_all_that_it_was_made_of_is_told(tmp_path: Path) -> None:
    """Dask's own executor leaves a future waiting here, for ever."""
    snare = tmp_path / "snare"
    snare.touch()
    packed = pack({"market": MARKET}, None)
    work = Work(packed.key, 0, tb.spaces.grid(LENGTHS).sets(range(1)), "auto")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as local,
        distributed.Client(local) as client,
        client.get_executor() as executor,
    ):
        cluster = DaskCluster(executor, None)
        cluster.with_recipe(work, packed)
        (recipe,) = cluster.recipes.values()
        future = cluster.send(laid, recipe, snare)
        problem = future.exception(timeout=60)
        assert not snare.exists()
        assert isinstance(problem, Exception)
        assert cluster.is_lost(problem)
        assert recipe.status == "cancelled"
        cluster.with_recipe(work, packed)
        assert isinstance(cluster.send(laid, cluster.recipes[packed.key], snare).result(timeout=60), Snare)


def test_a_recipe_that_nobody_takes_is_a_loss_like_others() -> None:
    packed = pack({"market": MARKET}, None)
    work = Work(packed.key, 0, tb.spaces.grid(LENGTHS).sets(range(1)), "auto")
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as local,
        distributed.Client(local, timeout=1) as client,
        client.get_executor() as executor,
        pytest.raises(BrokenExecutor, match="no worker of Dask could take the recipe") as problem,
    ):
        DaskCluster(executor, None).with_recipe(work, packed)
    assert DaskCluster(executor, 1).is_lost(problem.value)


def test_what_a_sweep_that_failed_had_on_the_cluster_is_gone() -> None:
    def leave(standing: Standing) -> None:
        raise RuntimeError("enough")

    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as local,
        distributed.Client(local) as client,
        client.get_executor() as executor,
    ):
        with pytest.raises(RuntimeError, match="enough") as kept:
            tb.sweep(Slow, MARKET, LENGTHS, executor=executor, mode="interpreted", block=4, watch=leave)
        deadline = time.monotonic() + 60
        while local.scheduler.tasks and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not local.scheduler.tasks
        assert not client.futures
        del kept


def test_a_client_or_an_executor_that_is_closed_is_named() -> None:
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as local:
        client = distributed.Client(local)
        executor = client.get_executor()
        executor.shutdown()
        with pytest.raises(tb.errors.ExecutionError, match="the executor was shut down"):
            tb.sweep(Steps, MARKET, {"length": [3]}, executor=executor)
        client.close()
        with pytest.raises(tb.errors.ExecutionError, match="the client of Dask is closed"):
            tb.sweep(Steps, MARKET, {"length": [3]}, executor=executor)


def test_a_scheduler_that_is_gone_is_named(tmp_path: Path) -> None:
    store = tmp_path / "runs.db"

    def leave(standing: Standing) -> None:
        if standing.done:
            client.close()

    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as local:
        client = distributed.Client(local)
        with pytest.raises(
            tb.errors.ExecutionError,
            match=r"the scheduler of Dask is gone; what is in a store is kept: .*with resume=True",
        ):
            tb.sweep(Slow, MARKET, LENGTHS, store=store, executor=client.get_executor(), block=4, watch=leave)
    assert sets_kept(store) > 0
