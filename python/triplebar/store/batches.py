"""Batches that are kept: what was asked for, and how each item ended, written the moment it did."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError, DuplicateId, IllegalTransition, NotFound
from triplebar.contracts.time import from_ns
from triplebar.store.batch_records import BatchItemResult, BatchRun
from triplebar.store.batch_states import BatchStatus, check_step, outcome
from triplebar.store.clock import now_ns
from triplebar.store.registry import Registry

COUNTS = """
    select batches.*,
        (select count(*) from batch_items where batch_id = batches.batch_id and success) as succeeded,
        (select count(*) from batch_items where batch_id = batches.batch_id and not success) as failed
    from batches
"""


class BatchRegistry(Registry):
    """Batches by id, and their items as they end; another process may look on, or cancel.

    The place is a file such as `runs.db`, or a folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, BatchRegistry(folder) as batches:
    ...     batch_id = batches.create_batch(2)
    ...     batches.add_item_result(batch_id, BatchItemResult(0, success=True))
    ...     batches.add_item_result(batch_id, BatchItemResult(1, success=False, error_category="timeout"))
    ...     batches.complete_batch(batch_id).status.text, batches.get_error_summary(batch_id)
    ('partial', {'timeout': 1})
    """

    # ------------------------------------------------------------------------------------------------------- writing

    def create_batch(self, total_items: int, configuration: Mapping[str, Any] | None = None) -> str:
        """Enter a batch of so many items, and give its id."""
        total = checks.integer("total_items", total_items, low=1)
        batch_id = f"batch-{secrets.token_hex(8)}"
        text = json.dumps(dict(configuration or {}), default=str)
        values = (batch_id, BatchStatus.PENDING.text, total, text, now_ns(), None, None)
        self.database.write("insert into batches values (?, ?, ?, ?, ?, ?, ?)", values)
        return batch_id

    def update_status(self, batch_id: str, status: BatchStatus | str) -> None:
        """Go to another state; `IllegalTransition` if it cannot follow."""
        wanted = BatchStatus.of(status)
        with self.database.writing() as connection:
            self._step(connection, batch_id, wanted)

    def _step(self, connection: sqlite3.Connection, batch_id: str, wanted: BatchStatus) -> None:
        check_step(batch_id, self._status(connection, batch_id), wanted)
        column = "started_ns" if wanted is BatchStatus.RUNNING else "completed_ns"
        connection.execute(
            f"update batches set status = ?, {column} = ? where batch_id = ?",  # noqa: S608 - one of two
            (wanted.text, now_ns(), batch_id),
        )

    def add_item_result(self, batch_id: str, result: BatchItemResult) -> None:
        """Write how an item ended; the first one starts the batch."""
        with self.database.writing() as connection:
            status = self._status(connection, batch_id)
            if status is BatchStatus.PENDING:
                self._step(connection, batch_id, BatchStatus.RUNNING)
            elif status.final:
                raise IllegalTransition.of(batch_id, status.text, "add_item_result")
            self._check_new(connection, batch_id, result.item_id)
            connection.execute(
                "insert into batch_items values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    batch_id,
                    result.item_id,
                    result.success,
                    result.run_id,
                    result.error_message,
                    result.error_category,
                    result.duration_seconds,
                    result.attempt_count,
                    result.final_attempt_success,
                    json.dumps(dict(result.columns), default=str),
                ),
            )

    def _check_new(self, connection: sqlite3.Connection, batch_id: str, item_id: int) -> None:
        total = connection.execute("select total_items from batches where batch_id = ?", (batch_id,)).fetchone()[0]
        if item_id >= total:
            fix = f"give a number from 0 to {total - 1}"
            raise ConfigError.of("item_id", item_id, f"is no item of {batch_id}", fix=fix)
        query = "select 1 from batch_items where batch_id = ? and item_id = ?"
        if connection.execute(query, (batch_id, item_id)).fetchone():
            raise DuplicateId(f"item {item_id} has ended already", where=batch_id, fix="run each item once")

    def complete_batch(self, batch_id: str) -> BatchRun:
        """End a batch: completed if all items succeeded, failed if none did, else partial."""
        with self.database.writing() as connection:
            self._status(connection, batch_id)
            row = connection.execute(f"{COUNTS} where batch_id = ?", (batch_id,)).fetchone()
            self._step(connection, batch_id, outcome(row["succeeded"], row["total_items"]))
        return self.get_batch(batch_id)

    def _status(self, connection: sqlite3.Connection, batch_id: str) -> BatchStatus:
        row = connection.execute("select status from batches where batch_id = ?", (str(batch_id),)).fetchone()
        if row is None:
            raise self._unknown(batch_id)
        return BatchStatus.of(row["status"])

    # ------------------------------------------------------------------------------------------------------- reading

    def get_batch(self, batch_id: str) -> BatchRun:
        """Give a batch with the items that have ended; `NotFound`, a `FileNotFoundError`, if there is none."""
        row = self.database.row(f"{COUNTS} where batch_id = ?", (str(batch_id),))
        if row is None:
            raise self._unknown(batch_id)
        items = self.database.rows("select * from batch_items where batch_id = ? order by item_id", (batch_id,))
        return self._record(row, tuple(_item(each) for each in items))

    def status(self, batch_id: str) -> BatchStatus:
        """The state of a batch, without its items."""
        row = self.database.row("select status from batches where batch_id = ?", (str(batch_id),))
        if row is None:
            raise self._unknown(batch_id)
        return BatchStatus.of(row["status"])

    def list_batches(
        self,
        status: BatchStatus | str | None = None,
        since: datetime | str | int | None = None,
        limit: int | None = None,
    ) -> list[BatchRun]:
        """List the newest first, without their items."""
        wanted = BatchStatus.texts() if status is None else [BatchStatus.of(status).text]
        places = ", ".join("?" * len(wanted))
        query = f"{COUNTS} where status in ({places}) and created_ns >= ? order by created_ns desc, rowid desc limit ?"
        first = -(2**63) if since is None else checks.moment("since", since)
        rows = self.database.rows(query, (*wanted, first, -1 if limit is None else checks.integer("limit", limit)))
        return [self._record(row, ()) for row in rows]

    def get_failed_items(self, batch_id: str) -> list[BatchItemResult]:
        """The items that failed, by number."""
        return [each for each in self.get_batch(batch_id).item_results if not each.success]

    def get_error_summary(self, batch_id: str) -> dict[str, int]:
        """How many items failed in each category."""
        self.status(batch_id)
        rows = self.database.rows(
            "select error_category, count(*) as number from batch_items where batch_id = ? and not success"
            " group by error_category order by number desc, error_category",
            (batch_id,),
        )
        return {row["error_category"]: row["number"] for row in rows}

    def count(self) -> int:
        """How many batches are kept."""
        return int(self.database.rows("select count(*) from batches")[0][0])

    def batch_exists(self, batch_id: str) -> bool:
        """Whether there is such a batch."""
        return self.database.row("select 1 from batches where batch_id = ?", (str(batch_id),)) is not None

    def _record(self, row: sqlite3.Row, items: tuple[BatchItemResult, ...]) -> BatchRun:
        times = {
            name: None if row[f"{name}_ns"] is None else from_ns(row[f"{name}_ns"]) for name in ("started", "completed")
        }
        return BatchRun(
            batch_id=row["batch_id"],
            status=BatchStatus.of(row["status"]),
            created_at=from_ns(row["created_ns"]),
            started_at=times["started"],
            completed_at=times["completed"],
            total_items=row["total_items"],
            succeeded_items=row["succeeded"],
            failed_items=row["failed"],
            error_summary=self.get_error_summary(row["batch_id"]),
            configuration=json.loads(row["configuration"]),
            item_results=items,
        )

    def _unknown(self, batch_id: object) -> NotFound:
        fix = f"list_batches() says what {self.database.path} has"
        return NotFound("there is no such batch", where=str(batch_id), fix=fix)


def _item(row: sqlite3.Row) -> BatchItemResult:
    return BatchItemResult(
        item_id=row["item_id"],
        success=bool(row["success"]),
        run_id=row["run_id"],
        error_message=row["error_message"],
        error_category=row["error_category"],
        duration_seconds=row["duration_seconds"],
        attempt_count=row["attempt_count"],
        final_attempt_success=bool(row["final_attempt_success"]),
        columns=json.loads(row["columns"]),
    )
