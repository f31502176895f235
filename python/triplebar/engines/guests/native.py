"""The floor of a native run: a guest fills as it likes, and this writes down what it says.

Orders are numbered, put on the grid and named here, then belong to the guest. What comes back is translated into the
canonical facts: prices to the nearest tick, money to the nearest minor unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.codes import (
    Cause,
    EventKind,
    FlowKind,
    Moment,
    OrderFlag,
    OrderKind,
    OrderStatus,
    Reason,
    Role,
)
from triplebar.contracts.errors import UnsupportedSettingError
from triplebar.contracts.settings import Settings
from triplebar.engines.reference.account import Position
from triplebar.engines.reference.decisions import Decisions
from triplebar.engines.reference.engine import Simulation
from triplebar.engines.reference.order import IN_MARKET, Order, Seat
from triplebar.engines.reference.record import EquityRow, FillRow


class NativeGuest(Protocol):
    """What a guest does in a native run."""

    def submit(self, orders: list[Order]) -> None:
        """Send orders, in this order; children of a bracket stand behind their parent."""

    def withdraw(self, order: Order) -> None:
        """Cancel an order."""

    def lots(self, instrument: int) -> int:
        """The position."""

    def cash(self) -> int:
        """The cash, in minor units."""

    def equity(self) -> int:
        """The guest's valuation, in minor units."""

    def add_cash(self, amount: int) -> None:
        """Cash from outside."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill as the guest tells it, on our grid."""

    price: int
    quantity: int
    fee: int
    moment: Moment
    role: Role
    cause: Cause
    slippage: int = 0


class NativeFloor(Simulation):
    """The clock and the record; matching, cash and positions are the guest's."""

    def __init__(self, market: Any, settings: Settings, guest: NativeGuest, takes: Capabilities) -> None:  # noqa: ANN401
        """Stand before the first tick; `takes` is what the guest has words for."""
        super().__init__(market, settings)
        self.guest = guest
        self.takes = takes
        self.sizes: dict[int, int] = {}
        """The size with which the guest has each order."""

    # -- the loop of the guest --------------------------------------------------------------------------------------

    def trade(self, tick: int) -> None:
        """The guest has worked off a bar; what it did has been told already."""
        self.tick = tick
        self.moment = Moment.OPEN
        for listing in self.listings:
            listing.begin(tick)
            if listing.has_bar:
                self.account.marks[listing.index] = listing.close[listing.row]

    def decide(self, decisions: Decisions) -> None:
        """Read the guest's books, let the strategy act, send what it wants."""
        self.read_books()
        super().decide(decisions)
        self.send_queue()

    def read_books(self) -> None:
        """Positions and cash as the guest has them."""
        self.account.cash[0] = self.guest.cash()
        for listing in self.listings:
            self.account.positions[listing.index] = Position(self.guest.lots(listing.index))

    def send_queue(self) -> None:
        """Everything that is new, and everything whose size was changed."""
        resized = [
            order for order in self.live if order.seat is Seat.BOOK and self.sizes[order.number] != order.quantity
        ]
        for order in resized:
            self.guest.withdraw(order)
        held = [order for order in self.live if order.seat is Seat.HELD and order.number not in self.sizes]
        wanted = sorted([*resized, *self.queue, *held], key=lambda order: order.number)
        for order in wanted:
            self.sizes[order.number] = order.quantity
            order.arrived = self.tick
            if order.seat is not Seat.HELD:
                order.seat = Seat.BOOK
        self.queue.clear()
        self.guest.submit(wanted)

    def arrive_at_close(self) -> None:
        """The guest knows for itself when orders arrive."""

    # -- what a strategy asks for -------------------------------------------------------------------------------------

    def send(self, order: Order, problem: Reason) -> None:
        """Refuse what the guest has no words for."""
        if not problem and not self.has_words_for(order):
            problem = Reason.UNSUPPORTED
        super().send(order, problem)

    def has_words_for(self, order: Order) -> bool:
        """Whether the guest can take this order."""
        plain = not order.has(OrderFlag.POST_ONLY) and not self.only_reduces(order)
        late_child = bool(order.parent) and order.parent in self.sizes
        return plain and not late_child and self.takes.supports(order.kind, order.tif)

    def only_reduces(self, order: Order) -> bool:
        """Whether an order is reduce-only in a way that the guest would not keep; a close of everything is not."""
        whole = order.kind is OrderKind.MARKET and order.quantity == self.opposite(order)
        return order.has(OrderFlag.REDUCE_ONLY) and not whole

    def leave_queue(self, order: Order) -> None:
        """Out of the queue, or out of the guest's book."""
        at_guest = order.seat in IN_MARKET or (order.seat is Seat.HELD and order.number in self.sizes)
        super().leave_queue(order)
        if at_guest:
            self.guest.withdraw(order)

    def move_capital(self, kind: FlowKind, currency: int, amount: int) -> None:
        """Cash from outside goes to the guest, who books it in its own time."""
        super().move_capital(kind, currency, amount)
        self.guest.add_cash(amount)

    def allow_entries(self, allowed: bool) -> None:  # noqa: ARG002, FBT001 - as in `Simulation`
        """A kill switch would be a promise that nobody keeps."""
        raise UnsupportedSettingError(
            "a native run has no gate before the guest", where="kill_switch", fix="use fidelity='strict'"
        )

    # -- what the guest says ------------------------------------------------------------------------------------------

    def accepted(self, order: Order) -> None:
        """The guest has taken an order."""
        if order.live and order.status in (OrderStatus.SUBMITTED, OrderStatus.PENDING):
            order.status = OrderStatus.ACCEPTED
            self.event(EventKind.ACCEPTED, order)

    def executed(self, order: Order, made: Execution) -> None:
        """The guest has filled an order, or a part of it."""
        order.filled += made.quantity
        order.status = OrderStatus.PARTIALLY_FILLED
        order.seat = Seat.NOWHERE if order.filled == order.quantity else Seat.BOOK
        if order.filled == order.quantity:
            self.retire(order, OrderStatus.FILLED, Reason.NONE)
        self.record.fills.append(
            FillRow(
                order.number, self.tick, made.moment, made.role, made.cause, order.instrument, order.side,
                made.price, made.quantity, made.fee, 0, made.slippage,
            )
        )  # fmt: skip
        self.record_moment(made.moment)
        self.event(EventKind.FILLED, order, len(self.record.fills) - 1)
        for child in self.held_children(order):
            child.seat = Seat.BOOK

    def record_moment(self, moment: Moment) -> None:
        """Events of a tick stand in the order of its parts; a guest tells them in an order of its own."""
        self.moment = max(self.moment, moment)

    def ended(self, order: Order, status: OrderStatus, reason: Reason) -> None:
        """The guest has ended an order."""
        if order.live:
            order.seat = Seat.NOWHERE  # the guest has no more of it
            self.set_end(order, status, reason)

    # -- what is written down -----------------------------------------------------------------------------------------

    def cash_gap(self) -> int:
        """How much more cash the guest has than its fills, rounded to our grid, account for."""
        cash = self.settings.cash[0] + sum(flow.amount for flow in self.record.flows)
        for fill in self.record.fills:
            cash -= fill.side * fill.quantity * fill.price * self.settings.instruments[fill.instrument].unit + fill.fee
        return self.guest.cash() - cash

    def write_equity(self) -> None:
        """S-70 by the guest: its cash and its valuation."""
        if self.settings.start_ns is not None and self.time_ns < self.settings.start_ns:
            return
        stale = any(not each.has_bar for each in self.listings if self.account.positions[each.index].lots)
        self.record.equity.append(EquityRow(self.tick, self.time_ns, self.guest.equity(), self.guest.cash(), stale))
