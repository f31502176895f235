"""What one more of something costs a compiled strategy: an indicator, an instrument, a resting order, an event."""

import statistics
import time
from collections.abc import Callable
from functools import partial

import triplebar as tb
from benches import strategies
from benches.contestants import market
from benches.markets import random_walk

BARS = 200_000
FEW, MANY = 1, 9
WIDTH = 10
CALM, CROWDED = 2, 18


def costs(rounds: int, shrink: int = 1) -> str:
    """One line each."""
    bars = BARS // shrink
    one, wide = market(random_walk(bars)), market(random_walk(bars // WIDTH, WIDTH))
    half = market(random_walk(bars // WIDTH, WIDTH // 2))

    def per_bar(strategy: Callable[[], tb.Strategy], over: tb.Market) -> float:
        """Nanoseconds a bar, the least of some rounds."""
        spent = []
        for _ in range(max(rounds, 3)):
            begin = time.thread_time()
            tb.run(strategy(), over, mode="compiled")
            spent.append(time.thread_time() - begin)
        return min(spent) / over.rows * 1e9

    idle = per_bar(strategies.Idle, one)
    means = [per_bar(lambda: strategies.Means(count=FEW), one), per_bar(lambda: strategies.Means(count=MANY), one)]
    resting = [per_bar(partial(strategies.Waiting, count=each), one) for each in (CALM, CROWDED)]
    ticks = [per_bar(strategies.Idle, over) * over.rows / (bars // WIDTH) for over in (half, wide)]
    indicator = (means[1] - means[0]) / (MANY - FEW)
    instrument = (ticks[1] - ticks[0]) / (WIDTH - WIDTH // 2)
    order = (resting[1] - resting[0]) / (CROWDED - CALM)
    flip = statistics.median(_orders(one, rounds)) - idle
    lines = [
        f"- an event: {idle:,.1f} ns, for a bar on which the strategy does nothing",
        f"- one more indicator (SMA, with {FEW} to {MANY}): {indicator:,.1f} ns a bar",
        f"- one more instrument (with {WIDTH // 2} to {WIDTH}, idle): {instrument:,.1f} ns a tick",
        f"- one more resting order that no price meets (with {CALM} to {CROWDED}): {order:,.2f} ns a bar",
        f"- the first resting orders: {resting[0] - idle:,.1f} ns a bar",
        f"- an order of W2, sent and filled: {flip:,.1f} ns",
    ]
    return "\n".join([f"### The cost of one more, {bars:,} bars", "", *lines, ""])


def _orders(bars: tb.Market, rounds: int) -> list[float]:
    spent = []
    for _ in range(max(rounds, 3)):
        begin = time.thread_time()
        tb.run(strategies.Flip(), bars, tb.BacktestConfig(initial_cash=1_000_000), mode="compiled")
        spent.append((time.thread_time() - begin) / bars.rows * 1e9)
    return spent
