"""Small markets with chosen prices, and one way to run a strategy on them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.result import RunResult
from triplebar.data.market import Market
from triplebar.research.run import run
from triplebar.strategy.base import Strategy

MINUTE_NS = 60_000_000_000


def market(*closes: float, opens: Sequence[float] | None = None) -> Market:
    """One instrument X: each bar opens at the close before (or at `opens`) and reaches half a point beyond both."""
    return markets(X=closes, opens={"X": opens} if opens is not None else {})


def markets(*, opens: Mapping[str, Sequence[float]] | None = None, **closes: Sequence[float]) -> Market:
    """Several instruments on one clock of minutes."""
    columns: dict[str, list[Any]] = {name: [] for name in ("time", "symbol", "open", "high", "low", "close", "volume")}
    for symbol, path in closes.items():
        first = (opens or {}).get(symbol) or [path[0], *path[:-1]]
        for row, (start, end) in enumerate(zip(first, path, strict=True)):
            bar = ((row + 1) * MINUTE_NS, symbol, start, max(start, end) + 0.5, min(start, end) - 0.5, end, 1_000.0)
            for name, value in zip(columns, bar, strict=True):
                columns[name].append(value)
    return Market.from_table(columns, [Instrument(symbol) for symbol in sorted(closes)])


def ticks(count: int, seed: int = 1) -> Market:
    """One instrument X whose bars are ticks: four equal prices."""
    price = 100 + np.cumsum(np.random.default_rng(seed).integers(-3, 4, count)) / 100
    time = np.arange(1, count + 1) * MINUTE_NS
    table = {"time": time, "open": price, "high": price, "low": price, "close": price, "volume": np.ones(count)}
    return Market.from_table(table, [Instrument("X")])


def play(strategy: Strategy | object, on: Market, engine: str, **config: Any) -> RunResult:
    """Run with these settings."""
    return run(strategy, on, BacktestConfig(**config), engine=engine)


def orders_of(result: RunResult) -> list[tuple[Any, ...]]:
    """Every order: when it was sent, what it was, and how it ended."""
    table = result.canonical("orders")
    names = ("sent", "instrument", "side", "quantity", "limit", "trigger", "status", "reason")
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


class Recorder(Strategy):
    """Writes down what it is told, in a list that outlives the run."""

    sink: Any = None

    def note(self, *words: object) -> None:
        """Keep a line; the sink is shared with the caller on purpose."""
        SINKS[self.sink].append(words)


SINKS: dict[object, list[tuple[Any, ...]]] = {}


def sink(name: str) -> list[tuple[Any, ...]]:
    """A new list for a recorder with this `sink`: runs work on clones, so the list lives outside."""
    SINKS[name] = []
    return SINKS[name]


def columns(rows: Iterable[tuple[Any, ...]], place: int) -> list[Any]:
    """One column of rows."""
    return [row[place] for row in rows]
