"""The guest's book of a strict run: our orders at Backtrader's broker (see `GuestBook`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import backtrader as bt

from triplebar.contracts.codes import OrderFlag, OrderKind
from triplebar.engines.backtrader.broker import FloorBroker, whole
from triplebar.engines.reference.units import scale

if TYPE_CHECKING:
    from triplebar.engines.guests.floor import GuestFloor
    from triplebar.engines.reference.gate import Fill
    from triplebar.engines.reference.order import Order

KINDS: Final = {
    OrderKind.MARKET: bt.Order.Market,
    OrderKind.LIMIT: bt.Order.Limit,
    OrderKind.STOP: bt.Order.Stop,
    OrderKind.STOP_LIMIT: bt.Order.StopLimit,
    OrderKind.TRAILING_STOP: bt.Order.StopTrail,
    OrderKind.MARKET_IF_TOUCHED: bt.Order.Limit,  # met where a limit is; the floor then prices it as a market order
}


class BacktraderBook:
    """Orders, positions and cash at a `FloorBroker`."""

    def __init__(self, broker: FloorBroker, feeds: list[Any]) -> None:
        """An empty book; `feeds` stand in the order of the instruments."""
        self.broker = broker
        self.feeds = feeds
        self.host: Any = None
        self.floor: GuestFloor | None = None
        self.theirs: dict[int, Any] = {}
        """Backtrader's orders by our numbers."""
        self.ours: dict[int, Order] = {}
        """Our orders by Backtrader's references."""

    def join(self, floor: GuestFloor, host: Any) -> None:  # noqa: ANN401 - a strategy of Backtrader
        """Work for this floor; `host` is the strategy that owns the orders."""
        self.floor, self.host = floor, host
        self.broker.walk = lambda: floor.trade(floor.tick + 1)
        self.broker.ask = lambda made, price: floor.asked(self.ours[made.ref], price)
        self.broker.tell = self._tell
        self.broker.set_filler(self.broker.size_of_fill)

    def _tell(self, made: Any) -> None:  # noqa: ANN401 - an order of Backtrader
        self._floor().filled(self.ours[made.ref])

    def _floor(self) -> GuestFloor:
        if self.floor is None:
            raise AssertionError("a book without a floor was used")
        return self.floor

    # -- orders ---------------------------------------------------------------------------------------------------

    def place(self, order: Order, x: int) -> None:
        """Send an order to Backtrader; a trailing stop sets its own first trigger from x."""
        kind = _kind(order)
        trails = kind is OrderKind.TRAILING_STOP
        price = x if trails else order.trigger or order.limit
        send = self.broker.buy if order.side > 0 else self.broker.sell
        made = send(
            self.host,
            self.feeds[order.instrument],
            order.remaining,
            price=float(price) if price and kind is not OrderKind.MARKET else None,
            plimit=float(order.limit) if kind is OrderKind.STOP_LIMIT else None,
            exectype=KINDS[kind],
            trailamount=float(_offset(order, x)) if trails else None,
        )
        made.triggered = order.triggered
        self.broker.pending.clear()  # the floor shows orders one by one: this is the book, not that
        self.theirs[order.number] = made
        self.ours[made.ref] = order

    def withdraw(self, order: Order) -> None:
        """Cancel at Backtrader what is still alive there."""
        made = self.theirs.pop(order.number, None)
        if made is not None and made.alive():
            made.cancel()
            self.broker.notify(made)

    def match(self, order: Order, x: int, half_spread: int) -> None:
        """Show Backtrader's matching one order at one price."""
        made, kind = self.theirs[order.number], _kind(order)
        resized = abs(made.executed.remsize) != order.remaining  # S-46: a smaller size, in place
        trails = kind is OrderKind.TRAILING_STOP
        if resized or made.exectype != KINDS[kind]:
            self.withdraw(order)
            self.place(order, x)
            made = self.theirs[order.number]
            if trails:
                made.created.price = float(order.trigger)  # it trails on from where it was
        if trails:
            made.trailamount = float(_offset(order, x))
        was_triggered = made.triggered
        self.broker.look(made, x if trails else x + order.side * half_spread)
        if made.triggered and not was_triggered and order.live:
            self._floor().triggered(order, x)

    def trigger(self, order: Order) -> int:
        """Where Backtrader's trailing stop stands."""
        return whole(self.theirs[order.number].created.price)

    def force(self, order: Order, fill: Fill) -> None:
        """A market order of the venue, filled at this price."""
        self.place(order, fill.price)
        self.broker.make(self.theirs[order.number], fill)

    # -- positions and money --------------------------------------------------------------------------------------

    def lots(self, instrument: int) -> int:
        """The position."""
        return whole(self.broker.positions[self.feeds[instrument]].size)

    def cash(self, currency: int) -> int:  # noqa: ARG002 - the mapping refuses a second currency
        """Cash, without what positions have gained and are worth: both stand in Backtrader's cash."""
        found = self.broker.cash
        for feed in self.feeds:
            position = self.broker.positions[feed]
            if position.size:
                found -= position.size * position.adjbase * self.broker.getcommissioninfo(feed).p.mult
        return whole(found)

    def move_cash(self, currency: int, amount: int) -> None:  # noqa: ARG002 - the mapping refuses a second currency
        """Money from outside, at once."""
        self.broker.cash += float(amount)

    def equity(self) -> int:
        """Backtrader's own valuation at the last closes, to which everything is settled first."""
        for feed in self.feeds:
            self.broker.settle(feed, feed.close[0])
        return whole(self.broker._get_value())  # noqa: SLF001 - `getvalue` answers with what it was at the last bar


def _kind(order: Order) -> OrderKind:
    """What to send: Backtrader knows a stop-limit that has triggered, but no other order (S-23)."""
    return order.kind if order.kind is OrderKind.STOP_LIMIT else order.acts_as


def _offset(order: Order, x: int) -> int:
    """S-25: how far behind x the trigger stays; Backtrader's own percentage would leave the grid."""
    return max(1, scale(x, order.trail)) if order.has(OrderFlag.TRAIL_IS_PPB) else order.trail
