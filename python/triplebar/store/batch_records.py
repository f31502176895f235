"""What is known about a batch and its items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError
from triplebar.store.batch_states import BatchStatus

CATEGORIES: Final = ("data_error", "parameter_error", "engine_error", "timeout", "memory_error", "unknown")
"""Why an item failed, by the type of its error."""


@dataclass(frozen=True, slots=True)
class BatchItemResult:
    """How one item ended.

    `columns` is its row in the table of the batch: what was varied, and the metrics.

    >>> BatchItemResult(3, success=False, error_message="no rows", error_category="data_error").final_attempt_success
    False
    """

    item_id: int
    success: bool
    run_id: str | None = None
    error_message: str | None = None
    error_category: str | None = None
    duration_seconds: float = 0.0
    attempt_count: int = 1
    final_attempt_success: bool | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A failure has a category, and the last attempt decides."""
        checks.integer("item_id", self.item_id)
        checks.flag("success", self.success)
        checks.integer("attempt_count", self.attempt_count, low=1)
        if self.final_attempt_success is None:
            object.__setattr__(self, "final_attempt_success", self.success)
        if self.final_attempt_success != self.success:
            fix = "an item succeeds if its last attempt does"
            raise ConfigError.of(
                "final_attempt_success", self.final_attempt_success, "is not what success says", fix=fix
            )
        if not self.success:
            category = "unknown" if self.error_category is None else self.error_category
            object.__setattr__(self, "error_category", checks.choice("error_category", category, CATEGORIES))
        elif self.error_category is not None:
            raise ConfigError.of(
                "error_category", self.error_category, "makes no sense for a success", fix="leave it out"
            )

    def to_mapping(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {name: getattr(self, name) for name in self.__slots__} | {"columns": dict(self.columns)}


@dataclass(frozen=True, slots=True)
class BatchRun:
    """A batch as it stands: counts, times, and the items that have ended."""

    batch_id: str
    status: BatchStatus
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    total_items: int
    succeeded_items: int
    failed_items: int
    error_summary: Mapping[str, int]
    configuration: Mapping[str, Any]
    item_results: tuple[BatchItemResult, ...] = ()
    """The items that have ended, by number; empty in a list of batches."""

    @property
    def finished_items(self) -> int:
        """Items that have ended, well or not."""
        return self.succeeded_items + self.failed_items

    @property
    def total_duration_seconds(self) -> float | None:
        """From the start to the end; None until then."""
        if self.started_at is None or self.completed_at is None:
            return None
        return (self.completed_at - self.started_at).total_seconds()

    @property
    def items_per_second(self) -> float | None:
        """Items that ended, by seconds; None until the end."""
        seconds = self.total_duration_seconds
        return self.finished_items / seconds if seconds else None

    def is_complete(self) -> bool:
        """Whether nothing more will happen."""
        return self.status.final

    def success_rate(self) -> float:
        """Of all items, the share that succeeded."""
        return self.succeeded_items / self.total_items

    def failure_rate(self) -> float:
        """Of all items, the share that failed."""
        return self.failed_items / self.total_items

    def to_mapping(self) -> dict[str, Any]:
        """All fields as plain values."""
        values = {name: getattr(self, name) for name in self.__slots__} | {"status": self.status.text}
        for name in ("created_at", "started_at", "completed_at"):
            values[name] = None if values[name] is None else values[name].isoformat()
        values["total_duration_seconds"], values["items_per_second"] = (
            self.total_duration_seconds,
            self.items_per_second,
        )
        values["item_results"] = [each.to_mapping() for each in self.item_results]
        return values | {"error_summary": dict(self.error_summary), "configuration": dict(self.configuration)}
