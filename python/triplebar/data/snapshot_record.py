"""What is known about a snapshot without reading its data."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from triplebar.contracts.time import from_ns

ID_DIGITS: Final = 16
"""Hexadecimal digits of the hash that an id has."""


def snapshot_id_of(data_hash: str) -> str:
    """`snap-` and the beginning of the hash of the content.

    >>> snapshot_id_of("0123456789abcdef0123")
    'snap-0123456789abcdef'
    """
    return f"snap-{data_hash[:ID_DIGITS]}"


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """One snapshot: its id, what is in it, and how much room it takes.

    `kind` is `market` for what a run was made on, `tables` for tables of any columns. `data_hash` of a market is its
    digest, which is also the `data_digest` of runs on it.

    >>> SnapshotRecord("snap-00", "market", ("X",), None, None, from_ns(0), "00", {"X": 120}, 3).total_bytes
    120
    """

    snapshot_id: str
    kind: str
    symbols: tuple[str, ...]
    start_date: datetime | None
    end_date: datetime | None
    created_at: datetime
    data_hash: str
    file_sizes: Mapping[str, int]
    total_rows: int

    @property
    def total_bytes(self) -> int:
        """Bytes of all its files."""
        return sum(self.file_sizes.values())

    def to_mapping(self) -> dict[str, Any]:
        """All fields as plain values."""
        values = {name: getattr(self, name) for name in self.__slots__}
        for name in ("start_date", "end_date", "created_at"):
            values[name] = None if values[name] is None else values[name].isoformat()
        return values | {"symbols": list(self.symbols), "file_sizes": dict(self.file_sizes)}

    @classmethod
    def of_rows(cls, row: sqlite3.Row, tables: Sequence[sqlite3.Row]) -> SnapshotRecord:
        """Put a record together from its rows."""
        return cls(
            row["snapshot_id"],
            row["kind"],
            tuple(each["symbol"] for each in tables),
            None if row["first_ns"] is None else from_ns(row["first_ns"]),
            None if row["last_ns"] is None else from_ns(row["last_ns"]),
            from_ns(row["created_ns"]),
            row["data_hash"],
            {each["symbol"]: each["bytes"] for each in tables},
            row["total_rows"],
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be kept: tables by symbol, and what a market needs beside them."""

    kind: str
    data_hash: str
    tables: Mapping[str, pa.Table]
    instruments: Mapping[str, Mapping[str, Any]]
    calendar: str | None
    first_ns: int | None
    last_ns: int | None

    @property
    def snapshot_id(self) -> str:
        """`snap-` and the beginning of the hash."""
        return snapshot_id_of(self.data_hash)

    @property
    def total_rows(self) -> int:
        """Rows of all tables."""
        return sum(each.num_rows for each in self.tables.values())

    def within(self, first_ns: int | None, last_ns: int | None) -> Content:
        """The same with the range that the caller named, where it did."""
        return replace(
            self,
            first_ns=self.first_ns if first_ns is None else first_ns,
            last_ns=self.last_ns if last_ns is None else last_ns,
        )

    def instrument_text(self, symbol: str) -> str | None:
        """An instrument as JSON; None if this is no market."""
        return json.dumps(self.instruments[symbol], sort_keys=True) if symbol in self.instruments else None
