"""Copy sizes, weighted targets, and the orders between what is held and what is wanted."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.risk import Rebalance, copy_size, rebalance, weigh_targets

MARKS = {"BTC": 50_000.0, "ETH": 2_500.0}
RULES = Rebalance(slippage_bps={"BTC": 3, "ETH": 5, "default": 15})


def side(symbol: str, value: float, column: str) -> dict[str, list[Any]]:
    return {"symbol": [symbol], "side": [1 if value > 0 else -1], column: [abs(value)]}


def orders(current: float, target: float, symbol: str = "BTC", **rules: Any) -> list[dict[str, Any]]:
    held = side(symbol, current, "current_usd") if current else {}
    wanted = side(symbol, target, "target_usd") if target else {}
    found: list[dict[str, Any]] = rebalance(held, wanted, MARKS, RULES.replace(**rules)).to_pylist()
    return found


@pytest.mark.feature("F-215")
def test_copy_size() -> None:
    assert copy_size(10_000.0, 100_000.0, 20_000.0) == 1_000.0
    assert copy_size(10_000.0, 100_000.0, 20_000.0, ratio=0.25) == 500.0
    assert copy_size(10_000.0, 0.0, 20_000.0) == 0.0
    assert copy_size(10_000.0, -5.0, 20_000.0) == 0.0
    assert copy_size(0.0, 100.0, 20_000.0) == 0.0
    assert copy_size(10.0, 100_000.0, 20_000.0) == 1.0
    column = pa.chunked_array([[20_000.0], [0.0]])
    sizes = copy_size([10_000.0] * 2, pa.array([100_000.0] * 2), column)
    assert isinstance(sizes, pa.Array)
    assert sizes.to_pylist() == [1_000.0, 0.0]


@pytest.mark.feature("F-215")
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1.0, 1.0, -1.0), "column position_usd, row 0: the amount is negative"),
        ((1.0, float("nan"), 1.0), "column trader_account, row 0: NaN"),
        (([1.0, None], [1.0, 1.0], [1.0, 1.0]), "column account_value: a value is missing"),
        (([1.0], [1.0, 1.0], [1.0, 1.0]), r"columns of \[1, 2\] rows"),
        ((1e12, 0.01, 1e12), "row 0: the size to copy is too large"),
    ],
)
def test_what_cannot_be_copied_is_named(values: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(DataQualityError, match=message):
        copy_size(*values)


@pytest.mark.parametrize("ratio", [-0.1, "half", 1_001])
def test_a_ratio_is_checked(ratio: Any) -> None:
    with pytest.raises(ConfigError, match="ratio"):
        copy_size(1.0, 1.0, 1.0, ratio=ratio)


COPIES: dict[str, list[Any]] = {
    "group": [1, 1, 1, 1, 2],
    "trader": ["a", "a", "b", "c", "a"],
    "score": [0.6, 0.6, 0.3, 0.1, 0.5],
    "symbol": ["BTC", "ETH", "BTC", "ETH", "BTC"],
    "side": [1, -1, 1, 1, -1],
    "copy_usd": [1_000.0, 500.0, 100.0, 0.0, 10.0],
    "account_value": [5_000.0] * 4 + [6_000.0],
}


@pytest.mark.feature("F-215")
def test_traders_count_by_score() -> None:
    out = weigh_targets(COPIES)
    assert out.column_names == ["group", "symbol", "side", "account_value", "target_usd"]
    rows = [tuple(row.values()) for row in out.to_pylist()]
    assert rows == [(1, "BTC", 1, 5_000.0, 630.0), (1, "ETH", -1, 5_000.0, 300.0), (2, "BTC", -1, 6_000.0, 10.0)]


@pytest.mark.feature("F-215")
def test_nobody_with_a_score_is_an_empty_target() -> None:
    assert weigh_targets({**COPIES, "score": [0.0] * 5}).num_rows == 0


@pytest.mark.feature("F-215")
@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("score", [0.6, 0.5, 0.3, 0.1, 0.5], "column score, row 1: the trader has another score"),
        ("score", [0.6, 0.6, -0.3, 0.1, 0.5], "column score, row 2: -0.3 is no score"),
        ("score", [0.6, 0.6, float("nan"), 0.1, 0.5], "column score, row 2: NaN is no score"),
        ("score", [1, 1, 1, 1, 1], "column score has the type"),
        ("trader", ["a", None, "b", "c", "a"], "column trader, row 1: the value is missing"),
        ("side", [1, 3, 1, 1, 1], "column side, row 1: 3 is no side"),
        ("copy_usd", [1.0, -1.0, 1.0, 1.0, 1.0], "column copy_usd, row 1: the amount is negative"),
    ],
)
def test_bad_copies_are_named(column: str, values: list[Any], message: str) -> None:
    with pytest.raises(DataQualityError, match=message):
        weigh_targets({**COPIES, column: values})


@pytest.mark.feature("F-218")
@pytest.mark.parametrize(
    ("current", "target", "expected"),
    [
        (0.0, 500.0, [("open", 1, 500.0)]),
        (0.0, -500.0, [("open", -1, 500.0)]),
        (500.0, 0.0, [("close", -1, 500.0)]),
        (-500.0, 0.0, [("close", 1, 500.0)]),
        (1_000.0, 1_080.0, []),
        (1_000.0, 1_100.0, [("increase", 1, 100.0)]),
        (1_000.0, 1_120.0, [("increase", 1, 120.0)]),
        (1_000.0, 880.0, [("decrease", -1, 120.0)]),
        (500.0, -300.0, [("close", -1, 500.0), ("open", -1, 300.0)]),
        (-500.0, 300.0, [("close", 1, 500.0), ("open", 1, 300.0)]),
    ],
)
def test_the_four_cases(current: float, target: float, expected: list[tuple[str, int, float]]) -> None:
    found = [(row["action"], row["side"], row["delta_usd"]) for row in orders(current, target)]
    assert found == expected


@pytest.mark.feature("F-219")
@pytest.mark.parametrize(
    ("current", "target", "kind", "limit"),
    [
        (1_000.0, 0.0, "market", None),
        (1_000.0, 500.0, "market", None),
        (0.0, 500.0, "market", None),
        (1_000.0, 1_150.0, "limit", 50_015.0),
        (1_000.0, 1_200.0, "limit", 50_015.0),
        (1_000.0, 1_200.01, "market", None),
        (-1_000.0, -1_150.0, "limit", 49_985.0),
    ],
)
def test_order_type_and_limit_price(current: float, target: float, kind: str, limit: float | None) -> None:
    (row,) = orders(current, target)
    assert (row["order_type"], row["limit_price"]) == (kind, limit)
    assert row["reduce_only"] is (row["action"] in {"close", "decrease"})


@pytest.mark.feature("F-219")
def test_tokens_without_an_allowance_of_their_own_have_the_default() -> None:
    held, wanted = (side("DOGE", value, column) for value, column in ((100.0, "current_usd"), (115.0, "target_usd")))
    (row,) = rebalance(held, wanted, {"DOGE": 1.0}, RULES).to_pylist()
    assert row["limit_price"] == 1.0015
    with pytest.raises(DataQualityError, match="DOGE: no slippage_bps; add"):
        rebalance(held, wanted, {"DOGE": 1.0}, Rebalance(slippage_bps={"BTC": 3}))


@pytest.mark.feature("F-218")
def test_money_is_freed_before_it_is_spent() -> None:
    held = {"symbol": list("ABCD"), "side": [1] * 4, "current_usd": [100.0, 100.0, 100.0, 100.0]}
    wanted = {"symbol": list("EBCD"), "side": [1] * 4, "target_usd": [50.0, 200.0, 50.0, -0.0]}
    found = rebalance(held, wanted, dict.fromkeys("ABCDE", 10.0)).to_pylist()
    assert [(row["action"], row["symbol"]) for row in found] == [
        ("close", "A"), ("close", "D"), ("decrease", "C"), ("increase", "B"), ("open", "E"),
    ]  # fmt: skip


@pytest.mark.feature("F-218")
def test_groups_stay_apart() -> None:
    held = {"group": [2, 1], "symbol": ["A", "A"], "side": [1, 1], "current_usd": [100.0, 100.0]}
    wanted = {"group": [1], "symbol": ["A"], "side": [-1], "capped_usd": [40.0]}
    found = rebalance(held, wanted, {"A": 10.0}).to_pylist()
    assert [(row["group"], row["action"], row["quantity"]) for row in found] == [
        (1, "close", 10.0), (1, "open", 4.0), (2, "close", 10.0),
    ]  # fmt: skip


@pytest.mark.feature("F-218")
def test_nothing_held_and_nothing_wanted_is_nothing_to_do() -> None:
    assert rebalance({}, {}, {}).num_rows == 0


@pytest.mark.feature("F-218")
def test_sizes_are_whole_lots_and_lean_to_less_risk() -> None:
    assert orders(0.0, 100.0, size_decimals=3)[0]["quantity"] == 0.002
    assert orders(0.0, 99.99, size_decimals=3)[0]["quantity"] == 0.001
    assert orders(99.99, 0.0, size_decimals=3)[0]["quantity"] == 0.002


@pytest.mark.feature("F-218")
@settings(max_examples=100)
@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_the_orders_lead_to_the_target_within_the_band(current: int, target: int) -> None:
    moved = sum(row["side"] * round(row["delta_usd"] * 100) for row in orders(current / 100, target / 100))
    missing = abs(target - current - moved)
    assert missing == 0 or missing * 10 < abs(current)


HELD = {"symbol": ["BTC"], "side": [1], "current_usd": [100.0]}


@pytest.mark.feature("F-218")
@pytest.mark.parametrize(
    ("changes", "marks", "message"),
    [
        ({"side": [2]}, MARKS, "held, row 0: 2 is no side"),
        ({"side": [None]}, MARKS, "held, row 0: None is no side"),
        ({"current_usd": [float("nan")]}, MARKS, "held, row 0: the amount nan"),
        ({"current_usd": [None]}, MARKS, "held, row 0: the amount None"),
        ({"current_usd": [-1.0]}, MARKS, "held, row 0: the amount -1.0"),
        ({"symbol": [None]}, MARKS, "held, row 0: a name is missing"),
        ({}, {}, "BTC: no mark"),
        ({}, {"BTC": 0.0}, "column mark, row 0: 0 is no price"),
        ({}, {"BTC": -1.0}, "column mark, row 0: -1 is no price"),
        ({}, {"BTC": float("nan")}, "column mark, row 0: NaN is no price"),
        (
            {"symbol": ["BTC", "BTC"], "side": [1, 1], "current_usd": [1.0, 2.0]},
            MARKS,
            "held, row 1: BTC stands there twice",
        ),
    ],
)
def test_bad_holdings_are_named(changes: dict[str, Any], marks: dict[str, float], message: str) -> None:
    with pytest.raises(DataQualityError, match=message):
        rebalance({**HELD, **changes}, {}, marks)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataQualityError, match="held: column current_usd is missing; there are: symbol, side"):
        rebalance({"symbol": ["BTC"], "side": [1]}, {}, MARKS)


@pytest.mark.parametrize(
    "values",
    [{"band": -1}, {"market_above": "x"}, {"slippage_bps": -3}, {"size_decimals": 10}, {"price_decimals": 0.5}],
)
def test_rules_are_checked(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        Rebalance(**values)
