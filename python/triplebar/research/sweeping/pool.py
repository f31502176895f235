"""Blocks on any `concurrent.futures.Executor`: a few on their way at a time, each taken up again if it gets lost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from concurrent.futures import Executor as FuturesExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from triplebar.contracts.errors import ExecutionError
from triplebar.research.sweeping.executor import Done
from triplebar.research.sweeping.found import Stopped, Tell, nothing
from triplebar.research.sweeping.packing import Packed, pack
from triplebar.research.sweeping.plan import Plan
from triplebar.research.sweeping.worker import Answer, Missing, Parcel, Sent, Work, remember, run_block

TRIES_MAX: Final = 3
"""A block that has taken its worker down so often is not tried again."""
LOOK_SECONDS: Final = 0.1
ASK_SECONDS: Final = 5.0
ALONE_SECONDS = 300.0
"""A cluster that has had no worker for so long will have none."""


@dataclass
class Trip:
    """A block on its way."""

    block: int
    work: Work
    tries: int = 1
    lost: bool = field(default=False)


class Pool:
    """An executor of somebody's: a process pool, a thread pool.

    Nobody knows what its workers can see, so the first of them answer that they miss the recipe, and get it sent.
    """

    name = "futures"
    after_loss = "what is in a store is kept: begin the workers again, and sweep with resume=True"

    def __init__(self, executor: FuturesExecutor, workers: int | None, mode: str = "auto") -> None:
        """Use an executor that is there."""
        self.executor = executor
        self.workers = workers or workers_of(executor)
        self.mode = mode
        self.trips: dict[Future[Answer], Trip] = {}

    def run(self, plan: Plan, blocks: Iterable[int], tell: Callable[[int], Tell], stopped: Stopped) -> Iterator[Done]:
        """Give blocks as they come back."""
        del tell
        packed = pack(plan.recipe, plan.recipe.strategy)
        key = packed.key
        remember(key, plan.recipe)  # for workers that are threads of this process
        left = iter(blocks)
        trips, company = self.trips, Company(self.present)
        trips.clear()
        yield from self._fill(plan, left, trips, key, packed, stopped)
        while trips:
            if stopped():
                for future in [each for each in trips if each.cancel()]:
                    del trips[future]
            done = wait(trips, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED).done
            company.check(bool(done))
            while done:
                future = done.pop()
                yield from self._back(trips, trips.pop(future), future, packed, stopped)
                del future  # Dask runs again what its workers lose, for as long as somebody holds it
                # At once: a worker does not wait until the blocks of the others are kept, too.
                yield from self._fill(plan, left, trips, key, packed, stopped)

    def _fill(
        self,
        plan: Plan,
        left: Iterator[int],
        trips: dict[Future[Answer], Trip],
        key: str,
        packed: Packed,
        stopped: Stopped,
    ) -> Iterator[Done]:
        """Send a block to each worker that has none: what is not kept yet, a kill repeats, and it is one block each."""
        while len(trips) < self.workers and not stopped():
            block = next(left, None)
            if block is None:
                return
            scene, sets = plan.sets(block)
            if not len(sets):
                yield Done(block, nothing(plan.recipe.measures), 0.0)
                continue
            self._send(trips, Trip(block, Work(key, scene, sets, self.mode, self.parcel(packed, key))))

    def _send(self, trips: dict[Future[Answer], Trip], trip: Trip) -> None:
        try:
            trips[self.submit(trip.work)] = trip
        except BrokenExecutor as problem:
            self._send_again(trips, trip, problem)

    def _back(
        self, trips: dict[Future[Answer], Trip], trip: Trip, future: Future[Answer], packed: Packed, stopped: Stopped
    ) -> Iterator[Done]:
        """A block came back, or its worker was lost, or broke it off: Ctrl-C reaches processes of somebody's, too."""
        try:
            answer = future.result()
            if isinstance(answer, Missing):
                trip = replace(trip, work=self.with_recipe(trip.work, packed))
        except Exception as problem:
            if not self.is_lost(problem):
                raise
            self._send_again(trips, trip, problem)
            return
        if isinstance(answer, Missing):
            self._send(trips, trip)
        elif answer[0].seen == len(trip.work.sets):
            yield Done(trip.block, answer[0], answer[1])
        elif not stopped():
            self._send_again(trips, trip, KeyboardInterrupt("raised in the worker"))

    def _send_again(self, trips: dict[Future[Answer], Trip], trip: Trip, problem: BaseException) -> None:
        lives = isinstance(problem, KeyboardInterrupt)  # who was interrupted is still there
        if trip.tries >= TRIES_MAX or not (lives or self.renew()):
            numbers = trip.work.sets.numbers
            times = "once" if trip.tries == 1 else f"{trip.tries} times"
            how = f"{'interrupted' if lives else 'lost'} {times}"
            raise ExecutionError(
                f"the workers were {how} while they ran the sets {numbers[0]} to {numbers[-1]}",
                where="sweep",
                fix=self.after_loss,
            ) from problem
        self._send(trips, replace(trip, tries=trip.tries + 1))

    # ------------------------------------------------------------------------------------- what other executors change

    def parcel(self, packed: Packed, key: str) -> Parcel | None:
        """What travels with every block."""
        del packed, key
        return None

    def with_recipe(self, work: Work, packed: Packed) -> Work:
        """What is sent to a worker that misses the recipe."""
        return replace(work, parcel=Sent(packed.sent()))

    def submit(self, work: Work) -> Future[Answer]:
        """Send a block to whoever is free."""
        return self.executor.submit(run_block, work)

    def present(self) -> int | None:
        """How many workers there are at the moment, if anybody can tell."""
        return dask_threads(self.executor)

    def is_lost(self, problem: Exception) -> bool:
        """Whether a worker was lost, rather than that something is wrong with the block."""
        return isinstance(problem, BrokenExecutor | CancelledError)

    def renew(self) -> bool:
        """Begin new workers in the place of those that were lost, if that is possible."""
        return False

    def close(self) -> None:
        """Leave the executor to its owner, without the blocks that nobody waits for any more."""
        for future in self.trips:
            future.cancel()


@dataclass
class Company:
    """Whether anybody is left who could run something."""

    ask: Callable[[], int | None]
    asked_at: float = field(default_factory=time.monotonic)
    seen_at: float = field(default_factory=time.monotonic)

    def check(self, done: bool) -> None:  # noqa: FBT001 - one fact
        """Hear whether a block came back; if none does, ask from time to time."""
        now = time.monotonic()
        if done:
            self.asked_at = self.seen_at = now
        elif now - self.asked_at >= ASK_SECONDS:
            self.asked_at = now
            if self.ask() != 0:
                self.seen_at = now
            elif now - self.seen_at >= ALONE_SECONDS:
                raise ExecutionError(
                    f"the cluster has had no worker for {ALONE_SECONDS:g} s",
                    where="sweep",
                    fix="what is in a store is kept: begin workers, and sweep with resume=True",
                )


def dask_threads(executor: FuturesExecutor) -> int | None:
    """How many threads the workers of Dask have at the moment; None if this is not Dask."""
    client = getattr(executor, "_client", None)
    if getattr(client, "status", None) == "closed":
        raise ExecutionError("the client of Dask is closed", where="executor", fix="begin another Client")
    return None if client is None or not hasattr(client, "nthreads") else int(sum(client.nthreads().values()))


def workers_of(executor: FuturesExecutor) -> int:
    """How many workers an executor has, as far as it says.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> workers_of(ThreadPoolExecutor(3))
    3
    """
    threads = dask_threads(executor)
    if threads is not None:
        return max(1, threads)
    most = getattr(executor, "_max_workers", None)
    return int(most) if most else len(os.sched_getaffinity(0))
