"""Metrics of closed trades; a trade is what one fill closed of a position."""

from __future__ import annotations

import numpy as np

from triplebar.metrics.inputs import DAY_NS, FloatArray, MetricInput
from triplebar.metrics.registry import Undefined, metric


def profits(data: MetricInput) -> FloatArray:
    """Profits of all closed trades, of which there must be one."""
    if data.trades.profit.size == 0:
        raise Undefined("no trades")
    return data.trades.profit


def winners(data: MetricInput) -> FloatArray:
    """Profits above zero, of which there must be one."""
    found = profits(data)[profits(data) > 0]
    if found.size == 0:
        raise Undefined("no winning trades")
    return found


def losers(data: MetricInput) -> FloatArray:
    """Losses as positive numbers, of which there must be one."""
    found = -profits(data)[profits(data) < 0]
    if found.size == 0:
        raise Undefined("no_losses")
    return found


@metric("trades", "count", "Closed trades: a fill that reduces a position closes one.")
def trades(data: MetricInput) -> int:
    """See the registry."""
    return int(data.trades.profit.size)


@metric("winning_trades", "count", "Closed trades with a profit above zero, after fees.")
def winning_trades(data: MetricInput) -> int:
    """See the registry."""
    return int(np.count_nonzero(data.trades.profit > 0))


@metric("losing_trades", "count", "Closed trades with a profit below zero, after fees.")
def losing_trades(data: MetricInput) -> int:
    """See the registry."""
    return int(np.count_nonzero(data.trades.profit < 0))


@metric("win_rate", "fraction", "Winning trades over closed trades; break-even trades count in the denominator.")
def win_rate(data: MetricInput) -> float:
    """See the registry."""
    return int(np.count_nonzero(profits(data) > 0)) / int(data.trades.profit.size)


@metric(
    "profit_factor", "ratio", "Sum of gains over sum of losses; none with the reason no_losses if nothing was lost."
)
def profit_factor(data: MetricInput) -> float:
    """See the registry."""
    found = profits(data)
    return float(np.sum(found[found > 0])) / float(np.sum(losers(data)))


@metric("average_trade", "money", "Mean profit of a closed trade.")
def average_trade(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(profits(data)))


@metric("average_win", "money", "Mean profit of the winning trades.")
def average_win(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(winners(data)))


@metric("average_loss", "money", "Mean loss of the losing trades, as a positive number.")
def average_loss(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(losers(data)))


@metric("payoff_ratio", "ratio", "Average win over average loss.")
def payoff_ratio(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(winners(data))) / float(np.mean(losers(data)))


@metric("largest_win", "money", "Profit of the best trade.")
def largest_win(data: MetricInput) -> float:
    """See the registry."""
    return float(np.max(winners(data)))


@metric("largest_loss", "money", "Loss of the worst trade, as a positive number.")
def largest_loss(data: MetricInput) -> float:
    """See the registry."""
    return float(np.max(losers(data)))


@metric("average_trade_return", "fraction", "Mean of profit over what the closed position had cost.")
def average_trade_return(data: MetricInput) -> float:
    """See the registry."""
    found = profits(data)
    if np.any(data.trades.cost <= 0):
        raise Undefined("a trade had no cost")
    return float(np.mean(found / data.trades.cost))


@metric("average_holding_days", "days", "Mean time from the first fill of a position to the close of a trade.")
def average_holding_days(data: MetricInput) -> float:
    """See the registry."""
    profits(data)
    return float(np.mean((data.trades.closed_ns - data.trades.opened_ns) / DAY_NS))


@metric("realised_profit", "money", "Sum of the profits of closed trades, after their fees.")
def realised_profit(data: MetricInput) -> float:
    """See the registry."""
    return float(np.sum(data.trades.profit))


@metric("unrealised_profit", "money", "Value of the positions open at the end, less what they cost.")
def unrealised_profit(data: MetricInput) -> float:
    """See the registry."""
    return data.activity.unrealised
