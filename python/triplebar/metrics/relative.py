"""Metrics of the curve beside a benchmark; computed only when one is given."""

from __future__ import annotations

import numpy as np

from triplebar.metrics.definitions import Undefined, metric
from triplebar.metrics.inputs import FloatArray, MetricInput
from triplebar.metrics.returns import DEVIATION_MIN, daily_returns


def benchmark_returns(data: MetricInput) -> FloatArray:
    """Simple returns of the benchmark over the same days."""
    if data.benchmark is None:
        raise Undefined("no benchmark was given")
    if np.any(data.benchmark <= 0):
        raise Undefined("the benchmark reached zero or below")
    return np.asarray(data.benchmark[1:] / data.benchmark[:-1] - 1.0)


def pairs(data: MetricInput) -> tuple[FloatArray, FloatArray]:
    """At least two returns of the curve, and those of the benchmark, both above the risk-free return of a period."""
    own, other = daily_returns(data), benchmark_returns(data)
    if own.size < 2:
        raise Undefined("fewer than two daily returns")
    risk_free = (1.0 + data.risk_free_rate) ** (1.0 / data.periods_per_year) - 1.0
    return np.asarray(own - risk_free), np.asarray(other - risk_free)


def slope(own: FloatArray, other: FloatArray) -> float:
    """Covariance with the benchmark over the benchmark's variance."""
    if float(np.std(other, ddof=1)) <= DEVIATION_MIN:
        raise Undefined("the benchmark does not vary")
    centred = other - np.mean(other)
    return float(np.mean((own - np.mean(own)) * centred)) / float(np.mean(centred**2))


def growth_per_period(returns: FloatArray) -> float:
    """The growth of one period that, repeated, comes to the same end."""
    return float(np.exp(np.mean(np.log1p(returns)))) - 1.0 if np.all(returns > -1) else -1.0


def capture(data: MetricInput, sign: int) -> float:
    """Growth on days on which the benchmark rose (or fell) over the benchmark's own."""
    own, other = daily_returns(data), benchmark_returns(data)
    those = sign * other > 0
    if not np.any(those):
        raise Undefined("the benchmark has no day of that kind")
    return growth_per_period(own[those]) / growth_per_period(other[those])


@metric(
    "benchmark_return",
    "fraction",
    "Last value of the benchmark over its first, less one.",
    "B_n / B_0 - 1",
    "benchmark",
)
def benchmark_return(data: MetricInput) -> float:
    """See the registry."""
    benchmark_returns(data)
    values = np.asarray(data.benchmark)
    return float(values[-1] / values[0]) - 1.0


@metric(
    "alpha",
    "fraction per year",
    "Mean daily return above the risk-free return of a period, less beta times that of the benchmark, times periods "
    "per year.",
    "(mean(r - f) - beta · mean(b - f)) · P",
    "benchmark",
)
def alpha(data: MetricInput) -> float:
    """See the registry."""
    own, other = pairs(data)
    return (float(np.mean(own)) - slope(own, other) * float(np.mean(other))) * data.periods_per_year


@metric(
    "beta",
    "ratio",
    "Covariance of the daily returns with those of the benchmark over the benchmark's variance.",
    "cov(r, b) / var(b)",
    "benchmark",
)
def beta(data: MetricInput) -> float:
    """See the registry."""
    return slope(*pairs(data))


@metric(
    "correlation", "ratio", "Correlation of the daily returns with those of the benchmark.", "corr(r, b)", "benchmark"
)
def correlation(data: MetricInput) -> float:
    """See the registry."""
    own, other = pairs(data)
    ratio = slope(own, other)
    spread = float(np.std(own, ddof=1))
    if spread <= DEVIATION_MIN:
        raise Undefined("zero variance of returns")
    return ratio * float(np.std(other, ddof=1)) / spread


@metric(
    "tracking_error",
    "fraction per year",
    "Sample standard deviation of the daily returns less those of the benchmark, times the root of periods per year.",
    "s(r - b) · sqrt(P)",
    "benchmark",
)
def tracking_error(data: MetricInput) -> float:
    """See the registry."""
    own, other = pairs(data)
    return float(np.std(own - other, ddof=1)) * float(np.sqrt(data.periods_per_year))


@metric(
    "information_ratio",
    "ratio",
    "Mean of the daily returns less those of the benchmark over their sample standard deviation, times the root of "
    "periods per year.",
    "mean(r - b) / s(r - b) · sqrt(P)",
    "benchmark",
)
def information_ratio(data: MetricInput) -> float:
    """See the registry."""
    own, other = pairs(data)
    spread = float(np.std(own - other, ddof=1))
    if spread <= DEVIATION_MIN:
        raise Undefined("the curve does not differ from the benchmark")
    return float(np.mean(own - other)) / spread * float(np.sqrt(data.periods_per_year))


@metric(
    "up_capture",
    "ratio",
    "Growth per day on the days on which the benchmark rose, over the benchmark's own on those days.",
    "g(r | b > 0) / g(b | b > 0), g(x) = product(1 + x)^(1 / n) - 1",
    "benchmark",
)
def up_capture(data: MetricInput) -> float:
    """See the registry."""
    return capture(data, 1)


@metric(
    "down_capture",
    "ratio",
    "Growth per day on the days on which the benchmark fell, over the benchmark's own on those days.",
    "g(r | b < 0) / g(b | b < 0), g(x) = product(1 + x)^(1 / n) - 1",
    "benchmark",
)
def down_capture(data: MetricInput) -> float:
    """See the registry."""
    return capture(data, -1)
