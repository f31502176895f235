"""Metrics of every window of the returns of many curves; `triplebar.metrics.windows` has the definitions."""

from __future__ import annotations

import math
from typing import Final

from triplebar.metrics.inputs import FloatArray
from triplebar.metrics.kernels.jit import kernel
from triplebar.metrics.returns import DEVIATION_MIN

RETURN: Final = 0
VOLATILITY: Final = 1
SHARPE: Final = 2
SORTINO: Final = 3
MAX_DRAWDOWN: Final = 4
BETA: Final = 5
CONSTANTS: Final = "abe09dd0"
"""Fingerprint of the numbers above, those of other files included; see `jit`."""


@kernel
def window_1d_nb(values: FloatArray, returns: FloatArray, periods: float, free: float, out: FloatArray) -> None:
    """Measure one window, by sums of its own: what running sums leave behind would look like a risk in a flat one."""
    size = returns.size
    mean = 0.0
    for at in range(size):
        mean += returns[at]
    mean /= size
    squares = short = worst = 0.0
    peak = values[0]
    for at in range(size):
        off, above, value = returns[at] - mean, returns[at] - free, values[at + 1]
        squares += off * off
        if above < 0:
            short += above * above
        if value > peak:
            peak = value
        elif 1.0 - value / peak > worst:
            worst = 1.0 - value / peak
    deviation, downside, year = math.sqrt(squares / (size - 1)), math.sqrt(short / size), math.sqrt(periods)
    out[RETURN], out[VOLATILITY], out[MAX_DRAWDOWN] = values[size] / values[0] - 1.0, deviation * year, worst
    out[SHARPE] = (mean - free) / deviation * year if deviation > DEVIATION_MIN else math.nan
    out[SORTINO] = (mean - free) / downside * year if downside > DEVIATION_MIN else math.nan


@kernel
def window_beta_nb(own: FloatArray, other: FloatArray) -> float:
    """Covariance with the benchmark over its variance."""
    size = own.size
    mine = theirs = both = squares = 0.0
    for at in range(size):
        mine += own[at]
        theirs += other[at]
    mine, theirs = mine / size, theirs / size
    for at in range(size):
        both += (own[at] - mine) * (other[at] - theirs)
        squares += (other[at] - theirs) ** 2
    return both / squares if math.sqrt(squares / (size - 1)) > DEVIATION_MIN else math.nan


@kernel
def rolling_nb(
    values: FloatArray,
    returns: FloatArray,
    benchmark: FloatArray,
    width: int,
    periods: float,
    free: float,
    out: FloatArray,
) -> None:
    """Measure the windows of many curves, one a row, at the return with which each ends; NaN where not defined.

    `benchmark` has the returns of the benchmark, or nothing.
    """
    for row in range(values.shape[0]):
        for end in range(width, returns.shape[1] + 1):
            begin, place = end - width, out[row, end - 1]
            window_1d_nb(values[row, begin : end + 1], returns[row, begin:end], periods, free, place)
            if benchmark.size:
                place[BETA] = window_beta_nb(returns[row, begin:end], benchmark[begin:end])
