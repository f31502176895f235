"""Modifying an order (S-46)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from triplebar.contracts.codes import EventKind, OrderFlag, OrderKind, Reason
from triplebar.contracts.errors import OrderError
from triplebar.engines.reference import grid
from triplebar.engines.reference.grid import Gridded, Prices
from triplebar.engines.reference.order import IN_MARKET, Order
from triplebar.engines.reference.sending import Ticket

if TYPE_CHECKING:
    from triplebar.engines.reference.engine import Simulation

CHANGEABLE: dict[OrderKind, tuple[str, ...]] = {
    OrderKind.MARKET: (),
    OrderKind.LIMIT: ("limit",),
    OrderKind.STOP: ("stop",),
    OrderKind.STOP_LIMIT: ("stop", "limit"),
    OrderKind.TRAILING_STOP: ("trail", "trail_percent"),
    OrderKind.MARKET_IF_TOUCHED: ("touch",),
}


def modify(simulation: Simulation, order: Order, quantity: object = None, **prices: Any) -> bool:  # noqa: ANN401
    """S-46: False if the order is not live; `OrderError` for a change that cannot be."""
    if not order.live:
        return False
    given = {name for name, value in prices.items() if value is not None}
    check_keywords(order, given, has_quantity=quantity is not None)
    listing = simulation.listings[order.instrument]
    in_market = order.seat in IN_MARKET
    if in_market and order.acts_as is OrderKind.MARKET:
        raise refused(order, "a market order that has arrived cannot be changed", "cancel it")
    if order.triggered and "stop" in given:
        raise refused(order, "it has triggered", "change its limit, or cancel it")
    lots = Gridded(order.quantity) if quantity is None else grid.size_lots(quantity, listing.instrument)
    wanted = changed(order, Ticket(**prices).prices(lots, order.side, listing), lots)
    alone, off_grid = not given, simulation.settings.off_grid
    if alone and lots.units <= order.filled and not (lots.moved and off_grid == "reject"):
        simulation.cancel_by_strategy(order)
        return True
    fault = grid.fault(wanted, listing.instrument, off_grid, reduce_only=order.has(OrderFlag.REDUCE_ONLY))
    if fault or lots.units <= order.filled:
        reason = (fault or Reason.INVALID_QUANTITY).text
        raise refused(order, f"the change is refused: {reason}", "give a size and prices on the grid")
    keeps_place = alone and lots.units < order.quantity
    take(order, wanted)
    if in_market and not keeps_place:
        simulation.leave_queue(order)
        simulation.enqueue(order)
        order.sent, order.sent_ns = simulation.tick, simulation.time_ns
    simulation.event(EventKind.MODIFIED, order, order.quantity)
    return True


def refused(order: Order, message: str, fix: str) -> OrderError:
    """The error of a change that cannot be."""
    return OrderError(message, where=f"order {order.number}", fix=fix)


def check_keywords(order: Order, given: set[str], *, has_quantity: bool) -> None:
    """Only what an order of this kind has can be changed."""
    if not given and not has_quantity:
        raise refused(order, "nothing to change", "give a quantity or a price")
    foreign = sorted(given - set(CHANGEABLE[order.kind]))
    if foreign or given == {"trail", "trail_percent"}:
        names = ", ".join(foreign or sorted(given))
        raise refused(order, f"a {order.kind.text} order cannot be given {names}", "change what it has")


def changed(order: Order, new: Prices, lots: Gridded) -> Prices:
    """All prices of an order after the change; a trailing trigger is not one of them."""

    def pick(found: Gridded | None, old: int) -> Gridded | None:
        return found or (Gridded(old) if old else None)

    trails = order.kind is OrderKind.TRAILING_STOP
    is_ppb = new.trail_is_ppb or (new.trail is None and order.has(OrderFlag.TRAIL_IS_PPB))
    return Prices(
        lots,
        limit=pick(new.limit, order.limit),
        trigger=None if trails else pick(new.trigger, order.trigger),
        trail=pick(new.trail, order.trail),
        trail_is_ppb=is_ppb,
    )


def take(order: Order, wanted: Prices) -> None:
    """Put the change into the order."""
    order.quantity = wanted.quantity.units
    order.limit = wanted.limit.units if wanted.limit else order.limit
    order.trigger = wanted.trigger.units if wanted.trigger else order.trigger
    if wanted.trail:
        order.trail = wanted.trail.units
        others = order.flags & ~OrderFlag.TRAIL_IS_PPB
        order.flags = others | (OrderFlag.TRAIL_IS_PPB if wanted.trail_is_ppb else OrderFlag(0))
