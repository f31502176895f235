"""Executors: the same blocks on two threads, two processes, Ray and Dask, in turn; `python -m benches executors`.

Workers are warm, as they are after the first blocks of a sweep: they have the market, and have compiled the strategy.
What it costs to get there is told beside. A block takes one core about a second.
"""

import logging
import multiprocessing
import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import triplebar as tb
from benches.sweeping import CONFIG, RULE
from triplebar.research.sweeping.plan import BLOCK_MAX

BARS = 100_000
BLOCKS = 6
WORKERS = 2
GOAL = 0.85
THREADS = "threads"

Close = Callable[[], Any]


@dataclass(frozen=True)
class Work:
    """What is swept: sets drawn from ranges."""

    name: str
    strategy: Any
    ranges: Mapping[str, Any]
    mode: str
    tried: int
    """Sets that take a core about half a second."""

    def space(self, sets: int) -> tb.spaces.Space:
        """So many sets."""
        return tb.spaces.random(self.ranges, count=sets, seed=1)

    def sweep(self, market: tb.Market, sets: int, executor: Any, block: int, threads: int = WORKERS) -> tb.Study:
        """Go through so many sets."""
        options: dict[str, Any] = {"mode": self.mode, "threads": threads, "block": block}
        return tb.sweep(self.strategy, market, self.space(sets), CONFIG, executor=executor, **options)


@dataclass
class Took:
    """Seconds of the clock, and of all processors for this process and those it began, in each round."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


WORKS = (
    Work(
        "rule in lanes",
        RULE,
        {"fast": tb.spaces.integers(2, 51), "slow": tb.spaces.integers(102, 151), "size": tb.spaces.integers(1, 9)},
        "auto",
        4_000,
    ),
    Work(
        "strategy, compiled",
        tb.samples.MovingAverageCross,
        {"fast": tb.spaces.integers(2, 400), "slow": tb.spaces.integers(500, 9_000)},
        "compiled",
        200,
    ),
)


def measure(rounds: int, shrink: int = 1) -> str:
    """Begin the clusters once; for each work warm them, check that digests are equal, and time all in turn."""
    market = tb.Market.synthetic(bars=BARS // shrink, seed=1)
    lines = [
        f"### Executors: {BLOCKS} blocks, each about a second of a core, {WORKERS} workers beside {WORKERS} threads",
        "",
        f"| | | share of the threads' throughput, median of {rounds} rounds | worst to best | processor time |",
        "|---|---|---|---|---|",
    ]
    starts: list[str] = []
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        executors: dict[str, Any] = {THREADS: THREADS}
        for name, begin in BEGIN.items():
            began = time.perf_counter()
            executors[name], close = begin()
            stack.callback(close)
            starts.append(f"{name} {time.perf_counter() - began:.1f} s")
        for work in WORKS:
            block = block_of(work, market)
            starts.append(f"first block of a {work.name}: {warm(work, market, executors)}")
            check(work, market, executors, block)
            took = timed(work, market, executors, block, rounds)
            lines += [row(work, name, took) for name in executors if name != THREADS]
        starts.append(f"executor='processes' begun and ended within a sweep: {begun_anew(WORKS[0], market):.1f} s")
    return "\n".join([*lines, "", "- to start: " + "; ".join(starts), ""])


def block_of(work: Work, market: tb.Market) -> int:
    """Sets that take a core a second; the second try is believed, with columns and compiled code there."""
    seconds = 1.0
    for _ in range(2):
        began = time.process_time()
        work.sweep(market, work.tried, THREADS, work.tried, threads=1)
        seconds = time.process_time() - began
    return max(1, min(BLOCK_MAX, int(work.tried / seconds)))


def warm(work: Work, market: tb.Market, executors: Mapping[str, Any]) -> str:
    """Send a set to each worker: what it takes to send the market, and to import, compile and load what is needed."""
    told = []
    for name, executor in executors.items():
        began = time.perf_counter()
        work.sweep(market, WORKERS, executor, 1)
        told.append(f"{name} {time.perf_counter() - began:.1f} s")
    return ", ".join(told)


def check(work: Work, market: tb.Market, executors: Mapping[str, Any], block: int) -> None:
    """Everybody gives the same digest; workers that had no set yet are warm now, too."""
    digests = {name: work.sweep(market, block * BLOCKS, each, block).digest for name, each in executors.items()}
    if len(set(digests.values())) != 1:
        raise AssertionError(f"{work.name}: executors differ: {digests}")


def timed(work: Work, market: tb.Market, executors: Mapping[str, Any], block: int, rounds: int) -> dict[str, Took]:
    """Time everybody, in each round in another order."""
    took = {name: Took() for name in executors}
    names = list(executors)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            wall, processor = time.perf_counter(), processor_seconds()
            work.sweep(market, block * BLOCKS, executors[name], block)
            took[name].wall.append(time.perf_counter() - wall)
            took[name].processor.append(processor_seconds() - processor)
    return took


def processor_seconds() -> float:
    """What this process and all that it began have used so far."""
    psutil: Any = import_module("psutil")  # Dask brings it
    found, this = 0.0, psutil.Process()
    for each in (this, *this.children(recursive=True)):
        with suppress(psutil.Error):  # one that has just ended
            times = each.cpu_times()
            found += times.user + times.system
    return found


def row(work: Work, name: str, took: Mapping[str, Took]) -> str:
    """How one executor does beside the threads, within each round."""
    threads, mine = took[THREADS], took[name]
    shares = [theirs / own for theirs, own in zip(threads.wall, mine.wall, strict=True)]
    processor = statistics.median(own / theirs for own, theirs in zip(mine.processor, threads.processor, strict=True))
    share = statistics.median(shares)
    verdict = "met" if share >= GOAL else "**missed**"
    return (
        f"| {work.name} | {name} | {share:.0%} (goal {GOAL:.0%}: {verdict}) | {min(shares):.0%} to {max(shares):.0%}"
        f" | {processor:.2f} × that of the threads |"
    )


def begun_anew(work: Work, market: tb.Market) -> float:
    """Seconds of a sweep of a set for each worker that begins processes of its own."""
    began = time.perf_counter()
    work.sweep(market, WORKERS, "processes", 1)
    return time.perf_counter() - began


def _processes() -> tuple[Any, Close]:
    pool = ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn"))
    return pool, pool.shutdown


def _ray() -> tuple[Any, Close]:
    import ray

    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    return "ray", ray.shutdown


def _dask() -> tuple[Any, Close]:
    import distributed

    dask: Any = distributed
    cluster = dask.LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None, memory_limit=0)
    client = dask.Client(cluster)

    def close() -> None:
        client.close()
        cluster.close()

    return client.get_executor(), close


BEGIN: Mapping[str, Callable[[], tuple[Any, Close]]] = {"processes": _processes, "ray": _ray, "dask": _dask}
