"""Requests for orders: every kind with every time in force is accepted or refused as the capability table says."""

import math
from itertools import product
from typing import Any

import pytest

from triplebar.contracts.capabilities import Capabilities, refusal
from triplebar.contracts.codes import OrderKind, TimeInForce
from triplebar.contracts.errors import OrderError
from triplebar.contracts.orders import OrderEvent, OrderRequest, OrderView

PRICES: dict[OrderKind, dict[str, float]] = {
    OrderKind.MARKET: {},
    OrderKind.LIMIT: {"limit": 10.0},
    OrderKind.STOP: {"trigger": 11.0},
    OrderKind.STOP_LIMIT: {"trigger": 11.0, "limit": 12.0},
    OrderKind.TRAILING_STOP: {"trail": 1.0},
    OrderKind.MARKET_IF_TOUCHED: {"trigger": 9.0},
}
RESTING = {"gtc", "day", "gtd"}
IMMEDIATE = {"ioc", "fok", "at_open", "at_close"}
TABLE = {
    "market": RESTING | IMMEDIATE,
    "limit": RESTING | IMMEDIATE,
    "stop": RESTING,
    "stop_limit": RESTING,
    "trailing_stop": RESTING,
    "market_if_touched": RESTING,
}


def request(kind: OrderKind, tif: TimeInForce, **more: Any) -> OrderRequest:
    expire = "2030-01-01T00:00:00Z" if tif is TimeInForce.GTD else None
    values = {"symbol": "X", "side": "buy", "quantity": 1, "kind": kind, "tif": tif, "expire": expire}
    return OrderRequest(**{**values, **PRICES[kind], **more})


@pytest.mark.feature("F-007")
@pytest.mark.parametrize(("kind", "tif"), list(product(OrderKind, TimeInForce)))
def test_every_kind_and_time_in_force_is_accepted_or_refused(kind: OrderKind, tif: TimeInForce) -> None:
    allowed = tif.text in TABLE[kind.text]
    assert Capabilities.all().supports(kind, tif) == allowed
    if allowed:
        assert request(kind, tif).kind is kind
    else:
        with pytest.raises(OrderError, match=f"{tif.text} is for market and limit orders, not {kind.text}"):
            request(kind, tif)


@pytest.mark.feature("F-007")
@pytest.mark.parametrize(("kind", "tif"), list(product(OrderKind, TimeInForce)))
def test_post_only_is_for_limit_orders_that_rest(kind: OrderKind, tif: TimeInForce) -> None:
    allowed = kind is OrderKind.LIMIT and tif.text in RESTING
    assert (refusal(kind, tif, post_only=True) is None) == allowed


BAD: list[tuple[dict[str, Any], str]] = [
    ({"kind": "iceberg"}, "OrderKind has no 'iceberg'"),
    ({"kind": "LIMIT"}, "did you mean 'limit'"),
    ({"kind": 3}, "OrderKind has no 3"),
    ({"side": "long"}, "Side has no 'long'"),
    ({"tif": "forever"}, "TimeInForce has no 'forever'"),
    ({"quantity": 0}, "quantity = 0"),
    ({"quantity": -1}, "quantity = -1"),
    ({"quantity": math.nan}, "quantity = nan"),
    ({"quantity": math.inf}, "quantity = inf"),
    ({"quantity": "1"}, "quantity = '1'"),
    ({"quantity": True}, "quantity = True"),
    ({"quantity": None}, "quantity = None"),
    ({"limit": 10.0}, "a market order takes no price"),
    ({"kind": "limit"}, "a limit order takes limit"),
    ({"kind": "limit", "limit": -1.0}, "limit = -1.0"),
    ({"kind": "limit", "limit": 1.0, "trigger": 1.0}, "a limit order takes limit"),
    ({"kind": "stop_limit", "limit": 1.0}, "limit and trigger"),
    ({"kind": "trailing_stop"}, "trail or trail_percent"),
    ({"kind": "trailing_stop", "trail": 1.0, "trail_percent": 1.0}, "trail or trail_percent"),
    ({"tif": "gtd"}, "a gtd order needs expire"),
    ({"expire": "2030-01-01T00:00:00Z"}, "expire is for gtd orders, not gtc"),
    ({"tif": "gtd", "expire": "tomorrow"}, "expire: 'tomorrow' is not a time"),
    ({"post_only": True}, "post_only is for limit orders, not market"),
]


@pytest.mark.feature("F-007")
@pytest.mark.parametrize(("values", "message"), BAD)
def test_a_request_that_makes_no_sense_is_a_value_error_that_says_so(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        OrderRequest(**{"symbol": "X", "side": "buy", "quantity": 1, **values})
    assert isinstance(caught.value, OrderError)
    assert caught.value.where == "X"


def test_what_a_strategy_sees_of_an_order() -> None:
    view = OrderView(1, "X", -1, "limit", "gtc", "partially_filled", "none", 10.0, 4.0, 99.5, None, "entry")
    assert (view.live, view.remaining) == (True, 6.0)
    done = OrderView(1, "X", -1, "limit", "gtc", "canceled", "by_strategy", 10.0, 4.0, 99.5, None, "entry")
    assert not done.live
    assert OrderEvent("canceled", "by_strategy", 1, "X", 10**9).time.second == 1
