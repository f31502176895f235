"""Where history comes from: memory, CSV files, Parquet files, all behind the port `HistoricalDataProvider`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Unpack

import pyarrow as pa

from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.errors import DataError, UnknownSymbolError
from triplebar.contracts.instruments import Instrument
from triplebar.data.columns import NUMBERS
from triplebar.data.files import Paths
from triplebar.data.gaps import usual_interval_ns
from triplebar.data.importing import ImportKeywords
from triplebar.data.intervals import DAY_NS, interval_ns, interval_text
from triplebar.data.market import Market
from triplebar.data.quotes import Quotes
from triplebar.data.resample import resample_market
from triplebar.data.times import Instant, day_start_ns, range_ns
from triplebar.data.universe import Universe


class MarketProvider(ABC):
    """Serves the bars of a market that it loads when it is first asked; the base of the three providers.

    `get_bars` gives what closed in [start, end) and raises `DataError` if there is nothing; longer bars than those
    stored are put together from them. `quotes` is a table for `get_ticks`; `universe` says who could be traded when,
    by default each symbol from its first to its last bar.
    """

    def __init__(self, *, quotes: object = None, universe: Universe | None = None) -> None:
        """Keep what is not bars."""
        self._quotes_source = quotes
        self._universe = universe
        self._longer: dict[int, Market] = {}

    @abstractmethod
    def load(self) -> Market:
        """Load the market; called once."""

    @cached_property
    def market(self) -> Market:
        """All bars there are."""
        return self.load()

    def get_bars(self, symbol: str, start: Instant, end: Instant, interval: str) -> tuple[Bar, ...]:
        """Return the bars that closed in [start, end)."""
        return table_bars(symbol, self.bars_table(symbol, start, end, interval))

    def bars_table(self, symbol: str, start: Instant, end: Instant, interval: str) -> pa.Table:
        """Return the bars that closed in [start, end) as a long table, which is quicker for many."""
        start_ns, end_ns = range_ns(start, end)
        self.market.series(symbol)
        longer = self._in(symbol, interval)
        if symbol not in longer.symbols:
            raise DataError("no data available", where=f"{symbol} {interval}", fix="ask for a shorter interval")
        return longer.select([symbol]).between(start_ns, end_ns).table()

    def get_ticks(self, symbol: str, day: date) -> tuple[Quote, ...]:
        """Return the quotes of a UTC day."""
        if symbol not in self.market.symbols:
            raise UnknownSymbolError.of(symbol, self.market.symbols)
        start_ns = day_start_ns(day)
        found = () if self._quotes is None else self._quotes.between(symbol, start_ns, start_ns + DAY_NS)
        if not found:
            raise DataError("no data available", where=f"{symbol} quotes of {day}", fix="pass a table with quotes=")
        return found

    def get_instrument_universe(self, day: date) -> tuple[Instrument, ...]:
        """Return what could be traded on a UTC day, as it was known then."""
        members = (self._universe or self._own_universe).on(day)
        return tuple(each for each in self.market.instruments if each.symbol in members)

    @cached_property
    def _own_universe(self) -> Universe:
        return Universe.of_market(self.market)

    @cached_property
    def _quotes(self) -> Quotes | None:
        return None if self._quotes_source is None else Quotes.read(self._quotes_source)

    def _in(self, symbol: str, interval: str) -> Market:
        """The market in bars of this length."""
        length, own = interval_ns(interval), usual_interval_ns(self.market.series(symbol).time)
        if length == own:
            return self.market
        if length < own or length % own:
            fix = f"ask for a multiple of {interval_text(own)}"
            raise DataError(f"bars of {interval} cannot be made from {interval_text(own)}", where=symbol, fix=fix)
        if length not in self._longer:
            self._longer[length] = resample_market(self.market, length)
        return self._longer[length]


class MemoryProvider(MarketProvider):
    """Serves a market, or a table, that is in memory already.

    >>> provider = MemoryProvider(Market.synthetic(bars=10))
    >>> len(provider.get_bars("X", "2024-01-01T00:01:00Z", "2024-01-01T00:04:00Z", "1m"))
    3
    """

    def __init__(self, market: object, *, quotes: object = None, universe: Universe | None = None) -> None:
        """Take a `Market`, or anything that `Market.from_table` reads."""
        super().__init__(quotes=quotes, universe=universe)
        self._source = market

    def load(self) -> Market:
        """Read the table, if it is one."""
        return self._source if isinstance(self._source, Market) else Market.from_table(self._source)


class FileProvider(MarketProvider):
    """Serves one file, or several; the base of the two providers that read files."""

    def __init__(
        self,
        path: Paths,
        instruments: Iterable[Instrument] | None = None,
        *,
        quotes: object = None,
        universe: Universe | None = None,
        **options: Unpack[ImportKeywords],
    ) -> None:
        """Remember the files; nothing is read yet."""
        super().__init__(quotes=quotes, universe=universe)
        self._path, self._instruments, self._options = path, instruments, options


class CsvProvider(FileProvider):
    """Serves one CSV file with a header, or several; options as for `Market.from_csv`."""

    def load(self) -> Market:
        """Read the files."""
        return Market.from_csv(self._path, self._instruments, **self._options)


class ParquetProvider(FileProvider):
    """Serves one Parquet file, or several; options as for `Market.from_parquet`."""

    def load(self) -> Market:
        """Read the files."""
        return Market.from_parquet(self._path, self._instruments, **self._options)


def table_bars(symbol: str, table: pa.Table) -> tuple[Bar, ...]:
    """Return the rows of a long table of one symbol as bars.

    >>> table_bars("X", Market.synthetic(bars=2).table())[1].time.minute
    2
    """
    time = table["time"].cast(pa.int64()).to_pylist()
    rows = zip(time, *(table[name].to_pylist() for name in NUMBERS), strict=True)
    return tuple(
        Bar(symbol, time_ns, open=first, high=high, low=low, close=last, volume=volume, index=index)
        for index, (time_ns, first, high, low, last, volume) in enumerate(rows)
    )
