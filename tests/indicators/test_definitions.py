"""The definitions hold for any prices on a grid, checked against an oracle in NumPy."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indicators import oracle
from tests.indicators.cases import same, walk
from triplebar.strategy import indicators

Floats = npt.NDArray[np.float64]

ticks = st.lists(st.integers(1, 1_000_000), min_size=1, max_size=80)
near = st.lists(st.integers(1_000_000, 1_000_020), min_size=1, max_size=80)
"""Prices that move by some ticks in a million: what cancels badly shows here."""
prices = (ticks | near).map(lambda each: np.array(each) / 100.0)
periods = st.integers(1, 30)


@given(values=prices, period=periods)
def test_means(values: Floats, period: int) -> None:
    same(indicators.sma(values, period), oracle.sma(values, period), relative=1e-15)
    same(indicators.wma(values, period), oracle.wma(values, period), relative=1e-13)
    same(indicators.ema(values, period), oracle.ema(values, period), relative=1e-12, absolute=1e-15 * values.max())


@given(values=prices, period=periods)
def test_relative_strength_lies_between_0_and_100(values: Floats, period: int) -> None:
    ours = indicators.rsi(values, period)
    same(ours, oracle.rsi(values, period), absolute=1e-9)
    known = ours[~np.isnan(ours)]
    assert ((known >= 0) & (known <= 100)).all()


@given(values=prices, period=st.integers(2, 30), sample=st.booleans())
def test_deviation_and_score(values: Floats, period: int, sample: bool) -> None:
    deviation = oracle.rolling_std(values, period, sample)
    same(indicators.rolling_std(values, period, sample=sample), deviation, absolute=1e-12)
    same(indicators.z_score(values, period, sample=sample), oracle.z_score(values, period, sample), absolute=1e-9)


@given(values=prices, period=periods)
def test_the_deviation_of_equal_prices_is_exactly_zero(values: Floats, period: int) -> None:
    level = np.full(len(values), values[0])
    assert np.nan_to_num(indicators.rolling_std(level, period)).tolist() == [0.0] * len(level)
    assert np.nan_to_num(indicators.z_score(level, period)).tolist() == [0.0] * len(level)


@given(values=prices, period=st.integers(2, 30), width=st.floats(0.1, 5))
def test_bands_lie_around_the_mean(values: Floats, period: int, width: float) -> None:
    upper, middle, lower = indicators.bollinger(values, period, width)
    deviation = oracle.rolling_std(values, period, sample=False)
    same(middle, oracle.sma(values, period))
    same(upper - middle, width * deviation, absolute=1e-9)
    same(middle - lower, width * deviation, absolute=1e-9)


@given(values=prices, period=periods)
def test_channels_are_extremes(values: Floats, period: int) -> None:
    upper, middle, lower = indicators.donchian(values + 1, values, period)
    same(upper, oracle.highest(values + 1, period), relative=0)
    same(lower, -oracle.highest(-values, period), relative=0)
    same(middle, (upper + lower) / 2, relative=0)


@given(values=prices, period=st.none() | periods, seed=st.integers(0, 99))
def test_volume_weighted_price(values: Floats, period: int | None, seed: int) -> None:
    volume = np.random.default_rng(seed).integers(0, 3, len(values)).astype(float)
    same(indicators.vwap(values, volume, period), oracle.vwap(values, volume, period), relative=1e-12)


def test_a_new_session_starts_the_volume_weighted_price_over() -> None:
    prices_of, sessions = walk(60, seed=3), np.repeat([4, 5, 9], 20)
    whole = indicators.vwap(prices_of["close"], prices_of["volume"], session=sessions)
    parts = [
        indicators.vwap(prices_of["close"][start : start + 20], prices_of["volume"][start : start + 20])
        for start in (0, 20, 40)
    ]
    assert whole.tobytes() == np.concatenate(parts).tobytes()
    streamed = indicators.VWAP()
    for close, volume, session, value in zip(prices_of["close"], prices_of["volume"], sessions, whole, strict=True):
        assert streamed.update(float(close), float(volume), int(session)) == pytest.approx(value, rel=0, nan_ok=True)


def test_nothing_traded_is_no_price() -> None:
    average = indicators.VWAP()
    assert math.isnan(average.update(10.0, 0.0))
    assert not average.ready
    assert average.update(10.0, 2.0) == 10.0
    assert average.update(99.0, -1.0) == 10.0  # a negative volume is not counted


def test_true_range_of_a_gap() -> None:
    high, low, close = np.array([10.0, 15.0, 11.0]), np.array([9.0, 14.0, 8.0]), np.array([9.5, 14.5, 9.0])
    assert indicators.true_range(high, low, close)[1:].tolist() == [5.5, 6.5]
    same(indicators.true_range(high, low, close), oracle.true_range(high, low, close))


def test_a_price_that_does_not_move_is_neutral() -> None:
    still = np.full(20, 5.0)
    assert indicators.rsi(still, 3)[-1] == 50.0
    assert indicators.stochastic(still, still, still, 3, 1, 1)[0][-1] == 50.0
    assert indicators.adx(still, still, still, 3)[0][-1] == 0.0


def test_the_mean_does_not_drift() -> None:
    """After two hundred thousand steps, with values of very different size gone by, it is still the exact mean."""
    generator = np.random.default_rng(5)
    values = generator.choice([0.01, 1e5, 123.456, 9e12], 200_000)
    values[-50:] = np.round(generator.uniform(1, 2, 50), 2)
    assert indicators.sma(values, 50)[-1] == pytest.approx(math.fsum(values[-50:]) / 50, rel=1e-15)
