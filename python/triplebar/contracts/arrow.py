"""Between NumPy and Arrow without a detour.

`pyarrow.array` and `to_numpy` load pandas if it is installed, which takes longer than a small run. These do not, and
copy nothing that need not be copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Column = npt.NDArray[Any]


def to_arrow(values: Column, none: Column | None = None, kind: pa.DataType | None = None) -> pa.Array:
    """Return an array of numbers or truth values as Arrow; null where `none` is true.

    `kind` may be another type of the same width, such as a timestamp for 64-bit integers.

    >>> to_arrow(np.array([1.5, 2.5]), np.array([False, True])).to_pylist()
    [1.5, None]
    """
    plain = np.ascontiguousarray(values)
    if plain.dtype == np.bool_:
        found, data = pa.bool_(), np.packbits(plain, bitorder="little")
    else:
        found, data = pa.from_numpy_dtype(plain.dtype), plain
    valid = None if none is None else pa.py_buffer(np.packbits(~np.asarray(none, dtype=bool), bitorder="little"))
    return pa.Array.from_buffers(kind or found, plain.size, [valid, pa.py_buffer(data)])


def to_numpy(column: pa.ChunkedArray | pa.Array) -> Column:
    """Return numbers, times (as nanoseconds) or truth values as an array; a view if they are one chunk without nulls.

    What stands in the place of a null is not defined.

    >>> to_numpy(to_arrow(np.array([True, False]))).tolist()
    [True, False]
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    parts = [_chunk(each) for each in chunks]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=_dtype(column.type))


def missing(column: pa.ChunkedArray | pa.Array) -> Column:
    """Where a column is null, without the tens of microseconds that `is_null` takes to begin.

    >>> missing(pa.array([1.5, None, 2.5])).tolist()
    [False, True, False]
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return np.concatenate([np.zeros(0, dtype=np.bool_), *map(_missing, chunks)])


def _missing(chunk: pa.Array) -> Column:
    valid = chunk.buffers()[0]
    if valid is None or not chunk.null_count:
        return np.zeros(len(chunk), dtype=np.bool_)
    last = chunk.offset + len(chunk)
    bits = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), count=last, bitorder="little")
    found: Column = bits[chunk.offset :] == 0
    return found


def _chunk(chunk: pa.Array) -> Column:
    first, last = chunk.offset, chunk.offset + len(chunk)
    data = chunk.buffers()[1]
    if data is None or first == last:
        return np.zeros(last - first, dtype=_dtype(chunk.type))
    if pa.types.is_boolean(chunk.type):
        bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=last, bitorder="little")
        return bits[first:last].view(np.bool_)
    return np.frombuffer(data, dtype=_dtype(chunk.type))[first:last]


def _dtype(kind: pa.DataType) -> np.dtype[Any]:
    return np.dtype(np.int64 if pa.types.is_timestamp(kind) else kind.to_pandas_dtype())


def texts_to_arrow(texts: Sequence[str | None]) -> pa.Array:
    """Return texts as Arrow.

    >>> texts_to_arrow(["a", None, "≡"]).to_pylist()
    ['a', None, '≡']
    """
    encoded = [b"" if each is None else each.encode() for each in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    there = np.packbits(np.array([each is not None for each in texts], dtype=bool), bitorder="little")
    buffers = [pa.py_buffer(there), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)


def joined(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    """Return batches of one schema as one: as it is if only one of them has rows, an empty one if none has.

    >>> one = pa.RecordBatch.from_pydict({"set": [1]})
    >>> joined([one, one.slice(0, 0), one], one.schema).to_pydict()
    {'set': [1, 1]}
    """
    there = [each for each in batches if each.num_rows]
    if len(there) > 1:
        return pa.Table.from_batches(there).combine_chunks().to_batches()[0]
    return there[0] if there else pa.RecordBatch.from_pylist([], schema=schema)


def to_table(columns: Mapping[str, Any]) -> pa.Table:
    """Return columns, NumPy's or Arrow's, as a table.

    >>> to_table({"price": np.array([1.5])}).to_pylist()
    [{'price': 1.5}]
    """
    ready = {name: to_arrow(each) if isinstance(each, np.ndarray) else each for name, each in columns.items()}
    return pa.table(ready)
