"""Quotes (bid, ask, last, volume) as a long table, in order of time within each symbol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.bars import Quote
from triplebar.contracts.errors import UnknownSymbolError
from triplebar.data.arrays import FloatArray, IntArray
from triplebar.data.columns import as_table
from triplebar.data.faults import BadDataError, FaultList
from triplebar.data.reading import read_number, read_symbols, read_time

QUOTE_NUMBERS: Final = ("bid", "ask", "last", "volume")


@dataclass(frozen=True, slots=True)
class Quotes:
    """The quotes of some symbols; a number that is missing is NaN.

    >>> quotes = Quotes.read({"time": [1, 2], "symbol": ["X", "X"], "bid": [99.0, None], "ask": [101.0, None],
    ...                       "last": [100.0, 100.5]})
    >>> quotes.between("X", 2, 3)[0].middle
    100.5
    """

    time: dict[str, IntArray]
    numbers: dict[str, dict[str, FloatArray]]

    @classmethod
    def read(cls, source: object) -> Quotes:
        """Read a table with `time`, `symbol` and any of `bid`, `ask`, `last`, `volume`."""
        table = as_table(source)
        faults = FaultList()
        for name in ("time", "symbol"):
            if name not in table.column_names:
                faults.add("missing_column", f"there is no column {name!r}", "add it", column=name)
        if faults.total:
            raise BadDataError(faults)
        return cls._sorted(table, faults)

    @classmethod
    def _sorted(cls, table: pa.Table, faults: FaultList) -> Quotes:
        time, _ = read_time(table["time"], faults, None)
        symbols, codes, _ = read_symbols(table["symbol"], faults)
        there = [name for name in QUOTE_NUMBERS if name in table.column_names]
        loose = FaultList()
        read = {name: read_number(table[name], name, loose) for name in there}
        for fault in (each for each in loose.faults if each.kind != "null"):
            faults.add(fault.kind, fault.problem, fault.fix, column=fault.column, value=fault.value)
        if faults.total or time is None:
            raise BadDataError(faults)
        codes = np.zeros(len(time), dtype=np.int32) if codes is None else codes
        times, numbers = {}, {}
        for number, symbol in enumerate(symbols):
            rows = np.flatnonzero(codes == number)
            rows = rows[np.argsort(time[rows], kind="stable")]
            times[symbol] = time[rows]
            numbers[symbol] = {name: values[0][rows] for name, values in read.items() if values is not None}
        return cls(times, numbers)

    def between(self, symbol: str, start_ns: int, end_ns: int) -> tuple[Quote, ...]:
        """Return the quotes of a symbol in [start, end)."""
        if symbol not in self.time:
            raise UnknownSymbolError.of(symbol, list(self.time))
        time = self.time[symbol]
        first, last = np.searchsorted(time, (start_ns, end_ns)).tolist()
        return tuple(self._quote(symbol, row) for row in range(first, last))

    def _quote(self, symbol: str, row: int) -> Quote:
        found = {name: float(values[row]) for name, values in self.numbers[symbol].items()}
        known = {name: None if np.isnan(value) else value for name, value in found.items()}
        return Quote(
            symbol,
            int(self.time[symbol][row]),
            bid=known.get("bid"),
            ask=known.get("ask"),
            last=known.get("last"),
            volume=known.get("volume") or 0.0,
        )
