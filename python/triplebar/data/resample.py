"""Longer bars from shorter ones: a longer bar exists only once it has closed.

A longer bar closes at a multiple of its interval since 1970 in UTC or, with the calendar of an exchange, at a multiple
since the open of the session and at its end. It is there if the data reach its close; the last one is left out if they
do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import DataError
from triplebar.data.arrays import FloatArray, IndexArray, IntArray, MaskArray
from triplebar.data.bars import Bars, read_bars
from triplebar.data.calendars import ROUND_THE_CLOCK, Calendar, RoundTheClock, calendar
from triplebar.data.intervals import DAY_NS, interval_ns, interval_text
from triplebar.data.market import Market
from triplebar.data.schedule import closes_of, whole_sessions

Interval = str | int | timedelta


def resample(source: object, interval: Interval, sessions: str | Calendar = ROUND_THE_CLOCK) -> pa.Table:
    """Return longer bars: first open, highest high, lowest low, last close, sum of the volumes.

    >>> minute = 60_000_000_000
    >>> table = {"time": np.arange(1, 8) * minute, "symbol": ["X"] * 7, "open": np.arange(1.0, 8),
    ...          "high": np.arange(1.5, 8), "low": np.arange(1.0, 8), "close": np.arange(1.0, 8), "volume": np.ones(7)}
    >>> resample(table, "3m").select(["open", "high", "close", "volume"]).to_pylist()[-1]
    {'open': 4.0, 'high': 6.5, 'close': 6.0, 'volume': 3.0}
    """
    length_ns = interval_ns(interval)
    bars = read_bars(source)
    if len(bars.time) == 0:
        return bars.table()
    bars = bars.rows(np.lexsort((bars.time, bars.codes)))
    last = int(bars.time.max())
    ends = bucket_ends(bars.time, length_ns, calendar(sessions))
    first_rows = np.flatnonzero(_changes(ends) | _changes(bars.codes))
    numbers = _aggregated(bars, first_rows)
    longer = Bars(ends[first_rows], bars.symbols, bars.codes[first_rows], numbers)
    return longer.rows(longer.time <= last).in_order().table()


def bucket_ends(time: IntArray, length_ns: int, sessions: Calendar) -> IntArray:
    """Return, for each bar, when the longer bar closes that it is part of.

    >>> bucket_ends(np.array([1, 10, 11]), 10, RoundTheClock()).tolist()
    [10, 10, 20]
    """
    if isinstance(sessions, RoundTheClock):
        return -(-time // length_ns) * length_ns
    stretches = sessions.stretches(int(time.min()), int(time.max()) + 30 * DAY_NS)
    closes = closes_of(whole_sessions(stretches, length_ns), length_ns)
    return closes[np.searchsorted(closes, time)]


def resample_market(market: Market, interval: Interval) -> Market:
    """Return the market in longer bars, on the same instruments and calendar.

    >>> len(resample_market(Market.synthetic(bars=60, seed=1), "15m"))
    4
    """
    table = resample(market.table(), interval, market.calendar)
    if table.num_rows == 0:
        text = interval_text(interval_ns(interval))
        raise DataError(f"no data available: no bar of {text} closes within the data", fix="ask for a shorter interval")
    kept = set(table["symbol"].unique().to_pylist())
    instruments = [each for each in market.instruments if each.symbol in kept]
    return Market.from_table(table, instruments, calendar=market.calendar)


def several(market: Market, intervals: Sequence[Interval]) -> dict[str, Market]:
    """Return the market in several intervals at once, by the short text of each.

    >>> list(several(Market.synthetic(bars=60, seed=1), ["5m", "15m"]))
    ['5m', '15m']
    """
    return {interval_text(interval_ns(each)): resample_market(market, each) for each in intervals}


def last_closed(time: IntArray, longer_time: IntArray) -> IntArray:
    """Return, for each time, the place of the last longer bar that has closed by then; -1 if there is none.

    >>> last_closed(np.array([1, 5, 6, 10]), np.array([5, 10])).tolist()
    [-1, 0, 0, 1]
    """
    return np.searchsorted(longer_time, time, side="right") - 1


def _changes(values: IntArray | IndexArray) -> MaskArray:
    return np.concatenate([np.ones(1, dtype=np.bool_), values[1:] != values[:-1]])


def _aggregated(bars: Bars, first_rows: IntArray) -> dict[str, FloatArray]:
    numbers = bars.numbers
    last_rows = np.append(first_rows[1:], len(bars.time)) - 1
    return {
        "open": numbers["open"][first_rows],
        "high": np.maximum.reduceat(numbers["high"], first_rows),
        "low": np.minimum.reduceat(numbers["low"], first_rows),
        "close": numbers["close"][last_rows],
        "volume": np.add.reduceat(numbers["volume"], first_rows),
    }
