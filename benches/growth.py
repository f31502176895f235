"""How cost grows: per bar, per order and per instrument it must not."""

import gc
import time
from dataclasses import dataclass

from benches.contestants import market, triplebar_run
from benches.markets import random_walk


@dataclass(frozen=True)
class Point:
    """The cost of one unit of work at one size."""

    workload: str
    bars: int
    width: int
    nanoseconds: float


def points(*, large: bool = False) -> list[tuple[str, int, int]]:
    """List the sizes that are compared: each next one does ten times the work, or twice for instruments."""
    top = [1_000_000] if large else []
    bars = [(name, size, 1) for name in ("W1", "W2", "W3") for size in (10_000, 100_000, *top)]
    crowds = [("crowd", size, 1) for size in (1_000, 10_000, 100_000)]
    return bars + crowds + [("W4", 2_000, width) for width in (25, 50, 100, 200)]


def measure(sizes: list[tuple[str, int, int]], rounds: int) -> list[Point]:
    """Take the least of some rounds for each size."""
    return [Point(name, bars, width, _least(name, bars, width, rounds)) for name, bars, width in sizes]


def _least(workload: str, bars: int, width: int, rounds: int) -> float:
    run = triplebar_run(workload, market(random_walk(bars, width)))
    seconds = []
    for _ in range(rounds):
        gc.collect()
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return min(seconds) / (bars * width) * 1e9
