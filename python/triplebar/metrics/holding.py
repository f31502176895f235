"""Metrics of how long trades were held and how they followed each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from triplebar.metrics.definitions import metric
from triplebar.metrics.inputs import DAY_NS, FloatArray, MetricInput
from triplebar.metrics.trades import profits


def holding_days(data: MetricInput) -> FloatArray:
    """Days from the first fill of a position to the close of each trade, of which there must be one."""
    profits(data)
    return np.asarray((data.trades.closed_ns - data.trades.opened_ns) / DAY_NS)


def longest_streak(flags: npt.NDArray[np.bool_]) -> int:
    """The most truths in a row.

    >>> longest_streak(np.array([True, True, False, True]))
    2
    """
    ends = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return int(np.max(ends[1::2] - ends[::2])) if ends.size else 0


@metric(
    "average_holding_days",
    "days",
    "Mean time from the first fill of a position to the close of a trade.",
    "mean(closed - opened)",
    "trades",
)
def average_holding_days(data: MetricInput) -> float:
    """See the registry."""
    return float(np.mean(holding_days(data)))


@metric(
    "median_holding_days",
    "days",
    "Median time from the first fill of a position to the close of a trade.",
    "median(closed - opened)",
    "trades",
)
def median_holding_days(data: MetricInput) -> float:
    """See the registry."""
    return float(np.median(holding_days(data)))


@metric(
    "longest_holding_days",
    "days",
    "Longest time from the first fill of a position to the close of a trade.",
    "max(closed - opened)",
    "trades",
)
def longest_holding_days(data: MetricInput) -> float:
    """See the registry."""
    return float(np.max(holding_days(data)))


@metric(
    "longest_winning_streak",
    "count",
    "Most winning trades in a row, in the order of closing; a trade that breaks even ends it.",
    "longest run of p > 0",
    "trades",
)
def longest_winning_streak(data: MetricInput) -> int:
    """See the registry."""
    return longest_streak(profits(data) > 0)


@metric(
    "longest_losing_streak",
    "count",
    "Most losing trades in a row, in the order of closing; a trade that breaks even ends it.",
    "longest run of p < 0",
    "trades",
)
def longest_losing_streak(data: MetricInput) -> int:
    """See the registry."""
    return longest_streak(profits(data) < 0)
