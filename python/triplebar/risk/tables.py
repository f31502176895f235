"""Between the tables that users give and the record batches that the kernels read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from triplebar.contracts.errors import DataQualityError

GROUP = "group"
"""The column that tells the groups apart if nobody says another."""


def one_batch(table: Any) -> pa.RecordBatch:  # noqa: ANN401 - whatever speaks Arrow
    """Return a table as one record batch; a batch is itself, a table in one piece is not copied.

    >>> one_batch(pa.table({"a": [1, 2]})).num_rows
    2
    """
    if isinstance(table, pa.RecordBatch):
        return table
    if not isinstance(table, pa.Table):
        table = _table(table)
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def _table(source: Any) -> pa.Table:  # noqa: ANN401 - anything
    if not isinstance(source, Mapping) and not hasattr(source, "__arrow_c_stream__"):
        shown = type(source).__name__
        fix = "give a pyarrow, polars or pandas table, or a mapping of columns"
        raise DataQualityError(f"{shown} is no table", fix=fix)
    return pa.table(source)


def grouping(table: pa.RecordBatch, by: str | Sequence[str] | None) -> tuple[str, ...]:
    """Name the columns that tell groups apart: as asked, else `group` if it is there, else none.

    >>> grouping(one_batch({"account": [1]}), "account")
    ('account',)
    """
    if by is None:
        return (GROUP,) if GROUP in table.schema.names else ()
    return (by,) if isinstance(by, str) else tuple(by)
