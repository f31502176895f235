"""Tables as bytes: the canonical ones that identities are computed from, and the Parquet files that are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.canonical import encode
from triplebar.contracts.errors import DataQualityError
from triplebar.data.arrow import numpy_array
from triplebar.data.columns import as_table

if TYPE_CHECKING:
    from hashlib import _Hash

BEGINNING: Final = b"triplebar snapshot 1\n"
PLAIN: Final = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_timestamp,
    pa.types.is_date32,
    pa.types.is_decimal128,
)
"""The types of columns that can be stored and read back as they were."""


def plain_table(symbol: str, source: object) -> pa.Table:
    """Give a table as it is stored: one piece a column, texts written out, no remarks of other libraries.

    >>> plain_table("X", {"close": [1.0, 2.0]}).column_names
    ['close']
    """
    table = as_table(source)
    if len(set(table.column_names)) != len(table.column_names):
        raise DataQualityError("two columns have the same name", where=symbol, fix="keep one of them")
    arrays = [_plain_column(symbol, name, table.column(name)) for name in table.column_names]
    return pa.Table.from_arrays(arrays, names=table.column_names)


def _plain_column(symbol: str, name: str, column: pa.ChunkedArray) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string_view(kind):
        column, kind = column.cast(pa.string()), pa.string()
    if not any(fits(kind) for fits in PLAIN):
        fix = "make it numbers, texts, times or dates"
        raise DataQualityError(f"a column of {kind} cannot be kept", where=f"{symbol}, column {name!r}", fix=fix)
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)


def tables_digest(tables: Mapping[str, pa.Table]) -> str:
    """SHA-256 of tables by symbol: names and types of the columns and all values in the order of the rows.

    >>> one = pa.table({"close": [1.0, 2.0]})
    >>> tables_digest({"A": one, "B": one}) == tables_digest({"B": one, "A": one})
    True
    >>> tables_digest({"A": one}) == tables_digest({"A": one.take([1, 0])})
    False
    """
    sha = hashlib.sha256(BEGINNING)
    for symbol in sorted(tables, key=str.encode):
        table = tables[symbol]
        sha.update(encode([symbol, table.num_rows, [[each.name, str(each.type)] for each in table.schema]]))
        for column in table.columns:
            _add_column(sha, _one_array(column))
    return sha.hexdigest()


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def _add_column(sha: _Hash, array: pa.Array) -> None:
    """Add which values there are, then all of them; the places of missing ones hold a zero or an empty text."""
    sha.update(b"\1" if array.null_count else b"\0")
    if array.null_count:
        sha.update(_fixed(array.is_valid().cast(pa.uint8())))
    kind = array.type
    if pa.types.is_boolean(kind):
        array = array.cast(pa.uint8())
    elif pa.types.is_date32(kind):
        array = array.cast(pa.int32())
    elif pa.types.is_timestamp(kind):
        array = array.cast(pa.int64())
    elif pa.types.is_decimal128(kind):
        array = array.cast(pa.string())
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        _add_texts(sha, array)
    else:
        sha.update(_fixed(array.fill_null(0) if array.null_count else array))


def _fixed(array: pa.Array) -> bytes:
    values: np.ndarray[Any, np.dtype[Any]] = numpy_array(array)
    return values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()


def _add_texts(sha: _Hash, array: pa.Array) -> None:
    """Add the length of each text, then the texts."""
    texts = array.cast(pa.large_string())
    texts = texts.fill_null("") if texts.null_count else texts
    if not len(texts):
        return
    _, ends, letters = texts.buffers()
    places = np.frombuffer(ends, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    sha.update(np.diff(places).astype("<i8").tobytes())
    if letters is not None:
        sha.update(letters[int(places[0]) : int(places[-1])])


def parquet_bytes(table: pa.Table) -> bytes:
    """Write a table as a Parquet file in memory."""
    import pyarrow.parquet as pq  # costs time, and few runs are stored

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="snappy")
    written: bytes = sink.getvalue().to_pybytes()
    return written


def table_from(content: bytes, columns: bytes) -> pa.Table:
    """Read what `parquet_bytes` wrote, with the very types it had; `columns` is what `schema_bytes` gave."""
    import pyarrow.parquet as pq  # costs time, and few runs are read

    schema = pa.ipc.read_schema(pa.py_buffer(columns))
    return pq.read_table(pa.BufferReader(content)).cast(schema)


def schema_bytes(table: pa.Table) -> bytes:
    """Names and types of the columns, which Parquet does not keep all.

    >>> table = pa.table({"day": pa.array([1], pa.timestamp("s"))})
    >>> table_from(parquet_bytes(table), schema_bytes(table)).schema == table.schema
    True
    """
    kept: bytes = table.schema.serialize().to_pybytes()
    return kept
