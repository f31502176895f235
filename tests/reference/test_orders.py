"""Which orders there are, which states they go through, and how a trailing stop follows."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.generators import random_case
from tests.reference.markets import market_of, rows, run
from triplebar.contracts.codes import EventKind, OrderFlag, OrderKind, OrderStatus, TimeInForce
from triplebar.engines.reference import ReferenceEngine
from triplebar.engines.reference.order import Order
from triplebar.strategy.script import Script

PRICES: dict[str, dict[str, Any]] = {
    "market": {},
    "limit": {"limit": 90},
    "stop": {"stop": 110},
    "stop_limit": {"stop": 110, "limit": 111},
    "trailing_stop": {"trail": 5},
    "market_if_touched": {"touch": 90},
}
ANYWHERE = {"gtc", "day", "gtd"}
FAR_NS = 2**62


def is_accepted(kind: str, tif: str, *, post_only: bool, has_expire: bool) -> bool:
    """The capability table, written down a second time."""
    if post_only and (kind != "limit" or tif not in ANYWHERE):
        return False
    if has_expire != (tif == "gtd"):
        return False
    return tif in ANYWHERE or kind in {"market", "limit"}


@pytest.mark.rule("S-40", "S-41")
@pytest.mark.feature("F-007", "F-063")
@pytest.mark.parametrize("kind", PRICES)
def test_every_kind_with_every_time_in_force(kind: str) -> None:
    assert set(PRICES) == set(OrderKind.texts())
    combinations = list(product(TimeInForce.texts(), (False, True), (False, True)))
    steps = [
        (0, "buy", {"symbol": "X", "quantity": 1, "tif": tif, "post_only": post_only} | PRICES[kind]
         | ({"expire": FAR_NS} if has_expire else {}))
        for tif, post_only, has_expire in combinations
    ]  # fmt: skip
    orders = rows(run(Script(steps), market_of([100, 100]), initial_cash=10**6), "orders")
    refused = [each["reason"] == 21 for each in orders]
    assert [OrderKind(each["kind"]).text for each in orders] == [kind] * len(steps)
    assert refused == [
        not is_accepted(kind, tif, post_only=post_only, has_expire=has_expire)
        for tif, post_only, has_expire in combinations
    ]


ENDS = {EventKind.CANCELED, EventKind.REJECTED, EventKind.EXPIRED}


@settings(max_examples=25)
@given(st.integers(0, 10**6))
@pytest.mark.rule("S-48")
@pytest.mark.feature("F-008")
def test_orders_go_through_legal_states_only_and_end_once(seed: int) -> None:
    case = random_case(seed)
    facts = ReferenceEngine().run(case.script(), case.market, case.settings)
    fills = rows(facts, "fills")
    for order in rows(facts, "orders"):
        events = [each for each in rows(facts, "events") if each["order"] == order["order"]]
        status, filled = OrderStatus.SUBMITTED, 0
        for event in events:
            assert not status.terminal, f"order {order['order']} goes on after its end: {events}"
            kind = EventKind(event["kind"])
            if kind is EventKind.ACCEPTED:
                assert status in (OrderStatus.SUBMITTED, OrderStatus.ACCEPTED)
                status = OrderStatus.ACCEPTED
            elif kind is EventKind.FILLED:
                filled += fills[event["value"]]["quantity"]
                assert fills[event["value"]]["order"] == order["order"]
                status = OrderStatus.PARTIALLY_FILLED
            elif kind in ENDS:
                assert kind is not EventKind.REJECTED or status is OrderStatus.SUBMITTED
                status = OrderStatus.from_text(kind.text)
            if kind is EventKind.FILLED and event is events[-1] and filled == order["quantity"]:
                status = OrderStatus.FILLED
        assert status == order["status"]
        assert status.terminal
        assert filled == order["filled"]
        assert (order["status"] == OrderStatus.FILLED) == (order["filled"] == order["quantity"] > 0)


@given(st.lists(st.integers(50, 150), min_size=1), st.sampled_from([1, -1]), st.booleans(), st.integers(1, 30))
@pytest.mark.rule("S-25")
def test_a_trailing_trigger_never_loosens_and_stays_behind_the_best_price(
    path: list[int], side: int, is_share: bool, trail: int
) -> None:
    order = Order(
        number=1, instrument=0, side=side, kind=OrderKind.TRAILING_STOP, tif=TimeInForce.GTC,
        flags=OrderFlag.TRAIL_IS_PPB if is_share else OrderFlag(0), quantity=1, limit=0, trigger=0,
        trail=trail * 10**7 if is_share else trail, expire=0, group=0, parent=0, tag=0, client=0, sent=0, sent_ns=0,
    )  # fmt: skip
    order.follow(path[0], first=True)
    triggers = [order.trigger]
    for x in path[1:]:
        order.follow(x)
        triggers.append(order.trigger)
    assert triggers == sorted(triggers, reverse=side > 0)
    best = min(path) if side > 0 else max(path)
    offset = max(1, (best * trail + 50) // 100) if is_share else trail
    assert triggers[-1] == best + side * offset
