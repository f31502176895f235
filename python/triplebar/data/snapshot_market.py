"""A market as tables by symbol, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import ConfigError, DataError
from triplebar.contracts.instruments import Instrument
from triplebar.data.arrays import IndexArray, IntArray
from triplebar.data.arrow import arrow_array, numpy_array, time_column
from triplebar.data.calendars import Calendar, calendar
from triplebar.data.columns import NUMBERS
from triplebar.data.market import Market
from triplebar.data.series import Series
from triplebar.data.snapshot_record import Content
from triplebar.data.stretches import Stretches

SESSION = "session"


@dataclass(frozen=True)
class KeptSessions:
    """The sessions that a run had, where the calendar of that name is another one today."""

    name: str
    clock: IntArray = field(repr=False)
    numbers: IndexArray = field(repr=False)

    def sessions(self, time_ns: IntArray) -> IndexArray:
        """Return the session of each bar, as it was kept."""
        places = np.searchsorted(self.clock, time_ns)
        if len(time_ns) and (places.max() >= len(self.clock) or (self.clock[places] != time_ns).any()):
            raise DataError("only the sessions of the kept bars are known", where=self.name, fix="use another calendar")
        return self.numbers[places]

    def stretches(self, start_ns: int, end_ns: int) -> Stretches:
        """Refuse: when the sessions opened and closed was not kept."""
        del start_ns, end_ns
        raise DataError("the hours of this calendar were not kept", where=self.name, fix="use another calendar")


def content_of(market: Market) -> Content:
    """Give what has to be kept of a market.

    >>> content_of(Market.synthetic(symbols=("A", "B"), bars=5, seed=1)).tables["B"].num_rows
    5
    """
    sessions = np.asarray(market.sessions)
    each_series = [market.series(symbol) for symbol in market.symbols]
    return Content(
        "market",
        market.digest,
        {each.symbol: _table(each, sessions) for each in each_series},
        {each.symbol: each.instrument.to_mapping() for each in each_series},
        market.calendar.name,
        int(market.clock[0]),
        int(market.clock[-1]),
    )


def _table(series: Series, sessions: IndexArray) -> pa.Table:
    columns = {"time": time_column(series.time), SESSION: arrow_array(sessions[series.clock_index])}
    return pa.table(columns | {name: arrow_array(getattr(series, name)) for name in NUMBERS})


def market_from(tables: Mapping[str, pa.Table], instruments: Mapping[str, str], name: str) -> Market:
    """Put a market together again; the caller compares its digest."""
    parts = [_long(symbol, table) for symbol, table in tables.items()]
    given = [Instrument.from_mapping(json.loads(text)) for text in instruments.values()]
    return Market.from_table(pa.concat_tables(parts), given, calendar=_calendar(tables, name))


def _long(symbol: str, table: pa.Table) -> pa.Table:
    symbols = pa.DictionaryArray.from_arrays(arrow_array(np.zeros(table.num_rows, np.int32)), pa.array([symbol]))
    return table.drop_columns([SESSION]).append_column("symbol", symbols.cast(pa.string()))


def _calendar(tables: Mapping[str, pa.Table], name: str) -> Calendar:
    """The calendar of this name if it still gives the sessions that were kept."""
    times = np.concatenate([numpy_array(_array(each, "time")) for each in tables.values()])
    numbers = np.concatenate([numpy_array(_array(each, SESSION)) for each in tables.values()])
    clock, places = np.unique(times, return_index=True)
    kept = KeptSessions(name, clock, numbers[places])
    try:
        found = calendar(name)
        same = np.array_equal(found.sessions(clock), kept.numbers)
    except (ConfigError, DataError):
        return kept
    return found if same else kept


def _array(table: pa.Table, name: str) -> pa.Array:
    return table.column(name).combine_chunks()
