"""Returns of an account that was paid into and out of while it traded."""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.metrics.annual import DAYS_PER_YEAR
from triplebar.metrics.definitions import Undefined, metric
from triplebar.metrics.inputs import DAY_NS, FloatArray, MetricInput
from triplebar.metrics.returns import DAYS_MIN_FOR_GROWTH

GROWTH_EXPONENT_MAX: Final = 20.0
"""Rates are looked for between a loss and a gain of e^20 over the whole time."""
GRID_POINTS: Final = 2_001
BISECTIONS: Final = 100


def flow_at_points(data: MetricInput) -> FloatArray:
    """What was paid in at each point of the curve; a flow belongs to the first point at or after its time."""
    paid = np.zeros(data.curve.values.size)
    places = np.searchsorted(data.curve.times, data.flows.time_ns, side="left")
    np.add.at(paid, np.minimum(places, paid.size - 1), data.flows.amount)
    return paid


@metric(
    "time_weighted_return",
    "fraction",
    "Product of the growth from each point of the curve to the next, what was paid in at the later one taken off "
    "first, less one: what one unit of money made that was there all the time.",
    "product((V_t - F_t) / V_(t-1)) - 1",
    "flows",
)
def time_weighted_return(data: MetricInput) -> float:
    """See the registry."""
    values, paid = data.curve.values, flow_at_points(data)
    before = values[:-1]
    if np.any(before <= 0):
        raise Undefined("equity reached zero or below, so returns are not defined")
    return float(np.prod((values[1:] - paid[1:]) / before)) - 1.0


@metric(
    "money_weighted_return",
    "fraction per year",
    "Internal rate of return: the yearly growth at which the initial capital and what was paid in and out come to the "
    "ending value; none below one week, or if no rate or several rates do.",
    "g - 1 with V_0 · g^T + sum(F_t · g^(T - t)) = V_n, T in years",
    "flows",
)
def money_weighted_return(data: MetricInput) -> float:
    """See the registry."""
    curve = data.curve
    if curve.elapsed_ns / DAY_NS < DAYS_MIN_FOR_GROWTH:
        raise Undefined("shorter than one week")
    paid = flow_at_points(data)
    paid[0] += curve.initial
    places = np.flatnonzero(paid)
    left = (curve.times[-1] - curve.times[places]) / curve.elapsed_ns
    exponent = _only_root(paid[places], left, float(curve.values[-1]))
    years = curve.elapsed_ns / DAY_NS / DAYS_PER_YEAR
    return float(np.expm1(exponent / years))


def _only_root(paid: FloatArray, left: FloatArray, ending: float) -> float:
    """The growth of the whole time, as an exponent, that takes the payments to the ending value."""
    grid = np.linspace(-GROWTH_EXPONENT_MAX, GROWTH_EXPONENT_MAX, GRID_POINTS)
    short = np.exp(np.outer(grid, left)) @ paid - ending
    sign = np.sign(short)
    places = np.flatnonzero((sign[:-1] == 0) | (sign[:-1] * sign[1:] < 0))
    if places.size != 1:
        raise Undefined("several rates fit" if places.size else "no rate fits")
    low, high = float(grid[places[0]]), float(grid[places[0] + 1])
    rising = short[places[0] + 1] > 0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if (float(np.exp(middle * left) @ paid) - ending < 0) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2
