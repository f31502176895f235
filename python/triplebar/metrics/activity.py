"""Metrics of how much was traded and held, and what it cost."""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.metrics.annual import DAYS_PER_YEAR
from triplebar.metrics.definitions import Undefined, metric
from triplebar.metrics.inputs import DAY_NS, FloatArray, MetricInput

MONTH_NS: Final = DAYS_PER_YEAR / 12 * DAY_NS


def positive_equity(data: MetricInput) -> FloatArray:
    """Equity of each bar, which must be there and be positive."""
    equity = data.curve.equity
    if equity.size == 0:
        raise Undefined("no bars")
    if np.any(equity <= 0):
        raise Undefined("equity reached zero or below")
    return equity


def total_costs_of(data: MetricInput) -> float:
    """Everything that trading and holding cost."""
    spent = data.activity
    return spent.commission + spent.spread + spent.slippage + spent.market_impact + spent.funding + spent.borrow


def gross_profit(data: MetricInput) -> float:
    """Sum of the profits of the winning trades, which must be there."""
    gained = float(np.sum(data.trades.profit[data.trades.profit > 0]))
    if gained <= 0:
        raise Undefined("no winning trades")
    return gained


@metric(
    "exposure",
    "fraction",
    "Mean over the bars of gross position value over equity.",
    "mean(gross_t / V_t)",
    "curve",
)
def exposure(data: MetricInput) -> float:
    """See the registry."""
    equity = positive_equity(data)
    if data.curve.gross is None:
        raise Undefined("the value of single positions is not known without the market")
    return float(np.mean(data.curve.gross / equity))


@metric(
    "mean_cash_utilization",
    "fraction",
    "Mean over the bars of one less cash over equity.",
    "mean(1 - cash_t / V_t)",
    "curve",
)
def mean_cash_utilization(data: MetricInput) -> float:
    """See the registry."""
    equity = positive_equity(data)
    return float(np.mean(1.0 - data.curve.cash / equity))


@metric(
    "time_in_market",
    "fraction",
    "Share of the bars at whose close a position was held.",
    "count(gross_t > 0) / n",
    "curve",
)
def time_in_market(data: MetricInput) -> float:
    """See the registry."""
    if data.curve.equity.size == 0:
        raise Undefined("no bars")
    if data.curve.gross is None:
        raise Undefined("the value of single positions is not known without the market")
    return int(np.count_nonzero(data.curve.gross)) / int(data.curve.equity.size)


@metric(
    "turnover",
    "per month",
    "Half the sum of absolute traded notional over mean equity, per month of elapsed time.",
    "sum(|notional|) / 2 / mean(V) / months",
    "activity",
)
def turnover(data: MetricInput) -> float:
    """See the registry."""
    mean = float(np.mean(positive_equity(data)))
    if data.curve.elapsed_ns <= 0:
        raise Undefined("no time has passed")
    return data.activity.traded / 2.0 / mean / (data.curve.elapsed_ns / MONTH_NS)


@metric(
    "orders",
    "count",
    "Orders sent, those of the venue included.",
    "count",
    "activity",
)
def orders(data: MetricInput) -> int:
    """See the registry."""
    return data.activity.orders


@metric(
    "fills",
    "count",
    "Fills.",
    "count",
    "activity",
)
def fills(data: MetricInput) -> int:
    """See the registry."""
    return data.activity.fills


@metric(
    "rejected_orders",
    "count",
    "Orders that were rejected.",
    "count",
    "activity",
)
def rejected_orders(data: MetricInput) -> int:
    """See the registry."""
    return data.activity.rejected


@metric(
    "total_costs",
    "money",
    "Commission, spread, slippage, market impact, funding and borrow.",
    "commission + spread + slippage + impact + funding + borrow",
    "activity",
)
def total_costs(data: MetricInput) -> float:
    """See the registry."""
    return total_costs_of(data)


@metric(
    "costs_to_gross_profit",
    "fraction",
    "Total costs over the sum of the profits of winning trades.",
    "total_costs / sum(p > 0)",
    "activity",
)
def costs_to_gross_profit(data: MetricInput) -> float:
    """See the registry."""
    return total_costs_of(data) / gross_profit(data)


@metric(
    "costs_to_capital",
    "fraction",
    "Total costs over the initial capital.",
    "total_costs / V_0",
    "activity",
)
def costs_to_capital(data: MetricInput) -> float:
    """See the registry."""
    if data.curve.initial <= 0:
        raise Undefined("the initial capital is not positive")
    return total_costs_of(data) / data.curve.initial


@metric(
    "commission_to_gross_profit",
    "fraction",
    "Commissions over the sum of the profits of winning trades.",
    "commission / sum(p > 0)",
    "activity",
)
def commission_to_gross_profit(data: MetricInput) -> float:
    """See the registry."""
    return data.activity.commission / gross_profit(data)


@metric(
    "slippage_to_gross_profit",
    "fraction",
    "Spread, slippage and market impact over the sum of the profits of winning trades.",
    "(spread + slippage + impact) / sum(p > 0)",
    "activity",
)
def slippage_to_gross_profit(data: MetricInput) -> float:
    """See the registry."""
    spent = data.activity
    return (spent.spread + spent.slippage + spent.market_impact) / gross_profit(data)


@metric(
    "financing_to_gross_profit",
    "fraction",
    "Funding and borrow over the sum of the profits of winning trades.",
    "(funding + borrow) / sum(p > 0)",
    "activity",
)
def financing_to_gross_profit(data: MetricInput) -> float:
    """See the registry."""
    return (data.activity.funding + data.activity.borrow) / gross_profit(data)
