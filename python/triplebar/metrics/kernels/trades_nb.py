"""Metrics of the closed trades of many curves; the definitions stand in the registry."""

from __future__ import annotations

import math
from typing import Final

from triplebar.metrics.inputs import DAY_NS, FloatArray, IntArray
from triplebar.metrics.kernels import slots
from triplebar.metrics.kernels.jit import CodeArray, kernel

(
    TRADES,
    WINNING,
    LOSING,
    WIN_RATE,
    PROFIT_FACTOR,
    AVERAGE_TRADE,
    AVERAGE_WIN,
    AVERAGE_LOSS,
    PAYOFF_RATIO,
    EXPECTANCY,
    LARGEST_WIN,
    LARGEST_LOSS,
    AVERAGE_TRADE_RETURN,
    REALISED_PROFIT,
    AVERAGE_HOLDING,
    LONGEST_HOLDING,
    WINNING_STREAK,
    LOSING_STREAK,
) = range(len(slots.TRADE_SLOTS))

NO_TRADES: Final = slots.NO_TRADES
NO_WINNERS: Final = slots.NO_WINNERS
NO_LOSSES: Final = slots.NO_LOSSES
NO_COST: Final = slots.NO_COST
NOT_FINITE: Final = slots.NOT_FINITE
ALL_SLOTS: Final = len(slots.TRADE_SLOTS)
CONSTANTS: Final = "472b5978"
"""Fingerprint of the numbers above, those of other files included; see `jit`."""


@kernel
def profits_1d_nb(profit: FloatArray, out: FloatArray, why: CodeArray) -> None:
    """What follows from the profits alone."""
    gained = lost = largest = worst = 0.0
    wins = losses = row_of_wins = row_of_losses = most_wins = most_losses = 0
    for at in range(profit.size):
        one = profit[at]
        row_of_wins = row_of_wins + 1 if one > 0 else 0
        row_of_losses = row_of_losses + 1 if one < 0 else 0
        most_wins, most_losses = max(most_wins, row_of_wins), max(most_losses, row_of_losses)
        if one > 0:
            wins, gained, largest = wins + 1, gained + one, max(largest, one)
        elif one < 0:
            losses, lost, worst = losses + 1, lost - one, max(worst, -one)
    count = profit.size
    out[TRADES], out[WINNING], out[LOSING], out[REALISED_PROFIT] = count, wins, losses, gained - lost
    out[WIN_RATE], out[AVERAGE_TRADE] = wins / count, (gained - lost) / count
    out[WINNING_STREAK], out[LOSING_STREAK] = most_wins, most_losses
    out[AVERAGE_WIN], out[LARGEST_WIN] = gained / wins, largest
    out[AVERAGE_LOSS], out[LARGEST_LOSS] = lost / losses, worst
    out[PROFIT_FACTOR], out[PAYOFF_RATIO] = gained / lost, (gained / wins) / (lost / losses)
    out[EXPECTANCY] = out[AVERAGE_TRADE] / (lost / losses)
    if losses == 0:
        why[AVERAGE_LOSS] = why[LARGEST_LOSS] = why[PROFIT_FACTOR] = why[PAYOFF_RATIO] = why[EXPECTANCY] = NO_LOSSES
    if wins == 0:
        why[AVERAGE_WIN] = why[LARGEST_WIN] = why[PAYOFF_RATIO] = NO_WINNERS


@kernel
def trades_1d_nb(profit: FloatArray, cost: FloatArray, held_ns: IntArray, out: FloatArray, why: CodeArray) -> None:
    """All metrics of the closed trades of one curve."""
    if profit.size == 0:
        out[TRADES] = out[WINNING] = out[LOSING] = out[REALISED_PROFIT] = 0
        for slot in range(ALL_SLOTS):
            if slot not in (TRADES, WINNING, LOSING, REALISED_PROFIT):
                why[slot] = NO_TRADES
        return
    profits_1d_nb(profit, out, why)
    relative = held = 0.0
    longest = held_ns[0]
    for at in range(profit.size):
        if cost[at] <= 0:
            why[AVERAGE_TRADE_RETURN] = NO_COST
        relative += profit[at] / cost[at]
        held += held_ns[at] / DAY_NS
        longest = max(longest, held_ns[at])
    out[AVERAGE_TRADE_RETURN] = relative / profit.size
    out[AVERAGE_HOLDING], out[LONGEST_HOLDING] = held / profit.size, longest / DAY_NS
    for slot in range(ALL_SLOTS):
        if why[slot] == 0 and not math.isfinite(out[slot]):
            why[slot] = NOT_FINITE


@kernel
def trades_nb(
    profit: FloatArray, cost: FloatArray, held_ns: IntArray, spans: IntArray, out: FloatArray, why: CodeArray
) -> None:
    """Measure the trades of many curves, which lie one after the other; `spans` has where each begins and ends."""
    for row in range(spans.shape[0]):
        begin, end = spans[row]
        trades_1d_nb(profit[begin:end], cost[begin:end], held_ns[begin:end], out[row], why[row])
