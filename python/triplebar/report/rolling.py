"""Metrics over a window of days that moves along the curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from triplebar.metrics.inputs import FloatArray, IntArray, MetricInput
from triplebar.metrics.returns import DEVIATION_MIN, excess

WINDOWS: Final = (252, 126, 63, 21)
"""The longest of which the run has at least two is taken."""


@dataclass(frozen=True, slots=True)
class Rolling:
    """One value per day from the end of the first window on."""

    window: int
    days: IntArray
    volatility: FloatArray
    sharpe: FloatArray
    """NaN where nothing moved."""
    total: FloatArray
    """The return of the window."""


def rolling(data: MetricInput) -> Rolling | None:
    """Compute return, volatility and Sharpe ratio of a moving window of daily returns; None if the run is too short.

    Both are annualised as in the registry: sample deviation, mean over deviation times the root of periods per year.
    """
    daily = data.curve.daily
    if daily.size < 2 * WINDOWS[-1] + 1 or np.any(daily <= 0):
        return None
    returns = excess(data)
    window = next(each for each in WINDOWS if returns.size >= 2 * each)
    parts = np.lib.stride_tricks.sliding_window_view(returns, window)
    deviation = parts.std(axis=1, ddof=1)
    moved = deviation > DEVIATION_MIN
    sharpe = np.full(deviation.size, np.nan)
    sharpe[moved] = parts.mean(axis=1)[moved] / deviation[moved] * np.sqrt(data.periods_per_year)
    return Rolling(
        window,
        data.curve.days[window - 1 :],
        deviation * np.sqrt(data.periods_per_year),
        sharpe,
        daily[window:] / daily[:-window] - 1.0,
    )
