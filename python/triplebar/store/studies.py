"""Studies in a store: which blocks of sets are done, with a Parquet file of summaries for each.

A block is a file and a row. The file comes first and the row makes it count, so that a killed writer leaves a file
that nobody reads, and the block is run again. Files are not forced to the disk one by one: after a loss of power one
may be missing or short, which `blocks` sees, and is run again too.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from triplebar.contracts.errors import DuplicateId, NotFound, RegistryError
from triplebar.contracts.suggest import hint
from triplebar.store.clock import now_ns
from triplebar.store.registry import Registry

COUNTER: Final = count()
LISTED: Final = "id, name, definition, total, block, state, reason, digest, created_ns, changed_ns"
OPEN_STUDY: Final = (
    "insert into studies (id, name, definition, total, block, state, created_ns, changed_ns)"
    " values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set state = 'running', reason = null,"
    " digest = null, total = max(total, excluded.total),"
    " name = coalesce(excluded.name, name), changed_ns = excluded.changed_ns"
)
PUT_BLOCK: Final = (
    "insert {} into study_blocks (study, block, sets, failures, bytes, seconds, finished_ns)"
    " select id, ?, ?, ?, ?, ?, ? from studies where id = ? and created_ns = coalesce(?, created_ns)"
)
"""Into the study that was begun at that time: it may have been begun anew meanwhile, in blocks of another size."""


@dataclass(frozen=True)
class StudyRecord:
    """What the store knows about a study without its blocks."""

    id: str
    name: str | None
    definition: Mapping[str, Any]
    """Everything that can change a number in it, in plain values."""
    total: int
    """Numbers of sets, gaps included."""
    block: int
    """Numbers in a block."""
    state: str
    """`running`, `interrupted`, `failed` or `completed`; a study that was killed stays `running`."""
    reason: str | None
    """What ended it before all blocks were done; the same sweep goes on with it."""
    digest: str | None
    created_ns: int
    changed_ns: int


@dataclass(frozen=True)
class StoredFailure:
    """A set that could not be run."""

    number: int
    error: str
    message: str


@dataclass(frozen=True)
class KeptSet:
    """A set whose whole result is kept as a run of the store."""

    number: int
    run_id: str
    parameters: Mapping[str, Any]
    """Those of the set: a run of columns knows only the columns."""


class StudyStore(Registry):
    """The studies of a store.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, StudyStore(folder) as store:
    ...     study = store.open("st-1", {"strategy": "Cross"}, total=4, block=2)
    ...     store.put("st-1", 1, pa.table({"set": [2, 3], "sharpe": [0.1, 0.2]}), [], seconds=0.1)
    ...     store.blocks("st-1"), [table.num_rows for table in store.tables("st-1")]
    ([1], [2])
    """

    # --------------------------------------------------------------------------------------------------------- studies

    def open(
        self, study: str, definition: Mapping[str, Any], *, total: int, block: int, name: str | None = None
    ) -> StudyRecord:
        """Begin a study, or go on with one: then it keeps the size of its blocks; it may become longer.

        A name that another study has is refused, with what differs.
        """
        now = now_ns()
        values = (study, name, json.dumps(definition, sort_keys=True), total, block, "running", now, now)
        if name is None:
            self.database.write(OPEN_STUDY, values)
        else:
            with self.database.writing():
                self._refuse_other(study, name, definition)
                self.database.write(OPEN_STUDY, values)
        return self.study(study)

    def _refuse_other(self, study: str, name: str, definition: Mapping[str, Any]) -> None:
        other = self.database.row("select id, definition from studies where name = ?", (name,))
        if other is None or other["id"] == study:
            return
        before = json.loads(other["definition"])
        differing = [key for key in sorted({*before, *definition}) if before.get(key) != definition.get(key)]
        raise DuplicateId(
            f"the study {name!r} is there already, with another {', '.join(differing) or 'definition'}",
            where=str(self.database.path),
            fix="choose another name, or leave it out: a study is known by what it is",
        )

    def study(self, study: str) -> StudyRecord:
        """Find a study by its id or its name."""
        query = f"select {LISTED} from studies where id = ?1 or name = ?1 order by id = ?1 desc"  # noqa: S608
        row = self.database.row(query, (study,))
        if row is None:
            known = [each for found in self.studies() for each in (found.id, found.name) if each]
            raise NotFound(f"there is no study {study!r}", where=str(self.database.path), fix=hint(study, known))
        return StudyRecord(**{**dict(row), "definition": json.loads(row["definition"])})

    def studies(self) -> list[StudyRecord]:
        """All studies, the newest first."""
        rows = self.database.rows(f"select {LISTED} from studies order by created_ns desc, id")  # noqa: S608
        return [StudyRecord(**{**dict(row), "definition": json.loads(row["definition"])}) for row in rows]

    def close_study(self, study: str, state: str, reason: str | None = None, *, begun_ns: int | None = None) -> None:
        """Say how a study was left, and what ended it before its end; nothing of one that was begun anew meanwhile."""
        self.database.write(
            "update studies set state = ?, reason = ?, changed_ns = ?"
            " where id = ? and created_ns = coalesce(?, created_ns)",
            (state, reason, now_ns(), study, begun_ns),
        )

    def put_digest(self, study: str, digest: str) -> None:
        """Keep the digest of a study that is complete."""
        self.database.write("update studies set digest = ? where id = ?", (digest, study))

    def forget(self, study: str) -> None:
        """Remove a study with its blocks."""
        with self.database.writing() as connection:
            for table in ("study_runs", "study_failures", "study_blocks"):
                connection.execute(f"delete from {table} where study = ?", (study,))  # noqa: S608
            connection.execute("delete from studies where id = ?", (study,))
            shutil.rmtree(self.folder(study), ignore_errors=True)  # before anybody can begin it anew

    # ---------------------------------------------------------------------------------------------------------- blocks

    def folder(self, study: str) -> Path:
        """Where the tables of a study lie."""
        return self.database.folder / "studies" / study

    def put(
        self,
        study: str,
        block: int,
        table: pa.Table,
        failures: Iterable[tuple[int, str, str]],
        *,
        seconds: float,
        begun_ns: int | None = None,
    ) -> None:
        """Keep a block: all of it or nothing. One that is there already is replaced: its file may be lost.

        `begun_ns`: when the study was begun, for a caller who would not mean one that was begun anew.
        """
        with self.database.writing() as connection, _written(table, self._path(study, block)) as size:
            rows = [(study, number, block, error, message) for number, error, message in failures]
            values = (block, table.num_rows, len(rows), size, seconds, now_ns(), study, begun_ns)
            if not connection.execute(PUT_BLOCK.format("or ignore"), values).rowcount:
                connection.execute("delete from study_failures where study = ? and block = ?", (study, block))
                if not connection.execute(PUT_BLOCK.format("or replace"), values).rowcount:
                    raise RegistryError(
                        f"the study {study} was begun anew, or forgotten, while this sweep ran",
                        where=str(self.database.path),
                        fix="let the other process end, then sweep again: with resume=True several may go on together",
                    )
            connection.executemany(
                "insert or replace into study_failures (study, number, block, error, message) values (?, ?, ?, ?, ?)",
                rows,
            )

    def cut(self, study: str, block: int) -> None:
        """Forget this block and all after it."""
        with self.database.writing() as connection:
            for table in ("study_failures", "study_blocks"):
                connection.execute(f"delete from {table} where study = ? and block >= ?", (study, block))  # noqa: S608

    def blocks(self, study: str) -> list[int]:
        """The blocks that are done, in order: those whose files are there and as long as they were."""
        rows = self.database.rows("select block, bytes from study_blocks where study = ? order by block", (study,))
        return [row["block"] for row in rows if _size(self._path(study, row["block"])) == row["bytes"]]

    def finished(self, study: str) -> tuple[int, int]:
        """How many sets have numbers, and how many failed."""
        query = "select coalesce(sum(sets), 0) as sets, coalesce(sum(failures), 0) as failures from study_blocks"
        row = self.database.rows(f"{query} where study = ?", (study,))[0]
        return row["sets"], row["failures"]

    def tables(self, study: str) -> Iterator[pa.Table]:
        """The blocks in order, one at a time."""
        import pyarrow.parquet as pq

        for block in self.blocks(study):
            path = self._path(study, block)
            try:
                yield pq.read_table(path, page_checksum_verification=True, use_threads=False, memory_map=False)
            except (OSError, pa.ArrowInvalid) as problem:
                raise RegistryError(
                    f"the table of block {block} cannot be read: {problem}",
                    where=str(path),
                    fix="delete the file and sweep again with resume=True: this block alone is run",
                ) from problem

    def failures(self, study: str) -> list[StoredFailure]:
        """The sets that could not be run, by number."""
        query = "select number, error, message from study_failures where study = ? order by number"
        return [StoredFailure(**dict(row)) for row in self.database.rows(query, (study,))]

    # ------------------------------------------------------------------------------------------------------------ runs

    def put_run(self, study: str, kept: KeptSet) -> None:
        """Remember which run is the whole result of a set."""
        values = (study, kept.number, kept.run_id, json.dumps(dict(kept.parameters), default=str))
        self.database.write("insert or replace into study_runs values (?, ?, ?, ?)", values)

    def runs(self, study: str) -> list[KeptSet]:
        """The sets whose runs are kept, by number; without those whose runs were deleted."""
        query = "select number, run_id, kept.parameters from study_runs kept join runs using (run_id) where study = ?"
        rows = self.database.rows(f"{query} order by number", (study,))
        return [KeptSet(row["number"], row["run_id"], json.loads(row["parameters"])) for row in rows]

    def _path(self, study: str, block: int) -> Path:
        return self.folder(study) / f"{block:09}.parquet"


@contextmanager
def _written(table: pa.Table, path: Path) -> Iterator[int]:
    """Write a file, give how long it is, and put it in its place at the end, if nothing was raised."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{next(COUNTER)}.new")
    try:
        # Plain and as it is: floats hardly shrink, and a sweep in lanes should not wait for an encoder.
        with pa.OSFile(str(fresh), "wb") as file:  # to look a path up among file systems takes as long as the encoder
            pq.write_table(
                table,
                file,
                compression="none",
                use_dictionary=[field.name for field in table.schema if pa.types.is_string(field.type)],
                write_statistics=False,
                write_page_checksum=True,
            )
        yield fresh.stat().st_size
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
