"""One item of a batch: run, again if that may help, kept where results are kept, and told in one row."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from triplebar.contracts.errors import DuplicateId
from triplebar.contracts.result import RunResult
from triplebar.research.batches.axes import Item, Items
from triplebar.research.batches.faults import category_of, is_transient
from triplebar.research.batches.keeping import Keeping
from triplebar.research.batches.limit import TimeLimit, call_within
from triplebar.research.run import run
from triplebar.research.sweeping.exits import kept_in
from triplebar.store.batch_records import BatchItemResult
from triplebar.store.trials import TrialLedger


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one try of an item ended."""

    result: RunResult | None
    category: str = ""
    message: str = ""


@dataclass(frozen=True)
class ItemRunner:
    """Runs items by number, here or in another process."""

    items: Items
    keeping: Keeping

    def run(self, number: int) -> BatchItemResult:
        """Run an item, again if that may help, and say how it ended."""
        item, keeping = self.items[number], self.keeping
        most = 1 + (keeping.max_retry_attempts if keeping.retry_failed else 0)
        began, count = time.perf_counter(), 1
        attempt = self._attempt(item)
        while attempt.result is None and count < most and is_transient(attempt.category, attempt.message):
            time.sleep(float(keeping.retry_backoff_seconds) * 2 ** (count - 1))
            attempt, count = self._attempt(item), count + 1
        seconds = time.perf_counter() - began
        if attempt.result is None:
            return BatchItemResult(
                number,
                success=False,
                error_message=attempt.message,
                error_category=attempt.category,
                duration_seconds=seconds,
                attempt_count=count,
                columns=dict(item.columns),
            )
        self._keep_run(attempt.result)
        self._count(attempt.result)
        return BatchItemResult(
            number,
            success=True,
            run_id=attempt.result.run_id,
            duration_seconds=seconds,
            attempt_count=count,
            columns=self._row(item, attempt.result),
        )

    def _attempt(self, item: Item) -> Attempt:
        seconds = self.keeping.timeout_seconds
        try:
            result = call_within(seconds, lambda limit: self._measured(item, limit))
        except Exception as problem:  # noqa: BLE001 - whatever a strategy or an engine raises
            category = category_of(problem)
            late = f" (timeout_seconds = {seconds:g})" if seconds is not None and category == "timeout" else ""
            return Attempt(None, category, f"{type(problem).__name__}: {problem}{late}")
        if result.interrupted:
            raise KeyboardInterrupt
        return Attempt(result)

    def _measured(self, item: Item, limit: TimeLimit) -> RunResult:
        strategy = item.chosen["strategy"]
        with kept_in(getattr(strategy, "__name__", type(strategy).__name__)):
            result = self._run(item, limit)
        result.metrics  # noqa: B018 - what cannot be measured has failed, too
        return result

    def _run(self, item: Item, limit: TimeLimit) -> RunResult:
        chosen = item.chosen
        return run(
            chosen["strategy"],
            item.market,
            item.config,
            engine=chosen["engine"],
            mode=chosen["mode"],
            fidelity=chosen["fidelity"],
            parameters=item.parameters,
            snapshots=self.keeping.snapshots,
            progress=limit,
        )

    def _keep_run(self, result: RunResult) -> None:
        runs = self.keeping.runs
        if runs is None:
            return
        if not runs.exists(result.run_id):
            with suppress(DuplicateId):
                runs.save(result)
        elif runs.summary(result.run_id).result_hash != result.result_hash:
            runs.save(result, replace=True)  # an earlier one was interrupted

    def _count(self, result: RunResult) -> None:
        """Count the trial in the store of the batch; a run that is kept there has been counted already."""
        runs, registry = self.keeping.runs, self.keeping.batch_registry
        if registry is None or not self.keeping.tracked:
            return
        if runs is None or runs.database.path != registry.database.path:
            TrialLedger(registry.database).add_run(result)

    def _row(self, item: Item, result: RunResult) -> dict[str, Any]:
        """What the table says of an item: what was varied, then what came of it."""
        found: dict[str, Any] = {"run_id": result.run_id, "result_hash": result.result_hash}
        if self.keeping.snapshots is not None:
            found["snapshot_id"] = result.metadata.snapshot_id
        found |= {name: result.metrics[name] for name in self.keeping.metrics}
        varied = {name if name not in found else f"varied.{name}": value for name, value in item.columns.items()}
        return varied | found
