"""Dask: the recipe is scattered to the workers once, where all threads of a worker read it without a copy.

A block that carries a market through the scheduler takes ten times as long, and comes once for each thread.
"""

from __future__ import annotations

from concurrent.futures import Executor as FuturesExecutor
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np

from triplebar.research.sweeping.packing import Packed
from triplebar.research.sweeping.pool import TRIES_MAX, Pool, Trip
from triplebar.research.sweeping.worker import Answer, Sent, Work, run_block


class DaskCluster(Pool):
    """The executor of a client of Dask: `Client.get_executor()`.

    A worker that is lost costs its block: Dask runs it again on another one. If all are lost, the recipe is lost with
    them, and is sent to the next ones.
    """

    name = "dask"

    def __init__(self, executor: FuturesExecutor, workers: int | None, mode: str = "auto") -> None:
        """Use a cluster that is there."""
        super().__init__(executor, workers, mode)
        self.client: Any = executor._client  # type: ignore[attr-defined] # noqa: SLF001 - it has no other name
        self.recipes: dict[str, Any] = {}

    def with_recipe(self, work: Work, packed: Packed) -> Work:
        """Give every worker the recipe: there is one now, since one has asked for it."""
        if work.key not in self.recipes:
            arrays = [np.frombuffer(each, dtype=np.uint8) for each in packed.buffers]
            recipe = Packed(packed.head, packed.origin, arrays)
            self.recipes[work.key] = self.client.scatter(recipe, broadcast=True, hash=False)
        return work

    def submit(self, work: Work) -> Future[Answer]:
        """Send a block to whoever is free."""
        if work.key not in self.recipes:
            return self.executor.submit(run_block, work)
        return self.executor.submit(run_in_dask, work, self.recipes[work.key])

    def _send_again(self, trips: dict[Future[Answer], Trip], trip: Trip, problem: Exception) -> None:
        """Dask itself tries a block again that takes its worker down."""
        enough = type(problem).__name__ == "KilledWorker"
        super()._send_again(trips, replace(trip, tries=TRIES_MAX) if enough else trip, problem)

    def renew(self) -> bool:
        """Dask begins workers itself; what the lost ones had is gone."""
        self.recipes.clear()
        return True

    def close(self) -> None:
        """Leave the cluster to its owner."""
        super().close()
        self.recipes.clear()


def run_in_dask(work: Work, recipe: Packed) -> Answer:
    """Run a block in a worker of Dask, which has the recipe; what its threads share nobody may write to."""
    arrays = [memoryview(each).toreadonly() for each in recipe.buffers]
    return run_block(replace(work, parcel=Sent(Packed(recipe.head, recipe.origin, arrays))))
