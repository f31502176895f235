"""The identity of what a study found: a hash over numbers and summaries, whoever ran them, in blocks of any size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.contracts.arrow import missing, to_numpy
from triplebar.research.sweeping.found import Failure

NONE: Final = np.uint64(0x7FF8_0000_0000_0001)
"""Stands for a metric that is not defined: a NaN that no computation gives."""
NAN: Final = np.uint64(0x7FF8_0000_0000_0000)


def study_digest(names: Sequence[str], tables: Iterable[pa.Table], failures: Iterable[Failure]) -> str:
    """SHA-256 over the names of the metrics, then number and metrics of each set, then number and kind of each failure.

    Each value is 64 bits, little-endian. The tables come one by one, in order; how they are cut does not matter.

    >>> one = pa.table({"set": [0, 1], "sharpe": [0.5, None]})
    >>> study_digest(["sharpe"], [one], []) == study_digest(["sharpe"], [one.slice(0, 1), one.slice(1)], [])
    True
    """
    sha = hashlib.sha256(f"triplebar study 1\n{','.join(names)}\n".encode())
    for table in tables:
        sha.update(table_rows(table, names).data)
    for failure in failures:
        sha.update(f"{failure.number} {failure.error}\n".encode())
    return sha.hexdigest()


def set_hash(names: Sequence[str], table: pa.Table) -> str:
    """The hash of one set, from a table with its row: number and metrics."""
    return hashlib.sha256(table_rows(table, names).data).hexdigest()


def table_rows(table: pa.Table, names: Sequence[str]) -> npt.NDArray[np.uint64]:
    """The bits of `set` and of some columns, row by row."""
    found = np.empty((table.num_rows, 1 + len(names)), dtype="<u8")
    for place, name in enumerate(("set", *names)):
        found[:, place] = _bits(table.column(name))
    return found


def _bits(column: Any) -> npt.NDArray[np.uint64]:  # noqa: ANN401 - a column of numbers
    values = to_numpy(column)
    bits = values.astype(np.float64 if values.dtype.kind == "f" else np.int64, copy=False).view(np.uint64)
    if values.dtype.kind != "f" and not column.null_count:
        return bits
    odd = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=np.bool_)
    if column.null_count == 0 and not odd.any():
        return bits
    return np.where(missing(column), NONE, np.where(odd, NAN, bits))
