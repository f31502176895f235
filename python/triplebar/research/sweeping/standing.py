"""How far a sweep is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from triplebar.research.machine import peak_memory_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from triplebar.research.sweeping.top import Top

Progress = Callable[[int, int], None]
WATCH_SECONDS: Final = 0.5
"""A listener hears of a block that is being run so often at most."""


@dataclass(frozen=True)
class Standing:
    """How far a sweep is, for the person who waits.

    >>> print(Standing(500, 2000, 3, 2.0, 250.0, 6.0, 1.25, 2**28))
    500 of 2,000 sets, 250/s, 6 s left, best 1.25, 3 failed, 256 MiB
    """

    done: int
    """Numbers that are finished, those of an earlier session and gaps included."""
    total: int
    failed: int
    seconds: float
    """Since this session began."""
    per_second: float
    """Numbers finished a second in this session."""
    left_seconds: float | None
    best: float | None
    """The best value so far."""
    resident_bytes: int | None

    def __str__(self) -> str:
        left = "" if self.left_seconds is None else f", {self.left_seconds:,.0f} s left"
        best = "" if self.best is None else f", best {self.best:g}"
        failed = f", {self.failed:,} failed" if self.failed else ""
        memory = "" if self.resident_bytes is None else f", {self.resident_bytes / 2**20:,.0f} MiB"
        return f"{self.done:,} of {self.total:,} sets, {self.per_second:,.0f}/s{left}{best}{failed}{memory}"


Watch = Callable[[Standing], None]


class Meter:
    """Tells how far the sweep is."""

    def __init__(
        self,
        total: int,
        done: int,
        progress: Progress | None,
        watch: Watch | None,
        top: Top,
        since_seconds: float = 0.0,
    ) -> None:
        """Begin to count, with what an earlier session has finished, and since when this one has been running sets."""
        self.total, self.done, self.before = total, done, done
        self.top = top
        self.progress, self.watch = progress, watch
        self.failed = 0
        self.told = -1
        self.began = time.perf_counter() - since_seconds
        self.watched = self.began

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.perf_counter() - self.began

    def inside(self, done: int) -> None:
        """Tell of a block that is being run: so much of it is done."""
        self._tell(self.done + done)
        if self.watch is not None and time.perf_counter() > self.watched + WATCH_SECONDS:
            self._watch(done)

    def _tell(self, done: int) -> None:
        """Tell each number once: a listener may press Ctrl-C at one of them."""
        if self.progress is not None and done != self.told:
            self.told = done
            self.progress(done, self.total)

    def seen(self, table: pa.Table) -> None:
        """Look for the best value among some rows, if anybody watches."""
        if self.watch is not None:
            self.top.add(table)

    def add(self, numbers: int, failed: int) -> None:
        """Tell of a block that is finished."""
        self.done += numbers
        self.failed += failed
        self._tell(self.done)
        self._watch()

    def _watch(self, inside: int = 0) -> None:
        if self.watch is not None:
            self.watched = time.perf_counter()
            self.watch(self.standing(inside))

    def standing(self, inside: int = 0) -> Standing:
        """How far it is now, with so much of the block that is being run."""
        done = self.done + inside
        rate = (done - self.before) / max(self.seconds, 1e-9)
        left = (self.total - done) / rate if rate > 0 else None
        return Standing(done, self.total, self.failed, self.seconds, rate, left, self.top.best, resident_bytes())


def resident_bytes() -> int | None:
    """The memory that this process holds now; its most, where the system does not say.

    >>> resident_bytes() is None or resident_bytes() > 0
    True
    """
    told = Path("/proc/self/status")
    if not told.exists():
        return peak_memory_bytes()
    lines = told.read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), None)
