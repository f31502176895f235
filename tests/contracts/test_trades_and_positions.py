"""Trades agree with themselves; positions carry their sign."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.errors import DataQualityError
from triplebar.contracts.fills import Fill
from triplebar.contracts.positions import Position
from triplebar.contracts.trades import Trade

PRICES = st.floats(0.01, 1e5)
DAY_NS = 86_400 * 10**9


def trade(**values: Any) -> Trade:
    base = {
        "symbol": "X", "side": 1, "quantity": 10.0, "entry_price": 100.0, "exit_price": 110.0,
        "entry_time_ns": 0, "exit_time_ns": 3 * DAY_NS, "fees": 2.0,
    }  # fmt: skip
    return Trade(**{**base, **values})


@pytest.mark.feature("F-009")
@given(st.sampled_from([1, -1]), PRICES, PRICES, st.floats(0.001, 1e4), st.floats(0, 100))
def test_profit_and_its_share_follow_from_prices_and_fees(
    side: int, entry: float, exit_: float, size: float, fees: float
) -> None:
    found = trade(side=side, entry_price=entry, exit_price=exit_, quantity=size, fees=fees)
    wanted = side * (exit_ - entry) * size - fees
    assert found.profit == pytest.approx(wanted, abs=0.01)
    assert found.profit_share == pytest.approx(wanted / (entry * size), abs=1e-4)
    again = replace(found)
    assert again == found
    with pytest.raises(DataQualityError, match="profit = "):
        replace(found, profit=found.profit + max(0.02, abs(found.profit) * 1e-6))


@pytest.mark.feature("F-009")
def test_the_tolerance_of_the_identities() -> None:
    assert trade(profit=98.009).profit == 98.009
    with pytest.raises(DataQualityError, match=r"profit = 98\.02"):
        trade(profit=98.02)
    assert trade(profit_share=0.09805).profit_share == 0.09805
    with pytest.raises(DataQualityError, match="profit_share"):
        trade(profit_share=0.0982)


@pytest.mark.feature("F-009")
def test_duration_and_order_of_times() -> None:
    assert trade().duration.days == 3
    assert trade(exit_time_ns=0).duration.total_seconds() == 0
    assert (trade().exit_time - trade().entry_time).days == 3
    with pytest.raises(DataQualityError, match="ends before it begins"):
        trade(exit_time_ns=-1)


@pytest.mark.feature("F-009")
@pytest.mark.parametrize(
    "values", [{"side": 0}, {"quantity": 0.0}, {"entry_price": -1.0}, {"exit_price": float("nan")}, {"multiplier": 0.0}]
)
def test_a_trade_that_cannot_be_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(DataQualityError, match="trade of X"):
        trade(**values)


@pytest.mark.feature("F-010")
@given(st.floats(0.001, 1e4), PRICES, PRICES, st.sampled_from([1.0, 50.0]))
def test_a_short_position_is_the_mirror_of_a_long_one(
    size: float, price: float, mark: float, multiplier: float
) -> None:
    long = Position("X", size, price, mark, multiplier)
    short = Position("X", -size, price, mark, multiplier)
    assert (long.side, short.side) == (1, -1)
    assert long.value == -short.value > 0
    assert long.unrealised == -short.unrealised
    assert (long.unrealised > 0) == (mark > price) or long.unrealised == 0


@pytest.mark.feature("F-010")
@pytest.mark.parametrize(
    ("quantity", "entry", "mark", "profit"),
    [
        (-1, 100, 95, 5),
        (-1, 100, 90, 10),
        (-1, 100, 97.25, 2.75),
        (-10, 100, 110, -100),
        (1, 100, 101.5, 1.5),
        (2, 100, 90, -20),
    ],
)
def test_profit_of_long_and_short_positions(quantity: float, entry: float, mark: float, profit: float) -> None:
    assert Position("X", quantity, entry, mark).unrealised == profit


@pytest.mark.feature("F-010")
def test_a_flat_position_has_no_price_and_no_value() -> None:
    flat = Position("X")
    assert (flat.side, flat.value, flat.unrealised) == (0, 0.0, 0.0)
    assert Position("X", 2, 100).value == 200
    for broken in (
        {"quantity": 1.0},
        {"average_price": 1.0},
        {"quantity": float("nan")},
        {"mark": 0.0},
        {"multiplier": 0.0},
    ):
        with pytest.raises(DataQualityError, match="position in X"):
            Position("X", **broken)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("side", 0),
        ("quantity", 0.0),
        ("quantity", float("inf")),
        ("price", -1.0),
        ("fee", float("nan")),
        ("role", "x"),
        ("moment", "x"),
    ],
)
def test_a_fill_that_cannot_be_is_refused(field: str, value: object) -> None:
    good = {"order": 1, "symbol": "X", "side": 1, "quantity": 1.0, "price": 1.0, "fee": 0.0, "time_ns": 0}
    assert Fill(**good).signed_quantity == 1.0  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"{value}|{field}"):
        Fill(**{**good, field: value})  # type: ignore[arg-type]
