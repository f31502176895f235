"""One `BacktestEngine`, from its building to its disposal; nothing of it outlives the run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.model.data import Bar, OrderBookDelta

from triplebar.contracts.errors import DataError
from triplebar.engines.nautilus import configuration
from triplebar.engines.nautilus.translator import bar
from triplebar.engines.nautilus.venue import Clockwork, Listener, PathFill, Schedule, StrategyWrapper
from triplebar.engines.nautilus.versions import NOISE, known_keywords

if TYPE_CHECKING:
    from types import TracebackType

    from triplebar.contracts.settings import Settings


class Session:
    """The guest with its venue, its instruments, its bars and one strategy."""

    def __init__(self, market: Any, settings: Settings, listener: Listener) -> None:  # noqa: ANN401 - a market
        """Build everything; what the guest cannot hold is refused here."""
        check_times(market)
        self.currencies = configuration.currencies(settings)
        self.grids = [configuration.grid_of(each) for each in settings.instruments]
        self.engine = BacktestEngine(configuration.engine_configuration())
        self.module = Clockwork(listener)
        self.strategy = StrategyWrapper(listener)
        self._add_venue(settings, listener)
        for place, grid in enumerate(self.grids):
            self.engine.add_instrument(configuration.strict_instrument(place, settings, grid, self.currencies))
        self.engine.add_strategy(self.strategy)
        self._add_bars(market, settings)

    def _add_venue(self, settings: Settings, listener: Listener) -> None:
        keywords = configuration.venue_keywords(settings, self.currencies)
        models = {"modules": [self.module], "fill_model": PathFill(listener), "fee_model": Schedule(listener)}
        self.engine.add_venue(**known_keywords(self.engine.add_venue, keywords | models))

    def _add_bars(self, market: Any, settings: Settings) -> None:  # noqa: ANN401
        """All bars in the order of time, those of one time in the order of instruments."""
        first_ns = int(market.clock[0])
        found: list[Bar] = []
        for place, grid in enumerate(self.grids):
            opening = OrderBookDelta.clear(configuration.instrument_id(place), 0, first_ns, first_ns)
            self.engine.add_data([opening], sort=False)  # one each: it asks for data of every book
            kind = configuration.bar_type(place, settings.instruments[place].interval_ns)
            found += bars(market.series(place), kind, grid)
        found.sort(key=lambda each: each.ts_init)  # stable: instruments keep their order
        self.engine.add_data(found, sort=True)

    def run(self) -> None:
        """Let the guest's own loop run over all bars."""
        with warnings.catch_warnings():
            for each in NOISE:
                warnings.filterwarnings("ignore", message=each)
            self.engine.run(streaming=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, place: TracebackType | None
    ) -> None:
        """Give everything back."""
        self.engine.dispose()


def check_times(market: Any) -> None:  # noqa: ANN401
    """NautilusTrader counts nanoseconds from 1970 on."""
    if len(market.clock) and int(market.clock[0]) < configuration.LEAST_TIME_NS:
        raise DataError(
            "the market begins before 1970, where NautilusTrader's clock begins",
            where="nautilus",
            fix="cut the market with between(), or use engine='custom'",
        )


def bars(series: Any, kind: Any, grid: Any) -> Iterator[Bar]:  # noqa: ANN401
    """The bars of one instrument."""
    ticks = series.ticks
    columns = (ticks.open, ticks.high, ticks.low, ticks.close, series.lots, series.time)
    for opened, high, low, close, lots, time_ns in zip(*(each.tolist() for each in columns), strict=True):
        yield bar(kind, grid, (opened, high, low, close), lots, time_ns)
