"""Columns that do not fit are refused before anything runs, by symbol and row (F-011)."""

from typing import Any

import numpy as np
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


def test_good_columns_pass() -> None:
    assert tb.run(tb.Signals(target=table()), MARKET).fills.num_rows == 2
    assert tb.run(tb.Signals(orders=orders()), MARKET).fills.num_rows == 1


def test_signals_have_no_parameters_to_change() -> None:
    with pytest.raises(tb.StrategyError, match="no parameter 'size'"):
        tb.Signals(target=GOOD).clone(size=2)
