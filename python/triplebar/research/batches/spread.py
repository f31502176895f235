"""Items of a batch on several workers at once: as many on their way as there are workers, each told as it ends.

What is on its way is all that a kill can take: one item for each worker.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures import Executor as FuturesExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.engines.remote.parcels import MAIN, load_file, origin_of
from triplebar.research.batches.axes import Items
from triplebar.research.batches.item import ItemRunner
from triplebar.research.batches.keeping import Keeping
from triplebar.research.scratch import Scratch
from triplebar.research.sweeping.packing import pack, read_arrow, unpack, write_arrow
from triplebar.research.sweeping.processes import kill_processes, leave_control_c_to_the_parent
from triplebar.store.batch_records import BatchItemResult
from triplebar.strategy.signals import Signals

NAMES: Final = ("threads", "processes")
DIED: Final = "the process that ran it died, twice: it was killed, ran out of memory, or something in it crashed"
_runners: dict[str, ItemRunner] = {}


@dataclass(frozen=True)
class Workers:
    """How many, and of which kind."""

    kind: str
    number: int

    @classmethod
    def of(cls, executor: object, workers: object, items: Items) -> Workers | None:
        """What was asked for; None is one item after the other.

        Threads are for runs without Python in them, which hold no lock: columns and compiled strategies.
        """
        if executor is None and workers is None:
            return None
        number = len(os.sched_getaffinity(0)) if workers is None else checks.integer("workers", workers, low=1)
        if executor is not None:
            return cls(checks.choice("executor", executor, NAMES), number)
        if number == 1:
            return None
        free = all(mode == "compiled" for mode in items.values("mode")) or all(
            isinstance(each, Signals) for each in items.values("strategy")
        )
        return cls("threads" if free else "processes", number)


class InThreads:
    """Workers of this process."""

    def __init__(self, items: Items, keeping: Keeping, number: int) -> None:
        """Begin when the first item is there."""
        self.runner = ItemRunner(items, keeping)
        self.pool: FuturesExecutor = ThreadPoolExecutor(number)

    def submit(self, number: int) -> Future[BatchItemResult]:
        """Send an item to whoever is free."""
        return self.pool.submit(self.runner.run, number)

    def renew(self) -> None:
        """Threads do not die."""

    def close(self, *, at_once: bool) -> None:
        """Threads cannot be ended: what is still running is left to itself."""
        del at_once
        self.pool.shutdown(wait=False, cancel_futures=True)


class InProcesses:
    """New processes, which map one file with the markets; if one dies, all end and begin anew."""

    def __init__(self, items: Items, keeping: Keeping, number: int) -> None:
        """Write what they read."""
        self.number = number
        self.scratch = Scratch()
        packed = pack(ItemRunner(items, replace(keeping, progress=None)), None)
        self.parcel = Parcel(self.scratch.folder / "items.arrow", origins_of(items.values("strategy")))
        write_arrow(packed, self.parcel.file)
        self.pool = self._begun()

    def _begun(self) -> FuturesExecutor:
        # Forked processes would inherit threads of the core in whatever state they are.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.number, mp_context=context, initializer=leave_control_c_to_the_parent)

    def submit(self, number: int) -> Future[BatchItemResult]:
        """Send an item to whoever is free."""
        return self.pool.submit(run_item, self.parcel, number)

    def renew(self) -> None:
        """Begin new processes in the place of those that died."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.pool = self._begun()

    def close(self, *, at_once: bool) -> None:
        """End the processes, in the middle of their work if it has to be at once, and remove the file."""
        if at_once:
            kill_processes(self.pool)
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.scratch.close()


@dataclass(frozen=True)
class Parcel:
    """What other processes read: the file of the items, and those of the strategies, a script last."""

    file: Path
    origins: tuple[dict[str, Any], ...]

    def load(self) -> ItemRunner:
        """Map the file, with the modules that it speaks of."""
        for origin in self.origins:
            if origin["root"] and origin["root"] not in sys.path:
                sys.path.insert(0, origin["root"])
            if origin["file"]:
                load_file(origin)
        found: ItemRunner = unpack(read_arrow(self.file, self.origins[-1]))
        return found


def origins_of(strategies: Sequence[Any]) -> tuple[dict[str, Any], ...]:
    """Where other processes find the modules of some strategies, each once."""
    found = [origin_of(each if isinstance(each, type) else type(each)) for each in strategies]
    return tuple(sorted({each["module"]: each for each in found}.values(), key=lambda each: each["module"] == MAIN))


def run_item(parcel: Parcel, number: int) -> BatchItemResult:
    """Run an item in another process, which keeps what it has read."""
    name = str(parcel.file)
    if name not in _runners:
        _runners.clear()
        _runners[name] = parcel.load()
    return _runners[name].run(number)


class Spread:
    """Items on their way."""

    def __init__(self, workers: InThreads | InProcesses, number: int) -> None:
        """Nothing is on its way yet."""
        self.workers, self.number = workers, number
        self.on_way: dict[Future[BatchItemResult], int] = {}
        self.suspects: list[int] = []
        """What was being run when a process died: each is tried alone, to see which of them did it."""

    def run(self, numbers: Iterable[int], enough: Callable[[], bool]) -> Iterator[BatchItemResult]:
        """Give items as they end; none is begun once there are enough."""
        left = iter(numbers)
        self._fill(left, enough)
        while self.on_way or self.suspects:
            for result in self._ended() if self.on_way else self._alone():
                yield result
                self._fill(left, enough)
            self._fill(left, enough)

    def rest(self) -> Iterator[BatchItemResult]:
        """Wait for what is on its way."""
        while self.on_way:
            yield from self._ended()

    def close(self) -> None:
        """End the workers."""
        self.workers.close(at_once=bool(self.on_way))

    def _fill(self, left: Iterator[int], enough: Callable[[], bool]) -> None:
        while len(self.on_way) < self.number and not self.suspects and not enough():
            number = next(left, None)
            if number is None:
                return
            self._send(number)

    def _send(self, number: int) -> None:
        try:
            self.on_way[self.workers.submit(number)] = number
        except BrokenExecutor:  # a process died while nobody looked
            self.suspects.append(number)

    def _ended(self) -> Iterator[BatchItemResult]:
        done, _ = wait(self.on_way, return_when=FIRST_COMPLETED)
        for future in done:
            number = self.on_way.pop(future)
            try:
                result = future.result()
            except BrokenExecutor:
                self.suspects.append(number)
            else:
                yield result

    def _alone(self) -> Iterator[BatchItemResult]:
        """Try one of those again that were being run when a process died."""
        self.workers.renew()
        number = self.suspects.pop(0)
        try:
            result = self.workers.submit(number).result()
        except BrokenExecutor:
            self.workers.renew()
            result = BatchItemResult(
                number, success=False, error_message=DIED, error_category="engine_error", attempt_count=2
            )
        yield result


def spread(items: Items, keeping: Keeping, workers: Workers) -> Spread:
    """Begin workers; nothing runs yet."""
    kind = InThreads if workers.kind == "threads" else InProcesses
    return Spread(kind(items, keeping, workers.number), workers.number)
