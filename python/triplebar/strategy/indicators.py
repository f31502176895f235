"""Indicators: objects to update once per bar, and functions over whole columns.

Both run the same Rust code, so a value is the same double whether it was streamed or computed as a column, and the
same on every machine. Every object has `update`, `value`, `ready` and `reset`, its parameters as attributes, and can
be pickled in the middle of its work.

- Until there is a value, `update` and `value` give NaN and `ready` is False. Comparing with NaN is False.
- An input that is not finite is not counted; so an indicator can be fed with another one that still warms up.
- First values and smoothing follow TA-Lib; where TA-Lib divides nothing by nothing (RSI and stochastic of a price that
  does not move) the value here is the neutral 50.

>>> mean = SMA(3)
>>> [mean.update(price) for price in (1.0, 2.0, 3.0, 4.0)]
[nan, nan, 2.0, 3.0]
>>> sma([1.0, 2.0, 3.0, 4.0], 3).tolist()
[nan, nan, 2.0, 3.0]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from triplebar._native import (
    ADX,
    ATR,
    EMA,
    MACD,
    ROC,
    RSI,
    SMA,
    VWAP,
    WMA,
    Bollinger,
    Donchian,
    RollingStd,
    Stochastic,
    TrueRange,
    ZScore,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from triplebar.data.arrays import FloatArray

__all__ = [
    "ADX",
    "ATR",
    "EMA",
    "MACD",
    "ROC",
    "RSI",
    "SMA",
    "VWAP",
    "WMA",
    "Bollinger",
    "Donchian",
    "RollingStd",
    "Stochastic",
    "TrueRange",
    "ZScore",
    "adx",
    "atr",
    "bollinger",
    "donchian",
    "ema",
    "macd",
    "roc",
    "rolling_std",
    "rsi",
    "sma",
    "stochastic",
    "true_range",
    "vwap",
    "wma",
    "z_score",
]


def sma(values: npt.ArrayLike, period: int) -> FloatArray:
    """Mean of the last `period` values.

    >>> sma([1.0, 2.0, 4.0], 2).tolist()
    [nan, 1.5, 3.0]
    """
    return SMA.column(values, period)


def ema(values: npt.ArrayLike, period: int) -> FloatArray:
    """Exponential mean at rate `2 / (period + 1)`, begun with the mean of the first `period` values.

    >>> ema([1.0, 2.0, 4.5], 2).tolist()
    [nan, 1.5, 3.5]
    """
    return EMA.column(values, period)


def wma(values: npt.ArrayLike, period: int) -> FloatArray:
    """Mean of the last `period` values, the newest weighing `period`, the oldest 1.

    >>> wma([1.0, 4.0, 1.0], 2).tolist()
    [nan, 3.0, 2.0]
    """
    return WMA.column(values, period)


def rsi(values: npt.ArrayLike, period: int) -> FloatArray:
    """Wilder's relative strength, 0 to 100; 50 if nothing moved.

    >>> rsi([1.0, 2.0, 1.0, 2.0], 2).tolist()
    [nan, nan, 50.0, 75.0]
    """
    return RSI.column(values, period)


def roc(values: npt.ArrayLike, period: int) -> FloatArray:
    """Change against `period` steps ago, in percent.

    >>> roc([1.0, 2.0, 3.0], 1).tolist()
    [nan, 100.0, 50.0]
    """
    return ROC.column(values, period)


def rolling_std(values: npt.ArrayLike, period: int, *, sample: bool = False) -> FloatArray:
    """Standard deviation of the last `period` values; `sample=True` divides by one less.

    >>> rolling_std([1.0, 3.0, 3.0], 2).tolist()
    [nan, 1.0, 0.0]
    """
    return RollingStd.column(values, period, sample)


def z_score(values: npt.ArrayLike, period: int, *, sample: bool = False) -> FloatArray:
    """Distance of each value from the mean of the last `period`, in standard deviations; 0 if they are all equal.

    >>> z_score([1.0, 3.0, 3.0], 2).tolist()
    [nan, 1.0, 0.0]
    """
    return ZScore.column(values, period, sample)


def macd(
    values: npt.ArrayLike, fast: int = 12, slow: int = 26, signal_period: int = 9
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Difference of two exponential means: line, signal (the line's own mean) and histogram (line less signal).

    >>> line, signal, histogram = macd([1.0, 2.0, 3.0, 4.0], 1, 2, 2)
    >>> line.tolist(), histogram.tolist()
    ([nan, nan, 0.5, 0.5], [nan, nan, 0.0, 0.0])
    """
    return MACD.column(values, fast, slow, signal_period)


def bollinger(values: npt.ArrayLike, period: int = 20, width: float = 2.0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Upper band, mean and lower band, `width` standard deviations apart.

    >>> upper, middle, lower = bollinger([1.0, 3.0], 2)
    >>> upper.tolist(), middle.tolist(), lower.tolist()
    ([nan, 4.0], [nan, 2.0], [nan, 0.0])
    """
    return Bollinger.column(values, period, width)


def true_range(high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike) -> FloatArray:
    """Range of each bar, from the close before if that lies outside.

    >>> true_range([2.0, 5.0], [1.0, 4.0], [2.0, 4.0]).tolist()
    [nan, 3.0]
    """
    return TrueRange.column(high, low, close)


def atr(high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, period: int = 14) -> FloatArray:
    """True range with Wilder's smoothing.

    >>> atr([2.0, 5.0, 5.0], [1.0, 4.0, 4.0], [2.0, 4.0, 5.0], 2).tolist()
    [nan, nan, 2.0]
    """
    return ATR.column(high, low, close, period)


def adx(
    high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, period: int = 14
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Strength of the trend, share of upward and share of downward movement, 0 to 100.

    >>> strength, plus, minus = adx([2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0], [1.5, 2.5, 3.5, 4.5], 2)
    >>> strength.tolist(), minus.tolist()
    ([nan, nan, nan, 100.0], [nan, nan, nan, 0.0])
    """
    return ADX.column(high, low, close, period)


def donchian(high: npt.ArrayLike, low: npt.ArrayLike, period: int = 20) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Highest high, the middle, and lowest low of the last `period` bars, the newest included.

    >>> upper, middle, lower = donchian([2.0, 4.0], [1.0, 2.0], 2)
    >>> upper.tolist(), middle.tolist(), lower.tolist()
    ([nan, 4.0], [nan, 2.5], [nan, 1.0])
    """
    return Donchian.column(high, low, period)


def stochastic(
    high: npt.ArrayLike, low: npt.ArrayLike, close: npt.ArrayLike, period: int = 14, smooth: int = 3, signal: int = 3
) -> tuple[FloatArray, FloatArray]:
    """Where the close stands in the range of the last bars, 0 to 100, and the mean of that.

    >>> k, d = stochastic([2.0, 4.0], [0.0, 2.0], [1.0, 4.0], 2, 1, 1)
    >>> k.tolist()
    [nan, 100.0]
    """
    return Stochastic.column(high, low, close, period, smooth, signal)


def vwap(
    price: npt.ArrayLike, volume: npt.ArrayLike, period: int | None = None, *, session: npt.ArrayLike | None = None
) -> FloatArray:
    """Price weighted by volume: over the last `period` rows, or since the start; a new session number starts over.

    >>> vwap([1.0, 4.0, 7.0], [1.0, 1.0, 1.0]).tolist()
    [1.0, 2.5, 4.0]
    >>> vwap([1.0, 4.0, 7.0], [1.0, 1.0, 1.0], session=[1, 1, 2]).tolist()
    [1.0, 2.5, 7.0]
    """
    return VWAP.column(price, volume, period, session)
