"""The same market with another future: what stands until a tick of the clock is left as it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from triplebar.contracts.instruments import Instrument
from triplebar.data.arrays import IntArray
from triplebar.data.market import Market
from triplebar.data.series import Series
from triplebar.research.causality.building import Bars, market_of

TICKS_MAX = 2**40
"""Mirrored prices stop here, far from the edge of exact numbers."""


def mirrored(market: Market, last: int) -> Market:
    """Turn every later price upside down: where it rose, it falls. Volumes grow by half.

    >>> market = Market.synthetic(bars=20, seed=1)
    >>> other = mirrored(market, 9)
    >>> bool((other.series("X").close[:10] == market.series("X").close[:10]).all())
    True
    >>> bool((other.series("X").close[10:] == market.series("X").close[10:]).any())
    False
    """
    return market_of(market, [_mirrored(market.series(symbol), last) for symbol in market.symbols])


def ended(market: Market, last: int) -> Market:
    """Let the data end after a tick."""
    return market.between(end=int(market.clock[last]) + 1)


def _mirrored(series: Series, last: int) -> Bars:
    ticks, step = series.ticks, series.instrument.price_step_ticks
    seen = int(np.searchsorted(series.clock_index, last, side="right"))
    base = int(ticks.close[seen - 1]) if seen else int(ticks.open[0])
    columns = {name: np.array(getattr(ticks, name), dtype=np.int64) for name in ("open", "high", "low", "close")}
    later = slice(seen, len(series))
    opened, closed = (_reflected(columns[name][later], base, step) for name in ("open", "close"))
    ends = _reflected(columns["high"][later], base, step), _reflected(columns["low"][later], base, step)
    columns["open"][later], columns["close"][later] = opened, closed
    columns["high"][later] = np.maximum.reduce([*ends, opened, closed])
    columns["low"][later] = np.minimum.reduce([*ends, opened, closed])
    lots = np.array(series.lots, dtype=np.int64)
    more = lots[later] // 2 + series.instrument.size_step_lots
    lots[later] += more - more % series.instrument.size_step_lots
    return Bars(series.instrument, series.time, columns, lots)


def _reflected(values: IntArray, base: int, step: int) -> IntArray:
    """`base² / value`, on the grid of steps, and never the value itself."""
    made = np.minimum(base * (base / np.maximum(values, 1).astype(np.float64)), TICKS_MAX)
    found = np.maximum(np.rint(made / step).astype(np.int64), 1) * step
    return np.asarray(np.where(found == values, found + step, found))


def unrelated(market: Market, symbol: str) -> Bars:
    """Bars of an instrument that nobody asked for: a bar at every tick, a price that wanders."""
    count = len(market.clock)
    like = market.instruments[0]
    instrument = Instrument(symbol, 0, 0, currency=like.currency, calendar=like.calendar)
    place = np.arange(count, dtype=np.int64)
    closed = 1_000 + (place * 7_919 % 101) - (place * 104_729 % 89)
    opened = np.concatenate([closed[:1], closed[:-1]])
    columns = {
        "open": opened,
        "high": np.maximum(opened, closed) + 3,
        "low": np.minimum(opened, closed) - 3,
        "close": closed,
    }
    return Bars(instrument, market.clock, columns, np.full(count, 1_000, dtype=np.int64))


def doubled(values: npt.NDArray[np.int64]) -> IntArray:
    """Twice as many ticks."""
    return np.asarray(values) * 2
