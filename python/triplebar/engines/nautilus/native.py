"""A native run: NautilusTrader as its users run it, with our strategy in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from triplebar.contracts.codes import Moment, OrderKind
from triplebar.contracts.errors import AdapterError, OrderError
from triplebar.engines.base import Hooks, TableFacts
from triplebar.engines.guests.finish import floor_facts
from triplebar.engines.nautilus.configuration import native_blueprint
from triplebar.engines.nautilus.interruption import Interrupted
from triplebar.engines.nautilus.native_orders import NativeOrders
from triplebar.engines.nautilus.native_venue import NativeVenue
from triplebar.engines.nautilus.session import Session
from triplebar.engines.nautilus.surroundings import own_dice
from triplebar.engines.reference.decisions import Decisions
from triplebar.engines.reference.desk import Desk

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings


class NativeDesk(Desk):
    """The desk: what it sends goes to NautilusTrader when a word is spoken to the end."""

    _simulation: NativeVenue

    def buy(self, symbol: str, quantity: float, **keywords: Any) -> int:  # noqa: ANN401 - checked by `Ticket`
        """Send a buy order; its id."""
        number = super().buy(symbol, quantity, **keywords)
        self._simulation.flush()
        return number

    def sell(self, symbol: str, quantity: float, **keywords: Any) -> int:  # noqa: ANN401 - checked by `Ticket`
        """Send a sell order; its id."""
        number = super().sell(symbol, quantity, **keywords)
        self._simulation.flush()
        return number

    def close(self, symbol: str, tag: str | None = None) -> int | None:
        """Send a reduce-only market order for the whole position; None if there is none."""
        number = super().close(symbol, tag)
        self._simulation.flush()
        return number

    def modify(self, order: int, quantity: float | None = None, **prices: Any) -> bool:  # noqa: ANN401
        """Change an order (S-46); False if it is not live any more."""
        found = self._order(order)
        if found.live and found.kind is OrderKind.TRAILING_STOP:
            raise OrderError(
                "NautilusTrader does not change trailing stops",
                where=f"order {order}",
                fix="cancel it and send another",
            )
        done = super().modify(order, quantity, **prices)
        self._simulation.flush()
        return done


class NativeDecisions(Decisions):
    """Calls the handlers, with a desk that reaches the guest at once."""

    def __init__(self, strategy: Any, venue: NativeVenue, market: Any) -> None:  # noqa: ANN401
        """Give the strategy a desk."""
        super().__init__(strategy, venue, market)
        self.desk = NativeDesk(venue, market, self.alarms, self.logs)


class NativeRun:
    """One run; listens to the guest while it goes on."""

    def __init__(self, strategy: Any, market: Any, settings: Settings, hooks: Hooks) -> None:  # noqa: ANN401
        """Stand before the first tick."""
        self.hooks = hooks
        self.market = market
        self.settings = settings
        self.venue = NativeVenue(market, settings)
        self.decisions = NativeDecisions(strategy, self.venue, market)
        self.waiting = 0
        """Bars of this tick that the strategy has not seen yet."""
        self.decided = -1
        self.written = -1

    def facts(self) -> TableFacts:
        """Run, and give everything back to the guest's machine."""
        interrupted = False
        with own_dice():
            plan = native_blueprint(self.market, self.settings, self)
        with Session(plan, self) as session:
            self.venue.guest = NativeOrders(session, self.settings)
            try:
                session.run()
            except Interrupted:
                interrupted = True
            last = len(self.venue.clock) - 1
            if not interrupted and self.written != last:
                raise AdapterError(
                    f"NautilusTrader stopped the run after tick {self.written} of {last}: a cash account has run dry",
                    where="nautilus",
                    fix="use account='margin', more cash or smaller sizes, or engine='custom'",
                )
            self.venue.finish(self.decisions)
        return floor_facts(self.venue, self.decisions, interrupted=interrupted, warnings=self.venue.warnings)

    # -- what the guest tells -------------------------------------------------------------------------------------

    def started(self) -> None:
        """The guest starts, before it looks at its data."""
        self.decisions.start()

    def coming(self, found: Any) -> None:  # noqa: ANN401 - a bar or a trade
        """Something is about to be matched."""
        venue = self.venue
        before = venue.tick
        venue.advance(found.ts_init)
        if venue.tick != before:
            self.waiting = len(venue.trading())
            if self.hooks.interrupted():
                raise Interrupted
        is_bar = found.ts_init == venue.time_ns
        venue.moment = Moment.PATH if is_bar else Moment.OPEN

    def seen(self, found: Any) -> None:  # noqa: ANN401, ARG002 - a bar
        """The strategy sees a bar; when it has seen all of this tick, it decides."""
        self.waiting -= 1
        if self.waiting:
            return
        self.venue.value()
        self.venue.moment = Moment.DECISION
        self.decisions.decide()
        self.venue.moment = Moment.CLOSE
        self.decided = self.venue.tick

    def settled(self, time_ns: int) -> None:
        """What was decided at this tick has been worked off, as far as it has arrived."""
        venue = self.venue
        if self.decided <= self.written or time_ns != venue.time_ns:
            return
        venue.value()
        venue.write_equity()
        self.written = self.decided
        self.hooks.progress(self.written + 1, len(venue.clock))

    def commission(self, order: Any, quantity: Any, price: Any) -> Any:  # noqa: ANN401
        """A fill is paid for."""
        return self.venue.commission(order, quantity, price)

    def offered(self, order: Any, bid: Any, ask: Any) -> None:  # noqa: ANN401
        """A native run leaves the price of fills to the guest."""

    def event(self, event: Any) -> None:  # noqa: ANN401
        """Something has happened to an order."""
        self.venue.hear(event)
