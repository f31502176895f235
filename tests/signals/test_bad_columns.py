"""Columns that do not fit are refused before anything runs, by symbol and row (F-011)."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import triplebar as tb

MARKET = tb.Market.synthetic(symbols=("A", "B"), bars=4, seed=1)
TIMES = MARKET.series("A").time
GOOD = [0.0, 1.0, 0.0, 0.0]


def table(**changes: Any) -> dict[str, Any]:
    return {"time": TIMES, "symbol": ["A"] * 4, "value": GOOD, **changes}


def orders(**changes: Any) -> dict[str, Any]:
    return {"time": [int(TIMES[1])], "symbol": ["A"], "quantity": [1.0], **changes}


CASES = [
    ({"target": [1.0, float("nan")]}, r"target, row 1: nan is not a finite number"),
    ({"target": {"A": [1.0, float("inf")]}}, r"target of A, row 1: inf is not a finite number"),
    ({"weights": pa.array([1.0, None])}, r"weights, row 1: null is not a number"),
    ({"target": np.zeros((2, 2))}, r"target: has 2 dimensions"),
    ({"target": [[1.0], [1.0, 2.0]]}, r"target: is no column"),
    ({"target": ["a", "b"]}, r"target: .* are not numbers"),
    ({"target": {}}, r"target: is empty"),
    ({"target": {1: GOOD}}, r"target: 1 is no symbol"),
    ({}, r"nothing given; give one of target, weights, orders"),
    ({"target": GOOD, "weights": GOOD}, r"target and weights given"),
    ({"weights": GOOD, "rebalance": "daily"}, r"rebalance = 'daily'"),
    ({"target": GOOD}, r"target: is one column for 2 instruments"),
    ({"target": {"A": GOOD[:3]}}, r"target of A, row 3: has 3 values for 4 bars"),
    ({"target": {"A": [*GOOD, 1.0]}}, r"target of A, row 4: has 5 values for 4 bars"),
    ({"target": {"AA": GOOD}}, r"Unknown instrument 'AA'; did you mean 'A'"),
    ({"target": table(time=TIMES[::-1])}, r"target of A, row 0: the value is for .*, the bar is that of"),
    ({"target": table(time=TIMES[:3], symbol=["A"] * 3, value=GOOD[:3])}, r"target of A, row 3: has 3 values"),
    ({"target": table(value=["a"] * 4)}, r"target: .* are not numbers"),
    ({"target": {"time": TIMES, "symbol": ["A"] * 4, "vale": GOOD}}, r"no column 'value'; did you mean 'vale'"),
    ({"target": table(time=pa.array(TIMES, pa.timestamp("ns")))}, r"time has no zone"),
    ({"target": table(time=[0.5] * 4)}, r"time is no time"),
    ({"orders": orders(quantity=[0.0])}, r"orders, row 0, A: quantity is 0"),
    ({"orders": orders(limit=[-1.0])}, r"orders, row 0, A: limit = -1.0 is no price"),
    ({"orders": orders(tif=["gtx"])}, r"tif = 'gtx' is not possible here; did you mean 'gtc'"),
    ({"orders": orders(limt=[1.0])}, r"column 'limt' that is not known; did you mean 'limit'"),
    ({"orders": orders(time=[5])}, r"orders, row 0, A: there is no bar at"),
    ({"orders": orders(symbol=["C"])}, r"Unknown instrument 'C'"),
    ({"orders": {"time": [1], "symbol": ["A"]}}, r"orders: has no column 'quantity'"),
    ({"orders": 5}, r"orders: is no table"),
]


@pytest.mark.feature("F-011")
@pytest.mark.parametrize(("keywords", "message"), CASES, ids=[message for _, message in CASES])
def test_what_does_not_fit_is_named(keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(tb.TradingError, match=message):
        tb.run(tb.Signals(**keywords), MARKET)


ROWS = [
    ({"quantity": [1.0, "a"]}, r"orders, quantity, row 1: 'a' has no place in this column; give values of one kind"),
    ({"quantity": [[1.0], 2.0]}, r"orders, quantity, row 1: 2.0 has no place"),
    ({"quantity": np.ones((2, 2))}, r"orders, quantity, row 0: .* has no place"),
    ({"quantity": np.array([1j, 2.0])}, r"orders, quantity, row 0: .* has no place"),
    ({"quantity": [1.0]}, r"orders, quantity, row 1: has 1 rows, but time has 2"),
    ({"quantity": np.int64(1)}, r"orders, quantity: .* is no column"),
    ({"quantity": np.array(1.0)}, r"orders, quantity: .* is no column"),
    ({"quantity": [{"a": 1}, {"a": 2}]}, r"orders, quantity: is of kind struct"),
    ({"symbol": "A"}, r"orders, symbol: 'A' is no column"),
    ({"symbol": [b"A", b"A"]}, r"orders, symbol: is of kind binary"),
    ({"time": np.array([5, 2**63 + 1], dtype=np.uint64)}, r"orders, time, row 1: 9223372036854775809 is no time"),
    ({"time": pa.array([5, 2**60], pa.timestamp("s", "UTC"))}, r"orders, time: .*; give times from 1678 to 2261"),
    ({"limit": ["a", "b"]}, r"orders, row 0, A: limit = 'a' is no price"),
    ({"tif": [np.int64(1), "gtc"]}, r"orders, tif, row 1: 'gtc' has no place"),
    ({"post_only": ["yes", "no"]}, r"orders, row 0, A: post_only = 'yes' is neither true nor false"),
]


@pytest.mark.parametrize(("changes", "message"), ROWS, ids=[message for _, message in ROWS])
def test_an_order_that_cannot_be_read_is_named_by_column_and_row(changes: dict[str, Any], message: str) -> None:
    given = {"time": TIMES[:2], "symbol": ["A", "A"], "quantity": [1.0, 1.0], **changes}
    with pytest.raises(tb.DataError, match=message):
        tb.run(tb.Signals(orders=given), MARKET)


def test_a_frame_that_cannot_be_read_is_named_by_column_and_row() -> None:
    frame = pd.DataFrame({"time": TIMES[:2], "symbol": ["A", "A"], "quantity": [1.0, "a"]})
    with pytest.raises(tb.DataError, match=r"orders, quantity, row 1: 'a' has no place"):
        tb.Signals(orders=frame)
    with pytest.raises(tb.DataError, match=r"orders: is no table: .*; give columns with names"):
        tb.Signals(orders=pa.chunked_array([[1.0]]))


def test_switches_of_orders_may_be_missing_and_there_may_be_no_orders() -> None:
    given = orders(limit=[500.0], post_only=[None], reduce_only=[float("nan")])
    assert tb.run(tb.Signals(orders=given), MARKET).orders.num_rows == 1
    assert tb.run(tb.Signals(orders={"time": [], "symbol": [], "quantity": []}), MARKET).orders.num_rows == 0


def test_good_columns_pass() -> None:
    assert tb.run(tb.Signals(target=table()), MARKET).fills.num_rows == 2
    assert tb.run(tb.Signals(orders=orders()), MARKET).fills.num_rows == 1


def test_signals_have_no_parameters_to_change() -> None:
    with pytest.raises(tb.StrategyError, match="no parameter 'size'"):
        tb.Signals(target=GOOD).clone(size=2)
