"""Backtrader as its users run it: its own fill rules, its own checks of cash, its own brackets and groups."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import backtrader as bt

from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.codes import Cause, Moment, OrderFlag, OrderKind, OrderStatus, Reason, Role, TimeInForce
from triplebar.contracts.time import from_ns
from triplebar.engines.backtrader.book import KINDS
from triplebar.engines.backtrader.feed import user_feed
from triplebar.engines.backtrader.host import Host
from triplebar.engines.backtrader.native_setup import native_broker
from triplebar.engines.guests.finish import floor_facts
from triplebar.engines.guests.native import Execution, NativeFloor
from triplebar.engines.reference.decisions import Decisions
from triplebar.engines.reference.order import Order

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.engines.base import Hooks, TableFacts

RESTING_KINDS: Final = (OrderKind.LIMIT, OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.TRAILING_STOP)
TAKES: Final = Capabilities(
    frozenset(
        {
            (OrderKind.MARKET, TimeInForce.GTC),
            (OrderKind.MARKET, TimeInForce.AT_CLOSE),
            *((kind, tif) for kind in RESTING_KINDS for tif in (TimeInForce.GTC, TimeInForce.DAY, TimeInForce.GTD)),
        }
    )
)
"""What Backtrader has words for."""
ENDS: Final = {
    bt.Order.Margin: (OrderStatus.REJECTED, Reason.INSUFFICIENT_FUNDS),
    bt.Order.Rejected: (OrderStatus.REJECTED, Reason.PARENT_ENDED),
    bt.Order.Expired: (OrderStatus.EXPIRED, Reason.DATE_REACHED),
    bt.Order.Canceled: (OrderStatus.CANCELED, Reason.GROUP_CANCELED),
}


class NativeBook:
    """Our orders at a `BackBroker`."""

    def __init__(self, broker: Any, feeds: list[Any], settings: Settings) -> None:  # noqa: ANN401
        """An empty book."""
        self.broker, self.feeds, self.settings = broker, feeds, settings
        self.host: Any = None
        self.theirs: dict[int, Any] = {}
        self.ours: dict[int, Order] = {}
        self.leaders: dict[int, Any] = {}
        """The order of each group that Backtrader hangs the others on."""
        self.cash_unit = 10.0**settings.cash_precision

    def submit(self, orders: list[Order]) -> None:
        """Send orders; Backtrader holds a bracket back until its last child is there."""
        children: dict[int, list[Order]] = defaultdict(list)
        for order in orders:
            if order.parent:
                children[order.parent].append(order)
        for order in orders:
            if not order.parent:
                self.send(order, transmit=not children[order.number])
                for child in children[order.number]:
                    self.send(child, transmit=child is children[order.number][-1])

    def send(self, order: Order, *, transmit: bool) -> None:
        """One order in Backtrader's words."""
        instrument = self.settings.instruments[order.instrument]
        prices, sizes = 10.0**instrument.price_precision, 10.0**instrument.size_precision
        trails = order.kind is OrderKind.TRAILING_STOP
        price = order.trigger or order.limit
        shares = order.has(OrderFlag.TRAIL_IS_PPB)
        send = self.host.buy if order.side > 0 else self.host.sell
        # children of a bracket cancel each other by themselves
        leader = self.leaders.get(order.group) if order.group and not order.parent else None
        made = send(
            data=self.feeds[order.instrument],
            size=order.remaining / sizes,
            price=None if trails or not price else price / prices,
            plimit=order.limit / prices if order.kind is OrderKind.STOP_LIMIT else None,
            exectype=bt.Order.Close if order.tif is TimeInForce.AT_CLOSE else KINDS[order.kind],
            valid=self._valid(order),
            oco=leader,
            trailamount=order.trail / prices if trails and not shares else None,
            trailpercent=order.trail / 1e9 if trails and shares else None,
            parent=self.theirs[order.parent] if order.parent else None,
            transmit=transmit,
        )
        if order.group and not order.parent and leader is None:
            self.leaders[order.group] = made
        self.theirs[order.number] = made
        self.ours[made.ref] = order

    def _valid(self, order: Order) -> Any:  # noqa: ANN401 - what Backtrader takes
        if order.tif is TimeInForce.DAY:
            return bt.Order.DAY
        return from_ns(order.expire).replace(tzinfo=None) if order.tif is TimeInForce.GTD else None

    def withdraw(self, order: Order) -> None:
        """Cancel an order, and hear no more of it."""
        made = self.theirs.pop(order.number, None)
        if made is not None:
            self.ours.pop(made.ref, None)
            self.broker.cancel(made)

    def lots(self, instrument: int) -> int:
        """The position."""
        precision = self.settings.instruments[instrument].size_precision
        return nearest(self.broker.getposition(self.feeds[instrument]).size * 10.0**precision)

    def cash(self) -> int:
        """The cash."""
        return nearest(self.broker.getcash() * self.cash_unit)

    def equity(self) -> int:
        """The valuation of the last bar."""
        return nearest(self.broker.getvalue() * self.cash_unit)

    def add_cash(self, amount: int) -> None:
        """Backtrader books it with the next bar."""
        self.broker.add_cash(amount / self.cash_unit)


class NativeSteps:
    """Backtrader's loop, and our strategy in it."""

    def __init__(self, strategy: Any, market: Market, settings: Settings, hooks: Hooks) -> None:  # noqa: ANN401
        """Build broker, feeds and floor."""
        self.settings, self.hooks = settings, hooks
        self.feeds = [user_feed(market.series(place)) for place in range(len(settings.instruments))]
        self.broker = native_broker(settings)
        self.book = NativeBook(self.broker, self.feeds, settings)
        self.floor = NativeFloor(market, settings, self.book, TAKES)
        self.decisions = Decisions(strategy, self.floor, market)
        self.interrupted = False

    def cerebro(self) -> bt.Cerebro:
        """Backtrader, ready to run."""
        engine = bt.Cerebro(stdstats=False)
        engine.setbroker(self.broker)
        for feed, instrument in zip(self.feeds, self.settings.instruments, strict=True):
            engine.adddata(feed, name=instrument.symbol)
        engine.addstrategy(Host, steps=self, on_order=self.on_order)
        return engine

    def start(self, host: Any) -> None:  # noqa: ANN401 - a strategy of Backtrader
        """Let the strategy start; what it sends now goes out with the first bar, as Backtrader has no price before."""
        self.book.host = host
        self.decisions.start()

    def on_order(self, made: Any) -> None:  # noqa: ANN401 - an order of Backtrader
        """Translate what Backtrader says; notes of a bar come before its `next`."""
        order = self.book.ours.get(made.ref)
        if order is None:
            return
        self._begin_tick()
        if made.status == bt.Order.Accepted:
            self.floor.accepted(order)
        for part in made.executed.iterpending():
            if part.size:
                self.floor.executed(order, self._execution(order, part))
        if made.status in ENDS:
            status, reason = ENDS[made.status]
            self.floor.ended(order, status, self._reason(order, reason))

    def decide(self) -> None:
        """After the notes of a bar."""
        self._begin_tick()
        self.floor.decide(self.decisions)
        self.hooks.progress(self.floor.tick + 1, len(self.floor.clock))
        if self.floor.tick + 1 < len(self.floor.clock) and self.hooks.interrupted():
            self.interrupted = True
            self.book.host.env.runstop()

    def stop(self) -> None:
        """The end of data."""
        self.floor.finish(self.decisions)

    def warnings(self) -> list[str]:
        """What was lost in the translation of fills."""
        gap = self.floor.cash_gap()
        if abs(gap) <= len(self.floor.record.fills):
            return []
        amount = f"{gap / self.book.cash_unit:.8f}"
        text = f"Backtrader's cash differs by {amount} from what its fills, rounded to ticks and lots, add up to"
        return [f"{text}; the curve is Backtrader's own"]

    def _begin_tick(self) -> None:
        """Notes come first, then the bar: whichever it is, the tick begins once."""
        host = self.book.host
        if self.floor.tick < len(host) - 1:
            self.floor.trade(len(host) - 1)

    def _execution(self, order: Order, part: Any) -> Execution:  # noqa: ANN401 - a part of an execution
        instrument, listing = self.settings.instruments[order.instrument], self.floor.listings[order.instrument]
        price = round(part.price * 10.0**instrument.price_precision)
        opened = listing.open[listing.row]
        at_close = order.tif is TimeInForce.AT_CLOSE or (
            order.kind is OrderKind.MARKET and self.settings.fill == "same_close"
        )
        plain = order.kind is OrderKind.MARKET and not at_close
        return Execution(
            price=price,
            quantity=round(abs(part.size) * 10.0**instrument.size_precision),
            fee=round((part.closedcomm + part.openedcomm) * self.book.cash_unit),
            moment=Moment.CLOSE if at_close else Moment.OPEN if plain or price == opened else Moment.PATH,
            role=Role.MAKER if order.kind is OrderKind.LIMIT else Role.TAKER,
            cause=Cause.CLOSE if at_close else Cause.ARRIVAL if plain else Cause.PATH,
            slippage=order.side * (price - opened) if plain else 0,
        )

    def _reason(self, order: Order, reason: Reason) -> Reason:
        """Why Backtrader ended an order: it does not say, but there are few possibilities."""
        if reason is Reason.DATE_REACHED and order.tif is TimeInForce.DAY:
            return Reason.DAY_ENDED
        if reason is not Reason.GROUP_CANCELED:
            return reason
        parent = self.floor.orders[order.parent - 1] if order.parent else None
        if parent is not None and not parent.filled:
            return Reason.PARENT_ENDED
        return Reason.ONE_CANCELS_OTHER if order.group else Reason.PARENT_ENDED


def nearest(amount: float) -> int:
    """A double on our grid."""
    return round(amount)


def run_native(strategy: Any, market: Market, settings: Settings, hooks: Hooks) -> TableFacts:  # noqa: ANN401
    """Run once, from the first tick to the last."""
    steps = NativeSteps(strategy, market, settings, hooks)
    steps.cerebro().run()
    return floor_facts(steps.floor, steps.decisions, interrupted=steps.interrupted, warnings=steps.warnings())
