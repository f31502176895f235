"""Small markets and runs for tests of the reference engine."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.instruments import Instrument
from triplebar.data.market import Market
from triplebar.engines.base import TableFacts
from triplebar.engines.reference import ReferenceEngine
from triplebar.engines.settings import resolve
from triplebar.strategy.base import Strategy

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
INTERVAL = timedelta(hours=6)
INTERVAL_NS = 6 * 3_600 * 10**9

Bars = Sequence[float | tuple[float, ...]]


def time_ns(tick: int) -> int:
    """When a tick of these markets is."""
    return int(BEGIN.timestamp()) * 10**9 + (tick + 1) * INTERVAL_NS


def market_of(bars: Bars, symbol: str = "X", **fields: Any) -> Market:
    """A market of one instrument with whole prices; a number is a bar of one price."""
    return market_of_many({symbol: bars}, **fields)


def market_of_many(bars: dict[str, Bars], **fields: Any) -> Market:
    """A market of several instruments with a bar every six hours."""
    names = ("open", "high", "low", "close", "volume")
    table: dict[str, list[Any]] = {name: [] for name in ("time", "symbol", *names)}
    for place in range(max(len(each) for each in bars.values())):
        for symbol, each in sorted(bars.items()):
            if place < len(each):
                given = each[place]
                prices = given if isinstance(given, tuple) else (given,) * 4
                table["time"].append(BEGIN + (place + 1) * INTERVAL)
                table["symbol"].append(symbol)
                for name, value in zip(names, (*prices, 1000.0)[:5], strict=True):
                    table[name].append(value)
    instruments = [Instrument(symbol, **{"price_precision": 0, "size_precision": 0} | fields) for symbol in bars]
    return Market.from_table(table, instruments)


def run(strategy: Strategy, market: Market, **config: Any) -> TableFacts:
    """A run on the reference engine."""
    return ReferenceEngine().run(strategy, market, resolve(BacktestConfig(**config), market))


def rows(facts: Any, name: str) -> list[dict[str, Any]]:
    """A canonical table as rows."""
    found: list[dict[str, Any]] = facts.table(name).to_pylist()
    return found
