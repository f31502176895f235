"""W5: a grid of a thousand crossovers over one market, beside a hand-written loop over the same averages."""

import ctypes
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import triplebar as tb
from benches import compile as compiled
from benches.limits import COMMISSION_PPB, MINOR_PER_CASH, UNIT_MINOR
from benches.markets import random_walk, table
from triplebar.engines.custom.lanes import LaneRunner
from triplebar.engines.settings import resolve

BARS = 100_000
FAST = range(5, 45)
SLOW = range(50, 300, 10)
CASH = 1_000_000
GOAL_MILLIONS = 1_000
SCALING_GOAL = 1.8

Floats = npt.NDArray[np.float64]


class Task(ctypes.Structure):
    """The argument of native/sweep.c."""

    _fields_ = (
        ("bars", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("open", "close", "fast", "slow")),
        *((name, ctypes.c_int64) for name in ("fasts", "slows", "cash_minor", "unit_minor", "commission_ppb")),
        *((name, ctypes.c_void_p) for name in ("final_equity", "drawdown", "fills")),
    )


@dataclass
class Contestant:
    """Somebody who does the sweep, and the seconds of each round: of the clock, and of all processors together."""

    name: str
    run: Callable[[], pa.RecordBatch]
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def measure(rounds: int, shrink: int = 1) -> str:
    """Check that everybody comes to the same numbers, time them in turn, and lay out the table."""
    bars = BARS // shrink
    everybody = contestants(bars)
    check([one.run() for one in everybody])
    for turn in range(rounds):
        for one in everybody[turn % len(everybody) :] + everybody[: turn % len(everybody)]:
            wall, processor = time.perf_counter(), time.process_time()
            one.run()
            one.wall.append(time.perf_counter() - wall)
            one.processor.append(time.process_time() - processor)
    return lay_out(everybody, bars)


def contestants(bars: int) -> list[Contestant]:
    """The loop, lanes on one core and on all, and the whole of `tb.sweep`, columns included."""
    ticks = random_walk(bars)
    market = tb.Market.from_table(table(ticks), symbol="X000")
    config = tb.BacktestConfig(initial_cash=CASH, commission_bps=1)
    rule = tb.signals.crossover(fast=tb.indicators.SMA, slow=tb.indicators.SMA)
    axes = {"fast": FAST, "slow": SLOW}
    sets = tb.spaces.grid(axes).sets(range(len(FAST) * len(SLOW)))
    cores = len(os.sched_getaffinity(0))

    def lanes(threads: int, level: str | None = None) -> Callable[[], pa.RecordBatch]:
        runner = LaneRunner(rule, market, resolve(config, market), threads, level)
        runner.run(sets)  # the columns are computed once
        return lambda: runner.run(sets)[0]

    def whole() -> pa.RecordBatch:
        found = tb.sweep(rule, market, axes, config).table
        return found.combine_chunks().to_batches()[0]

    return [
        Contestant("C loop, one core", native(ticks.open[:, 0], ticks.close[:, 0], market.series(0).close)),
        Contestant("lanes, one core, baseline", lanes(1, "baseline")),
        Contestant("lanes, one core", lanes(1)),
        Contestant(f"lanes, {cores} cores", lanes(cores)),
        Contestant(f"tb.sweep, {cores} cores, columns included", whole),
    ]


def native(opened: npt.NDArray[np.int64], closed: npt.NDArray[np.int64], close: Floats) -> Callable[[], pa.RecordBatch]:
    """Prepare the hand-written loop, its averages computed."""
    library = compiled.sweep()
    columns = [np.ascontiguousarray(opened), np.ascontiguousarray(closed)]
    columns += [np.stack([tb.indicators.sma(close, each) for each in axis]) for axis in (FAST, SLOW)]
    pairs = len(FAST) * len(SLOW)
    results = [np.zeros(pairs), np.zeros(pairs), np.zeros(pairs, np.int64)]
    task = Task(
        closed.size,
        *(each.ctypes.data for each in columns),
        *(len(FAST), len(SLOW), CASH * MINOR_PER_CASH, UNIT_MINOR, COMMISSION_PPB),
        *(each.ctypes.data for each in results),
    )

    def run() -> pa.RecordBatch:
        library.w5_sweep(ctypes.byref(task))
        names = ("final_equity", "max_drawdown", "fills")
        # `columns` is named here so that the arrays live as long as the function that points into them.
        return pa.RecordBatch.from_pydict(dict(zip(names, results, strict=True))) if columns else None

    return run


def check(answers: Sequence[pa.RecordBatch]) -> None:
    """Every contestant has the same equity, drawdown and fills for every set."""
    for name in ("final_equity", "max_drawdown", "fills"):
        first, *others = (answer.column(name).to_pylist() for answer in answers)
        if any(other != first for other in others):
            message = f"W5: contestants differ in {name}"
            raise AssertionError(message)


def lay_out(everybody: Sequence[Contestant], bars: int) -> str:
    """Rates, the ratio to the loop within a round, and the goals."""
    work = len(FAST) * len(SLOW) * bars / 1e6
    loop, _, one, many, whole = everybody
    rows = []
    for each in everybody:
        times = statistics.median(mine / theirs for mine, theirs in zip(loop.wall, each.wall, strict=True))
        best, processor = work / min(each.wall), min(each.processor) * 1e9 / (work * 1e6)
        median = work / statistics.median(each.wall)
        rows.append(f"| {each.name} | {times:,.1f} | {best:,.0f} / {median:,.0f} | {processor:.2f} |")
    rate, scaling = work / min(many.wall), min(one.wall) / min(many.wall)
    lines = [
        f"### W5: {len(FAST) * len(SLOW):,} crossovers over {bars:,} bars, equity, drawdown and Sharpe of each",
        "",
        "| | times as fast as the loop | million set-bars/s, best / median | processor ns a set-bar |",
        "|---|---|---|---|",
        *rows,
        "",
        f"- lanes on all cores: at least {GOAL_MILLIONS:,} million — {rate:,.0f}, {_verdict(rate >= GOAL_MILLIONS)}",
        f"- scaling: at least {SCALING_GOAL} — {scaling:.2f}, {_verdict(scaling >= SCALING_GOAL)}",
        f"- columns and table take {min(whole.wall) - min(many.wall):.3f} s of the whole",
        "",
    ]
    return "\n".join(lines)


def _verdict(reached: bool) -> str:  # noqa: FBT001 - one yes or no
    return "met" if reached else "**missed**"
