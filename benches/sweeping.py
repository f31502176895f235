"""Sweeps as a whole: what orchestration, metrics and storage cost over the kernel, memory, and peers.

python -m benches sweeps                 all of it, smaller
python -m benches sweeps --large         a million sets, ten million for memory
python -m benches.sweeping peers PYTHON  beside vectorbt, which PYTHON has, and Backtrader, in one run
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import triplebar as tb
from triplebar.engines.custom.lane_columns import LaneColumns
from triplebar.engines.custom.lanes import LaneRunner
from triplebar.engines.settings import resolve
from triplebar.research.sweeping.plan import BLOCK_MAX
from triplebar.store.studies import StudyStore

RULE = tb.signals.crossover(fast=tb.indicators.SMA, slow=tb.indicators.SMA, size="size")
CONFIG = tb.BacktestConfig(initial_cash=1_000_000, commission_bps=1)
SMALL = tb.Market.synthetic(bars=100, seed=2)
CORES = len(os.sched_getaffinity(0))


def space(sets: int) -> tb.spaces.Grid:
    """So many sets, or a few less: 100 fast and 100 slow lengths, each with as many sizes as it takes."""
    sizes = [float(size) for size in range(1, max(2, sets // 10_000 + 1))]
    return tb.spaces.grid({"fast": range(2, 102), "slow": range(102, 202), "size": sizes})


W5_AXES = {"fast": range(5, 45), "slow": range(50, 300, 10), "size": [1.0]}


def over_the_kernel(grid: tb.spaces.Grid, bars: int, rounds: int) -> str:
    """The whole sweep with a store, which has another study already, beside its bare kernel, in turn.

    What its columns take is clocked inside the sweep: most of it is memory that the system has to clear, which is quick
    or slow as it pleases.
    """
    market = tb.Market.synthetic(bars=bars, seed=1)
    kernel, columns, whole = [], [], []
    for _ in range(rounds):
        kernel.append(_kernel(market, grid))
        with tempfile.TemporaryDirectory() as folder, StudyStore(folder) as store, clocked_columns() as spent:
            tb.sweep(RULE, SMALL, {"fast": [2], "slow": [9], "size": [1.0]}, CONFIG, store=store)
            spent.clear()
            whole.append(_spent(partial(tb.sweep, RULE, market, grid, CONFIG, store=store)))
        columns.append(sum(spent))
    work = len(grid) * bars / 1e6
    (bare, busy), (all_of_it, busy_with_all) = (tuple(map(min, zip(*each, strict=True))) for each in (kernel, whole))
    without = [all_mine[0] - ours for all_mine, ours in zip(whole, columns, strict=True)]
    middle = statistics.median(without) / statistics.median(mine[0] for mine in kernel)
    return (
        f"- {len(grid):,} sets × {bars:,} bars: kernel {work / bare:,.0f}, whole sweep with columns, metrics and store"
        f" {work / all_of_it:,.0f} million set-bars/s; over the kernel {all_of_it / bare - 1:+.1%} (processor time"
        f" {busy_with_all / busy - 1:+.1%}); of which columns {min(columns) / bare:+.1%}, median"
        f" {statistics.median(columns) / bare:+.1%}; orchestration, metrics and storage {min(without) / bare - 1:+.1%},"
        f" by medians of {rounds} rounds {middle - 1:+.1%}"
    )


@contextmanager
def clocked_columns() -> Iterator[list[float]]:
    """Collect the seconds that columns take, of whoever wants some in here."""
    spent: list[float] = []
    places = LaneColumns.places

    def clocked(columns: LaneColumns, codes: Any) -> Any:
        began = time.perf_counter()
        found = places(columns, codes)
        spent.append(time.perf_counter() - began)
        return found

    with patch.object(LaneColumns, "places", clocked):
        yield spent


class ClockedLanes:
    """The core's side of a runner, with the seconds that its kernel took."""

    def __init__(self, lanes: Any, spent: list[tuple[float, float]]) -> None:
        """Add to what others have spent."""
        self.lanes, self.spent = lanes, spent

    def run(self, *given: Any) -> Any:
        """Run sets."""
        found: list[Any] = []
        self.spent.append(_spent(lambda: found.append(self.lanes.run(*given))))
        return found[0]


class ClockedRunner(LaneRunner):
    """A runner that measures the kernel apart from what Python does around it."""

    spent: list[tuple[float, float]]

    def laid_out(self, numbers: Any) -> Any:
        """The core's side, with a clock."""
        return ClockedLanes(super().laid_out(numbers), self.spent)


def _kernel(market: tb.Market, grid: tb.spaces.Grid) -> tuple[float, float]:
    """Seconds inside the core and of processors, on blocks as a sweep has them; laying out operands is not counted.

    Like a sweep, it compares columns that have just been computed.
    """
    runner = ClockedRunner(RULE, market, resolve(CONFIG, market), CORES)
    runner.spent = []
    for start in range(0, len(grid), BLOCK_MAX):
        runner.run(grid.block(start, start + BLOCK_MAX))
    walls, processors = zip(*runner.spent, strict=True)
    return sum(walls), sum(processors)


def _spent(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of the clock, and of all processors together."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def compiled(sets: int, bars: int) -> str:
    """Level (a): a strategy class, compiled, in threads."""
    market = tb.Market.synthetic(bars=bars, seed=1)
    grid = {"fast": range(2, 2 + sets // 8), "slow": range(100, 180, 10)}
    tb.sweep(tb.samples.MovingAverageCross, market, {"fast": [2], "slow": [9]}, mode="compiled")
    rates = {}
    for threads in dict.fromkeys((1, CORES)):
        best = min(
            _timed(partial(tb.sweep, tb.samples.MovingAverageCross, market, grid, mode="compiled", threads=threads))
            for _ in range(3)
        )
        rates[threads] = (sets // 8) * 8 * bars / best / 1e6
    scaling = rates[CORES] / rates[1]
    return (
        f"- compiled, {sets // 8 * 8:,} sets × {bars:,} bars: {rates[CORES]:,.0f} million set-bars/s on {CORES} cores,"
        f" {rates[1]:,.0f} on one: scaling {scaling:.2f}"
    )


MEMORY = """
import sys, triplebar as tb
from benches.sweeping import CONFIG, RULE, space
from triplebar.research.sweeping.standing import resident_bytes
market = tb.Market.synthetic(bars=100, seed=1)
most = 0
def watch(standing):
    global most
    most = max(most, standing.resident_bytes or 0)
tb.sweep(RULE, market, space(int(sys.argv[1])), CONFIG, store=sys.argv[2], watch=watch)
print(most)
"""


def resident(sets: int) -> int:
    """The most memory that a process holds after a block of a sweep of so many sets."""
    root = Path(__file__).parents[1]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", MEMORY, str(sets), f"{folder}/runs.db"]
        done = subprocess.run(
            command, cwd=root, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
        )
    return int(done.stdout)


def memory(large: bool) -> str:  # noqa: FBT001 - an option
    """Resident memory as the space grows, with small bars and a store."""
    sizes = (200_000, 1_000_000, 10_000_000) if large else (200_000, 1_000_000)
    found = {size: resident(size) / 2**20 for size in (10_000, *sizes)}
    shown = ", ".join(f"{size:,} sets {most:,.0f} MiB" for size, most in found.items())
    return f"- resident memory (100 bars, with a store): {shown}"


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(rounds: int, shrink: int, *, large: bool) -> str:
    """Everything, as lines."""
    sets = 1_000_000 if large else 200_000 // shrink
    lines = [
        "### Sweeps as a whole",
        "",
        over_the_kernel(tb.spaces.grid(W5_AXES), 100_000 // shrink, 8 * rounds),
        over_the_kernel(space(sets), 1_000, rounds),
        over_the_kernel(space(sets), 10_000 // shrink, 1 if large else rounds),
        compiled(64, 100_000 // shrink),
        memory(large),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    from benches import peers

    print(
        json.dumps(peers.measure(sys.argv[2]), indent=2) if sys.argv[1:2] == ["peers"] else measure(3, 1, large=False)
    )
