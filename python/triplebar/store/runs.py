"""Runs that are kept: an index that can be asked, and the whole result of each beside it."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError, DuplicateId, NotFound, SnapshotMismatchError
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_storage import write_into
from triplebar.contracts.time import from_ns, from_text
from triplebar.store.clock import now_ns
from triplebar.store.registry import Registry
from triplebar.store.trials import TrialLedger

Moment = datetime | str | int
TEXTS: Final = (
    "run_id",
    "result_hash",
    "config_hash",
    "data_digest",
    "snapshot_id",
    "strategy",
    "engine",
    "mode",
    "status",
)
"""Columns of the index that are taken as they are."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of a list of runs: what the index knows without reading tables."""

    run_id: str
    result_hash: str
    config_hash: str
    data_digest: str
    snapshot_id: str | None
    strategy: str
    engine: str
    mode: str
    status: str
    symbols: tuple[str, ...]
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]
    first: datetime | None
    last: datetime | None
    created_at: datetime

    def to_mapping(self) -> dict[str, Any]:
        """All fields as plain values."""
        values = {name: getattr(self, name) for name in self.__slots__}
        for name in ("first", "last", "created_at"):
            values[name] = None if values[name] is None else values[name].isoformat()
        return values | {
            "symbols": list(self.symbols),
            "parameters": dict(self.parameters),
            "metrics": dict(self.metrics),
        }

    @classmethod
    def of(cls, row: sqlite3.Row) -> RunSummary:
        """Read a row of the index."""
        return cls(
            **{name: row[name] for name in TEXTS},
            symbols=tuple(json.loads(row["symbols"])),
            parameters=json.loads(row["parameters"]),
            metrics=json.loads(row["metrics"]),
            first=None if row["first_ns"] is None else from_ns(row["first_ns"]),
            last=None if row["last_ns"] is None else from_ns(row["last_ns"]),
            created_at=from_ns(row["created_ns"]),
        )


class ExperimentRegistry(Registry):
    """Runs by id: each is there whole or not at all, and only once. Several processes may use one store.

    The place is a file such as `runs.db`, or a folder.

    >>> import tempfile
    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1))
    >>> with tempfile.TemporaryDirectory() as folder, ExperimentRegistry(folder) as runs:
    ...     _ = runs.save(result)
    ...     runs.load(result.run_id).result_hash == result.result_hash, runs.count()
    (True, 1)
    """

    @property
    def folder(self) -> Path:
        """Where the tables are."""
        return self.database.folder / "runs"

    # ------------------------------------------------------------------------------------------------------- keeping

    def save(self, result: RunResult, *, replace: bool = False) -> str:
        """Keep a run and give its id; `DuplicateId`, a `ValueError`, if it is there already and not to be replaced."""
        if not isinstance(result, RunResult):
            raise ConfigError.of("result", type(result).__name__, "must be a RunResult", fix="give what run() gave")
        run_id = result.run_id
        if not replace:
            self._refuse_second(run_id)
        place = Path("runs", *_month(result), f"{run_id}-{secrets.token_hex(4)}")
        folder = self.database.folder / place
        with self.database.told():
            folder.mkdir(parents=True)
            try:
                write_into(result, folder)
                old = self._enter(result, place, replace=replace)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        if old is not None:
            shutil.rmtree(self.database.folder / old, ignore_errors=True)
        TrialLedger(self.database).add_run(result)
        return run_id

    def _refuse_second(self, run_id: str) -> None:
        if self.exists(run_id):
            raise DuplicateId("this run is kept already", where=run_id, fix="load it, or say replace=True")

    def _enter(self, result: RunResult, place: Path, *, replace: bool) -> str | None:
        """Write the row, which makes the folder count; give the folder of the row that it replaces."""
        known = result.metadata
        values = (
            known.run_id,
            known.result_hash,
            known.config_hash,
            known.data_digest,
            known.snapshot_id,
            known.strategy,
            known.engine,
            known.mode,
            known.status,
            json.dumps(known.data.get("symbols", [])),
            json.dumps(known.parameters, default=str),
            json.dumps(dict(result.metrics), default=str, allow_nan=False),
            int(result.clock[0]) if result.clock.size else None,
            int(result.clock[-1]) if result.clock.size else None,
            from_text(known.created_at),
            now_ns(),
            place.as_posix(),
        )
        with self.database.writing() as connection:
            row = connection.execute("select folder from runs where run_id = ?", (known.run_id,)).fetchone()
            if row is not None and not replace:
                raise DuplicateId("this run is kept already", where=known.run_id, fix="load it, or say replace=True")
            connection.execute(f"insert or replace into runs values ({', '.join('?' * len(values))})", values)  # noqa: S608 - question marks
        return None if row is None else row["folder"]

    def delete(self, run_id: str) -> None:
        """Forget a run and its tables."""
        with self.database.writing() as connection:
            row = connection.execute("select folder from runs where run_id = ?", (run_id,)).fetchone()
            if row is None:
                raise self._unknown(run_id)
            connection.execute("delete from runs where run_id = ?", (run_id,))
        shutil.rmtree(self.database.folder / row["folder"], ignore_errors=True)

    def clean(self, *, older_than_seconds: float = 3600.0) -> list[Path]:
        """Delete folders of no run, left by a writer that was killed, and give them; newer ones may be at work."""
        kept = {row["folder"] for row in self.database.rows("select folder from runs")}
        oldest_ns = now_ns() - int(older_than_seconds * 1e9)
        found = []
        for folder in self.folder.glob("*/*/*"):
            name = folder.relative_to(self.database.folder).as_posix()
            if name not in kept and folder.stat().st_mtime_ns <= oldest_ns:
                shutil.rmtree(folder, ignore_errors=True)
                found.append(folder)
        return found

    # ------------------------------------------------------------------------------------------------------- reading

    def load(self, run_id: str) -> RunResult:
        """Read a run with all its tables, and check that they are those that were kept."""
        row = self._row(run_id)
        result = RunResult.load(self.database.folder / row["folder"])
        if result.result_hash != row["result_hash"]:
            problem = f"the folder {row['folder']} holds {result.result_hash[:16]}..., not {row['result_hash'][:16]}..."
            raise SnapshotMismatchError(problem, where=run_id, fix="delete it, and run again")
        return result

    def summary(self, run_id: str) -> RunSummary:
        """What the index knows of a run."""
        return RunSummary.of(self._row(run_id))

    def find(self, beginning: str) -> str:
        """The id that begins so, if there is just one."""
        like = "".join(f"\\{each}" if each in "\\%_" else each for each in str(beginning)) + "%"
        rows = self.database.rows("select run_id from runs where run_id like ? escape '\\' limit 3", (like,))
        exact = [row["run_id"] for row in rows if row["run_id"] == beginning]
        if len(rows) == 1 or exact:
            return str(exact[0] if exact else rows[0]["run_id"])
        if not rows:
            raise self._unknown(beginning)
        raise ConfigError(f"begins {len(rows)} ids and more", where=str(beginning), fix="write more of it")

    def list_runs(
        self,
        strategy: str | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        limit: int | None = None,
        *,
        engine: str | None = None,
        status: str | None = None,
        snapshot_id: str | None = None,
    ) -> list[RunSummary]:
        """List the newest first; `since <= created < until`, and whatever else is named is equal."""
        equal = {"strategy": strategy, "engine": engine, "status": status, "snapshot_id": snapshot_id}
        tests: list[tuple[str, Any]] = [(f"{name} = ?", value) for name, value in equal.items() if value is not None]
        tests += [] if since is None else [("created_ns >= ?", checks.moment("since", since))]
        tests += [] if until is None else [("created_ns < ?", checks.moment("until", until))]
        return self._listed(" and ".join(["true", *(test for test, _ in tests)]), [value for _, value in tests], limit)

    def find_by_hash(self, config_hash: str) -> list[RunSummary]:
        """List the runs with this configuration, the newest first."""
        return self._listed("config_hash = ?", [config_hash], None)

    def _listed(self, condition: str, values: list[Any], limit: int | None) -> list[RunSummary]:
        most = -1 if limit is None else checks.integer("limit", limit)
        query = f"select * from runs where {condition} order by created_ns desc, saved_ns desc limit ?"  # noqa: S608 - own words
        return [RunSummary.of(row) for row in self.database.rows(query, [*values, most])]

    def exists(self, run_id: str) -> bool:
        """Whether a run is kept."""
        return self.database.row("select 1 from runs where run_id = ?", (run_id,)) is not None

    def count(self) -> int:
        """How many runs are kept."""
        return int(self.database.rows("select count(*) from runs")[0][0])

    def snapshot_ids(self) -> set[str]:
        """The snapshots that runs name."""
        rows = self.database.rows("select distinct snapshot_id from runs where snapshot_id is not null")
        return {row["snapshot_id"] for row in rows}

    def _row(self, run_id: str) -> sqlite3.Row:
        row = self.database.row("select * from runs where run_id = ?", (str(run_id),))
        if row is None:
            raise self._unknown(run_id)
        return row

    def _unknown(self, run_id: object) -> NotFound:
        return NotFound(
            "there is no such run", where=str(run_id), fix=f"`triplebar runs list` says what {self.database.path} has"
        )


def _month(result: RunResult) -> tuple[str, str]:
    year, month, *_ = result.record.created_at.split("-")
    return year, month
