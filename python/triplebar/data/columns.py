"""From any Arrow source to NumPy columns, sharing memory wherever that is possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import DataError
from triplebar.contracts.suggest import hint
from triplebar.data.arrays import FloatArray, IndexArray, IntArray, MaskArray
from triplebar.data.arrow import arrow_array
from triplebar.data.faults import FaultList
from triplebar.data.reading import Symbols, read_number, read_symbols, read_time

PRICES: Final = ("open", "high", "low", "close")
NUMBERS: Final = (*PRICES, "volume")
REQUIRED: Final = ("time", *NUMBERS)
ALL: Final = ("time", "symbol", *NUMBERS)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a long table as arrays, in the order of its rows; what could not be read is left out.

    `codes` numbers the symbol of each row into `symbols`, which are sorted by the bytes of their names; it is None
    if there is only one. Rows whose time or symbol is missing are False in `placed`, which is None if there are none.
    """

    rows: int
    time: IntArray | None
    symbols: tuple[str, ...]
    codes: IndexArray | None
    placed: MaskArray | None
    numbers: Mapping[str, FloatArray]
    nulls: Mapping[str, MaskArray]
    """For number columns with nulls (which are NaN in `numbers`): which rows."""
    single: frozenset[str]
    """Names of number columns that held 32-bit floats."""


def as_table(source: object) -> pa.Table:
    """Return an Arrow table of anything that speaks the Arrow stream capsule, or of a dict of arrays.

    >>> as_table({"close": [1.0, 2.0]}).num_rows
    2
    """
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatchReader):
        return source.read_all()
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    try:
        if isinstance(source, Mapping):
            return pa.table({name: _column(values) for name, values in source.items()})
        if hasattr(source, "__arrow_c_stream__"):
            return pa.table(source)
    except (pa.ArrowException, TypeError, ValueError) as problem:
        raise DataError(
            f"{type(source).__name__} cannot become a table: {problem}",
            fix="pass columns of equal length, one type each",
        ) from problem
    raise DataError(
        f"{type(source).__name__} is not a table",
        where="source",
        fix="pass a pyarrow, polars or pandas table, a DuckDB result, a RecordBatchReader or a dict of arrays",
    )


def _column(values: object) -> object:
    """A column of a dict; arrays of numbers are taken as they are, whatever else as Arrow sees it."""
    if isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype in (np.float64, np.int64):
        return arrow_array(values)
    return values


def renamed(table: pa.Table, columns: Mapping[str, str] | None) -> pa.Table:
    """Give columns our names: `{"close": "Adj Close"}` reads our `close` from `Adj Close`.

    >>> renamed(pa.table({"Last": [1.0]}), {"close": "Last"}).column_names
    ['close']
    """
    if not columns:
        return table
    for ours, theirs in columns.items():
        if theirs not in table.column_names:
            raise DataError(
                f"there is no column {theirs!r}", where=f"columns[{ours!r}]", fix=hint(theirs, table.column_names)
            )
    ours_of = {theirs: ours for ours, theirs in columns.items()}
    kept = [name for name in table.column_names if name in ours_of or name not in columns]
    return table.select(kept).rename_columns([ours_of.get(name, name) for name in kept])


def read_columns(
    table: pa.Table, faults: FaultList, *, symbol: str | None = None, time_zone: str | None = None
) -> Columns:
    """Return the columns that can be read; what is wrong with the others is added to `faults`."""
    there = _usable_columns(table, faults, symbol)
    time, time_known = read_time(table["time"], faults, time_zone) if "time" in there else (None, None)
    alone: Symbols = ((symbol or "",), None, None)
    symbols, codes, symbol_known = read_symbols(table["symbol"], faults) if "symbol" in there else alone
    numbers: dict[str, FloatArray] = {}
    nulls: dict[str, MaskArray] = {}
    for name in NUMBERS:
        values = read_number(table[name], name, faults) if name in there else None
        if values is not None:
            numbers[name], known = values
            if known is not None:
                nulls[name] = ~known
    single = frozenset(name for name in numbers if table.schema.field(name).type in (pa.float32(), pa.float16()))
    return Columns(table.num_rows, time, symbols, codes, _both(time_known, symbol_known), numbers, nulls, single)


def _both(one: MaskArray | None, other: MaskArray | None) -> MaskArray | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _usable_columns(table: pa.Table, faults: FaultList, symbol: str | None) -> set[str]:
    """The names that are there once; the others are faults."""
    names = table.column_names
    usable = set()
    for name in ALL:
        count = names.count(name)
        if count == 1:
            usable.add(name)
        elif count > 1:
            faults.add("double_column", f"there are {count} columns {name!r}", "keep one of them", column=name)
        elif name != "symbol" or symbol is None:
            faults.add("missing_column", f"there is no column {name!r}", _missing_fix(name, names), column=name)
    return usable


def _missing_fix(name: str, names: list[str]) -> str:
    if name == "symbol":
        return "add it, or name the one instrument with symbol= or instruments="
    if name == "volume":
        return "add it (0 where it is not known), or rename a column with columns={'volume': ...}"
    near = hint(name, [each for each in names if each not in ALL]) or ""
    meant = f"{near} rename it" if near.startswith("did you mean") else "add it"
    return f"{meant}, or name the column that holds it with columns={{{name!r}: ...}}"
