"""Many sources in one order of time: at once, or in chunks with bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import DataError
from triplebar.contracts.exact import INT64_MIN
from triplebar.data.arrays import IntArray
from triplebar.data.columns import as_table
from triplebar.data.faults import BadDataError, FaultList
from triplebar.data.intervals import DAY_NS
from triplebar.data.reading import read_time


def merge(sources: Iterable[object]) -> pa.Table:
    """Return all rows in order of time; rows of equal time stay in the order of the sources, and of their rows.

    >>> a = {"time": [1, 3], "symbol": ["A", "A"]}
    >>> b = {"time": [1, 2], "symbol": ["B", "B"]}
    >>> merge([b, a])["symbol"].to_pylist()
    ['B', 'A', 'B', 'A']
    """
    tables = [as_table(source) for source in sources]
    if not tables:
        raise DataError("there is nothing to merge", where="sources", fix="pass at least one table")
    table = _joined(tables)
    return table.take(pa.array(np.argsort(_times(table), kind="stable")))


def merge_chunks(streams: Iterable[Iterable[pa.Table]]) -> Iterator[pa.Table]:
    """Merge streams of tables, each in order of time, into one stream; what is held at once is a chunk of each.

    >>> a = [pa.table({"time": [1, 2]}), pa.table({"time": [5]})]
    >>> b = [pa.table({"time": [3, 4]})]
    >>> [time for chunk in merge_chunks([a, b]) for time in chunk["time"].to_pylist()]
    [1, 2, 3, 4, 5]
    """
    held = [_Held(iter(stream), number) for number, stream in enumerate(streams)]
    limit: int | None = INT64_MIN
    while limit is not None:
        for each in held:
            if not each.done and each.last == limit:  # those that hold the others up
                each.read()
        limit = min((each.last for each in held if not each.done), default=None)
        ready = [table for each in held if (table := each.take_before(limit)) is not None]
        if ready:
            yield merge(ready)


def by_span(tables: Iterable[pa.Table], span_ns: int = DAY_NS) -> Iterator[pa.Table]:
    """Cut a stream in order of time into spans (days, by default): one table for each that has rows.

    A bar that closes at the very end of a span belongs to it.

    >>> [table.num_rows for table in by_span([pa.table({"time": [1, 10, 11]}), pa.table({"time": [12, 25]})], 10)]
    [2, 2, 1]
    """
    waiting: list[pa.Table] = []
    current: int | None = None
    for table in tables:
        spans = (_times(table) - 1) // span_ns
        for first, last in _runs(spans):
            if current is not None and spans[first] != current:
                yield _joined(waiting)
                waiting = []
            current = int(spans[first])
            waiting.append(table.slice(first, last - first))
    if waiting:
        yield _joined(waiting)


def _runs(values: IntArray) -> Iterator[tuple[int, int]]:
    bounds = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return ((first, last) for first, last in pairwise(bounds) if first < last)


def _joined(tables: list[pa.Table]) -> pa.Table:
    try:
        return pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()
    except pa.ArrowException as problem:
        raise DataError(f"the tables do not have the same columns: {problem}", fix="cast them alike") from problem


def _times(table: pa.Table) -> IntArray:
    if "time" not in table.column_names:
        raise DataError("there is no column 'time'", where="merge", fix="add it")
    faults = FaultList()
    time, _ = read_time(table["time"], faults, "UTC")
    if time is None or faults.total:
        raise BadDataError(faults)
    return time


@dataclass(slots=True)
class _Held:
    """What is held of one stream: rows up to the time `last`; rows not yet read are not earlier than it."""

    source: Iterator[pa.Table]
    number: int
    tables: list[pa.Table] = field(default_factory=list)
    last: int = INT64_MIN
    done: bool = False

    def read(self) -> None:
        """Read one more chunk."""
        table = next(self.source, None)
        if table is None:
            self.done = True
            return
        times = _times(table)
        if len(times) == 0:
            return
        if times[0] < self.last or (times[1:] < times[:-1]).any():
            raise DataError("is not in order of time", where=f"stream {self.number}", fix="sort it, or use merge()")
        self.last = int(times[-1])
        self.tables.append(table)

    def take_before(self, limit: int | None) -> pa.Table | None:
        """Take the rows earlier than `limit`, or all of them; None if there are none."""
        if not self.tables:
            return None
        table = _joined(self.tables)
        count = table.num_rows if limit is None else int(np.searchsorted(_times(table), limit))
        self.tables = [table.slice(count)] if count < table.num_rows else []
        return table.slice(0, count) if count else None
