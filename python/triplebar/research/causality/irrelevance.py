"""Whether results depend on what should not matter."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.codes import OrderFlag
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import TradingError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.data.market import Market
from triplebar.engines.base import Engine
from triplebar.research.causality.behind import Behind
from triplebar.research.causality.building import Bars, market_of
from triplebar.research.causality.findings import CheckReport, Finding
from triplebar.research.causality.futures import unrelated
from triplebar.research.causality.past import Change, first_change
from triplebar.research.causality.running import Checking, Progress, engine_of
from triplebar.research.causality.scaling import first_unscaled, unscalable
from triplebar.research.interruption import whole
from triplebar.research.preparation import prepared_market
from triplebar.research.run import resume, run

UNRELATED: Final = "unrelated instrument"
REGISTRATION: Final = "order of registration"
NAMES: Final = "order of names"
CHUNKS: Final = "split runs"
SCALE: Final = "prices doubled"
AGAIN: Final = "run again"
CHECKS: Final = (AGAIN, UNRELATED, REGISTRATION, NAMES, CHUNKS, SCALE)
"""What is tried, in this order."""


def check_irrelevance(
    strategy: Any,  # noqa: ANN401 - a strategy, its class, or a function that makes one from a market
    market: Market,
    config: BacktestConfig | None = None,
    *,
    engine: str | Engine = "custom",
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CheckReport:
    """Change what should not matter, and look for orders that move.

    - the same run again;
    - an unrelated instrument beside the others, before or after them by name, which the strategy is not shown;
    - instruments and rows registered in another order;
    - other names, so that the instruments come in the opposite order;
    - the run split into parts, each resumed from a checkpoint (engines that have them);
    - prices, steps and cash doubled, without costs.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(symbols=("A", "B"), bars=200, seed=1)
    >>> report = check_irrelevance(tb.samples.MovingAverageCross(fast=3, slow=9), market)
    >>> report.ok, sorted(report.tried)[:2]
    (True, ['order of names', 'order of registration'])
    """
    config = config or BacktestConfig()
    prepared = prepared_market(market, config)[0]
    check = Checking("irrelevance", strategy, prepared, config, engine_of(engine), parameters or {}, progress)
    with check.keeping():
        _Irrelevance(check).look()
    return check.report()


class _Irrelevance:
    """One check: the run as it is, then the runs with something changed that should not matter."""

    def __init__(self, check: Checking) -> None:
        self.check = check
        self.whole = check.run(check.market)

    def look(self) -> None:
        tasks = (self._again, self._unrelated, self._registration, self._names, self._chunks, self._scale)
        for done, (name, task) in enumerate(zip(CHECKS, tasks, strict=True)):
            self.check.tell(done, len(tasks))
            try:
                task()
            except TradingError as problem:
                self.check.findings.append(Finding(name, f"the run fails: {problem}"))
        self.check.tell(len(tasks), len(tasks))

    def _same(self, name: str, other: RunResult) -> None:
        """The other run must be the same to the last unit."""
        self.check.count(name)
        if other.result_hash == self.whole.result_hash:
            return
        change = first_change(self.whole.canonical, other.canonical, len(self.check.market))
        self.check.found(name, change or Change(0, None, None, "the labels differ"))

    def _again(self) -> None:
        self._same(AGAIN, self.check.run(self.check.market))

    # --------------------------------------------------------------------------------------------------- instruments

    def _unrelated(self) -> None:
        market = self.check.market
        for symbol in ("!unrelated", "~unrelated"):
            self.check.count(UNRELATED)
            bars = [Bars.of(market.series(each)) for each in market.symbols]
            wider = market_of(market, [*bars, unrelated(market, symbol)])
            screen = Behind(self.check.working(market), {each: each for each in market.symbols})
            other = self.check.run(wider, strategy=screen)
            numbers = [wider.symbols.index(each) for each in market.symbols]
            change = first_change(self.whole.canonical, _only(other, numbers), len(market))
            if change is not None:
                self.check.found(UNRELATED, change, note=f", because of an instrument named {symbol!r}")

    def _registration(self) -> None:
        market = self.check.market
        table = market.table()
        turned = table.take(pa.array(np.arange(table.num_rows)[::-1]))
        other = Market.from_table(turned, market.instruments[::-1], calendar=market.calendar, sort=True)
        if other.digest != market.digest:
            self.check.count(REGISTRATION)
            self.check.findings.append(Finding(REGISTRATION, "the market is another one"))
            return
        self._same(REGISTRATION, self.check.run(other))

    def _names(self) -> None:
        market = self.check.market
        if len(market.symbols) < 2:
            self.check.skipped[NAMES] = "there is one instrument only"
            return
        if _draws(self.check.config):
            self.check.skipped[NAMES] = "misses and latency are drawn by the number of the order"
            return
        if self.check.config.per_symbol or self.check.config.funding or _by_symbol(self.check.config):
            self.check.skipped[NAMES] = "the configuration speaks of symbols by name"
            return
        self.check.count(NAMES)
        count = len(market.symbols)
        names = {symbol: f"{count - place:05d}" for place, symbol in enumerate(market.symbols)}
        bars = [_renamed(Bars.of(market.series(symbol)), names[symbol]) for symbol in market.symbols]
        screen = Behind(self.check.working(market), names)
        other = self.check.run(market_of(market, bars), strategy=screen)
        change = _first_moved(self.whole, other, len(names))
        if change is not None:
            self.check.found(NAMES, change, note=", because its instrument comes at another place by name")

    # ---------------------------------------------------------------------------------------------------- time, money

    def _chunks(self) -> None:
        if self.check.engine.name != "custom":
            self.check.skipped[CHUNKS] = f"engine {self.check.engine.name!r} cannot stop and go on"
            return
        market = self.check.market
        for tick in sorted({len(market) // 3, 2 * len(market) // 3} - {0}):
            strategy = self.check.working(market)
            try:
                part = whole(run(strategy, market, self.check.config, engine=self.check.engine, until=tick))
            except (pickle.PicklingError, AttributeError, TypeError, TradingError) as problem:
                self.check.skipped[CHUNKS] = f"there is no checkpoint: {problem}"
                return
            if part.checkpoint is not None:
                self.check.run(market)  # a resumed run starts where nothing is left of the first part
                self._same(CHUNKS, whole(resume(part.checkpoint, market, strategy)))

    def _scale(self) -> None:
        why = unscalable(self.whole)
        if why is not None:
            self.check.skipped[SCALE] = why
            return
        self.check.count(SCALE)
        change = first_unscaled(self.check)
        if change is not None:
            self.check.found(SCALE, change, note=" when all prices are twice as high")


def _only(result: RunResult, numbers: Sequence[int]) -> Any:  # noqa: ANN401 - a function of names of tables
    """The tables of a run, with the instruments numbered as in another market, and no others."""

    def table(name: str) -> pa.Table:
        found = result.canonical(name)
        if "instrument" not in found.column_names:
            return found
        raw = columns(found)["instrument"].astype(np.int64)
        places = np.full(2**16, 2**16 - 2)
        places[numbers] = np.arange(len(numbers))
        places[-1] = 2**16 - 1
        column = pa.array(places[raw].astype(np.uint16))
        return found.set_column(found.column_names.index("instrument"), found.schema.field("instrument"), column)

    return table


def _draws(config: BacktestConfig) -> bool:
    latency = config.latency
    return config.misses is not None or (latency is not None and latency.min_seconds != latency.max_seconds)


def _by_symbol(config: BacktestConfig) -> bool:
    limits = () if config.risk is None else (config.risk.position_quantity, config.risk.position_value)
    return any(isinstance(each, Mapping) for each in (config.borrow_rate, *limits))


def _renamed(bars: Bars, symbol: str) -> Bars:
    own = bars.instrument
    values = {name: value for name, value in own.to_mapping().items() if name != "symbol"}
    return replace(bars, instrument=Instrument.from_mapping({**values, "symbol": symbol}))


KEY: Final = ("sent", "side", "kind", "tif", "quantity", "filled", "limit", "trigger", "trail", "status", "reason")


def _first_moved(whole: RunResult, other: RunResult, count: int) -> Change | None:
    """Compare the orders of each instrument with those of its namesake, which stands at the opposite place."""
    found = []
    for number in range(count):
        one, two = _orders_of(whole, number), _orders_of(other, count - 1 - number)
        for left, right in zip(one, two, strict=False):
            if left[1] != right[1]:
                text = f"order {left[0]} is sent, filled or ended in another way"
                found.append(Change(max(0, min(left[1][0], right[1][0])), left[0], number, text))
                break
        else:
            if len(one) != len(two):
                rest = max(one, two, key=len)[min(len(one), len(two))]
                found.append(Change(max(0, rest[1][0]), None, number, f"{len(one)} orders become {len(two)}"))
    return min(found, key=lambda each: each.clock) if found else None


def _orders_of(result: RunResult, number: int) -> list[tuple[int, tuple[Any, ...]]]:
    """The strategy's orders of an instrument: their numbers, and all that their place among others leaves alone."""
    rows = result.canonical("orders").to_pylist()
    return [
        (row["order"], tuple(row[name] for name in KEY))
        for row in rows
        if row["instrument"] == number and not row["flags"] & OrderFlag.VENUE
    ]
