"""Quotes, bars and fills survive the way to NautilusTrader and back (F-127)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.codes import Side
from triplebar.contracts.fills import Fill
from triplebar.engines.nautilus import events
from triplebar.engines.nautilus.data import bar_type
from triplebar.engines.nautilus.instruments import fine_currency, instrument_id
from triplebar.engines.nautilus.translator import Grid

ID = instrument_id(0)
MINUTE = bar_type(0, 60 * 10**9)
USD = fine_currency("USD", 8)
grids = st.builds(Grid, st.just("X"), st.integers(0, 8), st.integers(0, 6))
ticks = st.integers(1, 10**9)
lots = st.integers(1, 10**9)
times = st.integers(0, 2**62)


@pytest.mark.feature("F-127")
@given(grids, ticks, ticks, st.integers(0, 10**9), times)
def test_quotes_go_there_and_back(grid: Grid, one: int, other: int, size: int, time_ns: int) -> None:
    bid, ask = (each / 10.0**grid.price_precision for each in sorted((one, other)))
    quote = Quote("X", time_ns, bid=bid, ask=ask, volume=size / 10.0**grid.size_precision)
    assert events.from_guest_quote(events.to_guest_quote(quote, grid, ID), grid) == quote


@pytest.mark.feature("F-127")
@given(grids, st.lists(ticks, min_size=4, max_size=4), st.integers(0, 10**9), times, st.integers(0, 9))
def test_bars_go_there_and_back(grid: Grid, prices: list[int], size: int, time_ns: int, index: int) -> None:
    low, opened, close, high = (each / 10.0**grid.price_precision for each in sorted(prices))
    volume = size / 10.0**grid.size_precision
    bar = Bar("X", time_ns, open=opened, high=high, low=low, close=close, volume=volume, index=index)
    assert events.from_guest_bar(events.to_guest_bar(bar, grid, MINUTE), grid, index) == bar


@pytest.mark.feature("F-127")
@given(
    grids,
    ticks,
    lots,
    st.integers(-(10**12), 10**12),
    times,
    st.sampled_from(("maker", "taker")),
    st.sampled_from((1, -1)),
)
def test_fills_go_there_and_back(
    grid: Grid, price: int, size: int, fee: int, time_ns: int, role: str, side: int
) -> None:
    fill = Fill(
        order=7,
        symbol="X",
        side=side,
        quantity=size / 10.0**grid.size_precision,
        price=price / 10.0**grid.price_precision,
        fee=fee / 10.0**8,
        time_ns=time_ns,
        role=role,
        moment="path",
        tag="entry",
    )
    assert events.from_guest_fill(events.to_guest_fill(fill, grid, ID, USD), grid, 7, "path", "entry") == fill


@pytest.mark.feature("F-127")
def test_a_side_that_is_missing_is_the_last_price() -> None:
    grid = Grid("X", 2, 0)
    tick = events.to_guest_quote(Quote("X", 5, ask=101.0, last=100.5), grid, ID)
    assert (str(tick.bid_price), str(tick.ask_price)) == ("100.50", "101.00")
    assert events.from_guest_quote(tick, grid).price(Side.SELL) == 100.5


@pytest.mark.feature("F-127")
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: events.units(1.005, 2, "price of X"), "price of X 1.005 is not on the grid of 2 decimals"),
        (lambda _: events.units(float("nan"), 2, "price of X"), "price of X nan is not on the grid"),
        (lambda grid: grid.ticks(Grid("X", 3, 0).price(1)), "price 0.001 of X is not on the grid"),
        (lambda grid: grid.lots(Grid("X", 2, 3).size(1)), "size 0.001 of X is not on the grid"),
        (lambda grid: grid.price(2 * 10**15), r"price of X 2e\+13 is beyond"),
    ],
)
def test_what_cannot_be_said_there_is_an_error(make: Any, message: str) -> None:
    with pytest.raises(tb.errors.TranslationError, match=message):
        make(Grid("X", 2, 0))


@pytest.mark.feature("F-127")
def test_a_fill_of_nobody_is_an_error() -> None:
    grid = Grid("X", 2, 0)
    fill = Fill(order=1, symbol="X", side=1, quantity=50.0, price=10.0, fee=0.0, time_ns=0)
    event = events.to_guest_fill(fill, grid, ID, USD)
    nothing = type(event).from_dict({**type(event).to_dict(event), "liquidity_side": "NO_LIQUIDITY_SIDE"})
    with pytest.raises(tb.errors.TranslationError, match="neither maker nor taker"):
        events.from_guest_fill(nothing, grid, 1)
    free = type(event).from_dict({**type(event).to_dict(event), "last_px": "-1.00"})
    with pytest.raises(tb.errors.TranslationError, match=r"nautilus: fill of order 1: price = -1.0 is not above 0"):
        events.from_guest_fill(free, grid, 1)
