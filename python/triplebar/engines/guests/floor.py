"""The trading floor of a strict run: our clock and conventions above, a guest's book below.

The floor is the reference engine with its matching and its account taken out. It walks the path of each bar (S-11) and
says what the price is; the guest decides which of its orders that price fills or triggers and at what price, moves
trailing stops, and keeps positions, cash and equity. What a guest has no word for (times in force, groups, brackets,
limits of risk, costs beyond a commission) is done by the floor by placing, withdrawing and cutting orders in time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from triplebar.contracts.codes import AccountKind, Cause, EventKind, OrderKind, Role
from triplebar.contracts.settings import Settings
from triplebar.engines.guests.book import GuestBook
from triplebar.engines.reference.account import Account, Outcome
from triplebar.engines.reference.engine import Simulation
from triplebar.engines.reference.gate import Fill
from triplebar.engines.reference.listing import Listing
from triplebar.engines.reference.matching import Permit
from triplebar.engines.reference.order import Order, Seat


class GuestAccount(Account):
    """Cash and positions as the guest has them; what they mean for the gate (S-60) is computed as everywhere."""

    def __init__(self, settings: Settings, guest: GuestBook) -> None:
        """Begin with the initial cash, which the guest has been given, too."""
        super().__init__(settings)
        self.guest = guest

    def apply(self, instrument: int, found: Outcome, fee: int) -> None:  # noqa: ARG002 - the guest has booked the fee
        """Read what the guest has made of a fill."""
        self.positions[instrument] = replace(found.position, lots=self.guest.lots(instrument))
        currency = self.settings.instruments[instrument].currency
        self.cash[currency] = self.guest.cash(currency)

    def move(self, currency: int, amount: int) -> None:
        """Let the guest book the amount."""
        self.guest.move_cash(currency, amount)
        self.cash[currency] = self.guest.cash(currency)


class Shown(NamedTuple):
    """What the guest is being shown: an order, the price, and what a fill there would be."""

    order: Order
    x: int
    role: Role
    cause: Cause


class GuestFloor(Simulation):
    """The reference engine's clock, with a guest that matches and keeps the books."""

    def __init__(self, market: Any, settings: Settings, guest: GuestBook) -> None:  # noqa: ANN401 - a market
        """Stand before the first tick."""
        super().__init__(market, settings)
        self.guest = guest
        self.account = GuestAccount(settings, guest)
        self.account.set_rates(self.time_at(0))
        self.permits: dict[int, tuple[Shown, Permit]] = {}
        self.shown: Shown | None = None
        self.placed: set[int] = set()

    # -- what the guest is told -----------------------------------------------------------------------------------

    def touch(self, order: Order, x: int, role: Role, cause: Cause, *, arriving: bool = False) -> None:
        """S-23: show the guest an order at the price x; a trailing stop only gets its first trigger (S-25)."""
        order.seat = Seat.BOOK
        if order.number not in self.placed:
            self.placed.add(order.number)
            self.guest.place(order, x)
        if arriving and order.kind is OrderKind.TRAILING_STOP:
            order.trigger = self.guest.trigger(order)
        else:
            self.show(Shown(order, x, role, cause))

    def show(self, shown: Shown) -> None:
        """Let the guest decide; fills can be nested, as children arrive inside their parent's fill."""
        before, self.shown = self.shown, shown
        self.guest.match(shown.order, shown.x, self.listings[shown.order.instrument].half_spread)
        self.shown = before

    def met_at(self, listing: Listing, x: int) -> list[Order]:  # noqa: ARG002 - the guest says what x meets
        """All resting orders: the guest looks at each."""
        return self.resting(listing)

    def next_stop(self, listing: Listing, x: int, goal: int) -> tuple[int, list[Order]] | None:
        """Stop where some order's own price is; there the guest looks at all of them."""
        stop = super().next_stop(listing, x, goal)
        return None if stop is None else (stop[0], self.resting(listing) if stop[1] else [])

    def walk_bar(self, listing: Listing) -> None:
        """S-22: without orders there is nobody to show the path to; an isolated position watches it, too (S-63)."""
        if self.live or self.account.kind is AccountKind.ISOLATED:
            super().walk_bar(listing)

    def follow(self, listing: Listing, x: int) -> None:
        """S-25: the guest moves its trailing stops."""
        for order in self.resting(listing):
            if order.acts_as is OrderKind.TRAILING_STOP:
                self.show(Shown(order, x, Role.TAKER, Cause.PATH))
                if order.live and not order.triggered:
                    order.trigger = self.guest.trigger(order)

    def leave_queue(self, order: Order) -> None:
        """Out of the queue, and out of the guest's book."""
        super().leave_queue(order)
        if order.number in self.placed:
            self.placed.remove(order.number)
            self.guest.withdraw(order)

    # -- what the guest says --------------------------------------------------------------------------------------

    def asked(self, order: Order, price: int) -> Fill | None:
        """The guest would fill an order, finding it met at `price`; what it may fill (S-58), or None.

        `price` is where the guest has matched: for all but trailing stops that includes the half spread (S-24).
        """
        shown = self.shown
        if shown is None or shown.order is not order or order.seat is not Seat.BOOK:
            return None
        trails = order.acts_as is OrderKind.TRAILING_STOP
        x = price if trails else price - order.side * self.listings[order.instrument].half_spread
        role = shown.role
        if order.acts_as not in (OrderKind.MARKET, OrderKind.LIMIT):
            self.triggered(order, x)
            role = Role.TAKER
        order.seat = Seat.NOWHERE
        permit = self.permitted(order, x, role)
        if permit is None:
            if order.live:
                order.seat = Seat.MET
            return None
        self.permits[order.number] = (Shown(order, x, role, shown.cause), permit)
        return permit.fill

    def filled(self, order: Order) -> None:
        """The guest has made the fill that it was permitted."""
        shown, permit = self.permits.pop(order.number)
        self.settle(order, shown.x, shown.role, shown.cause, permit)
        if order.live:
            order.seat = Seat.MET

    def triggered(self, order: Order, x: int) -> None:
        """The guest has triggered an order."""
        if not order.triggered:
            order.triggered = True
            self.event(EventKind.TRIGGERED, order, x)

    # -- what is written down -------------------------------------------------------------------------------------

    def book(self, order: Order, x: int, role: Role, cause: Cause, fill: Fill, *, free: bool = False) -> None:
        """Write down a fill that the guest has made; one that the venue orders, it makes now."""
        if cause is Cause.FORCED:
            self.guest.force(order, fill)
        super().book(order, x, role, cause, fill, free=free)

    def write_equity(self) -> None:
        """S-70: the equity that is written is the guest's own valuation."""
        rows = len(self.record.equity)
        super().write_equity()
        if len(self.record.equity) > rows:
            self.record.equity[-1] = self.record.equity[-1]._replace(equity=self.guest.equity())
