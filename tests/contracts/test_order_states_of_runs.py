"""The events of whole runs, folded through the table of transitions, end where the orders say."""

from contextlib import suppress

import pytest

import triplebar as tb
from triplebar.contracts.codes import EventKind, OrderStatus, Side
from triplebar.contracts.order_states import OrderStep, after
from triplebar.strategy.context import Context

STEPS = {
    EventKind.ACCEPTED: OrderStep.ACCEPTED,
    EventKind.TRIGGERED: OrderStep.TRIGGERED,
    EventKind.MODIFIED: OrderStep.MODIFIED,
    EventKind.CANCELED: OrderStep.CANCELED,
    EventKind.REJECTED: OrderStep.REJECTED,
    EventKind.EXPIRED: OrderStep.EXPIRED,
}


class Restless(tb.Strategy):
    """Sends, changes and cancels orders of every kind at random."""

    def on_bar(self, ctx: Context, bar: tb.Bar) -> None:
        dice, price = ctx.random, bar.close
        send, up = (ctx.buy, 1.003) if dice.chance(0.5) else (ctx.sell, 0.997)
        near = price * dice.uniform(0.998, 1.002)
        size = dice.integer(1, 9)
        live = ctx.open_orders()
        match dice.integer(0, 9):
            case 0:
                send(bar.symbol, size)
            case 1:
                send(bar.symbol, size, limit=near, tif=dice.choice(["gtc", "day", "ioc", "fok", "at_open", "at_close"]))
            case 2:
                send(bar.symbol, size, stop=near, limit=near, reduce_only=dice.chance(0.3))
            case 3:
                send(bar.symbol, size, trail_percent=0.1)
            case 4:
                send(bar.symbol, size, limit=near, take_profit=price * up, stop_loss=price / up)
            case 5:
                send(bar.symbol, size, limit=near, post_only=True, oco=dice.choice(["a", "b"]))
            case 6:
                send(bar.symbol, size, touch=near)
            case 7 if live:
                ctx.cancel(dice.choice(live))
            case _ if live:
                order = ctx.order(dice.choice(live))
                if order.limit is not None and dice.chance(0.5):
                    ctx.modify(order.order, limit=near)
                else:
                    with suppress(tb.OrderError):  # a market order that has arrived (S-46)
                        ctx.modify(order.order, quantity=size)


@pytest.mark.feature("F-008")
@pytest.mark.rule("S-48")
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_events_are_legal_steps_and_lead_to_the_state_of_the_order(engine: str, seed: int) -> None:
    market = tb.Market.synthetic(bars=400, seed=seed)
    config = tb.BacktestConfig(seed=seed, participation=0.002, misses=tb.Misses(), initial_cash=3_000, leverage=2)
    result = tb.run(Restless(), market, config, engine=engine)
    orders, fills = result.canonical("orders").to_pylist(), result.canonical("fills").to_pylist()
    events: dict[int, list[dict[str, int]]] = {order["order"]: [] for order in orders}
    for event in result.canonical("events").to_pylist():
        events[event["order"]].append(event)
    for order in orders:
        status = OrderStatus.PENDING if order["parent"] else OrderStatus.SUBMITTED
        filled = 0
        for event in events[order["order"]]:
            kind = EventKind(event["kind"])
            if kind is EventKind.FILLED:
                fill = fills[event["value"]]
                assert (fill["order"], fill["side"]) == (order["order"], Side(order["side"]))
                filled += fill["quantity"]
                done = filled == order["quantity"] and event is events[order["order"]][-1]
                status = after(status, OrderStep.FILLED if done else OrderStep.PARTLY_FILLED)
            else:
                status = after(status, STEPS[kind])
        assert (status, filled) == (OrderStatus(order["status"]), order["filled"])
        assert status.terminal
        assert filled <= order["quantity"]
    assert len({order["status"] for order in orders}) >= 3
