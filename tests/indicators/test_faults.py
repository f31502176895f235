"""Parameters, columns and stored states that make no sense: one clear error each, and never a crash."""

import contextlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indicators.cases import CASES, Case
from triplebar.strategy import indicators


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: indicators.SMA(0), "SMA: period must be between 1 and 1000000, got 0"),
        (lambda: indicators.EMA(-3), "EMA: period must be between 1 and 1000000, got -3"),
        (lambda: indicators.WMA(10**12), "WMA: period must be between 1 and 1000000"),
        (lambda: indicators.RSI(0), "RSI: period"),
        (lambda: indicators.ROC(0), "ROC: period"),
        (lambda: indicators.ATR(0), "ATR: period"),
        (lambda: indicators.ADX(1), "ADX: period must be between 2"),
        (lambda: indicators.Donchian(0), "Donchian: period"),
        (lambda: indicators.Stochastic(14, 0, 3), "Stochastic: smooth"),
        (lambda: indicators.Stochastic(14, 3, 0), "Stochastic: signal"),
        (lambda: indicators.RollingStd(1, sample=True), "RollingStd: period must be between 2"),
        (lambda: indicators.ZScore(0), "ZScore: period"),
        (lambda: indicators.MACD(26, 12, 9), "MACD: fast (26) must be less than slow (12)"),
        (lambda: indicators.MACD(12, 26, 0), "MACD: signal"),
        (lambda: indicators.Bollinger(20, 0.0), "Bollinger: width must be a finite number above 0, got 0"),
        (lambda: indicators.Bollinger(20, math.nan), "Bollinger: width"),
        (lambda: indicators.VWAP(0), "VWAP: period"),
        (lambda: indicators.sma([1.0], 0), "SMA: period"),
    ],
)
def test_a_parameter_that_makes_no_sense(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        make()
    assert words in str(caught.value)


@pytest.mark.parametrize("period", ["10", 10.5, None])
def test_a_period_is_a_whole_number(period: Any) -> None:
    with pytest.raises(TypeError, match="period"):
        indicators.SMA(period)


def test_a_value_is_a_number() -> None:
    with pytest.raises(TypeError, match="must be real number"):
        indicators.SMA(2).update("1.0")  # type: ignore[arg-type]


def test_columns_are_equally_long() -> None:
    with pytest.raises(ValueError, match="columns of 2 and 1 rows"):
        indicators.true_range([1.0, 2.0], [1.0], [1.0, 2.0])


def test_a_column_has_one_dimension() -> None:
    with pytest.raises(ValueError, match="one dimension, this array has 2"):
        indicators.sma(np.zeros((2, 2)), 1)


def test_a_column_is_made_of_numbers() -> None:
    with pytest.raises(ValueError, match="could not convert"):
        indicators.sma(["a"], 1)


def test_columns_of_other_types_are_converted() -> None:
    whole = np.arange(10)
    expected = indicators.sma(whole.astype(float), 3).tobytes()
    assert indicators.sma(whole, 3).tobytes() == expected
    assert indicators.sma(list(range(10)), 3).tobytes() == expected
    assert indicators.sma(np.arange(20.0)[::2] / 2, 3).tobytes() == expected
    assert indicators.sma([], 3).tolist() == []


def test_a_column_is_not_changed() -> None:
    values = np.arange(5.0)
    indicators.sma(values, 2)
    assert values.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_the_state_of_another_indicator() -> None:
    with pytest.raises(ValueError, match="MACD: this is not a stored state"):
        indicators.MACD().__setstate__(b"")


@given(case=st.sampled_from(CASES), state=st.binary(max_size=200))
def test_a_stored_state_that_is_not_one(case: Case, state: bytes) -> None:
    """Any bytes either are a state or are refused; whatever was taken can be used without a crash."""
    indicator = case.make()
    with contextlib.suppress(ValueError):  # "this is not a stored state"
        indicator.__setstate__(state)
    for _ in range(5):
        indicator.update(*(1.5 for _ in case.columns))


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        indicators.SMA(3).period = 4  # type: ignore[misc]
