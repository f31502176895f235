"""Bars and quotes: valid ones are made, every broken rule is refused."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.codes import Side
from triplebar.contracts.errors import DataQualityError

PRICES = st.floats(1e-8, 1e12)


@st.composite
def valid_bars(draw: st.DrawFn) -> Bar:
    low, middle, other, high = sorted(draw(st.lists(PRICES, min_size=4, max_size=4)))
    swap = draw(st.booleans())
    opened, closed = (other, middle) if swap else (middle, other)
    return Bar("X", draw(st.integers(0, 2**62)), opened, high, low, closed, draw(st.floats(0, 1e15)))


@pytest.mark.feature("F-005")
@given(valid_bars())
def test_a_valid_bar_is_made(bar: Bar) -> None:
    assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high


BREAKS: dict[str, Callable[[Bar], dict[str, Any]]] = {
    "open above high": lambda bar: {"open": math.nextafter(bar.high, math.inf)},
    "open below low": lambda bar: {"open": math.nextafter(bar.low, 0)},
    "close above high": lambda bar: {"close": math.nextafter(bar.high, math.inf)},
    "close below low": lambda bar: {"close": math.nextafter(bar.low, 0)},
    "low above high": lambda bar: {"low": math.nextafter(bar.high, math.inf)},
    "zero low": lambda _: {"low": 0.0},
    "negative close": lambda _: {"close": -1.0},
    "nan open": lambda _: {"open": math.nan},
    "infinite high": lambda _: {"high": math.inf},
    "negative volume": lambda _: {"volume": -1.0},
    "nan volume": lambda _: {"volume": math.nan},
    "infinite volume": lambda _: {"volume": math.inf},
    "time beyond 64 bits": lambda _: {"time_ns": 2**63},
}


@pytest.mark.feature("F-005")
@given(valid_bars(), st.sampled_from(sorted(BREAKS)))
def test_any_broken_rule_is_refused_with_symbol_and_time(bar: Bar, broken: str) -> None:
    with pytest.raises(DataQualityError) as caught:
        replace(bar, **BREAKS[broken](bar))
    assert caught.value.where is not None
    assert caught.value.where.startswith("X")


@pytest.mark.feature("F-006")
@given(PRICES, PRICES, PRICES)
def test_quotes_take_bid_and_ask_and_fall_back_to_the_last_price(first: float, second: float, last: float) -> None:
    bid, ask = sorted((first, second))
    assert Quote("X", 0, bid, ask, last).price(Side.BUY) == ask
    assert Quote("X", 0, bid, ask, last).price(Side.SELL) == bid
    assert Quote("X", 0, None, ask, last).price(Side.SELL) == last
    assert Quote("X", 0, bid, None, last).price(Side.BUY) == last
    assert Quote("X", 0, last=last).middle == last
    if bid < ask:
        with pytest.raises(DataQualityError, match="crossed"):
            Quote("X", 0, bid=ask, ask=bid, last=last)


@pytest.mark.feature("F-006")
@pytest.mark.parametrize(
    "values",
    [{}, {"bid": 1.0}, {"ask": 1.0}, {"bid": 0.0, "ask": 1.0}, {"last": math.nan}, {"last": 1.0, "volume": -1.0}],
)
def test_a_quote_without_usable_prices_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(DataQualityError):
        Quote("X", 0, **values)
