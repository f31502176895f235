"""A strict run on Backtrader: our conventions, its matching and its books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import backtrader as bt

from triplebar.engines.backtrader.book import BacktraderBook
from triplebar.engines.backtrader.broker import FloorBroker, tick_commission
from triplebar.engines.backtrader.feed import tick_feed
from triplebar.engines.backtrader.host import Host
from triplebar.engines.guests.finish import floor_facts
from triplebar.engines.guests.floor import GuestFloor
from triplebar.engines.reference.decisions import Decisions

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.engines.base import Hooks, TableFacts


class StrictSteps:
    """Backtrader's loop calls the broker, which lets the floor trade a bar; then this, for the decision."""

    def __init__(self, strategy: Any, market: Market, settings: Settings, hooks: Hooks) -> None:  # noqa: ANN401
        """Build broker, feeds and floor."""
        self.hooks = hooks
        self.broker = FloorBroker()
        self.feeds = [tick_feed(market.series(place)) for place in range(len(settings.instruments))]
        self.broker.set_cash(float(settings.cash[0]))
        self.book = BacktraderBook(self.broker, self.feeds)
        self.floor = GuestFloor(market, settings, self.book)
        self.decisions = Decisions(strategy, self.floor, market)
        self.interrupted = False
        self.host: Any = None

    def cerebro(self) -> bt.Cerebro:
        """Backtrader, ready to run."""
        engine = bt.Cerebro(stdstats=False)
        engine.setbroker(self.broker)
        for feed, instrument in zip(self.feeds, self.floor.settings.instruments, strict=True):
            engine.adddata(feed, name=instrument.symbol)
            self.broker.addcommissioninfo(tick_commission(instrument.unit), name=instrument.symbol)
        engine.addstrategy(Host, steps=self)
        return engine

    def start(self, host: Any) -> None:  # noqa: ANN401 - a strategy of Backtrader
        """Join, and let the strategy start; the caller may want to stop before the first bar."""
        self.host = host
        self.book.join(self.floor, host)
        self.decisions.start()
        self._look_for_interruption()

    def decide(self) -> None:
        """Steps 6 to 9 of a tick."""
        self.floor.decide(self.decisions)
        self.hooks.progress(self.floor.tick + 1, len(self.floor.clock))
        self._look_for_interruption()

    def stop(self) -> None:
        """The end of data."""
        self.floor.finish(self.decisions)

    def _look_for_interruption(self) -> None:
        last = self.floor.tick + 1 == len(self.floor.clock)
        if not last and self.hooks.interrupted():
            self.interrupted = True
            self.host.env.runstop()


def run_strict(strategy: Any, market: Market, settings: Settings, hooks: Hooks) -> TableFacts:  # noqa: ANN401
    """Run once, from the first tick to the last."""
    steps = StrictSteps(strategy, market, settings, hooks)
    steps.cerebro().run()
    return floor_facts(steps.floor, steps.decisions, interrupted=steps.interrupted)
