"""The definitions once more, in NumPy and plain Python: slow, obvious, and written without looking at the Rust."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def _rolling(values: Floats, period: int) -> list[Floats | None]:
    """The window that ends at each place; None while it is too short."""
    return [values[end - period : end] if end >= period else None for end in range(1, len(values) + 1)]


def _over(values: Floats, period: int, measure: Callable[[Floats], float]) -> Floats:
    return np.array([math.nan if window is None else measure(window) for window in _rolling(values, period)])


def sma(values: Floats, period: int) -> Floats:
    return _over(values, period, lambda window: math.fsum(window) / period)


def wma(values: Floats, period: int) -> Floats:
    weights = np.arange(1, period + 1)
    return _over(values, period, lambda window: math.fsum(window * weights) / weights.sum())


def rolling_std(values: Floats, period: int, sample: bool) -> Floats:
    return _over(values, period, lambda window: float(np.std(window.astype(np.longdouble), ddof=int(sample))))


def z_score(values: Floats, period: int, sample: bool) -> Floats:
    def score(window: Floats) -> float:
        deviation = float(np.std(window.astype(np.longdouble), ddof=int(sample)))
        return 0.0 if np.ptp(window) == 0 else (window[-1] - math.fsum(window) / period) / deviation

    return _over(values, period, score)


def highest(values: Floats, period: int) -> Floats:
    return _over(values, period, np.max)


def smoothed(values: Floats, period: int, rate: float) -> Floats:
    """Exponential smoothing that starts, after leading NaN, with the mean of the first `period` values."""
    out = np.full(len(values), math.nan)
    first = int(np.argmax(~np.isnan(values))) + period - 1 if not np.isnan(values).all() else len(values)
    if first < len(values):
        out[first] = math.fsum(values[first - period + 1 : first + 1]) / period
        for place in range(first + 1, len(values)):
            out[place] = (1 - rate) * out[place - 1] + rate * values[place]
    return out


def ema(values: Floats, period: int) -> Floats:
    return smoothed(values, period, 2 / (period + 1))


def rsi(values: Floats, period: int) -> Floats:
    moves = np.concatenate([[math.nan], np.diff(values)])
    rises = smoothed(np.where(np.isnan(moves), moves, np.maximum(moves, 0)), period, 1 / period)
    falls = smoothed(np.where(np.isnan(moves), moves, np.maximum(-moves, 0)), period, 1 / period)
    both = rises + falls
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(both == 0, 50.0, 100 * rises / both)


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    out = np.full(len(close), math.nan)
    before = close[:-1]
    out[1:] = np.maximum.reduce([high[1:] - low[1:], np.abs(high[1:] - before), np.abs(low[1:] - before)])
    return out


def vwap(price: Floats, volume: Floats, period: int | None) -> Floats:
    out = np.full(len(price), math.nan)
    for end in range(1, len(price) + 1):
        start = 0 if period is None else end - period
        whole = math.fsum(volume[max(0, start) : end])
        if start >= 0 and whole > 0:
            out[end - 1] = math.fsum((price * volume)[start:end]) / whole
    return out
