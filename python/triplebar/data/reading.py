"""Reads one Arrow column as a NumPy array, sharing memory wherever that is possible; what is wrong becomes a fault."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from triplebar.contracts.different import different
from triplebar.contracts.exact import INT64_MAX, INT64_MIN
from triplebar.contracts.instruments import PART
from triplebar.data.arrays import FloatArray, IndexArray, IntArray, MaskArray
from triplebar.data.arrow import arrow_array, arrow_texts, numpy_array
from triplebar.data.faults import FaultList

ZONE_FIX: Final = "store the time with a zone (UTC), or say which one it is with time_zone='UTC'"

UNITS_NS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}

FEW_ROWS: Final = 20_000
"""Below this, importing Arrow's functions would take longer than doing without them."""


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """Return the column as one array; it shares memory unless the column has several chunks."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)


def _known(array: pa.Array, name: str, faults: FaultList) -> MaskArray | None:
    """False for null rows, each of which is a fault; None if there are none."""
    if array.null_count == 0:
        return None
    null: MaskArray = np.asarray(array.is_null())
    faults.add_rows(null, "null", lambda _: ("there is no value", None), "fill it in or remove the row", name)
    return ~null


# ---------------------------------------------------------------------------------------------------------------- time


def read_time(
    column: pa.ChunkedArray, faults: FaultList, time_zone: str | None
) -> tuple[IntArray | None, MaskArray | None]:
    """Return the times in nanoseconds and which rows have one (None: all of them); None if they cannot be read."""
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
    array = one_chunk(column)
    known = _known(array, "time", faults)
    values = numpy_array(array if known is None else array.fill_null(0))
    factor = UNITS_NS[column.type.unit] if pa.types.is_timestamp(column.type) else 1
    if len(values) and (values.max() > INT64_MAX // factor or values.min() < INT64_MIN // factor + 1):
        problem = f"a time is out of range: {values.max()} {column.type}"
        faults.add("time_range", problem, "times reach from 1677 to 2262", column="time")
        return None, None
    whole: IntArray = values.astype(np.int64, copy=False)
    return whole if factor == 1 else whole * factor, known


def _assume_zone(column: pa.ChunkedArray, time_zone: str, faults: FaultList) -> pa.ChunkedArray:
    import pyarrow.compute as pc

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


Symbols: TypeAlias = tuple[tuple[str, ...], IndexArray | None, MaskArray | None]
"""The names, sorted; the place of each row's name among them; which rows have one."""


def read_symbols(column: pa.ChunkedArray, faults: FaultList) -> Symbols:
    """Return the symbols of the rows; `None` for the places if there is one name, for the rows if all have one."""
    values = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(values) or pa.types.is_large_string(values) or pa.types.is_string_view(values)):
        faults.add("wrong_type", f"is {column.type}, not text", "cast it to string", column="symbol")
        return ("",), None, None
    array = one_chunk(_dictionary(column))
    known = _known(array, "symbol", faults)
    indices = numpy_array(array.indices if known is None else array.indices.fill_null(0))
    names = [name if isinstance(name, str) else "" for name in array.dictionary.to_pylist()]
    _check_names(names, indices, known, faults)
    return _ranked(names, indices, known)


def _dictionary(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return column.unify_dictionaries()
    if len(column) < FEW_ROWS and column.null_count == 0:
        return _few_texts(column.to_pylist())
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    return column.dictionary_encode().unify_dictionaries()


def _few_texts(texts: list[str]) -> pa.ChunkedArray:
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    codes = arrow_array(np.array([places[text] for text in texts], dtype=np.int32))
    return pa.chunked_array([pa.DictionaryArray.from_arrays(codes, arrow_texts(list(places)))])


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


def _ranked(names: list[str], indices: IndexArray, known: MaskArray | None) -> Symbols:
    if not names:
        return ("",), None, known
    used = different(indices if known is None else indices[known]) if len(names) > 1 else range(len(names))
    symbols = tuple(sorted({names[number] for number in used}, key=str.encode))
    if len(symbols) <= 1 and known is None:
        return symbols or ("",), None, known
    place = {name: rank for rank, name in enumerate(symbols)}
    # 16 bits, where they do, make the stable sort by symbol a radix sort
    width: type[np.signedinteger[Any]] = np.int16 if len(symbols) < 2**15 else np.int32
    ranks = np.array([place.get(name, 0) for name in names], dtype=width)
    return symbols or ("",), ranks[indices], known


# ------------------------------------------------------------------------------------------------------------- numbers


def read_number(column: pa.ChunkedArray, name: str, faults: FaultList) -> tuple[FloatArray, MaskArray | None] | None:
    """Return the numbers, NaN where one is missing, and which rows have one (None: all); None if unreadable."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _number_from_text(column, name, faults)
    numeric = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal, pa.types.is_null)
    if not any(matches(kind) for matches in numeric):
        faults.add("wrong_type", f"is {kind}, not numbers", "cast it to float64", column=name, value=str(kind))
        return None
    array = one_chunk(column if kind == pa.float64() else column.cast(pa.float64(), safe=False))
    known = _known(array, name, faults)
    return numpy_array(array) if known is None else array.to_numpy(zero_copy_only=False), known


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
