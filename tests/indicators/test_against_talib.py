"""The same numbers as TA-Lib, within 1e-9, on a path of 2 000 bars."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.indicators.cases import Floats, same, walk
from triplebar.strategy import indicators

talib = pytest.importorskip("talib")
OneColumn = Callable[[Floats, int], Floats]
PRICES = walk(2_000, seed=7)
HIGH, LOW, CLOSE = PRICES["high"], PRICES["low"], PRICES["close"]
SCALE = 1e-9 * float(CLOSE.max())
"""Lines that cross zero agree within 1e-9 of the price."""


@pytest.mark.feature("F-084")
@pytest.mark.parametrize("period", [2, 3, 10, 50, 252])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (indicators.sma, talib.SMA),
        (indicators.ema, talib.EMA),
        (indicators.wma, talib.WMA),
        (indicators.rsi, talib.RSI),
        (indicators.roc, talib.ROC),
    ],
    ids=["sma", "ema", "wma", "rsi", "roc"],
)
def test_indicators_of_one_column(ours: OneColumn, theirs: OneColumn, period: int) -> None:
    same(ours(CLOSE, period), theirs(CLOSE, period), absolute=SCALE if ours is indicators.roc else 0.0)


@pytest.mark.parametrize("period", [1, 2, 14, 100])
def test_average_true_range(period: int) -> None:
    same(indicators.atr(HIGH, LOW, CLOSE, period), talib.ATR(HIGH, LOW, CLOSE, period))


def test_true_range() -> None:
    same(indicators.true_range(HIGH, LOW, CLOSE), talib.TRANGE(HIGH, LOW, CLOSE), absolute=SCALE)


@pytest.mark.parametrize("periods", [(12, 26, 9), (3, 10, 5), (2, 3, 2), (5, 200, 20)])
def test_macd(periods: tuple[int, int, int]) -> None:
    for ours, theirs in zip(indicators.macd(CLOSE, *periods), talib.MACD(CLOSE, *periods), strict=True):
        same(ours, theirs, absolute=SCALE)


@pytest.mark.parametrize(("period", "width"), [(20, 2.0), (5, 1.5), (100, 3.0)])
def test_bollinger(period: int, width: float) -> None:
    theirs = talib.BBANDS(CLOSE, period, width, width)
    for ours, other in zip(indicators.bollinger(CLOSE, period, width), theirs, strict=True):
        same(ours, other)


@pytest.mark.parametrize("period", [2, 20, 100])
def test_donchian(period: int) -> None:
    upper, middle, lower = indicators.donchian(HIGH, LOW, period)
    highest, lowest = talib.MAX(HIGH, period), talib.MIN(LOW, period)
    same(upper, highest, relative=0)
    same(lower, lowest, relative=0)
    same(middle, (highest + lowest) / 2)


@pytest.mark.parametrize("period", [2, 20, 252])
def test_rolling_standard_deviation(period: int) -> None:
    """TA-Lib subtracts squares of prices and so loses digits: only NumPy holds the 1e-9 (see the other file)."""
    same(indicators.rolling_std(CLOSE, period), talib.STDDEV(CLOSE, period), relative=1e-6, absolute=1e-5)


@pytest.mark.parametrize("periods", [(14, 3, 3), (5, 1, 1), (20, 5, 8)])
def test_stochastic(periods: tuple[int, int, int]) -> None:
    theirs = talib.STOCH(HIGH, LOW, CLOSE, periods[0], periods[1], 0, periods[2], 0)
    for ours, other in zip(indicators.stochastic(HIGH, LOW, CLOSE, *periods), theirs, strict=True):
        same(ours, other, absolute=1e-10)


@pytest.mark.parametrize("period", [2, 14, 50])
def test_directional_index(period: int) -> None:
    strength, plus, minus = indicators.adx(HIGH, LOW, CLOSE, period)
    same(strength, talib.ADX(HIGH, LOW, CLOSE, period))
    ready = ~np.isnan(strength)
    same(plus[ready], talib.PLUS_DI(HIGH, LOW, CLOSE, period)[ready], absolute=1e-10)
    same(minus[ready], talib.MINUS_DI(HIGH, LOW, CLOSE, period)[ready], absolute=1e-10)
