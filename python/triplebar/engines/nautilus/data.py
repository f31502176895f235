"""The bars of a market as NautilusTrader's data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from nautilus_trader.model.data import Bar, BarSpecification, BarType, OrderBookDelta, TradeTick
from nautilus_trader.model.enums import AggregationSource, AggressorSide, BarAggregation, PriceType
from nautilus_trader.model.identifiers import TradeId

from triplebar.contracts.errors import DataError
from triplebar.engines.nautilus.instruments import instrument_id
from triplebar.engines.nautilus.translator import Grid, bar

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings

STEPS: Final = (
    (86_400 * 10**9, BarAggregation.DAY, 1),
    (3_600 * 10**9, BarAggregation.HOUR, 24),
    (60 * 10**9, BarAggregation.MINUTE, 60),
    (10**9, BarAggregation.SECOND, 60),
    (10**6, BarAggregation.MILLISECOND, 1000),
)


def bar_step(interval_ns: int) -> tuple[int, BarAggregation]:
    """The name of an interval; `1-DAY` for what has none, which changes nothing.

    >>> bar_step(900 * 10**9)[0]
    15
    """
    for unit_ns, aggregation, most in STEPS:
        step, rest = divmod(interval_ns, unit_ns)
        if not rest and 0 < step < most and most % step == 0:
            return step, aggregation
    return 1, BarAggregation.DAY


def bar_type(place: int, interval_ns: int) -> BarType:
    """Bars of an instrument, made outside."""
    step, aggregation = bar_step(interval_ns)
    spec = BarSpecification(step, aggregation, PriceType.LAST)
    return BarType(instrument_id(place), spec, AggregationSource.EXTERNAL)


def check_times(market: Any) -> None:  # noqa: ANN401
    """NautilusTrader counts nanoseconds from 1970 on."""
    if len(market.clock) and int(market.clock[0]) < 0:
        raise DataError(
            "the market begins before 1970, where NautilusTrader's clock begins",
            where="nautilus",
            fix="cut the market with between(), or use engine='custom'",
        )


def all_bars(market: Any, settings: Settings, grids: list[Grid]) -> list[Any]:  # noqa: ANN401
    """All bars in the order of time, those of one time in the order of instruments."""
    found: list[Any] = []
    for place, grid in enumerate(grids):
        kind = bar_type(place, settings.instruments[place].interval_ns)
        found += bars(market.series(place), kind, grid)
    return sorted(found, key=lambda each: each.ts_init)


def bars(series: Any, kind: BarType, grid: Grid) -> Iterator[Bar]:  # noqa: ANN401
    """The bars of one instrument."""
    ticks = series.ticks
    columns = (ticks.open, ticks.high, ticks.low, ticks.close, series.lots, series.time)
    for opened, high, low, close, lots, time_ns in zip(*(each.tolist() for each in columns), strict=True):
        yield bar(kind, grid, (opened, high, low, close), lots, time_ns)


def empty_book(place: int, time_ns: int) -> OrderBookDelta:
    """A first word about a book: a venue whose books have levels wants one for each instrument."""
    return OrderBookDelta.clear(instrument_id(place), 0, time_ns, time_ns)


def opening_trades(market: Any, settings: Settings, grids: list[Grid]) -> list[Any]:  # noqa: ANN401
    """The open of every bar as a trade, a nanosecond after the bar begins: what is in flight arrives there."""
    found: list[Any] = []
    for place, grid in enumerate(grids):
        series, interval_ns = market.series(place), settings.instruments[place].interval_ns
        last_ns = -1
        rows = zip(series.ticks.open.tolist(), series.lots.tolist(), series.time.tolist(), strict=True)
        for number, (opened, lots, time_ns) in enumerate(rows):
            since_ns = max(last_ns, time_ns - interval_ns) + 1
            last_ns = time_ns
            size = grid.size(max(1, lots))
            trade = TradeId(f"O{place}-{number}")
            found.append(
                TradeTick(
                    instrument_id(place),
                    grid.price(opened),
                    size,
                    AggressorSide.NO_AGGRESSOR,
                    trade,
                    since_ns,
                    since_ns,
                )
            )
    return found
