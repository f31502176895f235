"""What a batch gives: a table of what succeeded, and what did not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from triplebar.contracts.errors import BatchFailedError
from triplebar.store.batch_records import BatchItemResult
from triplebar.store.batch_states import BatchStatus


@dataclass(frozen=True)
class BatchResult:
    """How a batch went: `status`, `items` by number, `table` of those that succeeded, `failures`.

    `batch_id` is None if the batch was not tracked. A batch that was interrupted is still `running`: call `run_batch`
    with `resume=batch_id` to run the rest.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=60, seed=1)
    >>> found = tb.run_batch(tb.samples.MovingAverageCross, market, parameters={"fast": [2, 99], "slow": 9})
    >>> found.status.text, found.table.num_rows, found.failures[0].error_category
    ('partial', 1, 'parameter_error')
    """

    batch_id: str | None
    status: BatchStatus
    total_items: int
    items: tuple[BatchItemResult, ...]

    @property
    def successes(self) -> tuple[BatchItemResult, ...]:
        """The items that succeeded."""
        return tuple(each for each in self.items if each.success)

    @property
    def failures(self) -> tuple[BatchItemResult, ...]:
        """The items that failed."""
        return tuple(each for each in self.items if not each.success)

    @property
    def interrupted(self) -> bool:
        """Whether items are left that may still be run."""
        return not self.status.final

    @property
    def error_summary(self) -> dict[str, int]:
        """How many items failed in each category, the most frequent first."""
        names = [each.error_category or "unknown" for each in self.failures]
        return {name: names.count(name) for name in sorted(set(names), key=lambda each: (-names.count(each), each))}

    @cached_property
    def table(self) -> pa.Table:
        """One row for each item that succeeded: its number, what was varied, `run_id`, `result_hash`, metrics."""
        rows = [{"item": each.item_id, **each.columns} for each in self.successes]
        names = list(dict.fromkeys(name for row in rows for name in row)) or ["item"]
        return pa.table({name: _column(rows, name) for name in names})

    def check(self) -> BatchResult:
        """Give itself; `BatchFailedError`, a `RuntimeError`, if every item has failed."""
        if self.items and not self.successes and len(self.items) == self.total_items:
            summary = ", ".join(f"{number} {name}" for name, number in self.error_summary.items())
            most = f"{summary}; item {self.items[0].item_id}: {self.items[0].error_message}"
            raise BatchFailedError.of(self.batch_id, total=self.total_items, failed=len(self.failures), most=most)
        return self

    def to_mapping(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "batch_id": self.batch_id,
            "status": self.status.text,
            "total_items": self.total_items,
            "succeeded_items": len(self.successes),
            "failed_items": len(self.failures),
            "error_summary": self.error_summary,
            "items": [each.to_mapping() for each in self.items],
        }


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> pa.Array:
    values = [row.get(name) for row in rows]
    if name == "item":
        return pa.array(values, pa.int64())
    if any(isinstance(each, float) for each in values) and all(
        each is None or (isinstance(each, (int, float)) and not isinstance(each, bool)) for each in values
    ):
        return pa.array(values, pa.float64(), from_pandas=False)
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if each is None else str(each) for each in values], pa.string())
