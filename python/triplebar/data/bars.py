"""A long table of bars that may be incomplete: what the policies, the price adjustment and the resampling work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from triplebar.data.arrays import FloatArray, IndexArray, IntArray, MaskArray
from triplebar.data.arrow import arrow_array, symbol_column, time_column
from triplebar.data.columns import NUMBERS, Columns, as_table, read_columns
from triplebar.data.faults import BadDataError, FaultList


@dataclass(frozen=True, slots=True)
class Bars:
    """Rows of bars as arrays; a number that is missing is NaN."""

    time: IntArray
    symbols: tuple[str, ...]
    codes: IndexArray
    """The symbol of each row, as its place in `symbols`."""
    numbers: Mapping[str, FloatArray]

    @property
    def complete(self) -> MaskArray:
        """True for rows in which no number is missing."""
        whole = np.ones(len(self.time), dtype=np.bool_)
        for values in self.numbers.values():
            whole &= ~np.isnan(values)
        return whole

    def rows(self, chosen: IntArray | MaskArray | slice) -> Bars:
        """Return some of the rows."""
        numbers = {name: values[chosen] for name, values in self.numbers.items()}
        return Bars(self.time[chosen], self.symbols, self.codes[chosen], numbers)

    def in_order(self) -> Bars:
        """Return the rows in order of time, then of symbol."""
        return self.rows(np.lexsort((self.codes, self.time)))

    def table(self) -> pa.Table:
        """Return the long table."""
        numbers = {name: arrow_array(self.numbers[name]) for name in NUMBERS}
        symbols = symbol_column(self.codes, self.symbols)
        return pa.table({"time": time_column(self.time), "symbol": symbols, **numbers})


def read_bars(source: object, *, symbol: str | None = None) -> Bars:
    """Read a long table in which numbers may be missing, but neither columns, times nor symbols.

    >>> table = {"time": [1], "symbol": ["X"], "open": [1.0], "high": [1.0], "low": [1.0], "close": [None],
    ...          "volume": [1.0]}
    >>> read_bars(table).complete.tolist()
    [False]
    """
    faults = FaultList()
    columns = read_columns(as_table(source), faults, symbol=symbol)
    serious = [fault for fault in faults.faults if fault.kind != "null" or fault.column in {"time", "symbol"}]
    if serious or columns.time is None:
        for key in [key for key in faults.counts if key[0] == "null" and key[1] in NUMBERS]:
            del faults.counts[key]
        faults.faults = serious
        raise BadDataError(faults)
    return Bars(columns.time, columns.symbols, _codes(columns), columns.numbers)


def _codes(columns: Columns) -> IndexArray:
    if columns.codes is None:
        return np.zeros(columns.rows, dtype=np.int32)
    return columns.codes.astype(np.int32)
