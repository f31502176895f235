"""The trading floor of a strict run: our clock and conventions above, NautilusTrader's matching below.

The floor walks the path of each bar (S-11) and shows the guest the price wherever something can happen. The guest
decides which of its orders that price fills or triggers, as maker or taker, and moves trailing stops; what it fills
is what is written down. What it has no word for (sessions, groups, brackets, limits of risk, costs beyond a
commission) the floor does by placing, withdrawing and cutting orders in time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.events import (
    OrderCanceled,
    OrderDenied,
    OrderFilled,
    OrderModifyRejected,
    OrderRejected,
    OrderTriggered,
    OrderUpdated,
)

from triplebar.contracts.codes import Cause, EventKind, FlowKind, OrderFlag, OrderKind, Reason, Role
from triplebar.contracts.errors import AdapterError
from triplebar.contracts.settings import Settings
from triplebar.engines.nautilus.orders import GuestOrders
from triplebar.engines.nautilus.translator import minor_units, money
from triplebar.engines.reference.engine import Simulation
from triplebar.engines.reference.gate import Fill
from triplebar.engines.reference.listing import Listing
from triplebar.engines.reference.matching import LEFT_OVER, Permit
from triplebar.engines.reference.order import Order, Seat


class Shown(NamedTuple):
    """What the guest is being shown."""

    order: Order
    x: int
    cause: Cause


@dataclass(slots=True)
class Sweep:
    """The orders that are met at one price, in the order of S-26, and which of them have had their turn."""

    orders: list[Order]
    cause: Cause
    done: list[Order] = field(default_factory=list)
    current: Order | None = None

    def first(self) -> Order | None:
        """Whose turn it is."""
        waiting = (each for each in self.orders if each.seat is Seat.BOOK and each not in self.done)
        return next(waiting, None)

    def may(self, order: Order) -> bool:
        """Whether an order may fill now; those that only the guest sees met may always."""
        return order is self.current or order is self.first() or order not in self.orders


class NautilusFloor(Simulation):
    """The clock and the desk of the reference engine, with the matching of the guest."""

    def __init__(self, market: Any, settings: Settings) -> None:  # noqa: ANN401 - a market
        """Stand before the first tick."""
        super().__init__(market, settings)
        self.guest: GuestOrders
        self.warnings: list[str] = []
        self.gap = 0
        """The largest difference between the guest's equity and the sum of the facts, in minor units."""
        self.checked = -1
        """The number of facts when the guest's books were looked at."""
        self.shown: Shown | None = None
        self.sweep: Sweep | None = None
        self.forced: Fill | None = None
        self.permits: dict[int, tuple[Shown, Permit]] = {}
        self.vetoed: set[int] = set()
        self.early: set[int] = set()
        """Stop-limits that the guest has triggered before their turn; sent anew when it comes."""
        self.trailed: dict[int, int] = {}
        """Triggers of trailing stops that the guest has moved."""

    # -- what the guest is shown ----------------------------------------------------------------------------------

    def show(self, listing: Listing, x: int, *, again: bool = False) -> None:
        """Move the guest's market to x."""
        self.guest.show(listing.index, x, listing.half_spread, self.time_ns, again=again)

    def is_watched(self, order: Order) -> bool:
        """Whether the desk watches a trailing stop itself.

        The guest rounds shares of a price otherwise than S-25, and measures from bid or ask, which a spread that
        changes from bar to bar would move.
        """
        moves = self.settings.instruments[order.instrument].half_spread_ppb > 0
        return order.acts_as is OrderKind.TRAILING_STOP and (moves or order.has(OrderFlag.TRAIL_IS_PPB))

    def touch(self, order: Order, x: int, role: Role, cause: Cause, *, arriving: bool = False) -> None:  # noqa: ARG002
        """S-23: send an order to the guest, whose market is at x; the guest says as what it fills."""
        listing = self.listings[order.instrument]
        order.seat = Seat.BOOK
        if self.is_watched(order):
            if arriving:
                order.follow(x, first=True)  # S-25
                return
            self.note_trigger(order, x)
        self.guest.withdraw(order)
        self.show(listing, x)
        before, self.shown = self.shown, Shown(order, x, cause)
        self.guest.place(order)
        self.shown = before

    def touch_met(self, orders: list[Order], x: int, cause: Cause) -> None:
        """S-26: show the guest the price until all orders met there have had their turn."""
        before, self.sweep = self.sweep, Sweep(sorted(orders, key=lambda order: order.precedence), cause)
        sweep = self.sweep
        while (order := sweep.first()) is not None:
            if order.number in self.early:
                self.early.remove(order.number)
                self.note_trigger(order, x)
                self.touch(order, x, Role.TAKER, cause)
            elif order.acts_as is OrderKind.MARKET or self.is_watched(order):
                self.touch(order, x, Role.TAKER, cause)
            else:
                self.show(self.listings[order.instrument], x, again=True)
            sweep.done.append(order)
        self.sweep = before

    def follow(self, listing: Listing, x: int) -> None:
        """S-25: trailing stops follow the price."""
        if self.guest.has_any(listing.index):
            self.show(listing, x)
        for order in self.resting(listing):
            if self.is_watched(order):
                order.follow(x)
            order.trigger = self.trailed.pop(order.number, order.trigger)

    # -- what the guest asks --------------------------------------------------------------------------------------

    def offered(self, found: Any, bid: Any, ask: Any) -> tuple[Any, Any] | None:  # noqa: ANN401
        """S-58: the guest has matched an order; the price and size of its fill, None for none."""
        number = self.guest.number_of(found)
        if number is None:
            return None
        order = self.orders[number - 1]
        grid = self.guest.session.grids[order.instrument]
        if self.forced is not None:
            return grid.price(self.forced.price), grid.size(self.forced.quantity)
        half = self.listings[order.instrument].half_spread
        x = grid.ticks(ask) - half if order.side > 0 else grid.ticks(bid) + half
        permit = self.permit(order, x, found)
        if permit is None:
            self.vetoed.add(number)
            self.guest.hide(order.instrument)
            return None
        return grid.price(permit.fill.price), grid.size(permit.fill.quantity)

    def permit(self, order: Order, x: int, found: Any) -> Permit | None:  # noqa: ANN401
        """What the rules allow of a fill that the guest wants to make."""
        cause = self.cause_of(order)
        if cause is None or order.seat is not Seat.BOOK:
            return None
        if order.acts_as not in (OrderKind.MARKET, OrderKind.LIMIT):
            self.note_trigger(order, x)
        order.seat = Seat.NOWHERE
        permit = self.permitted(order, x, role_of(found))
        if permit is not None:
            self.permits[order.number] = (Shown(order, x, cause), permit)
        elif order.live:
            order.seat = Seat.MET
        return permit

    def cause_of(self, order: Order) -> Cause | None:
        """Why the guest looks at an order now; None if it is not its turn."""
        if self.shown is not None and self.shown.order is order:
            return self.shown.cause
        if self.sweep is None:
            return Cause.PATH
        return self.sweep.cause if self.sweep.may(order) and order.number not in self.early else None

    def commission(self, found: Any, quantity: Any, price: Any) -> Any:  # noqa: ANN401
        """S-53: what a fill costs, in the guest's money."""
        order = self.orders[self.guest.number_that_lives(found) - 1]
        listing, grid = self.listings[order.instrument], self.guest.session.grids[order.instrument]
        fee = self.fee(listing, order, role_of(found), grid.lots(quantity), grid.ticks(price))
        known = self.guest.session.currencies[listing.instrument.currency]
        return money(fee, self.settings.cash_precision, known)

    # -- what the guest says --------------------------------------------------------------------------------------

    def event(self, kind: EventKind, order: Order, value: int = 0) -> None:
        """Write down what happened to an order; a smaller size is told to the guest."""
        super().event(kind, order, value)
        if kind is EventKind.MODIFIED and order.seat in (Seat.BOOK, Seat.MET):
            self.guest.resize(order)

    def hear(self, event: Any) -> None:  # noqa: ANN401
        """Something has happened to an order at the guest."""
        number = self.guest.number_of(event)
        if number is None:
            return
        order = self.orders[number - 1]
        match event:
            case OrderFilled():
                self.hear_fill(order, event)
            case OrderTriggered():
                self.hear_trigger(order, event)
            case OrderUpdated() if order.acts_as is OrderKind.TRAILING_STOP:
                self.hear_trail(order, event)
            case OrderCanceled():
                self.hear_cancel(order)
            case OrderRejected() | OrderDenied() | OrderModifyRejected():
                self.hear_refusal(order, event)

    def hear_fill(self, order: Order, event: Any) -> None:  # noqa: ANN401
        """S-58: a fill, as the guest has made it."""
        grid = self.guest.session.grids[order.instrument]
        lots, ticks = grid.lots(event.last_qty), grid.ticks(event.last_px)
        fee = minor_units(event.commission, self.settings.cash_precision)
        fill = Fill(order.instrument, order.side, lots, ticks, fee)
        if self.forced is not None:
            self.forced = fill
            return
        found = self.permits.pop(order.number, None)
        if found is None:
            raise AdapterError(
                f"NautilusTrader has filled {event.last_qty} of it at {event.last_px} without having been asked to",
                where=f"order {order.number}",
                fix="report this, and use engine='custom'",
            )
        shown, permit = found
        role = Role.MAKER if event.liquidity_side == LiquiditySide.MAKER else Role.TAKER
        self.settle(order, shown.x, role, shown.cause, Permit(fill, is_cut=permit.is_cut))
        if order.live:
            order.seat = Seat.MET

    def hear_trigger(self, order: Order, event: Any) -> None:  # noqa: ANN401, ARG002
        """S-23: a stop-limit has triggered; before its turn, that is only remembered."""
        x, _ = self.guest.prices[order.instrument]
        is_early = self.sweep is not None and not self.sweep.may(order)
        if is_early and (self.shown is None or self.shown.order is not order):
            self.early.add(order.number)
            return
        self.note_trigger(order, x)
        if self.sweep is not None:
            self.sweep.current = order
            self.sweep.done.append(order)

    def note_trigger(self, order: Order, x: int) -> None:
        """S-23: an order has triggered."""
        if not order.triggered:
            order.triggered = True
            super().event(EventKind.TRIGGERED, order, x)

    def hear_trail(self, order: Order, event: Any) -> None:  # noqa: ANN401
        """S-25: the guest has moved a trailing stop, which counts once all orders met at this price have been seen."""
        if event.trigger_price is None:
            return
        grid, listing = self.guest.session.grids[order.instrument], self.listings[order.instrument]
        trigger = grid.ticks(event.trigger_price) - order.side * listing.half_spread  # it measures from bid or ask
        if self.shown is not None and self.shown.order is order:
            order.trigger = trigger
        else:
            self.trailed[order.number] = trigger

    def hear_cancel(self, order: Order) -> None:
        """The guest ends what may not rest."""
        if order.tif not in LEFT_OVER:
            raise AdapterError(
                "NautilusTrader has canceled it by itself", where=f"order {order.number}", fix="report this"
            )
        self.cancel(order, LEFT_OVER[order.tif])

    def hear_refusal(self, order: Order, event: Any) -> None:  # noqa: ANN401
        """The guest refuses an order: because nothing was offered to it, or for a reason of its own."""
        if order.number in self.vetoed:
            return
        if getattr(event, "due_post_only", False):
            self.refuse(order, Reason.POST_ONLY_WOULD_TAKE)
            return
        self.warnings.append(
            f"order {order.number}: NautilusTrader refused it ({event.reason}), which the rules allow; "
            "compare with engine='custom'"
        )
        self.refuse(order, Reason.UNSUPPORTED)

    # -- the desk -------------------------------------------------------------------------------------------------

    def leave_queue(self, order: Order) -> None:
        """Out of the queue, and out of the guest's book."""
        super().leave_queue(order)
        self.guest.withdraw(order)

    def arrive(self, order: Order, x: int) -> None:
        """S-20: forget what was vetoed before."""
        self.vetoed.discard(order.number)
        super().arrive(order, x)

    def book(self, order: Order, x: int, role: Role, cause: Cause, fill: Fill, *, free: bool = False) -> None:
        """Write down a fill; one that the venue orders, the guest makes now."""
        if cause is Cause.FORCED:
            fill = self.make_forced(order, x, fill)
        super().book(order, x, role, cause, fill, free=free)

    def make_forced(self, order: Order, x: int, fill: Fill) -> Fill:
        """Let the guest make a fill that nobody but the venue asks for (S-63, S-64, S-81)."""
        self.show(self.listings[order.instrument], x)
        self.forced = fill
        self.guest.place(order)
        made, self.forced = self.forced, None
        return made

    def flow(self, kind: FlowKind, instrument: int, currency: int, amount: int) -> None:
        """Cash that moves outside a fill moves at the guest, too."""
        super().flow(kind, instrument, currency, amount)
        if amount:
            self.guest.move_cash(currency, amount)

    # -- what is checked ------------------------------------------------------------------------------------------

    def write_equity(self) -> None:
        """S-70: one row; the guest's own positions and money must be what its fills add up to."""
        super().write_equity()
        facts = len(self.record.fills) + len(self.record.flows)
        if facts == self.checked:
            return
        self.checked = facts
        for place, position in enumerate(self.account.positions):
            if self.guest.lots(place) != position.lots:
                symbol = self.settings.instruments[place].symbol
                raise AdapterError(
                    f"NautilusTrader holds {self.guest.lots(place)} lots, its fills add up to {position.lots}",
                    where=symbol,
                    fix="report this, and use engine='custom'",
                )
        worth = self.guest.worth(self.account.marks)
        total = sum(self.account.in_base(amount, currency) for currency, amount in enumerate(worth))
        self.gap = max(self.gap, abs(total - self.account.equity()))


def role_of(found: Any) -> Role:  # noqa: ANN401 - an order of the guest
    """Maker or taker, as the guest has decided."""
    return Role.MAKER if found.liquidity_side == LiquiditySide.MAKER else Role.TAKER
