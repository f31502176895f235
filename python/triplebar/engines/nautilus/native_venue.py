"""The floor of a native run: our desk and our records, everything else as NautilusTrader does it.

Orders go to the guest at once. What becomes of them is what the guest says, when it says so; nothing is held back,
priced or cut by us, but that a strategy hears of it at its next decision (S-30).
"""

from __future__ import annotations

from typing import Any, Final

from nautilus_trader.model.enums import LiquiditySide
from nautilus_trader.model.events import (
    OrderAccepted,
    OrderCanceled,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    OrderUpdated,
)

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
from triplebar.contracts.settings import Settings
from triplebar.engines.nautilus.native_orders import ENTRIES, NativeOrders, native_capabilities
from triplebar.engines.nautilus.translator import minor_units, money
from triplebar.engines.reference import costs
from triplebar.engines.reference.engine import Simulation
from triplebar.engines.reference.gate import Fill
from triplebar.engines.reference.matching import LEFT_OVER
from triplebar.engines.reference.order import Order, Seat

WARNINGS_MOST: Final = 20
REASONS: Final = (
    ("POST_ONLY", Reason.POST_ONLY_WOULD_TAKE),
    ("REDUCE_ONLY", Reason.REDUCE_ONLY_NO_POSITION),
    ("SHORT SELLING", Reason.SHORT_NOT_ALLOWED),
    ("in the market", Reason.INVALID_PRICE),
    ("price", Reason.INVALID_PRICE),
    ("quantity", Reason.INVALID_QUANTITY),
    ("NOTIONAL", Reason.INSUFFICIENT_FUNDS),
    ("BALANCE", Reason.INSUFFICIENT_FUNDS),
    ("TradingState", Reason.RISK_TRADING_DISABLED),
    ("Contingent", Reason.GROUP_CANCELED),
    ("OTO", Reason.PARENT_ENDED),
)
"""What its reasons mean in ours: the first that is found in the text."""


class NativeVenue(Simulation):
    """Keeps the records of a native run."""

    def __init__(self, market: Any, settings: Settings) -> None:  # noqa: ANN401 - a market
        """Stand before the first tick."""
        super().__init__(market, settings)
        self.guest: NativeOrders
        self.warnings: list[str] = []
        self.capabilities = native_capabilities()
        self.highest = [max(listing.high, default=0) for listing in self.listings]
        self.outbox: list[Order] = []
        self.bracketed: set[int] = set()
        """Orders that are in a bracket of the guest's."""
        self.rested: set[int] = set()
        """Orders that the guest has accepted."""
        self.asked: dict[int, Reason] = {}
        """Orders that the guest has been asked to cancel, and why."""
        self.moment = Moment.DECISION

    # -- what the strategy sends ----------------------------------------------------------------------------------

    def send(self, order: Order, problem: Reason) -> None:
        """S-27, S-28, S-47; the guest takes fewer combinations than we do."""
        early = order.kind is OrderKind.TRAILING_STOP and not self.listings[order.instrument].seen
        if not problem and early:
            self.warn(order, "a trailing stop before the first bar ends it")
        if not problem and (early or not self.capabilities.supports(order.kind, order.tif)):
            problem = Reason.UNSUPPORTED
        super().send(order, problem)

    def enqueue(self, order: Order) -> None:
        """An order goes to the guest, or is changed there."""
        if order.status is OrderStatus.PENDING:
            order.status = OrderStatus.SUBMITTED
        order.seat = Seat.QUEUE
        if self.guest.has(order):
            self.guest.change(order)
        else:
            self.outbox.append(order)

    def flush(self) -> None:
        """Everything that one word of the desk has made is there: what the guest can take as a bracket goes as one."""
        while self.outbox:
            order = self.outbox.pop(0)
            if order.live:
                self.post(order)

    def post(self, order: Order) -> None:
        """Send an order, with its bracket if it has one that the guest knows."""
        self.check_worth(order)
        legs = self.held_children(order)
        if order.kind in ENTRIES and self.is_bracket(order, legs):
            self.bracketed |= {each.number for each in (order, *legs)}
            self.guest.place_bracket(order, *legs)
        else:
            self.guest.place(order)

    def check_worth(self, order: Order) -> None:
        """`TranslationError` for an order that is worth more than the guest's money can hold."""
        listing = self.listings[order.instrument]
        price = max(order.limit, order.trigger, self.highest[order.instrument])
        worth = order.quantity * price * listing.instrument.unit
        money(worth, self.settings.cash_precision, self.guest.session.currencies[listing.instrument.currency])

    def is_bracket(self, order: Order, legs: list[Order]) -> bool:
        """Whether these are a take profit and a stop loss of the same size that cancel each other, and nothing else."""
        alone = not order.group and not order.has(OrderFlag.REDUCE_ONLY)
        if not alone or [leg.kind for leg in legs] != [OrderKind.LIMIT, OrderKind.STOP]:
            return False
        profit, loss = legs
        return profit.group == loss.group != 0 and profit.quantity == loss.quantity == order.quantity

    def cancel(self, order: Order, reason: Reason) -> None:
        """Ask the guest, who says when it has happened; what it does not have ends at once.

        What an ended parent leaves in a bracket of the guest's, the guest ends.
        """
        if not self.guest.has(order):
            super().cancel(order, reason)
        elif reason is not Reason.PARENT_ENDED and order.number not in self.asked:
            self.asked[order.number] = reason
            self.guest.cancel(order)

    def allow_entries(self, allowed: bool) -> None:  # noqa: FBT001 - as in `Simulation`
        """S-60: the switch of the guest's own risk engine."""
        self.guest.halt(entries=not allowed)

    def release(self, child: Order, x: int) -> None:  # noqa: ARG002 - the guest knows its price
        """S-28: a child whose parent has filled goes to the guest, which has those of its own brackets already."""
        if child.number not in self.bracketed:
            self.enqueue(child)
            self.flush()

    def end_group(self, order: Order, reason: Reason) -> None:
        """S-27: the guest ends what is in its own brackets."""
        if order.number not in self.bracketed:
            super().end_group(order, reason)

    def leave_queue(self, order: Order) -> None:
        """What has been changed stays at the guest."""
        order.seat = Seat.NOWHERE

    def revive(self, order: Order) -> None:
        """The guest fills an order that it had ended before: it does so with canceled and rejected ones of brackets."""
        self.warnings.append(f"order {order.number}: NautilusTrader filled it after it was {order.status.text}")
        order.status, order.reason, order.ended = OrderStatus.ACCEPTED, Reason.NONE, -1
        self.live.append(order)
        self.live.sort(key=lambda each: each.number)

    def event(self, kind: EventKind, order: Order, value: int = 0) -> None:
        """Write down what happened to an order; a smaller size is told to the guest."""
        super().event(kind, order, value)
        if kind is EventKind.MODIFIED and order.seat in (Seat.BOOK, Seat.MET) and self.guest.has(order):
            self.guest.change(order)

    def flow(self, kind: FlowKind, instrument: int, currency: int, amount: int) -> None:
        """Cash that moves outside a fill moves at the guest."""
        super().flow(kind, instrument, currency, amount)
        if amount:
            self.guest.move_cash(currency, amount)

    # -- what the guest says --------------------------------------------------------------------------------------

    def hear(self, event: Any) -> None:  # noqa: ANN401
        """Something has happened to an order at the guest."""
        number = self.guest.number_of(event)
        if number is None:
            return
        order = self.orders[number - 1]
        if not order.live and not isinstance(event, OrderFilled):
            return
        if order.arrived < 0 and isinstance(event, (OrderAccepted, OrderFilled, OrderRejected)):
            order.arrived = self.tick
        match event:
            case OrderFilled():
                self.hear_fill(order, event)
            case OrderAccepted():
                self.hear_acceptance(order)
            case OrderTriggered():
                self.hear_trigger(order)
            case OrderUpdated():
                self.hear_update(order, event)
            case OrderCanceled():
                self.cancel(order, self.reason_of_cancel(order))
            case OrderExpired():
                self.end(order, OrderStatus.EXPIRED, Reason.DATE_REACHED)
            case OrderRejected() | OrderDenied():
                self.hear_refusal(order, event)

    def hear_acceptance(self, order: Order) -> None:
        """S-48: an order rests at the guest, or is about to fill."""
        order.seat = Seat.BOOK
        self.rested.add(order.number)
        if order.filled == 0 and order.status is not OrderStatus.ACCEPTED:
            order.status = OrderStatus.ACCEPTED
            self.event(EventKind.ACCEPTED, order, self.account.marks[order.instrument])

    def hear_trigger(self, order: Order) -> None:
        """S-23: a stop-limit has triggered."""
        order.triggered = True
        self.event(EventKind.TRIGGERED, order, order.trigger)

    def hear_update(self, order: Order, event: Any) -> None:  # noqa: ANN401
        """The guest has moved a trailing stop, or has cut a size."""
        grid = self.guest.session.grids[order.instrument]
        if event.trigger_price is not None and order.kind is OrderKind.TRAILING_STOP:
            order.trigger = grid.ticks(event.trigger_price)
        lots = grid.lots(event.quantity)
        if lots != order.quantity:
            order.quantity = max(lots, order.filled)
            super().event(EventKind.MODIFIED, order, order.quantity)

    def hear_fill(self, order: Order, event: Any) -> None:  # noqa: ANN401
        """A fill, as the guest has made it."""
        grid, listing = self.guest.session.grids[order.instrument], self.listings[order.instrument]
        lots, price = grid.lots(event.last_qty), grid.ticks(event.last_px)
        fee = minor_units(event.commission, self.settings.cash_precision)
        role = Role.MAKER if event.liquidity_side == LiquiditySide.MAKER else Role.TAKER
        slip = listing.instrument.slippage_ticks if role is Role.TAKER else 0
        cause = self.cause_of(order, role)
        if order.acts_as not in (OrderKind.MARKET, OrderKind.LIMIT):
            self.hear_trigger(order)
        if not order.live:
            self.revive(order)
        order.seat, first = Seat.BOOK, order.filled == 0
        order.quantity = max(order.filled + lots, self.guest.lots_of(order))  # a change may still be on its way
        fill = Fill(order.instrument, order.side, lots, price, fee)
        self.book(order, price - order.side * slip, role, cause, fill)
        self.after_fill(order, price, first=first, is_cut=False)

    def cause_of(self, order: Order, role: Role) -> Cause:
        """Why an order fills now: an order that has not rested, or takes with its limit, fills on arrival."""
        takes = role is Role.TAKER and order.acts_as is OrderKind.LIMIT
        if takes or order.number not in self.rested or self.moment is Moment.CLOSE:
            return Cause.ARRIVAL
        return Cause.JUMP if self.moment is Moment.OPEN else Cause.PATH

    def reason_of_cancel(self, order: Order) -> Reason:
        """Why the guest has canceled an order."""
        if order.number in self.asked:
            return self.asked[order.number]
        if order.tif in LEFT_OVER:
            return LEFT_OVER[order.tif]
        if order.parent and not self.orders[order.parent - 1].filled:
            return Reason.PARENT_ENDED
        return Reason.ONE_CANCELS_OTHER if order.group else Reason.REDUCE_ONLY_NO_POSITION

    def hear_refusal(self, order: Order, event: Any) -> None:  # noqa: ANN401
        """The guest refuses an order, for a reason of its own."""
        text = str(event.reason)
        reason = next((ours for theirs, ours in REASONS if theirs in text), Reason.UNSUPPORTED)
        self.warn(order, text)
        self.refuse(order, reason)

    def warn(self, order: Order, text: str) -> None:
        """Keep the guest's words, but not without end."""
        if len(self.warnings) < WARNINGS_MOST:
            self.warnings.append(f"order {order.number}: NautilusTrader refused it: {text}")

    def commission(self, found: Any, quantity: Any, price: Any) -> Any:  # noqa: ANN401
        """S-53: what a fill costs, in the guest's money."""
        order = self.orders[self.guest.number_that_lives(found) - 1]
        listing, grid = self.listings[order.instrument], self.guest.session.grids[order.instrument]
        role = Role.MAKER if found.liquidity_side == LiquiditySide.MAKER else Role.TAKER
        lots, notional = grid.lots(quantity), grid.lots(quantity) * grid.ticks(price) * listing.instrument.unit
        first = order.filled == 0
        fee = costs.commission(listing.instrument, role, lots, notional, first=first, traded=listing.traded)
        known = self.guest.session.currencies[listing.instrument.currency]
        cents = 10 ** max(0, self.settings.cash_precision - known.precision)
        return money((2 * fee + cents) // (2 * cents) * cents, self.settings.cash_precision, known)

    # -- the clock ------------------------------------------------------------------------------------------------

    def advance(self, time_ns: int) -> None:
        """Come to the tick of the clock that this time belongs to."""
        while self.tick + 1 < len(self.clock) and (self.tick < 0 or self.clock[self.tick] < time_ns):
            self.tick += 1
            for listing in self.listings:
                listing.begin(self.tick)

    def value(self) -> None:
        """Marks at the close, and cash as the guest has it."""
        for listing in self.trading():
            self.account.marks[listing.index] = listing.close[listing.row]
        self.account.set_rates(self.time_ns)
        for currency, total in enumerate(self.guest.balances()):
            costs_paid = 0
            if self.settings.account.kind != "cash":
                held = zip(self.account.positions, self.settings.instruments, strict=True)
                costs_paid = sum(position.cost for position, own in held if own.currency == currency)
            self.account.cash[currency] = total - costs_paid
