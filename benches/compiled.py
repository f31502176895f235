"""Compiled strategies beside the hand-written loops: `python -m benches compiled`.

Answers are compared first. Rounds are interleaved; a ratio is the median of the ratios within a round. Times are the
processor's, of the thread that runs the loop; the sweep's are the clock's.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import triplebar as tb
from benches import strategies
from benches.compiled_costs import costs
from benches.compiled_start import measured_starts
from benches.contestants import STRATEGIES, answer_of, check, market
from benches.engines import BARS as GUEST_BARS
from benches.limits import CASH, RECORDED, Answer, native_loop, recording_loop
from benches.markets import Ticks, random_walk
from benches.numba_loop import rebalance_loop
from benches.workloads import LOOP, RECORD, WORKLOADS
from triplebar.engines.base import Hooks
from triplebar.engines.custom.compiled import CompiledRun
from triplebar.engines.custom.context import NativeContext
from triplebar.engines.settings import resolve

NUMBA, BACKTRADER = "Numba loop", "Backtrader, our rules"
ALONE, WHOLE, BY_BAR = "compiled, its run alone", "compiled, the whole of `tb.run`", "compiled, its run alone, on_bar"
GOALS = {
    ("W1", ALONE): (LOOP, 4.0),
    ("W2", ALONE): (LOOP, 10.0),
    ("W3", ALONE): (LOOP, 10.0),
    ("W4", ALONE): (NUMBA, 5.0),
    ("W4", BY_BAR): (NUMBA, 20.0),
}
"""What a contestant of a workload is measured against, and the most times of it that it may take."""
LASTS_SECONDS = 0.05
clock = time.thread_time
"""The processor's time of the thread: on a machine with other work the clock on the wall says little."""
SWEEP_GOAL, SCALING_GOAL = 50.0, 1.8


@dataclass
class Timed:
    """Somebody who does a workload: `run` gives an answer and the seconds it took."""

    name: str
    run: Callable[[], tuple[Answer, float]]
    seconds: list[float] = field(default_factory=list)

    def times(self, other: "Timed") -> float:
        """How many times slower: the median over the rounds of the ratio within the round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds, strict=True))


def measure(rounds: int, shrink: int = 1) -> str:
    """Everything there is to say about compiled strategies, as Markdown."""
    parts = [workload(name, rounds, shrink) for name in WORKLOADS]
    return "\n".join([*parts, sweep_lines(shrink), costs(rounds, shrink), measured_starts()])


def config_of(name: str) -> tb.BacktestConfig:
    """What a workload is run with."""
    leverage = 2.0 if name == "W4" else 1.0
    return tb.BacktestConfig(initial_cash=CASH[name], commission_bps=1.0, leverage=leverage)


def _whole(strategy: type, bars: tb.Market, config: tb.BacktestConfig) -> tuple[Answer, float]:
    begin = clock()
    result = tb.run(strategy(), bars, config, mode="compiled")
    seconds = clock() - begin
    return answer_of(result), seconds


def _alone(strategy: type, bars: tb.Market, config: tb.BacktestConfig) -> tuple[Answer, float]:
    """From a started engine to its last bar, the strategy's start included; not the settings and the result.

    A run that is short is repeated, one soon after the other, as the loops are; each gives back its memory before.
    """
    context, seconds = _once(strategy, bars, config)
    count = 1
    while seconds < LASTS_SECONDS:
        del context
        context, more = _once(strategy, bars, config)
        seconds, count = seconds + more, count + 1
    facts: Any = context.facts()
    return _answer(facts), seconds / count


def _once(strategy: type, bars: tb.Market, config: tb.BacktestConfig) -> tuple[NativeContext, float]:
    context = NativeContext(bars, resolve(config, bars))
    run = CompiledRun(strategy(), context)
    begin = clock()
    ending, problem, *_ = run.report(None, Hooks())
    seconds = clock() - begin
    if problem is not None or ending != "finished":
        message = f"{strategy.__name__} did not come to its end: {problem}"
        raise AssertionError(message)
    return context, seconds


def _answer(facts: Any) -> Answer:
    import numpy as np
    import pyarrow as pa

    from triplebar.contracts.codes import OrderStatus

    equity, fills, orders = (pa.table(facts.table(name)) for name in ("equity", "fills", "orders"))
    canceled = int(np.count_nonzero(orders["status"].to_numpy() == OrderStatus.CANCELED))
    return Answer(fills.num_rows, equity["equity"].to_numpy(), canceled)


def _clocked(run: Callable[[], Answer]) -> Callable[[], tuple[Answer, float]]:
    """A run that is short enough to be repeated, one straight after the other."""

    def timed() -> tuple[Answer, float]:
        begin, count = clock(), 0
        while clock() - begin < LASTS_SECONDS:
            answer = run()
            count += 1
        return answer, (clock() - begin) / count

    return timed


def everybody(name: str, ticks: Ticks) -> list[Timed]:
    """The loop, and the strategy compiled; in W4 a loop of Numba, and the strategy called bar by bar as well."""
    bars, config, strategy = market(ticks), config_of(name), STRATEGIES[name]
    found = [Timed(LOOP, _clocked(native_loop(name, ticks)))]
    if name in RECORDED:
        found.append(Timed(RECORD, _clocked(recording_loop(name, ticks))))
    if name == "W4":
        found.append(Timed(NUMBA, _clocked(rebalance_loop(ticks))))
        found.append(Timed(BY_BAR, lambda: _alone(strategies.RebalanceByBar, bars, config)))
    found.append(Timed(ALONE, lambda: _alone(strategy, bars, config)))
    found.append(Timed(WHOLE, lambda: _whole(strategy, bars, config)))
    return found


def timed(name: str, ticks: Ticks, rounds: int) -> dict[str, Timed]:
    """Check that all agree, which warms them up, and time them in turn."""
    all_of_them = everybody(name, ticks)
    check(name, {one.name: one.run()[0] for one in all_of_them})
    for turn in range(rounds):
        for one in _rotated(all_of_them, turn):
            one.seconds.append(one.run()[1])
    return {one.name: one for one in all_of_them}


def _rotated(everyone: list[Timed], turn: int) -> Iterator[Timed]:
    at = turn % len(everyone)
    yield from everyone[at:]
    yield from everyone[:at]


def workload(name: str, rounds: int, shrink: int = 1) -> str:
    """The table of one workload, and its goals."""
    work = WORKLOADS[name]
    ticks = random_walk(work.bars // shrink, work.width)
    found = timed(name, ticks, rounds)
    units = ticks.bars * ticks.width
    limits = [LOOP, *([NUMBA] if NUMBA in found else [])]
    head = "".join(f" × {limit} |" for limit in limits)
    lines = [
        f"### Compiled, {name}: {work.title}",
        "",
        f"| |{head} ns a bar, least / median |",
        "|---|" + "---|" * (1 + len(limits)),
    ]
    for one in found.values():
        ratios = "".join(f" {one.times(found[limit]):,.2f} |" for limit in limits)
        spent = [seconds / units * 1e9 for seconds in one.seconds]
        lines.append(f"| {one.name} |{ratios} {min(spent):,.1f} / {statistics.median(spent):,.1f} |")
    lines += ["", *goal_lines(name, found)]
    if name == "W1":
        lines.append(guest_line(min(found[WHOLE].seconds) / units))
    return "\n".join([*lines, ""])


def goal_lines(name: str, found: dict[str, Timed]) -> list[str]:
    """One line per goal."""
    lines = []
    for (work, contestant), (limit, most) in GOALS.items():
        if work == name:
            reached = found[contestant].times(found[limit])
            verdict = "met" if reached <= most else "**missed**"
            lines.append(f"- {contestant}: at most {most:g}× the {limit} — {reached:,.2f}×, {verdict}")
    return lines


def guest_line(seconds_per_bar: float) -> str:
    """How many times a bar of W1 takes in Backtrader, which runs a smaller market for it."""
    if "backtrader" not in tb.available_engines():
        return "- Backtrader is not installed: **not measured**"
    bars = market(random_walk(GUEST_BARS["W1"]))
    begin = clock()
    tb.run(strategies.Cross(), bars, config_of("W1"), engine="backtrader")
    spent = (clock() - begin) / bars.rows
    times = spent / seconds_per_bar
    verdict = "met" if times >= 1_000 else "**missed**"
    cost = f"{spent * 1e9:,.0f} ns a bar, {times:,.0f} times the whole run"
    return f"- {BACKTRADER}: {cost}; goal: at least 1,000, {verdict}"


def sweep_lines(shrink: int = 1) -> str:
    """Level (a): a strategy class over a grid, each set a run of its own, on one core and on all."""
    bars = market(random_walk(100_000 // shrink))
    grid = {"fast": range(5, 45), "slow": range(50, 300, 10)}
    rates: dict[int, float] = {}
    for threads in (1, 2, 1, 2):
        begin = time.perf_counter()
        study = tb.sweep(strategies.Cross, bars, grid, config_of("W1"), mode="compiled", threads=threads)
        rate = study.table.num_rows * bars.rows / (time.perf_counter() - begin) / 1e6
        rates[threads] = max(rate, rates.get(threads, 0.0))
    scaling = rates[2] / rates[1]
    return "\n".join(
        [
            f"### Sweep of a compiled class: 1,000 sets over {bars.rows:,} bars, summaries included",
            "",
            f"- one core: {rates[1]:,.1f} million set-bars/s",
            f"- two cores: {rates[2]:,.1f}; goal: at least {SWEEP_GOAL:g}, {_verdict(rates[2] >= SWEEP_GOAL)}",
            f"- scaling: {scaling:.2f}; goal: at least {SCALING_GOAL}, {_verdict(scaling >= SCALING_GOAL)}",
            "",
        ]
    )


def _verdict(reached: bool) -> str:  # noqa: FBT001 - one yes or no
    return "met" if reached else "**missed**"
