"""Metrics of losses from a peak of the curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from triplebar.metrics.definitions import Undefined, metric
from triplebar.metrics.inputs import DAY_NS, Curve, FloatArray, IntArray, MetricInput
from triplebar.metrics.returns import cagr, growth


def drawdowns(curve: Curve) -> FloatArray:
    """The loss from the highest value so far at each point, as a positive fraction.

    >>> drawdowns(Curve(0, 100.0, np.array([1, 2]), np.array([120.0, 90.0]), np.zeros(2))).tolist()
    [0.0, 0.0, 0.25]
    """
    if curve.initial <= 0:
        raise Undefined("the initial capital is not positive")
    return curve.losses


@dataclass(frozen=True, slots=True)
class Deepest:
    """The places of the deepest loss in the curve; `recovery` is None while it lasts."""

    peak: int
    trough: int
    recovery: int | None


def deepest(curve: Curve) -> Deepest:
    """Find the deepest drawdown, the first if there are several."""
    losses = drawdowns(curve)
    trough = int(np.argmax(losses))
    if losses[trough] <= 0:
        raise Undefined("the account never fell below a peak")
    before = curve.values[: trough + 1]
    peak = trough - int(np.argmax(before[::-1]))  # it fell from the last point that was as high
    back = np.flatnonzero(curve.values[trough:] >= curve.values[peak])
    return Deepest(peak, trough, trough + int(back[0]) if back.size else None)


def time_below_peak_ns(curve: Curve) -> int:
    """The longest time from a peak to its recovery, or to the end if there was none."""
    if curve.initial <= 0:
        raise Undefined("the initial capital is not positive")
    highest = np.maximum.accumulate(curve.values)
    at_peak: IntArray = np.flatnonzero(curve.values >= highest)
    ends = np.append(at_peak[1:], curve.values.size - 1)
    fell = ends > at_peak + 1  # the next point at a peak is not the next point
    fell[-1] = at_peak[-1] < curve.values.size - 1
    spans = np.where(fell, curve.times[ends] - curve.times[at_peak], 0)
    return int(spans.max())


def _when(curve: Curve, place: int) -> str:
    text = str(np.datetime64(int(curve.times[place]), "ns"))
    return text.rstrip("0").rstrip(".") + "Z"


@metric(
    "max_drawdown",
    "fraction",
    "Largest loss from a previous peak of the curve, as a positive fraction of the peak.",
    "max over t of 1 - V_t / max(V_0..V_t)",
    "curve",
)
def max_drawdown(data: MetricInput) -> float:
    """See the registry."""
    return float(np.max(drawdowns(data.curve)))


@metric(
    "max_drawdown_peak",
    "time",
    "When the deepest drawdown began: the last point at its peak.",
    "t of the peak",
    "curve",
)
def max_drawdown_peak(data: MetricInput) -> str:
    """See the registry."""
    return _when(data.curve, deepest(data.curve).peak)


@metric(
    "max_drawdown_trough",
    "time",
    "When the deepest drawdown was deepest.",
    "t of the trough",
    "curve",
)
def max_drawdown_trough(data: MetricInput) -> str:
    """See the registry."""
    return _when(data.curve, deepest(data.curve).trough)


@metric(
    "max_drawdown_recovery",
    "time",
    "When the curve was back at the peak of the deepest drawdown.",
    "first t after the trough with V_t >= V_peak",
    "curve",
)
def max_drawdown_recovery(data: MetricInput) -> str:
    """See the registry."""
    recovery = deepest(data.curve).recovery
    if recovery is None:
        raise Undefined("not recovered by the end")
    return _when(data.curve, recovery)


@metric(
    "max_drawdown_days",
    "days",
    "Time from the peak of the deepest drawdown to its recovery, or to the end.",
    "t(recovery or end) - t(peak)",
    "curve",
)
def max_drawdown_days(data: MetricInput) -> float:
    """See the registry."""
    found = deepest(data.curve)
    end = data.curve.times.size - 1 if found.recovery is None else found.recovery
    return float(data.curve.times[end] - data.curve.times[found.peak]) / DAY_NS


@metric(
    "recovery_days",
    "days",
    "Time from the trough of the deepest drawdown to its recovery.",
    "t(recovery) - t(trough)",
    "curve",
)
def recovery_days(data: MetricInput) -> float:
    """See the registry."""
    found = deepest(data.curve)
    if found.recovery is None:
        raise Undefined("not recovered by the end")
    return float(data.curve.times[found.recovery] - data.curve.times[found.trough]) / DAY_NS


@metric(
    "longest_drawdown_days",
    "days",
    "Longest time below a previous peak; an unfinished one counts to the end.",
    "max over drawdowns of t(recovery or end) - t(peak)",
    "curve",
)
def longest_drawdown_days(data: MetricInput) -> float:
    """See the registry."""
    return time_below_peak_ns(data.curve) / DAY_NS


@metric(
    "calmar",
    "ratio",
    "CAGR over the largest drawdown.",
    "cagr / max_drawdown",
    "curve",
)
def calmar(data: MetricInput) -> float:
    """See the registry."""
    loss = max_drawdown(data)
    if not isinstance(loss, float) or loss <= 0:
        raise Undefined("no drawdown")
    return float(cagr(data)) / loss


@metric(
    "recovery_factor",
    "ratio",
    "Total return over the largest drawdown.",
    "total_return / max_drawdown",
    "curve",
)
def recovery_factor(data: MetricInput) -> float:
    """See the registry."""
    loss = float(np.max(drawdowns(data.curve)))
    if loss <= 0:
        raise Undefined("no drawdown")
    return (growth(data) - 1.0) / loss


@metric(
    "ulcer_index",
    "fraction",
    "Root of the mean of the squared drawdowns of all points of the curve.",
    "sqrt(mean(drawdown_t²))",
    "curve",
)
def ulcer_index(data: MetricInput) -> float:
    """See the registry."""
    return float(np.sqrt(np.mean(drawdowns(data.curve) ** 2)))
