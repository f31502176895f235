"""Between NumPy and Arrow without copies, and without what `pa.array` and `to_numpy` would import (pandas, 0.2 s)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.data.arrays import IntArray

TIME: Final = pa.timestamp("ns", "UTC")

_ARROW_TYPES: Final = {"float64": pa.float64(), "int64": pa.int64(), "int32": pa.int32()}


def arrow_array(values: npt.NDArray[Any], kind: pa.DataType | None = None) -> pa.Array:
    """Return an Arrow array over the same memory; `kind` may be another type of the same width, such as a time.

    >>> arrow_array(np.array([1.5, 2.5])).type
    DataType(double)
    """
    own = np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind or _ARROW_TYPES[own.dtype.name], len(own), [None, pa.py_buffer(own)])


def arrow_texts(texts: Sequence[str]) -> pa.Array:
    """Return an Arrow array of texts.

    >>> arrow_texts(["A", "BC"]).to_pylist()
    ['A', 'BC']
    """
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *(len(each) for each in encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def symbol_column(codes: npt.NDArray[np.integer[Any]], symbols: Sequence[str]) -> pa.Array:
    """Return a column of symbols from the place of each row's one.

    >>> symbol_column(np.array([1, 0]), ["A", "B"]).to_pylist()
    ['B', 'A']
    """
    return pa.DictionaryArray.from_arrays(arrow_array(codes.astype(np.int32, copy=False)), arrow_texts(symbols))


def time_column(time_ns: IntArray) -> pa.Array:
    """Return a column of times in UTC.

    >>> time_column(np.array([0])).type
    TimestampType(timestamp[ns, tz=UTC])
    """
    return arrow_array(time_ns, TIME)


def numpy_array(array: pa.Array) -> npt.NDArray[Any]:
    """Return the numbers (or times, as whole numbers) of an array without nulls over the same memory.

    >>> numpy_array(arrow_array(np.array([1.5, 2.5])))
    array([1.5, 2.5])
    """
    kind = array.type
    if pa.types.is_timestamp(kind):
        name = "int64"
    elif pa.types.is_floating(kind):
        name = f"float{kind.bit_width}"
    else:
        name = f"{'int' if pa.types.is_signed_integer(kind) else 'uint'}{kind.bit_width}"
    if len(array) == 0:
        return np.empty(0, dtype=name)
    dtype = np.dtype(name)
    return np.frombuffer(array.buffers()[1], dtype, len(array), array.offset * dtype.itemsize)
