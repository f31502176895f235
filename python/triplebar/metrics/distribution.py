"""Metrics of the shape of daily returns: tails, lopsidedness, gains against losses."""

from __future__ import annotations

import numpy as np

from triplebar.metrics.definitions import Undefined, metric
from triplebar.metrics.inputs import FloatArray, MetricInput
from triplebar.metrics.returns import DEVIATION_MIN, daily_returns, excess


def several_returns(data: MetricInput) -> FloatArray:
    """At least two daily returns."""
    returns = daily_returns(data)
    if returns.size < 2:
        raise Undefined("fewer than two daily returns")
    return returns


def standard_moment(data: MetricInput, power: int) -> float:
    """The mean of a power of returns less their mean, over that power of their population deviation."""
    returns = several_returns(data)
    if float(np.std(returns, ddof=1)) <= DEVIATION_MIN:
        raise Undefined("zero variance of returns")
    centred = returns - np.mean(returns)
    return float(np.mean(centred**power) / np.mean(centred**2) ** (power / 2))


@metric(
    "omega",
    "ratio",
    "Sum of the daily returns above the risk-free return of a period, each less that return, over the sum of the "
    "shortfalls of those below.",
    "sum(max(r - f, 0)) / sum(max(f - r, 0))",
    "returns",
)
def omega(data: MetricInput) -> float:
    """See the registry."""
    returns = excess(data)
    short = float(np.sum(np.maximum(-returns, 0.0)))
    if short <= DEVIATION_MIN:
        raise Undefined("no return below the risk-free rate")
    return float(np.sum(np.maximum(returns, 0.0))) / short


@metric(
    "skew",
    "ratio",
    "Third standard moment of daily returns, with population moments.",
    "mean((r - mean(r))³) / mean((r - mean(r))²)^1.5",
    "returns",
)
def skew(data: MetricInput) -> float:
    """See the registry."""
    return standard_moment(data, 3)


@metric(
    "kurtosis",
    "ratio",
    "Fourth standard moment of daily returns less 3, with population moments: 0 for a normal distribution.",
    "mean((r - mean(r))⁴) / mean((r - mean(r))²)² - 3",
    "returns",
)
def kurtosis(data: MetricInput) -> float:
    """See the registry."""
    return standard_moment(data, 4) - 3.0


@metric(
    "tail_ratio",
    "ratio",
    "Size of the 95 % quantile of daily returns over the size of the 5 % quantile.",
    "|q(r, 0.95)| / |q(r, 0.05)|",
    "returns",
)
def tail_ratio(data: MetricInput) -> float:
    """See the registry."""
    low, high = np.quantile(several_returns(data), [0.05, 0.95])
    if low == 0:
        raise Undefined("the 5 % quantile of returns is zero")
    return abs(float(high)) / abs(float(low))


@metric(
    "value_at_risk_95",
    "fraction",
    "The daily loss that one day in twenty exceeds: minus the 5 % quantile of returns.",
    "-q(r, 0.05)",
    "returns",
)
def value_at_risk(data: MetricInput) -> float:
    """See the registry."""
    return -float(np.quantile(several_returns(data), 0.05))


@metric(
    "expected_shortfall_95",
    "fraction",
    "Mean daily loss of the days at or below the 5 % quantile of returns.",
    "-mean(r <= q(r, 0.05))",
    "returns",
)
def expected_shortfall(data: MetricInput) -> float:
    """See the registry."""
    returns = np.sort(several_returns(data))
    return -float(np.mean(returns[: int(0.05 * (returns.size - 1)) + 1]))
