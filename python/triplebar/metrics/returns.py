"""Metrics of the curve: growth, volatility and return for risk."""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.metrics.annual import DAYS_PER_YEAR
from triplebar.metrics.definitions import Undefined, metric
from triplebar.metrics.inputs import DAY_NS, FloatArray, MetricInput

DAYS_MIN_FOR_GROWTH: Final = 7.0
DEVIATION_MIN: Final = 1e-12
"""A deviation of returns below this is rounding of money, not risk."""


def growth(data: MetricInput) -> float:
    """Last value over first value."""
    first = data.curve.initial
    if first <= 0:
        raise Undefined("the initial capital is not positive")
    return float(data.curve.values[-1] / first)


def daily_returns(data: MetricInput) -> FloatArray:
    """Simple returns from one daily value to the next."""
    before, after = data.curve.daily[:-1], data.curve.daily[1:]
    if before.size == 0:
        raise Undefined("no day has a value")
    if np.any(before <= 0):
        raise Undefined("equity reached zero or below, so returns are not defined")
    return np.asarray(after / before - 1.0)


def excess(data: MetricInput) -> FloatArray:
    """Daily returns above the risk-free rate of one period; at least two."""
    returns = daily_returns(data)
    if returns.size < 2:
        raise Undefined("fewer than two daily returns")
    risk_free = (1.0 + data.risk_free_rate) ** (1.0 / data.periods_per_year) - 1.0
    return np.asarray(returns - risk_free)


def deviation(returns: FloatArray) -> float:
    """Sample standard deviation, which must not vanish."""
    found = float(np.std(returns, ddof=1))
    if found <= DEVIATION_MIN:
        raise Undefined("zero variance of returns")
    return found


@metric(
    "starting_value",
    "money",
    "Value of the account before the first bar: the initial capital.",
    "V_0",
    "curve",
)
def starting_value(data: MetricInput) -> float:
    """See the registry."""
    return data.curve.initial


@metric(
    "ending_value",
    "money",
    "Value of the account at the last bar, positions marked to market.",
    "V_n",
    "curve",
)
def ending_value(data: MetricInput) -> float:
    """See the registry."""
    return float(data.curve.values[-1])


@metric(
    "total_profit",
    "money",
    "Ending value less starting value less net deposits.",
    "V_n - V_0 - sum(deposits)",
    "curve",
)
def total_profit(data: MetricInput) -> float:
    """See the registry."""
    return float(data.curve.values[-1]) - data.curve.initial - data.activity.deposits


@metric(
    "total_return",
    "fraction",
    "Ending value over starting value, less one.",
    "V_n / V_0 - 1",
    "curve",
)
def total_return(data: MetricInput) -> float:
    """See the registry."""
    return growth(data) - 1.0


@metric(
    "cagr",
    "fraction per year",
    "(Ending over starting value) ^ (1 / years) - 1, years of 365.25 days by elapsed time; none below one week.",
    "(V_n / V_0)^(365.25 / days) - 1",
    "curve",
)
def cagr(data: MetricInput) -> float:
    """See the registry."""
    days = data.curve.elapsed_ns / DAY_NS
    if days < DAYS_MIN_FOR_GROWTH:
        raise Undefined("shorter than one week")
    ratio = growth(data)
    if ratio < 0:
        raise Undefined("the account ended below zero")
    try:
        return float(ratio ** (DAYS_PER_YEAR / days)) - 1.0
    except OverflowError:
        raise Undefined("too large to write down") from None


@metric(
    "volatility",
    "fraction per year",
    "Sample standard deviation of daily returns times the root of periods per year.",
    "s(r) · sqrt(P)",
    "returns",
)
def volatility(data: MetricInput) -> float:
    """See the registry."""
    returns = daily_returns(data)
    if returns.size < 2:
        raise Undefined("fewer than two daily returns")
    return float(np.std(returns, ddof=1)) * float(np.sqrt(data.periods_per_year))


@metric(
    "sharpe",
    "ratio",
    "Mean of daily return less risk-free return of a period, over its sample standard deviation, "
    "times the root of periods per year.",
    "mean(r - f) / s(r - f) · sqrt(P)",
    "returns",
)
def sharpe(data: MetricInput) -> float:
    """See the registry."""
    returns = excess(data)
    return float(np.mean(returns)) / deviation(returns) * float(np.sqrt(data.periods_per_year))


@metric(
    "sortino",
    "ratio",
    "As Sharpe, with the downside deviation: root of the mean over all periods of the squared negative excess returns.",
    "mean(r - f) / sqrt(mean(min(r - f, 0)²)) · sqrt(P)",
    "returns",
)
def sortino(data: MetricInput) -> float:
    """See the registry."""
    returns = excess(data)
    downside = float(np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2)))
    if downside <= DEVIATION_MIN:
        raise Undefined("no return below the risk-free rate")
    return float(np.mean(returns)) / downside * float(np.sqrt(data.periods_per_year))


@metric(
    "best_day",
    "fraction",
    "Largest daily return.",
    "max(r)",
    "returns",
)
def best_day(data: MetricInput) -> float:
    """See the registry."""
    return float(np.max(daily_returns(data)))


@metric(
    "worst_day",
    "fraction",
    "Smallest daily return.",
    "min(r)",
    "returns",
)
def worst_day(data: MetricInput) -> float:
    """See the registry."""
    return float(np.min(daily_returns(data)))


@metric("positive_days", "fraction", "Share of the daily returns above zero.", "count(r > 0) / n", "returns")
def positive_days(data: MetricInput) -> float:
    """See the registry."""
    returns = daily_returns(data)
    return int(np.count_nonzero(returns > 0)) / returns.size


@metric(
    "periods_per_year",
    "count",
    "Daily returns in a year: 252 for exchange sessions, 365 round the clock.",
    "P",
    "returns",
)
def periods(data: MetricInput) -> float:
    """See the registry."""
    return data.periods_per_year
