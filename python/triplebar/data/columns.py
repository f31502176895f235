"""From any Arrow source to NumPy columns, sharing memory wherever that is possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from triplebar.contracts.errors import DataError
from triplebar.contracts.instruments import PART
from triplebar.contracts.suggest import hint
from triplebar.data.arrays import FloatArray, IndexArray, IntArray, MaskArray
from triplebar.data.faults import FaultList

PRICES: Final = ("open", "high", "low", "close")
NUMBERS: Final = (*PRICES, "volume")
REQUIRED: Final = ("time", *NUMBERS)
ALL: Final = ("time", "symbol", *NUMBERS)

ZONE_FIX: Final = "store the time with a zone (UTC), or say which one it is with time_zone='UTC'"


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

    >>> as_table({"close": np.array([1.0, 2.0])}).num_rows
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
            return pa.table(dict(source))
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
    time, time_known = _time(table["time"], faults, time_zone) if "time" in there else (None, None)
    symbols, codes, symbol_known = (
        _symbols(table, faults, symbol) if "symbol" in there else ((symbol or "",), None, None)
    )
    numbers: dict[str, FloatArray] = {}
    nulls: dict[str, MaskArray] = {}
    for name in NUMBERS:
        values = _number(table[name], name, faults) if name in there else None
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


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array; it shares memory unless the column has several chunks."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _known(array: pa.Array, name: str, faults: FaultList) -> MaskArray | None:
    """False for null rows, each of which is a fault; None if there are none."""
    if array.null_count == 0:
        return None
    null: MaskArray = np.asarray(pc.is_null(array, nan_is_null=False))
    faults.add_rows(null, "null", lambda _: ("there is no value", None), "fill it in or remove the row", name)
    return ~null


# ---------------------------------------------------------------------------------------------------------------- time


def _time(
    column: pa.ChunkedArray, faults: FaultList, time_zone: str | None
) -> tuple[IntArray | None, MaskArray | None]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind) and kind.tz is None:
        if time_zone is None:
            first = next((value for value in column[:1].to_pylist()), None)
            faults.add("naive_time", f"times such as {first} have no time zone", ZONE_FIX, column="time", value=first)
            return None, None
        column = _assume_zone(column, time_zone, faults)
    elif not pa.types.is_timestamp(kind) and not pa.types.is_integer(kind):
        _wrong_time(column, kind, faults)
        return None, None
    return _nanoseconds(column, faults)


def _nanoseconds(column: pa.ChunkedArray, faults: FaultList) -> tuple[IntArray | None, MaskArray | None]:
    try:
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("ns", column.type.tz))
        array = _one_chunk(column.cast(pa.int64()))
    except pa.ArrowInvalid as problem:
        faults.add("time_range", f"a time is out of range: {problem}", "times reach from 1677 to 2262", column="time")
        return None, None
    known = _known(array, "time", faults)
    return (array if known is None else array.fill_null(0)).to_numpy(zero_copy_only=False), known


def _assume_zone(column: pa.ChunkedArray, time_zone: str, faults: FaultList) -> pa.ChunkedArray:
    try:
        return pc.assume_timezone(column, time_zone)
    except pa.ArrowInvalid as problem:
        fix = "use the name of a zone such as 'UTC' or 'America/New_York', in which each time exists once"
        faults.add(
            "naive_time", f"cannot be read in zone {time_zone!r}: {problem}", fix, column="time", value=time_zone
        )
        return column.cast(pa.timestamp("ns", "UTC"))


def _wrong_time(column: pa.ChunkedArray, kind: pa.DataType, faults: FaultList) -> None:
    first = next((value for value in column[:1].to_pylist()), None)
    if pa.types.is_date(kind):
        fix = "a bar's time is the instant at which it closed: cast it to timestamp('ns', tz='UTC')"
    else:
        fix = "use a timestamp with a zone, such as 2024-01-02T14:30:00Z, or int64 nanoseconds since 1970 in UTC"
    faults.add("wrong_type", f"is {kind} (such as {first!r}), not a time", fix, column="time", value=first)


# ------------------------------------------------------------------------------------------------------------- symbols


def _symbols(
    table: pa.Table, faults: FaultList, symbol: str | None
) -> tuple[tuple[str, ...], IndexArray | None, MaskArray | None]:
    if "symbol" not in table.column_names:
        return (symbol or "",), None, None
    column = table["symbol"]
    values = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(values) or pa.types.is_large_string(values) or pa.types.is_string_view(values)):
        fix = "cast it to string"
        faults.add("wrong_type", f"is {column.type}, not text", fix, column="symbol", value=str(column.type))
        return ("",), None, None
    array = _one_chunk(_dictionary(column))
    known = _known(array, "symbol", faults)
    indices = (array.indices if known is None else array.indices.fill_null(0)).to_numpy(zero_copy_only=False)
    names = [name if isinstance(name, str) else "" for name in array.dictionary.to_pylist()]
    _check_names(names, indices, known, faults)
    return _ranked(names, indices, known)


def _dictionary(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.dictionary(pa.int32(), pa.string())) if column.num_chunks else column
        return column.unify_dictionaries()
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    return column.dictionary_encode().unify_dictionaries()


def _check_names(names: list[str], indices: IndexArray, known: MaskArray | None, faults: FaultList) -> None:
    wrong = [number for number, name in enumerate(names) if not PART.fullmatch(name)]
    if not wrong:
        return
    bad: MaskArray = np.isin(indices, wrong)
    if known is not None:
        bad &= known
    fix = "write a name without blanks and colons, such as 'BTC/USDT'"
    faults.add_rows(
        bad, "bad_symbol", lambda i: (f"{names[indices[i]]!r} is not a symbol", names[indices[i]]), fix, "symbol"
    )


def _ranked(
    names: list[str], indices: IndexArray, known: MaskArray | None
) -> tuple[tuple[str, ...], IndexArray | None, MaskArray | None]:
    used = np.unique(indices if known is None else indices[known]) if len(names) > 1 else range(len(names))
    symbols = tuple(sorted({names[number] for number in used}, key=str.encode))
    if len(symbols) <= 1 and known is None:
        return symbols or ("",), None, known
    place = {name: rank for rank, name in enumerate(symbols)}
    # 16 bits, where they do, make the stable sort by symbol a radix sort
    width: type[np.signedinteger[Any]] = np.int16 if len(symbols) < 2**15 else np.int32
    ranks = np.array([place.get(name, 0) for name in names], dtype=width)
    return symbols or ("",), ranks[indices], known


# ------------------------------------------------------------------------------------------------------------- numbers


def _number(column: pa.ChunkedArray, name: str, faults: FaultList) -> tuple[FloatArray, MaskArray | None] | None:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _number_from_text(column, name, faults)
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        faults.add("wrong_type", f"is {kind}, not numbers", "cast it to float64", column=name, value=str(kind))
        return None
    array = _one_chunk(column if kind == pa.float64() else column.cast(pa.float64(), safe=False))
    known = _known(array, name, faults)
    return array.to_numpy(zero_copy_only=known is None), known


def _number_from_text(
    column: pa.ChunkedArray, name: str, faults: FaultList
) -> tuple[FloatArray, MaskArray | None] | None:
    """Text is a fault; if only some of it is no number (one bad cell of a CSV file), those cells are named."""
    texts = column.to_pylist()
    numbers = [_number_of(text) for text in texts]
    wrong = np.array(
        [text is not None and number is None for text, number in zip(texts, numbers, strict=True)], np.bool_
    )
    if not wrong.any() or wrong.all():
        first = next(iter(texts), None)
        faults.add(
            "wrong_type", f"is text (such as {first!r}), not numbers", "cast it to float64", column=name, value=first
        )
        return None
    faults.add_rows(wrong, "wrong_type", lambda i: (f"{texts[i]!r} is not a number", texts[i]), "write a number", name)
    known = _known(column.combine_chunks(), name, faults)
    values: FloatArray = np.array([np.nan if number is None else number for number in numbers])
    return values, ~wrong if known is None else known & ~wrong


def _number_of(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
