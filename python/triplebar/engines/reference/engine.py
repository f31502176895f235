"""The executable specification: the clock (S-10) and the path (S-21, S-22) of `docs/semantics.md` in plain Python.

Slow and obvious on purpose: the next price that the path meets is found by looking at all orders. Numbers in comments
are the rules of `docs/semantics.md`. What becomes of an order that is met stands in `matching`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.codes import (
    AccountKind,
    Cause,
    FillConvention,
    FlowKind,
    Moment,
    OrderFlag,
    OrderKind,
    OrderStatus,
    PathRule,
    Reason,
    Role,
    TimeInForce,
)
from triplebar.contracts.errors import ExecutionError, OrderError, TradingError
from triplebar.contracts.random import draw
from triplebar.contracts.settings import Settings
from triplebar.contracts.tables import NO_INSTRUMENT
from triplebar.contracts.time import YEAR_NS, to_text
from triplebar.engines.base import Hooks, TableFacts
from triplebar.engines.reference import costs, gate
from triplebar.engines.reference.decisions import Decisions, HandlerInterrupted
from triplebar.engines.reference.listing import Listing
from triplebar.engines.reference.matching import Venue
from triplebar.engines.reference.order import IN_MARKET, RESTING, Order, Seat
from triplebar.engines.reference.record import EquityRow, FlowRow
from triplebar.engines.reference.tables import canonical_tables
from triplebar.engines.reference.units import PPB, OutOfRangeError, scale, sign_of


class ReferenceEngine:
    """Runs a strategy by the letter of the rules."""

    name = "reference"

    def capabilities(self) -> Capabilities:
        """What orders this engine takes; anything else is rejected as `unsupported`."""
        return Capabilities.all()

    def run(self, strategy: Any, market: Any, settings: Settings, hooks: Hooks | None = None) -> TableFacts:  # noqa: ANN401
        """Run once, from the first tick to the last."""
        simulation = begun(market, settings)
        decisions = Decisions(strategy, simulation, market)
        try:
            interrupted = simulation.run(decisions, hooks or Hooks())
        except OutOfRangeError as problem:
            raise ExecutionError(problem.message, where=simulation.place(problem), fix=problem.fix) from None
        return TableFacts(
            canonical_tables(simulation.record, simulation.orders, settings),
            labels=simulation.record.labels,
            logs=decisions.logs,
            interrupted=interrupted,
            ended_clock=simulation.tick,
        )


def begun(market: Any, settings: Settings) -> Simulation:  # noqa: ANN401
    """A run before its first tick; what does not fit even there is an error of the run."""
    try:
        return Simulation(market, settings)
    except OutOfRangeError as problem:
        raise ExecutionError(problem.message, where=problem.where, fix=problem.fix) from None


class Simulation(Venue):
    """The clock, and the path that prices take through a bar."""

    def __init__(self, market: Any, settings: Settings) -> None:  # noqa: ANN401
        """Stand before the first tick."""
        super().__init__(market, settings)
        self.path_rule = PathRule.from_text(settings.path)
        self.same_close = FillConvention.from_text(settings.fill) is FillConvention.SAME_CLOSE
        self.latency = settings.latency_max_ns > 0
        self.over = False

    # -- the clock (S-10) -----------------------------------------------------------------------------------------

    def run(self, decisions: Decisions, hooks: Hooks) -> bool:
        """S-10, S-30, S-80: on_start, all ticks, on_stop, the end; whether somebody interrupted."""
        try:
            return self.all_ticks(decisions, hooks)
        except HandlerInterrupted:  # the data end within this decision, and the strategy is asked no more
            self.close_down()
            return True

    def all_ticks(self, decisions: Decisions, hooks: Hooks) -> bool:
        """S-10, S-30, S-80: whether the caller interrupted."""
        decisions.start()
        interrupted = False
        for tick in range(len(self.clock)):
            if interrupted := hooks.interrupted():
                break
            self.step(tick, decisions)
            hooks.progress(tick + 1, len(self.clock))
        self.finish(decisions)
        return interrupted

    def finish(self, decisions: Decisions) -> None:
        """S-31, S-80: the last notices, on_stop, and the end of all orders."""
        self.moment, self.over = Moment.DECISION, True
        decisions.stop()
        self.close_down()

    def close_down(self) -> None:
        """S-80: the end of all orders."""
        self.moment, self.over = Moment.DECISION, True
        self.end_all(list(self.live), OrderStatus.EXPIRED, Reason.END_OF_DATA)

    def place(self, problem: TradingError) -> str:
        """Where in the run something went wrong, and with what."""
        return f"tick {self.tick} at {to_text(self.time_ns)}, {problem.where}"

    def step(self, tick: int, decisions: Decisions) -> None:
        """One tick of the clock."""
        self.trade(tick)
        self.decide(decisions)

    def trade(self, tick: int) -> None:
        """Steps 1 to 5: everything up to the close."""
        self.tick = tick
        for listing in self.listings:
            listing.begin(tick)
        self.before()
        self.open()
        self.arrive_at_open()
        self.paths()
        self.close()

    def decide(self, decisions: Decisions) -> None:
        """Steps 6 to 9: the decision, and what follows from it at this close."""
        self.moment = Moment.DECISION
        decisions.decide()
        self.moment = Moment.CLOSE
        if self.same_close and not self.latency:
            self.arrive_at_close()
        if self.settings.close_at_end:
            self.close_ended_instruments()
        self.write_equity()

    def trading(self) -> list[Listing]:
        """The instruments with a bar at this tick, in order."""
        return [listing for listing in self.listings if listing.has_bar]

    def before(self) -> None:
        """Step 1: rates, borrow, funding, expiry."""
        self.moment = Moment.BEFORE
        self.account.set_rates(self.time_ns)
        for listing in self.listings:
            self.borrow(listing)
        for listing in self.listings:
            self.funding(listing)
        for order in list(self.live):
            if order.live:
                self.expire(order)

    def borrow(self, listing: Listing) -> None:
        """S-73: a short position pays for the time since the last tick."""
        if self.tick == 0 or self.account.positions[listing.index].lots >= 0:
            return
        elapsed_ns = self.time_ns - self.clock[self.tick - 1]
        divisor = PPB * YEAR_NS
        value = abs(self.account.value(listing.index))
        due = (value * listing.instrument.borrow_ppb * elapsed_ns + divisor // 2) // divisor
        self.flow(FlowKind.BORROW, listing.index, listing.instrument.currency, -due)

    def funding(self, listing: Listing) -> None:
        """S-72: each funding that has come due since the last tick."""
        last_ns = self.clock[self.tick - 1] if self.tick else None
        for due_ns, ppb in listing.instrument.funding:
            if due_ns <= self.time_ns and (last_ns is None or due_ns > last_ns):
                value = self.account.value(listing.index)
                paid = sign_of(value) * sign_of(ppb) * scale(abs(value), abs(ppb))
                self.flow(FlowKind.FUNDING, listing.index, listing.instrument.currency, -paid)

    def flow(self, kind: FlowKind, instrument: int, currency: int, amount: int) -> None:
        """Move cash outside a fill, and write it down."""
        if amount:
            self.account.move(currency, amount)
            self.record.flows.append(FlowRow(self.tick, kind, instrument, currency, amount))

    def expire(self, order: Order) -> None:
        """S-44: day orders after their session, good-till-date orders after their date."""
        day = order.tif is TimeInForce.DAY and order.seat in IN_MARKET
        if day and self.sessions[order.arrived] != self.sessions[self.tick]:
            self.end(order, OrderStatus.EXPIRED, Reason.DAY_ENDED)
        elif self.past_date(order):
            self.end(order, OrderStatus.EXPIRED, Reason.DATE_REACHED)

    def open(self) -> None:
        """Step 2: marks, spreads and volume of the bars that open, margin check, the jump to O."""
        self.moment = Moment.OPEN
        for listing in self.trading():
            self.account.marks[listing.index] = listing.open[listing.row]
            listing.open_bar()
        self.check_cross_margin()
        for listing in self.trading():
            self.jump(listing)

    def arrive_at_open(self) -> None:
        """Step 3: orders that are due arrive at O, in the order in which they were sent (S-20)."""
        for order in list(self.queue):
            listing = self.listings[order.instrument]
            if order.seat is Seat.QUEUE and listing.has_bar and self.arrives_at_open(order, listing):
                self.arrive(order, listing.open[listing.row])

    def arrives_at_open(self, order: Order, listing: Listing) -> bool:
        """S-42, S-57: at-open orders wait for a session; with latency an order is due at the bar's start or before."""
        if order.tif is TimeInForce.AT_OPEN and not listing.first_of_session:
            return False
        start_ns = self.time_ns - listing.instrument.interval_ns
        return self.due_ns(order) is None or (self.due_ns(order) or 0) <= start_ns

    def due_ns(self, order: Order) -> int | None:
        """S-57: when an order reaches the venue; None if at once (no latency, or sent by `on_start`)."""
        if not self.latency or order.sent_ns is None:
            return None
        low, high = self.settings.latency_min_ns, self.settings.latency_max_ns
        return order.sent_ns + low + draw(self.settings.seed, "latency", order.number) % (high - low + 1)

    def paths(self) -> None:
        """Step 4: every instrument walks its bar; at-close orders at the end of a session."""
        for listing in self.trading():
            self.moment = Moment.PATH
            self.walk_bar(listing)
            if listing.last_of_session:
                self.moment = Moment.CLOSE
                self.close_session(listing)

    def close(self) -> None:
        """Step 5: marks, margin check, drawdown limits."""
        self.moment = Moment.CLOSE
        for listing in self.trading():
            self.account.marks[listing.index] = listing.close[listing.row]
        self.check_cross_margin()
        new_session = self.tick > 0 and self.sessions[self.tick] != self.sessions[self.tick - 1]
        written = self.record.equity[-1].equity if self.record.equity else None
        self.limits.look(self.account, self.account.equity(), new_session=new_session, written=written)

    def arrive_at_close(self) -> None:
        """Step 7: under same-close, what was just sent arrives at C (S-20); at-open orders wait for O (S-42)."""
        for order in list(self.queue):
            listing = self.listings[order.instrument]
            if order.seat is Seat.QUEUE and listing.has_bar and order.tif is not TimeInForce.AT_OPEN:
                self.arrive(order, listing.close[listing.row])

    def close_ended_instruments(self) -> None:
        """S-81: at an instrument's own last bar its orders expire and its position is closed at C, with all costs."""
        for listing in self.trading():
            if listing.last:
                self.end_all(self.live_orders(listing), OrderStatus.EXPIRED, Reason.END_OF_DATA)
                self.force(listing, listing.close[listing.row], Reason.END_OF_DATA)

    def write_equity(self) -> None:
        """S-70, S-32, S-03: one row for each tick at or after the start."""
        if self.settings.start_ns is not None and self.time_ns < self.settings.start_ns:
            return
        equity = self.account.equity()
        held = [listing for listing in self.listings if self.account.positions[listing.index].lots]
        stale = any(not listing.has_bar for listing in held)
        self.record.equity.append(EquityRow(self.tick, self.time_ns, equity, self.account.cash_in_base(), stale))
        self.limits.peak = max(self.limits.peak, equity)

    # -- jump (S-21), path (S-22), close of the session (S-43) ----------------------------------------------------

    def resting(self, listing: Listing) -> list[Order]:
        """The orders of an instrument that wait for a price."""
        return [order for order in self.live_orders(listing) if order.seat in RESTING]

    def jump(self, listing: Listing) -> None:
        """S-21: resting orders that O meets are touched at O; then trailing triggers follow to O (S-25)."""
        x = listing.open[listing.row]
        self.liquidate_if_met(listing, x)
        for order in self.resting(listing):
            order.seat = Seat.BOOK
        self.touch_met(self.met_at(listing, x), x, Cause.JUMP)
        self.follow(listing, x)

    def met_at(self, listing: Listing, x: int) -> list[Order]:
        """The resting orders that the price x meets."""
        return [order for order in self.resting(listing) if order.meets(x, listing.half_spread)]

    def touch_met(self, orders: list[Order], x: int, cause: Cause) -> None:
        """Touch orders met at one price in the order of S-26; a limit is then the maker."""
        for order in sorted(orders, key=lambda order: order.precedence):
            if order.seat is Seat.BOOK:
                role = Role.MAKER if order.acts_as is OrderKind.LIMIT else Role.TAKER
                self.touch(order, x, role, cause)

    def follow(self, listing: Listing, x: int) -> None:
        """S-25: resting trailing stops follow the price, after matching at it."""
        for order in self.resting(listing):
            if order.acts_as is OrderKind.TRAILING_STOP:
                order.follow(x)

    def walk_bar(self, listing: Listing) -> None:
        """S-22, S-57: walk the path of a bar, with stops where orders arrive."""
        sides = {order.side for order in self.resting(listing)}
        points = listing.path(self.path_rule, self.account.positions[listing.index].lots, sides)
        arrivals = self.path_arrivals(listing, points)
        walked, x = 0, points[0]
        for goal in points[1:]:
            end = walked + abs(goal - x)
            while arrivals and arrivals[0][0] <= end:
                distance, order = arrivals.pop(0)
                stop = x + sign_of(goal - x) * (distance - walked)
                self.walk(listing, x, stop)
                walked, x = distance, stop
                if order.seat is Seat.QUEUE:
                    self.arrive(order, x)
            self.walk(listing, x, goal)
            walked, x = end, goal

    def path_arrivals(self, listing: Listing, points: list[int]) -> list[tuple[int, Order]]:
        """S-57: orders that become due inside the bar, with their distance along the path."""
        length = sum(abs(after - before) for before, after in pairwise(points))
        interval_ns = listing.instrument.interval_ns
        start_ns = self.time_ns - interval_ns
        found = []
        for order in self.queue:
            due_ns = self.due_ns(order)
            mine = order.instrument == listing.index and order.tif is not TimeInForce.AT_OPEN
            if mine and due_ns is not None and start_ns < due_ns < self.time_ns:
                found.append((due_ns, order.number, length * (due_ns - start_ns) // interval_ns, order))
        return [(distance, order) for _, _, distance, order in sorted(found, key=lambda each: each[:2])]

    def walk(self, listing: Listing, x: int, goal: int) -> None:
        """S-22: one move of the price, stopping wherever a resting order is met."""
        if x == goal:
            return
        while (stop := self.next_stop(listing, x, goal)) is not None:
            x, met = stop
            self.liquidate_if_met(listing, x)
            self.touch_met(met, x, Cause.PATH)
            self.follow(listing, x)
        self.follow(listing, goal)

    def next_stop(self, listing: Listing, x: int, goal: int) -> tuple[int, list[Order]] | None:
        """The nearest price after x and not after `goal` where something is met, and the orders met there."""
        if self.account.is_liquidated_at(listing.index, x):
            return x, []
        heading = sign_of(goal - x)
        met: dict[int, list[Order]] = {}
        for order in self.resting(listing):
            place = order.coordinate(listing.half_spread)
            waits = order.seat is Seat.BOOK and order.acts_as is not OrderKind.MARKET and order.heading == heading
            if waits and heading * x < heading * place <= heading * goal:
                met.setdefault(place, []).append(order)
        level = self.account.liquidation_price(listing.index)
        if level is not None and heading * x < heading * level <= heading * goal:
            met.setdefault(level, [])
        stop = min(met, key=lambda place: heading * place, default=None)
        return None if stop is None else (stop, met[stop])

    def close_session(self, listing: Listing) -> None:
        """S-43: orders that wait for the close are touched at C, in order of arrival."""
        waiting = [order for order in self.live_orders(listing) if order.seat is Seat.AT_CLOSE]
        for order in sorted(waiting, key=lambda order: order.rank):
            if order.seat is Seat.AT_CLOSE:
                self.touch(order, listing.close[listing.row], Role.TAKER, Cause.CLOSE)
                self.cancel_left_over(order)

    # -- what a strategy asks for -----------------------------------------------------------------------------------

    def is_warming(self, listing: Listing) -> bool:
        """S-32: whether orders for this instrument are refused because it is still warming up."""
        start_ns, bars = self.settings.start_ns, self.settings.warmup_bars
        return (start_ns is not None and self.time_ns < start_ns) or (bars > 0 and listing.seen <= bars)

    def allow_entries(self, allowed: bool) -> None:  # noqa: FBT001 - a switch
        """S-60: the kill switch."""
        self.limits.trading_enabled = allowed

    def cancel_by_strategy(self, order: Order) -> None:
        """S-20: at once."""
        self.cancel(order, Reason.BY_STRATEGY)

    def move_capital(self, kind: FlowKind, currency: int, amount: int) -> None:
        """S-20: deposits, withdrawals, conversions, at once."""
        self.check_capital(kind, currency, amount)
        self.flow(kind, NO_INSTRUMENT, currency, amount)

    def check_capital(self, kind: FlowKind, currency: int, amount: int) -> None:
        """S-75: a cash account has no debt, a run that is over no cash."""
        name = self.settings.currencies[currency]
        if self.over:
            raise OrderError("the run is over", where=kind.text, fix="move cash before on_stop")
        if self.account.kind is AccountKind.CASH and self.account.cash[currency] + amount < 0:
            raise OrderError(f"there is not enough {name}", where=kind.text, fix="ask for less")

    # -- liquidation and forced closing (S-63, S-64, S-81) --------------------------------------------------------

    def liquidate_if_met(self, listing: Listing, x: int) -> None:
        """S-63: an isolated position is closed where the price meets its liquidation price."""
        if not self.account.is_liquidated_at(listing.index, x):
            return
        margin = self.account.positions[listing.index].margin
        self.end_all(self.live_orders(listing), OrderStatus.CANCELED, Reason.LIQUIDATION)
        lost = self.force(listing, x, Reason.LIQUIDATION)
        self.flow(FlowKind.INSURANCE, listing.index, listing.instrument.currency, max(0, lost - margin))

    def check_cross_margin(self) -> None:
        """S-64: equity under the maintenance margin closes everything, at marks."""
        maintenance_ppb = self.settings.account.maintenance_ppb
        if self.settings.account.kind != "margin" or maintenance_ppb == 0:
            return
        if self.account.equity() >= scale(self.account.gross(), maintenance_ppb):
            return
        self.end_all(list(self.live), OrderStatus.CANCELED, Reason.LIQUIDATION)
        for listing in self.listings:
            self.force(listing, self.account.marks[listing.index], Reason.LIQUIDATION)

    def force(self, listing: Listing, x: int, reason: Reason) -> int:
        """Close a position by an order of the venue; what was lost, fee included."""
        lots = self.account.positions[listing.index].lots
        if lots == 0:
            return 0
        order = Order(
            number=len(self.orders) + 1, instrument=listing.index, side=-sign_of(lots), kind=OrderKind.MARKET,
            tif=TimeInForce.GTC, flags=OrderFlag.VENUE, quantity=abs(lots), limit=0, trigger=0, trail=0, expire=0,
            group=0, parent=0, tag=0, client=0, sent=self.tick, sent_ns=self.time_ns, arrived=self.tick, reason=reason,
        )  # fmt: skip
        self.orders.append(order)
        self.live.append(order)
        price, free = x, reason is Reason.LIQUIDATION
        if not free:
            slip = costs.slippage(listing.instrument, x, order.quantity, listing.volume[listing.row])
            price = costs.fill_price(order.side, x, listing.half_spread, slip, 0)
        fee = self.fee(listing, order, Role.TAKER, order.quantity, price)
        realised = self.account.after_fill(listing.index, order.side, order.quantity, price).realised
        wanted = gate.Fill(listing.index, order.side, order.quantity, price, fee)
        self.book(order, x, Role.TAKER, Cause.FORCED, wanted, free=free)
        return fee - realised
