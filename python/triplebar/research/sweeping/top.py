"""The best sets, without keeping the others."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import Column, missing, to_arrow, to_numpy


class Top:
    """The sets with the largest (or smallest) value in a column, the first of equals first; no value, no place.

    >>> top = Top(2, "sharpe")
    >>> for start in (0, 2):
    ...     top.add(pa.table({"set": [start, start + 1], "sharpe": [start / 2, None]}))
    >>> top.table.to_pydict() if top.table else None
    {'set': [2, 0], 'sharpe': [1.0, 0.0]}
    """

    def __init__(self, count: int, by: str, *, smallest: bool = False) -> None:
        """Nothing was seen yet."""
        self.count, self.by, self.order = count, by, "ascending" if smallest else "descending"
        self.table: pa.Table | None = None

    def add(self, table: pa.Table) -> None:
        """Look at some rows."""
        places = self._better(table)
        if self.table is not None and not places.size:
            return
        there = table.take(to_arrow(places))
        if self.table is not None:
            there = pa.concat_tables([self.table, there])
        if there.num_rows > 1:
            there = there.sort_by([(self.by, self.order), ("set", "ascending")])
        self.table = there.slice(0, self.count)

    def of(self, tables: Iterable[pa.Table]) -> pa.Table | None:
        """Look at all of them; None if there is not even an empty one."""
        for table in tables:
            self.add(table)
        return self.table

    @property
    def best(self) -> float | None:
        """The best value so far."""
        if self.table is None or not self.table.num_rows or not self.count:
            return None
        value = self.table.column(self.by)[0].as_py()
        return None if value is None else float(value)

    def _better(self, table: pa.Table) -> Column:
        """The rows that may have a place: with a value, not worse than the last one that has; cheap when few have."""
        column = table.column(self.by)
        if not pa.types.is_floating(column.type):
            column = column.cast(pa.float64())
        values = to_numpy(column)
        if column.null_count:
            values = np.where(missing(column), np.nan, values)
        sign = -1.0 if self.order == "ascending" else 1.0
        keys = sign * values
        floor = -np.inf
        if self.table is not None and self.table.num_rows >= self.count > 0:
            floor = sign * float(self.table.column(self.by)[self.count - 1].as_py())
        places = np.flatnonzero(keys >= floor)
        if 0 < self.count < places.size:
            last = np.partition(keys[places], places.size - self.count)[places.size - self.count]
            places = places[keys[places] >= last]
        return places
