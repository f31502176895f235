"""Dask: the recipe is scattered once, for workers that ask for it; all threads of a worker read it without a copy.

A block that carries a market through the scheduler takes ten times as long, and comes once for each thread. Blocks that
wait for nothing but a worker that has read the recipe are not lost with whoever held it for the others.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures import Executor as FuturesExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from triplebar.contracts.errors import ExecutionError
from triplebar.research.sweeping.packing import Packed
from triplebar.research.sweeping.pool import TRIES_MAX, Pool, Trip
from triplebar.research.sweeping.worker import Answer, Sent, Work, run_block

LOST_ERRORS: Final = frozenset({"KilledWorker", "CommClosedError", "FutureCancelledError"})
"""What Dask says when it has given up, when its scheduler is gone, or when what a task needs is lost."""
NOBODY: Final = (KeyError, OSError)
"""What scattering raises when a worker goes meanwhile, or when there is none for too long."""


@dataclass(frozen=True)
class Lent:
    """A recipe that a worker of Dask fetches from another one."""

    recipe: Any

    def load(self) -> Packed:
        """Fetch it."""
        found: Packed = self.recipe.result()
        return found


class DaskCluster(Pool):
    """The executor of a client of Dask: `Client.get_executor()`.

    A worker that is lost costs its block: Dask runs it again on another one. If the recipe is lost with it, the block
    comes back, and the recipe is sent to the next one that asks.
    """

    name = "dask"

    def __init__(self, executor: FuturesExecutor, workers: int | None, mode: str = "auto") -> None:
        """Use a cluster that is there."""
        super().__init__(executor, workers, mode)
        self.client: Any = executor._client  # type: ignore[attr-defined] # noqa: SLF001 - it has no other name
        self.options = {"pure": False, **executor._kwargs}  # type: ignore[attr-defined] # noqa: SLF001 - nor have these
        self.recipes: dict[str, Any] = {}

    def with_recipe(self, work: Work, packed: Packed) -> Work:
        """Let a worker that asks for the recipe fetch it from another one, if any has it still."""
        recipe = self.recipes.get(work.key)
        if recipe is None or recipe.status != "finished":
            self._forget(work.key)
            arrays = [np.frombuffer(each, dtype=np.uint8) for each in packed.buffers]
            recipe = Packed(packed.head, packed.origin, arrays)
            try:
                recipe = self.client.scatter(recipe, broadcast=True, hash=False)
            except Exception as problem:
                if not (isinstance(problem, NOBODY) or self.is_lost(problem)):
                    raise
                raise BrokenExecutor("no worker of Dask could take the recipe") from problem
            self.recipes[work.key] = recipe
        return replace(work, parcel=Lent(recipe))

    def submit(self, work: Work) -> Future[Answer]:
        """Send a block to whoever is free."""
        if isinstance(work.parcel, Lent):
            return self.send(run_in_dask, replace(work, parcel=None), work.parcel.recipe)
        return self.send(run_block, work)

    def send(self, function: Callable[..., Answer], *arguments: object) -> Future[Answer]:
        """Run a function in a worker."""
        self._check_open()
        theirs = self.client.submit(function, *arguments, **self.options)
        ours: Future[Answer] = Future()
        ours.add_done_callback(lambda ended: self._leave(theirs) if ended.cancelled() else None)
        self.client.loop.add_callback(bring, theirs, ours)
        return ours

    def present(self) -> int | None:
        """How many threads the workers have; none while the scheduler does not answer."""
        try:
            return super().present()
        except (OSError, RuntimeError, AttributeError):
            self._check_open()
            return 0

    def _check_open(self) -> None:
        if self.client.status in ("closing", "closed"):
            raise ExecutionError("the scheduler of Dask is gone", where="sweep", fix=self.after_loss)
        if self.executor._shutdown:  # type: ignore[attr-defined] # noqa: SLF001 - it has no other name
            raise ExecutionError("the executor was shut down", where="executor", fix="give client.get_executor()")

    def _leave(self, theirs: Any) -> None:  # noqa: ANN401 - a future of Dask
        """Wait for it no more; Dask does not begin it, if it has not."""
        self.client.loop.add_callback(theirs.cancel)

    def is_lost(self, problem: Exception) -> bool:
        """Whether a worker was lost, or what it had done or should have read."""
        return type(problem).__name__ in LOST_ERRORS or super().is_lost(problem)

    def _send_again(self, trips: dict[Future[Answer], Trip], trip: Trip, problem: BaseException) -> None:
        """Send a block as at first, unless Dask has tried it again and again: it takes its worker down."""
        tries = TRIES_MAX if type(problem).__name__ == "KilledWorker" else trip.tries
        super()._send_again(trips, replace(trip, tries=tries, work=replace(trip.work, parcel=None)), problem)

    def renew(self) -> bool:
        """Dask begins workers itself."""
        return True

    def close(self) -> None:
        """Leave the cluster to its owner."""
        super().close()
        for key in tuple(self.recipes):
            self._forget(key)

    def _forget(self, key: str) -> None:
        """Let the workers forget a recipe, whoever still refers to it: an error that was raised does, by its frames."""
        if key in self.recipes:
            self.recipes.pop(key).release()


async def bring(theirs: Any, ours: Future[Answer]) -> None:  # noqa: ANN401 - a future of Dask
    """Bring what becomes of a task of Dask, in the loop of its client.

    The futures of Dask's own executor are never done if what a worker had done is lost on its way here, for good.
    """
    try:
        answer: Answer = await theirs
    except BaseException as problem:  # noqa: BLE001 - it is raised again where it is waited for
        its_own = isinstance(problem, Exception) or theirs.status == "error"
        told = problem if its_own else BrokenExecutor("the client of Dask has ended")
        if ours.set_running_or_notify_cancel():
            ours.set_exception(told)
    else:
        if ours.set_running_or_notify_cancel():
            ours.set_result(answer)
    finally:
        theirs.release()  # an error that was raised refers to this frame


def run_in_dask(work: Work, recipe: Packed) -> Answer:
    """Run a block in a worker of Dask, which has the recipe; what its threads share nobody may write to."""
    arrays = [memoryview(each).toreadonly() for each in recipe.buffers]
    return run_block(replace(work, parcel=Sent(Packed(recipe.head, recipe.origin, arrays))))
