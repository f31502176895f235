"""The venue: what becomes of orders (S-20, S-23, S-26 to S-28, S-42 to S-48, S-54, S-55) in plain Python.

Orders live in plain lists; nothing is indexed. Numbers in comments are the rules of `docs/semantics.md`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from triplebar.contracts.codes import (
    AccountKind,
    Cause,
    EventKind,
    Moment,
    OrderFlag,
    OrderKind,
    OrderStatus,
    Reason,
    Role,
    TimeInForce,
)
from triplebar.contracts.random import draw_ppb
from triplebar.contracts.settings import Settings
from triplebar.engines.reference import costs, gate
from triplebar.engines.reference.account import Account
from triplebar.engines.reference.listing import Listing
from triplebar.engines.reference.order import Order, Seat
from triplebar.engines.reference.record import EventRow, FillRow, Record, RefusalRow
from triplebar.engines.reference.units import PPB, OutOfRangeError, checked

CASCADING = (Reason.BY_STRATEGY, Reason.DAY_ENDED, Reason.DATE_REACHED)
LEFT_OVER = {
    TimeInForce.IOC: Reason.IMMEDIATE_OR_CANCEL,
    TimeInForce.FOK: Reason.FILL_OR_KILL,
    TimeInForce.AT_OPEN: Reason.AT_OPEN_MISSED,
    TimeInForce.AT_CLOSE: Reason.AT_CLOSE_MISSED,
}


class Permit(NamedTuple):
    """A fill that may be, and whether reduce-only has cut its size (S-45)."""

    fill: gate.Fill
    is_cut: bool


class Venue:
    """The orders of a run, the account they change and the facts they leave."""

    def __init__(self, market: Any, settings: Settings) -> None:  # noqa: ANN401
        """Stand before the first tick."""
        self.settings = settings
        self.clock: list[int] = market.clock.tolist()
        self.sessions: list[int] = market.sessions.tolist()
        self.listings = [
            Listing(index, instrument, market.series(index), self.sessions)
            for index, instrument in enumerate(settings.instruments)
        ]
        self.account = Account(settings)
        self.account.set_rates(self.time_at(0))
        equity = self.account.cash_in_base()
        self.limits = gate.Limits(settings.risk.trading_enabled, peak=equity, day_start=equity)
        self.record = Record()
        self.orders: list[Order] = []
        """All orders by id, from 1."""
        self.live: list[Order] = []
        """Those that have not ended, by id."""
        self.queue: list[Order] = []
        """Those that are on their way, in the order of sending."""
        self.group_ends: dict[int, Reason] = {}
        self.arrivals = 0
        self.tick = -1
        self.moment = Moment.DECISION

    def time_at(self, tick: int) -> int:
        """The time of a tick; before the first tick, that of the first."""
        return self.clock[max(tick, 0)] if self.clock else 0

    @property
    def time_ns(self) -> int:
        """The time of this tick."""
        return self.time_at(self.tick)

    # -- sending (S-27, S-28, S-47) -------------------------------------------------------------------------------

    def send(self, order: Order, problem: Reason) -> None:
        """A new order, on its way unless something is wrong with it, its group has ended or it waits for a parent."""
        self.orders.append(order)
        self.live.append(order)
        parent = self.orders[order.parent - 1] if order.parent else None
        if parent is not None:
            order.status = OrderStatus.PENDING
        if problem:
            self.refuse(order, problem)
        elif order.group in self.group_ends:
            self.cancel(order, self.group_ends[order.group])
        elif parent is not None and not parent.live and parent.filled == 0:
            self.cancel(order, Reason.PARENT_ENDED)
        elif parent is not None and parent.filled == 0:
            order.seat = Seat.HELD
        else:
            self.enqueue(order)

    def enqueue(self, order: Order) -> None:
        """Behind everything sent so far."""
        if order.status is OrderStatus.PENDING:
            order.status = OrderStatus.SUBMITTED
        order.seat = Seat.QUEUE
        self.queue.append(order)

    # -- events and ends of orders --------------------------------------------------------------------------------

    def event(self, kind: EventKind, order: Order, value: int = 0) -> None:
        """Write down what happened to an order."""
        reason = order.reason if order.status.terminal and kind is not EventKind.FILLED else Reason.NONE
        self.record.events.append(EventRow(self.tick, self.moment, kind, order.number, reason, value))

    def live_orders(self, listing: Listing) -> list[Order]:
        """The live orders of an instrument, by id."""
        return [order for order in self.live if order.instrument == listing.index]

    def retire(self, order: Order, status: OrderStatus, reason: Reason) -> None:
        """An order ends, without an event and without consequences."""
        self.leave_queue(order)
        self.live.remove(order)
        order.status, order.reason, order.ended = status, reason, self.tick

    def set_end(self, order: Order, status: OrderStatus, reason: Reason) -> None:
        """An order ends, without consequences for others."""
        self.retire(order, status, reason)
        self.event(EventKind.from_text(status.text), order)

    def end_all(self, orders: list[Order], status: OrderStatus, reason: Reason) -> None:
        """Many orders end together, each for this reason itself."""
        for order in orders:
            self.set_end(order, status, reason)

    def end(self, order: Order, status: OrderStatus, reason: Reason) -> None:
        """An order ends: its children if it never filled (S-28), then its group (S-27)."""
        self.set_end(order, status, reason)
        if order.filled == 0:
            for child in self.held_children(order):
                if child.live:
                    self.cancel(child, Reason.PARENT_ENDED)
        if reason in CASCADING:
            self.end_group(order, Reason.GROUP_CANCELED)

    def cancel(self, order: Order, reason: Reason) -> None:
        """An order is canceled."""
        self.end(order, OrderStatus.CANCELED, reason)

    def refuse(self, order: Order, reason: Reason) -> None:
        """S-60, S-48: rejected as long as it was never accepted, else canceled."""
        fresh = order.status in (OrderStatus.PENDING, OrderStatus.SUBMITTED)
        self.end(order, OrderStatus.REJECTED if fresh else OrderStatus.CANCELED, reason)

    def refuse_with(self, order: Order, problem: Reason | gate.Refusal) -> None:
        """The same; what a limit said is written down beside it."""
        if isinstance(problem, gate.Refusal):
            row = RefusalRow(order.number, self.tick, self.moment, problem.rule, problem.limit, problem.value)
            self.record.refusals.append(row)
            problem = problem.reason
        self.refuse(order, problem)

    def held_children(self, order: Order) -> list[Order]:
        """S-28: the children that still wait for this order."""
        return [child for child in self.live if child.parent == order.number and child.seat is Seat.HELD]

    def end_group(self, order: Order, reason: Reason) -> None:
        """S-27: all other live members end, in order id."""
        if not order.group:
            return
        self.group_ends.setdefault(order.group, reason)
        for member in list(self.live):
            if member.group == order.group and member is not order and member.live:
                self.cancel(member, reason)

    def past_date(self, order: Order) -> bool:
        """S-44: whether a good-till-date order is past its date."""
        return order.tif is TimeInForce.GTD and self.time_ns > order.expire

    # -- arrival (S-20) and touch (S-23) --------------------------------------------------------------------------

    def arrive(self, order: Order, x: int) -> None:
        """S-20: an order reaches the venue while the price is x."""
        self.leave_queue(order)
        if order.status is OrderStatus.PENDING:
            order.status = OrderStatus.SUBMITTED
        if self.past_date(order):
            self.end(order, OrderStatus.EXPIRED, Reason.DATE_REACHED)
            return
        order.arrived, order.rank = self.tick, self.arrivals
        self.arrivals += 1
        if order.group in self.group_ends and not order.filled:
            self.cancel(order, self.group_ends[order.group])
        elif problem := self.refusal_on_arrival(order, x):
            self.refuse_with(order, problem)
        elif order.tif is TimeInForce.AT_CLOSE and not self.at_session_close(order):
            order.seat = Seat.AT_CLOSE
            self.accept(order, x)
        else:
            self.touch(order, x, Role.TAKER, Cause.ARRIVAL, arriving=True)
            self.cancel_left_over(order)
            self.accept(order, x)

    def leave_queue(self, order: Order) -> None:
        """Take an order out of wherever it waits."""
        if order in self.queue:
            self.queue.remove(order)
        order.seat = Seat.NOWHERE

    def refusal_on_arrival(self, order: Order, x: int) -> Reason | gate.Refusal | None:
        """S-20: post-only, reduce-only and the gate, asked for the whole remaining size."""
        fills_now = self.would_fill(order, x)
        if order.has(OrderFlag.POST_ONLY) and fills_now:
            return Reason.POST_ONLY_WOULD_TAKE
        quantity = min(order.remaining, self.parent_allows(order))
        if order.has(OrderFlag.REDUCE_ONLY):
            if self.opposite(order) == 0:
                return Reason.REDUCE_ONLY_NO_POSITION
            quantity = min(quantity, self.opposite(order))
        resting_price = order.limit or (0 if order.kind is OrderKind.TRAILING_STOP else order.trigger)
        price = x if fills_now else max(1, resting_price or x)
        return self.refusal(order, Role.TAKER, quantity, price)

    def refusal(self, order: Order, role: Role, quantity: int, price: int) -> gate.Refusal | None:
        """S-60: why this fill may not be; None if it may; what grows must leave all amounts within 64 bits."""
        listing = self.listings[order.instrument]
        held = self.account.positions[listing.index].lots
        after = held + order.side * quantity
        if not gate.is_judged(self.settings.risk, held, after) and self.account.kind is not AccountKind.CASH:
            return None
        try:
            fee = self.fee(listing, order, role, quantity, price)
            self.account.check_room(listing.index, order.side, quantity, price, fee)
        except OutOfRangeError:
            return gate.TOO_LARGE
        return gate.refusal(self.account, self.limits, gate.Fill(listing.index, order.side, quantity, price, fee))

    def would_fill(self, order: Order, x: int) -> bool:
        """Whether an order would fill at x as soon as it arrives there."""
        half = self.listings[order.instrument].half_spread
        waits_for_close = order.tif is TimeInForce.AT_CLOSE and not self.at_session_close(order)
        if order.kind is OrderKind.TRAILING_STOP or waits_for_close:
            return False
        if order.kind is OrderKind.STOP_LIMIT and not order.triggered:
            return order.meets(x, half) and order.side * (x + order.side * half) <= order.side * order.limit
        return order.meets(x, half)

    def at_session_close(self, order: Order) -> bool:
        """S-43: whether this very moment is C of the last bar of the session of its instrument."""
        listing = self.listings[order.instrument]
        return self.moment is Moment.CLOSE and listing.has_bar and listing.last_of_session

    def accept(self, order: Order, x: int) -> None:
        """S-48: told after the touch, if the order is then live and has no fill."""
        if order.live and order.filled == 0:
            order.status = OrderStatus.ACCEPTED
            self.event(EventKind.ACCEPTED, order, x)

    def cancel_left_over(self, order: Order) -> None:
        """S-20, S-42, S-43: what an order that does not rest has left is canceled."""
        if order.live and order.tif in LEFT_OVER:
            self.cancel(order, LEFT_OVER[order.tif])

    def touch(self, order: Order, x: int, role: Role, cause: Cause, *, arriving: bool = False) -> None:
        """S-23: the price x is where the order is; it fills, triggers or rests."""
        half = self.listings[order.instrument].half_spread
        order.seat = Seat.BOOK
        if arriving and order.kind is OrderKind.TRAILING_STOP:
            order.follow(x, first=True)  # S-25
            return
        if not order.meets(x, half):
            return
        if order.acts_as not in (OrderKind.MARKET, OrderKind.LIMIT):
            order.triggered = True
            self.event(EventKind.TRIGGERED, order, x)
            if not order.meets(x, half):
                return
            role = Role.TAKER
        order.seat = Seat.NOWHERE
        self.fill(order, x, role, cause)
        if order.live:
            order.seat = Seat.MET  # S-55: filled in part, or nothing left to fill with

    # -- fills ----------------------------------------------------------------------------------------------------

    def fill(self, order: Order, x: int, role: Role, cause: Cause) -> None:
        """S-58: fill what may be filled of an order at the path price x."""
        permit = self.permitted(order, x, role)
        if permit is not None:
            self.settle(order, x, role, cause, permit)

    def permitted(self, order: Order, x: int, role: Role) -> Permit | None:
        """S-58: what of an order may be filled at x; None for nothing, and then it may have ended for that."""
        listing = self.listings[order.instrument]
        if self.is_missed(order):
            self.cancel(order, Reason.MISSED_FILL)
            return None
        quantity = min(order.remaining, self.parent_allows(order))
        if quantity <= 0:  # S-28
            if not self.orders[order.parent - 1].live:
                self.cancel(order, Reason.PARENT_ENDED)
            return None
        is_cut = order.has(OrderFlag.REDUCE_ONLY) and self.opposite(order) < quantity  # S-45
        if is_cut:
            quantity = self.opposite(order)
            if quantity == 0:
                self.refuse(order, Reason.REDUCE_ONLY_NO_POSITION)
                return None
        quantity = self.drawn_part(order, quantity)
        quantity = quantity if listing.budget is None else min(quantity, listing.budget)  # S-55
        if quantity == 0 or (order.tif is TimeInForce.FOK and quantity < order.remaining):
            return None
        slip = costs.slippage(listing.instrument, x, quantity, listing.volume[listing.row])
        slip = slip if role is Role.TAKER else 0
        price = costs.fill_price(order.side, x, listing.half_spread, slip, order.limit)
        if problem := self.refusal(order, role, quantity, price):
            self.refuse_with(order, problem)
            return None
        fee = self.fee(listing, order, role, quantity, price)
        return Permit(gate.Fill(listing.index, order.side, quantity, price, fee), is_cut=is_cut)

    def settle(self, order: Order, x: int, role: Role, cause: Cause, permit: Permit) -> None:
        """S-58: a fill happens, with all that follows from it."""
        listing, first = self.listings[order.instrument], order.filled == 0
        if listing.budget is not None:
            listing.budget -= permit.fill.quantity
        self.book(order, x, role, cause, permit.fill)
        self.after_fill(order, x, first=first, is_cut=permit.is_cut)

    def is_missed(self, order: Order) -> bool:
        """S-54: a limit-kind order may be missed when it would first fill."""
        can_miss = order.acts_as is OrderKind.LIMIT and order.filled == 0 and order.tif is not TimeInForce.FOK
        return can_miss and draw_ppb(self.settings.seed, "misses", order.number) < self.settings.miss_ppb

    def drawn_part(self, order: Order, quantity: int) -> int:
        """S-54: the first fill of an order may be a part of it."""
        settings = self.settings
        if order.filled or quantity <= 1 or order.tif is TimeInForce.FOK:
            return quantity
        if draw_ppb(settings.seed, "partials", order.number) >= settings.partial_ppb:
            return quantity
        span = settings.partial_high_ppb - settings.partial_low_ppb + 1
        fraction = settings.partial_low_ppb + draw_ppb(settings.seed, "fractions", order.number) % span
        return max(1, quantity * fraction // PPB)

    def parent_allows(self, order: Order) -> int:
        """S-28: a child never fills more than its parent has filled."""
        return self.orders[order.parent - 1].filled - order.filled if order.parent else order.remaining

    def opposite(self, order: Order) -> int:
        """S-45: the lots of a position that this order would reduce."""
        return max(0, -order.side * self.account.positions[order.instrument].lots)

    def fee(self, listing: Listing, order: Order, role: Role, quantity: int, price: int) -> int:
        """S-53: the commission of a fill of this order."""
        notional = checked(quantity * price * listing.instrument.unit, "notional")
        first = order.filled == 0
        return costs.commission(listing.instrument, role, quantity, notional, first=first, traded=listing.traded)

    def book(self, order: Order, x: int, role: Role, cause: Cause, fill: gate.Fill, *, free: bool = False) -> None:
        """Write a fill down and change order and account."""
        listing = self.listings[order.instrument]
        paid = order.side * (fill.price - x)
        half = 0 if free else min(listing.half_spread, paid)
        found = self.account.after_fill(listing.index, order.side, fill.quantity, fill.price)
        self.account.apply(listing.index, found, fill.fee)
        if listing.instrument.commission.tiers:
            notional = fill.quantity * fill.price * listing.instrument.unit
            listing.traded = checked(listing.traded + notional, "notional")
        order.filled += fill.quantity
        order.status = OrderStatus.PARTIALLY_FILLED
        if not order.remaining:
            self.retire(order, OrderStatus.FILLED, order.reason)
        self.record.fills.append(
            FillRow(
                order.number, self.tick, self.moment, role, cause, listing.index, order.side,
                fill.price, fill.quantity, fill.fee, half, paid - half,
            )
        )  # fmt: skip
        self.event(EventKind.FILLED, order, len(self.record.fills) - 1)

    def after_fill(self, order: Order, x: int, *, first: bool, is_cut: bool) -> None:
        """S-27, S-45, S-28: the group ends, what was cut ends, children arrive at the price of the first fill."""
        self.end_group(order, Reason.ONE_CANCELS_OTHER)
        if is_cut and order.live:
            self.cancel(order, Reason.REDUCE_ONLY_NO_POSITION)
        for child in self.held_children(order) if first else []:
            if child.seat is Seat.HELD:
                self.release(child, x)

    def release(self, child: Order, x: int) -> None:
        """S-28: a child arrives at the price and moment of its parent's fill; an at-open child where S-42 says."""
        listing = self.listings[child.instrument]
        at_open = self.moment is Moment.OPEN and listing.first_of_session
        if child.tif is TimeInForce.AT_OPEN and not at_open:
            self.enqueue(child)
        else:
            self.arrive(child, x)
