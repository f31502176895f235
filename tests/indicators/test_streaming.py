"""Streaming and columns give the same doubles; an indicator can be stored anywhere in between."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indicators.cases import CASES, Case, bits, walk
from triplebar.strategy import indicators

PRICES = walk(200, seed=11)
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def stored_and_read(indicator: Any) -> Any:
    return pickle.loads(pickle.dumps(indicator))  # noqa: S301 - our own bytes


def test_every_indicator_has_a_case() -> None:
    classes = {getattr(indicators, name) for name in indicators.__all__ if name[0].isupper()}
    assert {case.kind for case in CASES} == classes
    assert len(classes) == 15


@every_case
def test_streaming_is_the_column_bit_for_bit(case: Case) -> None:
    streamed, column = case.streamed(PRICES), case.column(PRICES)
    assert [bits(line) for line in streamed] == [bits(line) for line in column]
    assert not all(np.isnan(line).all() for line in column)


@every_case
@pytest.mark.feature("F-083")
def test_storing_it_half_way_changes_nothing(case: Case) -> None:
    def stored(row: int, indicator: Any) -> Any:
        return stored_and_read(indicator) if row % 3 == 0 else indicator

    assert [bits(line) for line in case.streamed(PRICES, stored)] == [bits(line) for line in case.column(PRICES)]


@every_case
def test_a_copy_goes_its_own_way(case: Case) -> None:
    def left_behind(row: int, indicator: Any) -> Any:
        twin = copy.deepcopy(indicator)
        twin.update(*(float(PRICES[name][0]) for name in case.columns))
        return indicator

    assert [bits(line) for line in case.streamed(PRICES, left_behind)] == [bits(line) for line in case.column(PRICES)]


@every_case
def test_reset_begins_anew(case: Case) -> None:
    first = case.column(PRICES)
    indicator = case.make()
    for _ in range(2):
        values = [indicator.update(*(float(PRICES[name][row]) for name in case.columns)) for row in range(200)]
        assert [bits(line) for line in np.array(values).reshape(200, -1).T] == [bits(line) for line in first]
        indicator.reset()
        assert not indicator.ready


@every_case
def test_ready_says_whether_there_is_a_value(case: Case) -> None:
    indicator = case.make()
    assert not indicator.ready
    for row in range(200):
        value = indicator.update(*(float(PRICES[name][row]) for name in case.columns))
        assert repr(value) == repr(indicator.value)
        assert indicator.ready is not math.isnan(np.atleast_1d(value)[0])
    assert indicator.ready


@every_case
def test_a_value_that_is_no_number_is_not_counted(case: Case) -> None:
    def disturbed(row: int, indicator: Any) -> Any:
        before = repr(indicator.value)
        for nothing in (math.nan, math.inf, -math.inf):
            assert repr(indicator.update(*(nothing for _ in case.columns))) == before
        return indicator

    assert [bits(line) for line in case.streamed(PRICES, disturbed)] == [bits(line) for line in case.column(PRICES)]


@every_case
def test_it_shows_its_parameters(case: Case) -> None:
    indicator = case.make()
    text = repr(indicator)
    assert text.startswith(f"{case.kind.__name__}(")
    assert "value=" in text
    assert "nan" in text
    for value in case.parameters:
        assert f"={value!r}" in text


def test_the_lines_are_attributes() -> None:
    bands, cross, trend, swing = (
        indicators.Bollinger(3),
        indicators.MACD(2, 3, 2),
        indicators.ADX(2),
        indicators.Stochastic(2, 1, 1),
    )
    channel = indicators.Donchian(2)
    for row in range(30):
        high, low, close = (float(PRICES[name][row]) for name in ("high", "low", "close"))
        assert repr(bands.update(close)) == repr((bands.upper, bands.middle, bands.lower))
        assert repr(cross.update(close)) == repr((cross.line, cross.signal, cross.histogram))
        assert repr(trend.update(high, low, close)) == repr((trend.adx, trend.plus, trend.minus))
        assert repr(swing.update(high, low, close)) == repr((swing.k, swing.d))
        assert repr(channel.update(high, low)) == repr((channel.upper, channel.middle, channel.lower))


def test_an_indicator_can_follow_another() -> None:
    strength, mean = indicators.RSI(3), indicators.SMA(4)
    chained = [mean.update(strength.update(float(price))) for price in PRICES["close"]]
    alone = indicators.sma(indicators.rsi(PRICES["close"], 3)[3:], 4)
    assert bits(np.array(chained[3:])) == bits(alone)


@given(split=st.integers(0, 200), case=st.sampled_from(CASES))
def test_stored_at_any_place(split: int, case: Case) -> None:
    def stored(row: int, indicator: Any) -> Any:
        return stored_and_read(indicator) if row == split else indicator

    assert [bits(line) for line in case.streamed(PRICES, stored)] == [bits(line) for line in case.column(PRICES)]
