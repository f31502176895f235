"""Bars and fills survive the way to Backtrader and back, through its own loop and broker (F-127)."""

from typing import Any

import backtrader as bt
import numpy as np
import pytest

import triplebar as tb
from triplebar.data.series import Series
from triplebar.engines.backtrader.feed import FIRST_DAY, TICKS_PER_DAY, tick_feed, user_feed
from triplebar.engines.backtrader.native import NativeSteps
from triplebar.engines.base import Hooks
from triplebar.engines.settings import resolve

MICROSECOND = 1_000
"""As fine as Backtrader's times are, which are doubles of days, about."""
CASES = range(12)


def market(seed: int) -> tb.Market:
    """A random walk; sizes and prices have other decimals in every case."""
    instrument = tb.Instrument("X", price_precision=2 + seed % 4, size_precision=seed % 4)
    made = tb.Market.synthetic(bars=120, symbols=("X",), seed=seed, gap_chance=0.2, volatility=0.01)
    return tb.Market.from_table(made.table(), [instrument])


class Reader(bt.Strategy):  # type: ignore[misc] # ships no types
    """Reads every line of every bar, as a user of Backtrader does."""

    params = (("rows", None),)

    def next(self) -> None:
        data = self.data
        self.p.rows.append([line[0] for line in (data.open, data.high, data.low, data.close, data.volume)])
        self.p.rows[-1].append(data.datetime[0])


def read(feed: Any) -> np.ndarray[Any, Any]:
    rows: list[list[float]] = []
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(feed)
    cerebro.addstrategy(Reader, rows=rows)
    cerebro.run()
    return np.array(rows).T


def columns(series: Series) -> list[Any]:
    return [series.open, series.high, series.low, series.close, series.volume]


@pytest.mark.feature("F-127")
@pytest.mark.parametrize("seed", CASES)
def test_bars_go_there_and_back(seed: int) -> None:
    series = market(seed).series("X")
    *seen, days = read(user_feed(series))
    assert all(np.array_equal(one, other) for one, other in zip(seen, columns(series), strict=True))
    back = [int(bt.num2date(day).timestamp() * 1e6 + 0.5) * MICROSECOND for day in days]
    assert np.max(np.abs(np.array(back) - series.time)) <= 20 * MICROSECOND


@pytest.mark.feature("F-127")
@pytest.mark.parametrize("seed", CASES)
def test_ticks_go_there_and_back(seed: int) -> None:
    series = market(seed).series("X")
    ticks = series.ticks
    *seen, days = read(tick_feed(series))
    expected = (ticks.open, ticks.high, ticks.low, ticks.close, series.lots)
    assert all(np.array_equal(one.astype(np.int64), other) for one, other in zip(seen, expected, strict=True))
    assert np.array_equal((days - FIRST_DAY) * TICKS_PER_DAY, series.clock_index)


class Dealer(tb.Strategy):
    """Orders of several kinds, on both sides."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        step = 10.0 ** -ctx.random.integer(0, 2)
        side = ctx.buy if ctx.random.chance(0.5) else ctx.sell
        kind = ctx.random.choice(("market", "limit", "stop"))
        size = ctx.random.integer(1, 400)
        prices = {} if kind == "market" else {kind: round(bar.close * (1 + 0.002 * ctx.random.integer(-2, 2)), 1)}
        side(bar.symbol, size + step, **prices)


@pytest.mark.feature("F-127")
@pytest.mark.parametrize("participation", [None, 0.02])
@pytest.mark.parametrize("seed", [2, 5, 7])
def test_fills_come_back_as_backtrader_made_them(seed: int, participation: float | None) -> None:
    """Its own list of executions of each order, parts of an order included, against the rows of the result."""
    bars = market(seed)
    settings = resolve(tb.BacktestConfig(commission_bps=2, participation=participation, leverage=100), bars)
    steps = NativeSteps(Dealer(), bars, settings, Hooks())
    steps.cerebro().run(runonce=False, preload=False)
    instrument = settings.instruments[0]
    theirs = sorted(
        (order, part.dt, part.size, part.price, part.comm)
        for order, made in steps.book.theirs.items()
        for part in made.executed.exbits
        if part.size
    )
    prices, sizes = 10.0**instrument.price_precision, 10.0**instrument.size_precision
    # What still lives when the data end is withdrawn, and Backtrader's order is given back with it.
    kept = steps.book.theirs
    ours = sorted((row.order, row.clock, row) for row in steps.floor.record.fills if row.order in kept)
    assert len(ours) == len(theirs) > 20
    orders = [order for order, *_ in ours]
    assert (len(orders) > len(set(orders))) == (participation is not None)
    for (order, clock, row), (number, day, size, price, fee) in zip(ours, theirs, strict=True):
        assert order == number
        assert row.side * row.quantity / sizes == pytest.approx(size, rel=1e-12)
        assert row.price / prices == pytest.approx(price, abs=0.5 / prices + 1e-9)
        assert row.fee / 10.0**settings.cash_precision == pytest.approx(fee, rel=1e-6, abs=1e-6)
        assert abs(bt.num2date(day).timestamp() * 1e9 - int(bars.clock[clock])) < 100 * MICROSECOND
