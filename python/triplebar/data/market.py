"""Market data ready to run on: instruments, one clock, and the bars of each instrument."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import DataError, UnknownSymbolError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.time import DAY_NS
from triplebar.data.arrays import IndexArray, IntArray, frozen
from triplebar.data.arrow import arrow_array, symbol_column, time_column
from triplebar.data.calendars import ROUND_THE_CLOCK, Calendar, calendar
from triplebar.data.clock import common_clock
from triplebar.data.columns import NUMBERS, as_table
from triplebar.data.faults import FaultList
from triplebar.data.files import Paths, read_csv, read_parquet
from triplebar.data.importing import ImportKeywords, ImportOptions, import_table
from triplebar.data.report import GridReport
from triplebar.data.series import Series
from triplebar.data.synthetic import SyntheticKeywords, SyntheticSpec, synthetic_table
from triplebar.data.times import Instant, instant_ns, to_text

if TYPE_CHECKING:
    from triplebar._native import Market as NativeMarket


class Market:
    """Bars of one or many instruments on one clock; immutable.

    A source is a long table with the columns `time` (when the bar closed), `symbol`, `open`, `high`, `low`, `close`,
    `volume`. Within each symbol the rows are in order of time. Columns that are 64-bit floats, free of nulls, in one
    piece and on the decimal grid are not copied.

    >>> import numpy as np
    >>> from triplebar.contracts.instruments import Instrument
    >>> minute = 60_000_000_000
    >>> table = {"time": np.array([1, 2]) * minute, "open": [1.0, 1.1], "high": [1.2, 1.2], "low": [0.9, 1.0],
    ...          "close": [1.1, 1.0], "volume": [10.0, 12.0]}
    >>> market = Market.from_table(table, [Instrument("X", price_precision=1)])
    >>> market
    Market(1 instrument, 2 bars, 1970-01-01T00:01:00Z to 1970-01-01T00:02:00Z)
    >>> market.series("X").ticks.close.tolist()
    [11, 10]
    """

    _whole: Market | None = None

    def __init__(
        self,
        series: Iterable[Series],
        calendar_name: str | Calendar = ROUND_THE_CLOCK,
        report: GridReport | None = None,
        warnings: Iterable[str] = (),
    ) -> None:
        """Put series, each of another instrument, on one clock."""
        ordered = sorted(series, key=lambda each: each.symbol.encode())
        if not ordered:
            raise DataError("a market needs at least one instrument", fix="load a range that has bars")
        clock, places = common_clock([each.time for each in ordered])
        parts = [each.part(0, len(each), place) for each, place in zip(ordered, places, strict=True)]
        self._set(parts, clock, calendar(calendar_name), report or GridReport(), tuple(warnings))

    def _set(
        self,
        series: Sequence[Series],
        clock: IntArray,
        sessions: Calendar,
        report: GridReport,
        warnings: tuple[str, ...],
    ) -> None:
        self._series = tuple(series)
        self._index = {each.symbol: number for number, each in enumerate(self._series)}
        if len(self._index) != len(self._series):
            raise DataError("two series have the same symbol", fix="give each instrument a name of its own")
        self.clock = clock
        self.calendar = sessions
        self.report = report
        self.warnings = warnings

    # ------------------------------------------------------------------------------------------------------ sources

    @classmethod
    def from_table(
        cls, source: object, instruments: Iterable[Instrument] | None = None, **options: Unpack[ImportKeywords]
    ) -> Market:
        """Read anything that speaks the Arrow stream capsule (pyarrow, polars, pandas, DuckDB), or a dict of arrays.

        Options: `calendar`, `tolerance` and `strict` (moves to the grid), `sort`, `columns` (names), `symbol` and
        `time_zone`; see `ImportOptions`. Raises `BadDataError` with everything that is wrong.
        """
        return cls._imported(as_table(source), instruments, ImportOptions.of(options), FaultList())

    @classmethod
    def from_parquet(
        cls,
        path: Paths,
        instruments: Iterable[Instrument] | None = None,
        **options: Unpack[ImportKeywords],
    ) -> Market:
        """Read one Parquet file or several, in the order given; options as for `from_table`."""
        chosen = ImportOptions.of(options)
        faults = FaultList()
        return cls._imported(read_parquet(path, chosen, faults), instruments, chosen, faults)

    @classmethod
    def from_csv(
        cls,
        path: Paths,
        instruments: Iterable[Instrument] | None = None,
        **options: Unpack[ImportKeywords],
    ) -> Market:
        """Read one CSV file with a header or several; options as for `from_table`."""
        chosen = ImportOptions.of(options)
        faults = FaultList()
        return cls._imported(read_csv(path, faults), instruments, chosen, faults)

    @classmethod
    def synthetic(cls, **options: Unpack[SyntheticKeywords]) -> Market:
        """Make up a market from a seed; the options are those of `SyntheticSpec`.

        >>> Market.synthetic(symbols=("A", "B"), bars=100, seed=1)
        Market(2 instruments, 200 bars, 2024-01-01T00:01:00Z to 2024-01-01T01:40:00Z)
        """
        spec = SyntheticSpec.of(options)
        return cls.from_table(synthetic_table(**options), spec.instruments(), calendar=spec.calendar)

    @classmethod
    def _imported(
        cls, table: pa.Table, instruments: Iterable[Instrument] | None, options: ImportOptions, faults: FaultList
    ) -> Market:
        sessions = calendar(options.calendar)
        imported = import_table(table, instruments, options, faults=faults)
        return cls(imported.series, sessions, imported.report, imported.warnings)

    # ----------------------------------------------------------------------------------------------------- contents

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments, sorted by the bytes of their symbols."""
        return tuple(each.instrument for each in self._series)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The symbols, in the order of `instruments`."""
        return tuple(each.symbol for each in self._series)

    @cached_property
    def sessions(self) -> IndexArray:
        """The session of each clock tick: the day number, in the calendar, of the nanosecond before it."""
        return frozen(self.calendar.sessions(self.clock))

    @cached_property
    def days(self) -> IntArray:
        """The days, by UTC and of the nanosecond before a tick, that the clock goes over."""
        days = (self.clock - 1) // DAY_NS
        fresh = np.ones(days.size, dtype=np.bool_)
        np.not_equal(days[1:], days[:-1], out=fresh[1:])  # in order, so that nothing need be sorted or hashed
        return frozen(days[fresh])

    @property
    def rows(self) -> int:
        """The number of bars of all instruments."""
        return sum(len(each) for each in self._series)

    def __len__(self) -> int:
        """The number of clock ticks."""
        return len(self.clock)

    def __repr__(self) -> str:
        count = len(self._series)
        first, last = (to_text(int(self.clock[each])) for each in (0, -1)) if len(self) else ("nothing", "nothing")
        return f"Market({count} instrument{'s' * (count > 1)}, {self.rows} bars, {first} to {last})"

    def series(self, symbol: str | int) -> Series:
        """Return the bars of an instrument, by symbol or by its place in `instruments`."""
        if isinstance(symbol, str):
            if symbol not in self._index:
                raise UnknownSymbolError.of(symbol, self.symbols)
            return self._series[self._index[symbol]]
        if not -len(self._series) <= symbol < len(self._series):
            raise UnknownSymbolError.of(symbol, self.symbols)
        return self._series[symbol]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over instruments, sessions, times, ticks and lots: equal markets have equal digests."""
        sha = hashlib.sha256(b"triplebar market 1\n")
        for each in self._series:
            sha.update(json.dumps(each.instrument.to_mapping(), sort_keys=True).encode() + b"\n")
            ticks = each.ticks
            for column in (each.time, ticks.open, ticks.high, ticks.low, ticks.close, each.lots):
                sha.update(np.ascontiguousarray(column, dtype="<i8").data)
        sha.update(np.ascontiguousarray(self.sessions, dtype="<i4").data)
        return sha.hexdigest()

    # ------------------------------------------------------------------------------------------------------- parts

    def between(self, start: Instant | None = None, end: Instant | None = None) -> Market:
        """Return the bars with `start <= time < end`, sharing memory; `whole` of what is returned is this market.

        >>> market = Market.synthetic(bars=10, seed=1)
        >>> len(market.between(end=int(market.clock[4])))
        4
        """
        first, last = self._range(self.clock, start, end)
        parts = []
        for each in self._series:
            low, high = self._range(each.time, start, end)
            if low < high:
                parts.append(each.part(low, high, None))
        if not parts:
            raise DataError("no data available in this range", where=_range_text(start, end), fix=self._span_text())
        if first == 0 and last == len(self.clock):
            return self
        found = Market(parts, self.calendar, self.report, self.warnings)
        found._whole = self.whole
        return found

    @property
    def whole(self) -> Market:
        """The market that this is a window of, cut by `between`; itself, if it is none.

        >>> market = Market.synthetic(bars=10, seed=1)
        >>> market.between(end=int(market.clock[4])).whole is market.whole is market
        True
        """
        return self if self._whole is None else self._whole

    @classmethod
    def joined(cls, *markets: Market) -> Market:
        """Put the instruments of several markets on one clock, with the calendar of the first.

        >>> one, other = (Market.synthetic(symbols=(name,), bars=9, seed=1) for name in "AB")
        >>> Market.joined(one, other)
        Market(2 instruments, 18 bars, 2024-01-01T00:01:00Z to 2024-01-01T00:09:00Z)
        """
        if not markets:
            raise DataError("there is no market to join", fix="give at least one")
        series = [each for market in markets for each in map(market.series, market.symbols)]
        warnings = [each for market in markets for each in market.warnings]
        return cls(series, markets[0].calendar, markets[0].report, warnings)

    def select(self, symbols: Iterable[str]) -> Market:
        """Return the market of these instruments only."""
        return Market([self.series(symbol) for symbol in symbols], self.calendar, self.report, self.warnings)

    def with_calendar(self, name: str | Calendar) -> Market:
        """Return the same bars with the sessions of another calendar."""
        return Market(self._series, name, self.report, self.warnings)

    @staticmethod
    def _range(time: IntArray, start: Instant | None, end: Instant | None) -> tuple[int, int]:
        first = 0 if start is None else int(np.searchsorted(time, instant_ns(start, "start")))
        last = len(time) if end is None else int(np.searchsorted(time, instant_ns(end, "end")))
        return first, last

    def _span_text(self) -> str:
        return f"the data reach from {to_text(int(self.clock[0]))} to {to_text(int(self.clock[-1]))}"

    def table(self) -> pa.Table:
        """Return the bars as a long table, in order of time and then of symbol.

        >>> Market.synthetic(bars=3, seed=1).table().column_names
        ['time', 'symbol', 'open', 'high', 'low', 'close', 'volume']
        """
        time = np.concatenate([each.time for each in self._series])
        codes = np.repeat(np.arange(len(self._series), dtype=np.int32), [len(each) for each in self._series])
        order = np.argsort(time, kind="stable") if len(self._series) > 1 else slice(None)
        columns = {"time": time_column(time[order]), "symbol": symbol_column(codes[order], self.symbols)}
        for name in NUMBERS:
            columns[name] = arrow_array(np.concatenate([getattr(each, name) for each in self._series])[order])
        return pa.table(columns)

    # ------------------------------------------------------------------------------------------------------- native

    @cached_property
    def _native_market(self) -> NativeMarket:
        from triplebar._native import Market as NativeMarket

        return NativeMarket(
            list(self.symbols),
            arrow_array(self.clock),
            arrow_array(self.sessions),
            [_native_columns(each) for each in self._series],
        )

    def native(self) -> NativeMarket:
        """Return the market as the Rust core sees it: the same memory, handed over once."""
        return self._native_market

    def __getstate__(self) -> dict[str, Any]:
        # What a window is cut from stays here.
        return {name: value for name, value in self.__dict__.items() if name not in {"_native_market", "_whole"}}


def _native_columns(series: Series) -> tuple[pa.Array | None, ...]:
    """The columns of one instrument in the order in which the core takes them; nothing is copied."""
    ticks = series.ticks
    places = None if series.clock_places is None else arrow_array(series.clock_places)
    whole = (series.time, ticks.open, ticks.high, ticks.low, ticks.close, series.lots)
    shown = (series.open, series.high, series.low, series.close, series.volume)
    return (places, *(arrow_array(each) for each in (*whole, *shown)))


def _range_text(start: Instant | None, end: Instant | None) -> str:
    texts = ["..." if each is None else to_text(instant_ns(each)) for each in (start, end)]
    return f"[{texts[0]}, {texts[1]})"
