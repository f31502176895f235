"""A strict run: the guest's own loop over the bars, stopped at each tick of our clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts.errors import AdapterError
from triplebar.engines.base import Hooks, TableFacts
from triplebar.engines.guests.finish import floor_facts
from triplebar.engines.nautilus.configuration import strict_blueprint
from triplebar.engines.nautilus.floor import NautilusFloor
from triplebar.engines.nautilus.interruption import Interrupted
from triplebar.engines.nautilus.orders import GuestOrders
from triplebar.engines.nautilus.session import Session
from triplebar.engines.nautilus.surroundings import own_dice
from triplebar.engines.reference.decisions import Decisions

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings


LARGEST_GAP: Final = 1000
"""It computes profits in doubles; a thousandth of a unit of money is more than that explains."""


class StrictRun:
    """One run; listens to the guest while it goes on."""

    def __init__(self, strategy: Any, market: Any, settings: Settings, hooks: Hooks) -> None:  # noqa: ANN401
        """Stand before the first tick."""
        self.hooks = hooks
        self.market = market
        self.settings = settings
        self.floor = NautilusFloor(market, settings)
        self.decisions = Decisions(strategy, self.floor, market)
        self.times: list[int] = self.floor.clock

    def facts(self) -> TableFacts:
        """Run, and give everything back to the guest's machine."""
        interrupted = False
        with own_dice():
            plan = strict_blueprint(self.market, self.settings, self)
        with Session(plan, self) as session:
            self.floor.guest = GuestOrders(session, self.settings)
            try:
                session.run()
            except Interrupted:
                interrupted = True
            if not interrupted and self.floor.tick != len(self.times) - 1:
                raise AdapterError(
                    f"NautilusTrader stopped the run after tick {self.floor.tick} of {len(self.times)}",
                    where="nautilus",
                    fix="run with engine='custom', and report this",
                )
            self.floor.finish(self.decisions)
        return self.tables(interrupted=interrupted)

    def tables(self, *, interrupted: bool) -> TableFacts:
        """What the run has left."""
        floor, one = self.floor, 10**self.settings.cash_precision
        if floor.gap > one // LARGEST_GAP:
            floor.warnings.append(
                f"NautilusTrader's own account differs from what its fills add up to by up to {floor.gap / one:g}; "
                "the results are what its fills add up to"
            )
        return floor_facts(floor, self.decisions, interrupted=interrupted, warnings=floor.warnings)

    # -- what the guest tells -------------------------------------------------------------------------------------

    def started(self) -> None:
        """The guest starts, before it looks at its data."""
        self.decisions.start()

    def coming(self, found: Any) -> None:  # noqa: ANN401
        """The first bar of a tick: everything that happens at this tick happens now."""
        following = self.floor.tick + 1
        if following == len(self.times) or found.ts_init < self.times[following]:
            return
        if self.hooks.interrupted():
            raise Interrupted
        self.floor.step(following, self.decisions)
        self.hooks.progress(following + 1, len(self.times))

    def offered(self, order: Any, bid: Any, ask: Any) -> Any:  # noqa: ANN401
        """An order is matched."""
        return self.floor.offered(order, bid, ask)

    def commission(self, order: Any, quantity: Any, price: Any) -> Any:  # noqa: ANN401
        """A fill is paid for."""
        return self.floor.commission(order, quantity, price)

    def seen(self, found: Any) -> None:  # noqa: ANN401
        """The strategy has seen the bar already."""

    def settled(self, time_ns: int) -> None:
        """Everything has been settled already."""

    def event(self, event: Any) -> None:  # noqa: ANN401
        """Something has happened to an order."""
        self.floor.hear(event)
