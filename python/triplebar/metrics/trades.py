"""Metrics of closed trades; a trade is what one fill closed of a position."""

from __future__ import annotations

import numpy as np

from triplebar.metrics.definitions import Undefined, metric
from triplebar.metrics.inputs import FloatArray, MetricInput


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


@metric(
    "trades",
    "count",
    "Closed trades: a fill that reduces a position closes one.",
    "N",
    "trades",
)
def trades(data: MetricInput) -> int:
    """See the registry."""
    return int(data.trades.profit.size)


@metric(
    "winning_trades",
    "count",
    "Closed trades with a profit above zero, after fees.",
    "count(p > 0)",
    "trades",
)
def winning_trades(data: MetricInput) -> int:
    """See the registry."""
    return int(np.count_nonzero(data.trades.profit > 0))


@metric(
    "losing_trades",
    "count",
    "Closed trades with a profit below zero, after fees.",
    "count(p < 0)",
    "trades",
)
def losing_trades(data: MetricInput) -> int:
    """See the registry."""
    return int(np.count_nonzero(data.trades.profit < 0))


@metric(
    "win_rate",
    "fraction",
    "Winning trades over closed trades; break-even trades count in the denominator.",
    "count(p > 0) / N",
    "trades",
)
def win_rate(data: MetricInput) -> float:
    """See the registry."""
    return int(np.count_nonzero(profits(data) > 0)) / int(data.trades.profit.size)


@metric(
    "profit_factor",
    "ratio",
    "Sum of gains over sum of losses; none with the reason no_losses if nothing was lost.",
    "sum(p > 0) / |sum(p < 0)|",
    "trades",
)
def profit_factor(data: MetricInput) -> float:
    """See the registry."""
    found = profits(data)
    return float(np.sum(found[found > 0])) / float(np.sum(losers(data)))


@metric(
    "average_trade",
    "money",
    "Mean profit of a closed trade.",
    "mean(p)",
    "trades",
)
def average_trade(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(profits(data)))


@metric(
    "average_win",
    "money",
    "Mean profit of the winning trades.",
    "mean(p > 0)",
    "trades",
)
def average_win(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(winners(data)))


@metric(
    "average_loss",
    "money",
    "Mean loss of the losing trades, as a positive number.",
    "|mean(p < 0)|",
    "trades",
)
def average_loss(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(losers(data)))


@metric(
    "payoff_ratio",
    "ratio",
    "Average win over average loss.",
    "average_win / average_loss",
    "trades",
)
def payoff_ratio(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(winners(data))) / float(np.mean(losers(data)))


@metric(
    "expectancy",
    "ratio",
    "Mean profit of a closed trade over the average loss: what a trade brings for each unit that a loser costs.",
    "mean(p) / average_loss",
    "trades",
)
def expectancy(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(profits(data))) / float(np.mean(losers(data)))


@metric(
    "largest_win",
    "money",
    "Profit of the best trade.",
    "max(p > 0)",
    "trades",
)
def largest_win(data: MetricInput) -> float:
    """See the registry."""
    return float(np.max(winners(data)))


@metric(
    "largest_loss",
    "money",
    "Loss of the worst trade, as a positive number.",
    "|min(p < 0)|",
    "trades",
)
def largest_loss(data: MetricInput) -> float:
    """See the registry."""
    return float(np.max(losers(data)))


@metric(
    "average_trade_return",
    "fraction",
    "Mean of profit over what the closed position had cost.",
    "mean(p / cost)",
    "trades",
)
def average_trade_return(data: MetricInput) -> float:
    """See the registry."""
    found = profits(data)
    if np.any(data.trades.cost <= 0):
        raise Undefined("a trade had no cost")
    return float(np.mean(found / data.trades.cost))


@metric(
    "realised_profit",
    "money",
    "Sum of the profits of closed trades, after their fees.",
    "sum(p)",
    "trades",
)
def realised_profit(data: MetricInput) -> float:
    """See the registry."""
    return float(np.sum(data.trades.profit))


@metric(
    "unrealised_profit",
    "money",
    "Value of the positions open at the end, less what they cost.",
    "value of open positions - their cost",
    "activity",
)
def unrealised_profit(data: MetricInput) -> float:
    """See the registry."""
    return data.activity.unrealised
