"""Step 6 of a tick: notices, bars, slices, timers (S-10, S-30, S-31)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from triplebar.contracts.codes import EventKind
from triplebar.engines.base import overridden
from triplebar.engines.reference.alarm import Alarm
from triplebar.engines.reference.desk import Desk
from triplebar.engines.reference.record import EventRow
from triplebar.strategy.bar import Fill, OrderEvent, Timer, bar_of
from triplebar.strategy.failures import handler_error
from triplebar.strategy.handlers import HANDLERS

if TYPE_CHECKING:
    from triplebar.engines.reference.engine import Simulation


class HandlerInterrupted(KeyboardInterrupt):
    """Ctrl-C came while a handler ran: between facts, so that what was done so far can be shown."""


class Decisions:
    """Calls the handlers that a strategy has."""

    def __init__(self, strategy: Any, simulation: Simulation, market: Any) -> None:  # noqa: ANN401
        """Give the strategy a desk."""
        self.strategy = strategy
        self.simulation = simulation
        self.handlers = overridden(strategy, tuple(HANDLERS))
        self.alarms: list[Alarm] = []
        self.logs: list[Any] = []
        self.desk = Desk(simulation, market, self.alarms, self.logs)
        self.series = [market.series(listing.index) for listing in simulation.listings]
        self.told = 0

    def call(self, handler: str, *arguments: Any) -> None:  # noqa: ANN401 - what the handler takes
        """Call a handler if the strategy has it; what it raises is told with its place in the run."""
        if handler not in self.handlers:
            return
        try:
            getattr(self.strategy, handler)(self.desk, *arguments)
        except KeyboardInterrupt:
            raise HandlerInterrupted from None
        except Exception as problem:
            raise handler_error(
                problem,
                strategy=getattr(self.strategy, "name", type(self.strategy).__name__),
                handler=handler,
                index=self.simulation.tick,
                time_ns=self.simulation.time_ns,
                symbol=getattr(arguments[0], "symbol", None) if arguments else None,
            ) from problem

    def start(self) -> None:
        """S-30: before the first bar."""
        self.call("on_start")

    def decide(self) -> None:
        """S-10, step 6: notices, on_bar in order, on_slice, timers that were due when the step began."""
        due = [alarm for alarm in self.alarms if alarm.due_ns <= self.simulation.time_ns]
        self.tell()
        bars = [bar_of(self.series[listing.index], listing.row) for listing in self.simulation.trading()]
        for bar in bars:
            self.call("on_bar", bar)
        self.call("on_slice", {bar.symbol: bar for bar in bars})
        self.ring(due)

    def stop(self) -> None:
        """S-31, S-80: the last notices, then on_stop."""
        self.tell()
        self.call("on_stop")

    def tell(self) -> None:
        """S-31: what has happened since the last decision, in the order of the facts."""
        news = self.simulation.record.events[self.told :]
        self.told += len(news)
        for row in news:
            if row.kind is EventKind.FILLED:
                self.call("on_fill", self.fill(row))
            else:
                self.call("on_order", self.order_event(row))

    def ring(self, due: list[Alarm]) -> None:
        """S-10: by due time, then in the order in which they were set; those canceled meanwhile stay silent."""
        for alarm in sorted(due, key=lambda alarm: alarm.due_ns):
            if alarm not in self.alarms:
                continue
            timer = Timer(alarm.name, alarm.due_ns)
            if alarm.every_ns:
                alarm.move_on(self.simulation.time_ns)
            else:
                self.alarms.remove(alarm)
            self.call("on_timer", timer)

    def fill(self, row: EventRow) -> Fill:
        """A fill as the strategy sees it."""
        found = self.simulation.record.fills[row.value]
        instrument = self.simulation.settings.instruments[found.instrument]
        return Fill(
            order=found.order,
            symbol=instrument.symbol,
            side=found.side,
            quantity=found.quantity / 10.0**instrument.size_precision,
            price=found.price / 10.0**instrument.price_precision,
            fee=found.fee / 10.0**self.simulation.settings.cash_precision,
            time_ns=self.simulation.time_at(found.clock),
            role=found.role.text,
            moment=found.moment.text,
            tag=self.tag(found.order),
        )

    def order_event(self, row: EventRow) -> OrderEvent:
        """An event of an order as the strategy sees it."""
        symbol = self.simulation.settings.instruments[self.simulation.orders[row.order - 1].instrument].symbol
        time_ns = self.simulation.time_at(row.clock)
        return OrderEvent(row.kind.text, row.reason.text, row.order, symbol, time_ns, self.tag(row.order))

    def tag(self, number: int) -> str | None:
        """The tag of an order."""
        return self.simulation.record.text(self.simulation.orders[number - 1].tag)
