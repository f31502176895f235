"""Snapshots: exactly the data that a run used, kept once under the hash of its content, and checked when it is read."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from triplebar.contracts import atomic, checks
from triplebar.contracts.errors import (
    ConfigError,
    DataError,
    NotFound,
    SnapshotMismatchError,
)
from triplebar.contracts.time import from_ns
from triplebar.data.market import Market
from triplebar.data.snapshot_bytes import parquet_bytes, schema_bytes, table_from, tables_digest
from triplebar.data.snapshot_market import content_of, market_from
from triplebar.data.snapshot_record import Content, SnapshotRecord, snapshot_id_of
from triplebar.data.snapshot_tables import content_of_tables
from triplebar.data.times import Instant
from triplebar.store.clock import now_ns
from triplebar.store.registry import Registry
from triplebar.store.schema import SNAPSHOT_USERS

FIX: Final = "restore the file from a copy, or delete it and take the snapshot again from its source"

UNFINISHED_NS: Final = 3_600 * 10**9
"""A file that has been unfinished for so long belongs to a writer that was killed."""


class DataSnapshotRegistry(Registry):
    """Snapshots in a folder (or beside a store file): one Parquet file for each symbol's data, an index in SQLite.

    Equal data have one id, `snap-` and 16 digits of their SHA-256, and are stored once. Several processes may use one
    folder.

    >>> import tempfile
    >>> market = Market.synthetic(symbols=("A", "B"), bars=50, seed=1)
    >>> with tempfile.TemporaryDirectory() as folder, DataSnapshotRegistry(folder) as registry:
    ...     record = registry.create(market)
    ...     same = registry.create(market)
    ...     registry.load(record.snapshot_id).digest == market.digest, registry.count(), same == record
    (True, 1, True)
    """

    def __init__(self, storage_dir: Path | str) -> None:
        """Open the registry, and make its folder if it is not there."""
        super().__init__(storage_dir)

    @property
    def folder(self) -> Path:
        """Where the tables are."""
        return self.database.folder / "snapshots"

    # ------------------------------------------------------------------------------------------------------- keeping

    def create(self, market: Market) -> SnapshotRecord:
        """Keep a market: bars, instruments, sessions; the record there is already, if it was kept before."""
        if not isinstance(market, Market):
            raise ConfigError.of("market", market, "must be a Market", fix="use create_snapshot for tables")
        return self._found(market.digest) or self._keep(content_of(market))

    def create_snapshot(
        self,
        symbols: Sequence[str],
        data: Mapping[str, Any] | Market,
        start: Instant | None = None,
        end: Instant | None = None,
    ) -> SnapshotRecord:
        """Keep what these symbols have in `[start, end)`: of a market, or of tables of any columns by symbol."""
        return self._keep(content_of_tables(symbols, data, start, end))

    def _keep(self, content: Content) -> SnapshotRecord:
        found = self._found(content.data_hash)
        if found is not None:
            return found
        files = {symbol: parquet_bytes(table) for symbol, table in content.tables.items()}
        with self.database.told():
            for each in files.values():
                self._write(each)
        with self.database.writing() as connection:
            for each in files.values():
                self._write(each)  # a clean-up may have taken it for nobody's meanwhile
            self._insert(connection, content, files)
        return self.get_metadata(content.snapshot_id)

    def _found(self, data_hash: str) -> SnapshotRecord | None:
        """The record of this content, if all its files are there."""
        record = self._record(snapshot_id_of(data_hash))
        if record is None:
            return None
        if record.data_hash != data_hash:
            problem = f"two data sets have this id: {record.data_hash} and {data_hash}"
            raise SnapshotMismatchError(problem, where=record.snapshot_id, fix="keep them in two registries")
        rows = self._tables(record.snapshot_id)
        return record if all(_is_whole(self._path(each["file"]), each["bytes"]) for each in rows) else None

    def _write(self, content: bytes) -> None:
        path = self._path(hashlib.sha256(content).hexdigest())
        if not _is_whole(path, len(content)):
            atomic.write_bytes(path, content)

    def _path(self, file: str) -> Path:
        return self.folder / f"{file}.parquet"

    @staticmethod
    def _insert(connection: sqlite3.Connection, content: Content, files: Mapping[str, bytes]) -> None:
        connection.execute(
            "insert or ignore into snapshots values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                content.snapshot_id,
                content.kind,
                content.data_hash,
                content.calendar,
                content.first_ns,
                content.last_ns,
                content.total_rows,
                now_ns(),
            ),
        )
        connection.executemany(
            "insert or replace into snapshot_tables values (?, ?, ?, ?, ?, ?)",
            [
                (
                    content.snapshot_id,
                    symbol,
                    hashlib.sha256(each).hexdigest(),
                    len(each),
                    schema_bytes(content.tables[symbol]),
                    content.instrument_text(symbol),
                )
                for symbol, each in files.items()
            ],
        )

    # ------------------------------------------------------------------------------------------------------- reading

    def load(self, snapshot_id: str) -> Market:
        """Give the market that was kept, after a check of every byte."""
        record = self.get_metadata(snapshot_id)
        if record.kind != "market":
            fix = "read its tables with load_snapshot, and build one with Market.from_table"
            raise ConfigError("holds tables, not a market", where=snapshot_id, fix=fix)
        tables = self._read(snapshot_id)
        texts = {each["symbol"]: each["instrument"] for each in self._tables(snapshot_id)}
        name = self._row(snapshot_id)["calendar"]
        try:
            market = market_from(tables, texts, name)
        except DataError as problem:
            raise SnapshotMismatchError(f"is no market any more: {problem}", where=snapshot_id, fix=FIX) from problem
        _compare(market.digest, record)
        return market

    def load_snapshot(self, snapshot_id: str) -> dict[str, pa.Table]:
        """Give the tables by symbol, after a check of every byte; those of a market have a column `session`."""
        record = self.get_metadata(snapshot_id)
        tables = self._read(snapshot_id)
        if record.kind == "tables":
            _compare(tables_digest(tables), record)
        else:
            self.load(snapshot_id)
        return tables

    def verify(self, snapshot_id: str | None = None) -> dict[str, str]:
        """Read a snapshot, or all, and give what is wrong by id; nothing, if all is as it was kept."""
        ids = [each.snapshot_id for each in self.list_snapshots()] if snapshot_id is None else [snapshot_id]
        found: dict[str, str] = {}
        for each in ids:
            try:
                self.load_snapshot(each)
            except SnapshotMismatchError as problem:
                found[each] = str(problem)
        return found

    def _read(self, snapshot_id: str) -> dict[str, pa.Table]:
        return {each["symbol"]: self._read_table(snapshot_id, each) for each in self._tables(snapshot_id)}

    def _read_table(self, snapshot_id: str, row: sqlite3.Row) -> pa.Table:
        path, where = self._path(row["file"]), f"{snapshot_id}, {row['symbol']}"
        if not path.is_file():
            raise SnapshotMismatchError(f"the file {path} is missing", where=where, fix=FIX)
        with self.database.told():
            content = path.read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != row["file"]:
            problem = f"the file {path} was changed: its hash is {found[:16]}..., not {row['file'][:16]}..."
            raise SnapshotMismatchError(problem, where=where, fix=FIX)
        return table_from(content, row["columns"])

    def get_metadata(self, snapshot_id: str) -> SnapshotRecord:
        """Give the record of a snapshot; `NotFound`, a `FileNotFoundError`, if there is none."""
        found = self._record(snapshot_id)
        if found is None:
            fix = "list_snapshots() says which there are"
            raise NotFound("there is no such snapshot", where=str(snapshot_id), fix=fix)
        return found

    def _record(self, snapshot_id: str) -> SnapshotRecord | None:
        row = self.database.row("select * from snapshots where snapshot_id = ?", (str(snapshot_id),))
        return None if row is None else SnapshotRecord.of_rows(row, self._tables(snapshot_id))

    def _row(self, snapshot_id: str) -> sqlite3.Row:
        return self.database.rows("select * from snapshots where snapshot_id = ?", (snapshot_id,))[0]

    def _tables(self, snapshot_id: str) -> list[sqlite3.Row]:
        return self.database.rows(
            "select * from snapshot_tables where snapshot_id = ? order by cast(symbol as blob)", (str(snapshot_id),)
        )

    # ------------------------------------------------------------------------------------------------- house-keeping

    def list_snapshots(
        self, symbols: Iterable[str] | None = None, since: Instant | None = None, limit: int | None = None
    ) -> list[SnapshotRecord]:
        """List the newest first: those that have all these symbols, were made since, at most so many."""
        wanted = set(symbols or ())
        query = "select snapshot_id from snapshots where created_ns >= ? order by created_ns desc, rowid desc"
        rows = self.database.rows(query, (-(2**63) if since is None else checks.moment("since", since),))
        most = len(rows) if limit is None else checks.integer("limit", limit)
        found: list[SnapshotRecord] = []
        for row in rows:
            if len(found) >= most:
                break
            record = self._record(row["snapshot_id"])
            if record is not None and wanted <= set(record.symbols):
                found.append(record)
        return found

    def snapshot_exists(self, snapshot_id: str) -> bool:
        """Whether there is such a snapshot."""
        return self._record(snapshot_id) is not None

    def count(self) -> int:
        """How many snapshots there are."""
        return int(self.database.rows("select count(*) from snapshots")[0][0])

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Forget a snapshot, and the files that no other one shares."""
        with self.database.writing() as connection:
            if not connection.execute("delete from snapshots where snapshot_id = ?", (str(snapshot_id),)).rowcount:
                raise NotFound("there is no such snapshot", where=str(snapshot_id))
            self._sweep(connection)

    def orphans(self, referenced: Iterable[str] = ()) -> list[str]:
        """The snapshots that no run or batch of this store names, nor the caller, the oldest first."""
        used = set(referenced)
        for query in SNAPSHOT_USERS:
            used |= {row[0] for row in self.database.rows(query)}
        rows = self.database.rows("select snapshot_id from snapshots order by created_ns, rowid")
        return [row["snapshot_id"] for row in rows if row["snapshot_id"] not in used]

    def cleanup_orphaned_snapshots(self, dry_run: bool = True, referenced: Iterable[str] = ()) -> list[str]:  # noqa: FBT001, FBT002 - the outside world relies on it
        """Give the snapshots that nobody names; with `dry_run=False` delete them, and files that a killed writer left.

        `referenced`: ids that are named elsewhere, such as `ExperimentRegistry.snapshot_ids()` of another store.
        """
        used = tuple(referenced)
        if checks.flag("dry_run", dry_run):
            return self.orphans(used)
        with self.database.writing() as connection:
            found = self.orphans(used)
            connection.executemany("delete from snapshots where snapshot_id = ?", [(each,) for each in found])
            self._sweep(connection)
        return found

    def _sweep(self, connection: sqlite3.Connection) -> None:
        """Delete files that no snapshot has; whoever keeps a snapshot meanwhile writes its files again."""
        kept = {row[0] for row in connection.execute("select distinct file from snapshot_tables")}
        for path in self.folder.glob("*.parquet"):
            if path.stem not in kept:
                path.unlink(missing_ok=True)
        oldest = now_ns() - UNFINISHED_NS
        for path in self.folder.glob(".*.new"):  # what is being written right now is younger
            with suppress(FileNotFoundError):
                if path.stat().st_mtime_ns < oldest:
                    path.unlink()

    def get_snapshot_stats(self) -> dict[str, Any]:
        """Count snapshots, rows, files and bytes; a file that several snapshots share counts once."""
        row = self.database.rows(
            "select count(*), coalesce(sum(total_rows), 0), min(created_ns), max(created_ns) from snapshots"
        )[0]
        files = self.database.rows("select file, max(bytes) from snapshot_tables group by file")
        symbols = self.database.rows("select count(distinct symbol) from snapshot_tables")[0][0]
        return {
            "snapshots": row[0],
            "orphaned": len(self.orphans()),
            "symbols": symbols,
            "total_rows": row[1],
            "files": len(files),
            "total_bytes": sum(each[1] for each in files),
            "oldest": None if row[2] is None else from_ns(row[2]),
            "newest": None if row[3] is None else from_ns(row[3]),
        }


def _is_whole(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _compare(found: str, record: SnapshotRecord) -> None:
    if found != record.data_hash:
        problem = f"the data have the hash {found[:16]}..., the index says {record.data_hash[:16]}..."
        raise SnapshotMismatchError(problem, where=record.snapshot_id, fix=FIX)
