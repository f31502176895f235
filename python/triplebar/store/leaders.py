"""The traders who are followed: each choice with an id, the previous one if choosing fails."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from triplebar.contracts.errors import DataError, NotFound
from triplebar.contracts.time import from_ns, to_ns
from triplebar.store.clock import now_ns
from triplebar.store.registry import Registry

COLUMNS: Final = ("trader", "score", "rank", "selected")
"""What is read of a table of scores."""


@dataclass(frozen=True, slots=True)
class Leaders:
    """A choice of traders, the best first; `kept_because` says why it is an older one than was asked for."""

    run_id: str
    as_of: datetime
    traders: tuple[str, ...]
    scores: tuple[float, ...]
    kept_because: str | None = None


class LeaderRegistry(Registry):
    """Choices of traders by id; several processes may use one store.

    >>> import tempfile
    >>> scores = pa.table({"trader": ["b", "a"], "score": [0.5, 0.5], "rank": [2, 1], "selected": [True, True]})
    >>> with tempfile.TemporaryDirectory() as folder, LeaderRegistry(folder) as registry:
    ...     chosen = registry.refresh(lambda: scores, as_of="2024-05-01T00:00:00Z")
    ...     chosen.traders, registry.current() == chosen
    (('a', 'b'), True)
    """

    def refresh(self, score: Callable[[], pa.Table], *, as_of: Any) -> Leaders:  # noqa: ANN401 - a time of any form
        """Choose anew from what `score` gives, a table of `score_traders`, and keep the choice.

        If that fails, or nobody is selected, the failure is written down and the previous choice is given, with the
        reason in `kept_because`; without a previous choice it is an error.
        """
        as_of_ns = to_ns(as_of)
        try:
            chosen = _chosen(score(), as_of_ns)
        except Exception as problem:
            self._write_down(as_of_ns, problem)
            previous = self.current()
            if previous is None:
                raise
            return replace(previous, kept_because=f"{type(problem).__name__}: {problem}")
        self._keep(chosen, as_of_ns)
        return chosen

    def current(self) -> Leaders | None:
        """The choice of the latest moment; None if there is none yet."""
        row = self.database.row("select run_id from leader_choices order by as_of_ns desc, chosen_ns desc limit 1")
        return None if row is None else self.load(row["run_id"])

    def load(self, run_id: str) -> Leaders:
        """Give a choice by its id."""
        row = self.database.row("select as_of_ns from leader_choices where run_id = ?", (run_id,))
        if row is None:
            raise NotFound("there is no such choice of traders", where=run_id, fix="current() gives the latest")
        rows = self.database.rows("select trader, score from leaders where run_id = ? order by rank", (run_id,))
        traders, scores = tuple(each["trader"] for each in rows), tuple(each["score"] for each in rows)
        return Leaders(run_id, from_ns(row["as_of_ns"]), traders, scores)

    def failures(self) -> list[tuple[datetime, str]]:
        """The moments for which choosing failed, and why; the latest first."""
        rows = self.database.rows("select as_of_ns, error from leader_failures order by failed_ns desc, rowid desc")
        return [(from_ns(each["as_of_ns"]), each["error"]) for each in rows]

    def _keep(self, chosen: Leaders, as_of_ns: int) -> None:
        ranked = enumerate(zip(chosen.traders, chosen.scores, strict=True), start=1)
        rows = [(chosen.run_id, rank, trader, score) for rank, (trader, score) in ranked]
        with self.database.writing() as connection:
            connection.execute(
                "insert or ignore into leader_choices values (?, ?, ?)", (chosen.run_id, as_of_ns, now_ns())
            )
            connection.executemany("insert or ignore into leaders values (?, ?, ?, ?)", rows)

    def _write_down(self, as_of_ns: int, problem: Exception) -> None:
        told = (as_of_ns, f"{type(problem).__name__}: {problem}", now_ns())
        self.database.write("insert into leader_failures values (?, ?, ?)", told)


def _chosen(scores: pa.Table, as_of_ns: int) -> Leaders:
    missing = [name for name in COLUMNS if name not in scores.column_names]
    if missing:
        raise DataError(f"there is no column {missing[0]!r}", where="scores", fix="give what score_traders gave")
    selected = [row for row in scores.select(COLUMNS).to_pylist() if row["selected"]]
    if not selected:
        raise DataError("no trader is selected", where="scores", fix="look at refused_by of the table of scores")
    selected.sort(key=lambda row: (row["rank"], row["trader"]))
    traders, found = tuple(row["trader"] for row in selected), tuple(float(row["score"]) for row in selected)
    content = json.dumps([as_of_ns, traders, [each.hex() for each in found]], ensure_ascii=False)
    run_id = f"leaders-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
    return Leaders(run_id, from_ns(as_of_ns), traders, found)
