"""Where the outcome of a batch is kept, and how hard each item is tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError, WrongTypeError
from triplebar.research.snapshotting import Snapshots, check_registry
from triplebar.store.batches import BatchRegistry
from triplebar.store.runs import ExperimentRegistry

METRICS: Final = ("ending_value", "total_return", "cagr", "sharpe", "max_drawdown", "trades", "win_rate", "total_costs")
"""The columns of results, if nothing else is said."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """Where things are kept, and how hard an item is tried."""

    track_batch: bool | None = None
    batch_registry: BatchRegistry | None = None
    resume: str | None = None
    retry_failed: bool = False
    max_retry_attempts: int = 3
    retry_backoff_seconds: float = 1.0
    timeout_seconds: float | None = None
    runs: ExperimentRegistry | None = None
    snapshots: Snapshots | None = None
    metrics: Sequence[str] = METRICS
    progress: Progress | None = None
    tracked: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Refuse what makes no sense before anything runs."""
        track = (
            self.batch_registry is not None
            if self.track_batch is None
            else checks.flag("track_batch", self.track_batch)
        )
        object.__setattr__(self, "tracked", track)
        self._check_registries()
        for name in ("retry_failed", "resume"):
            if getattr(self, name) and not self.tracked:
                fix = "give batch_registry=BatchRegistry('runs.db')"
                raise ConfigError.of(name, getattr(self, name), "needs a batch that is tracked", fix=fix)
        checks.integer("max_retry_attempts", self.max_retry_attempts, low=1)
        checks.number("retry_backoff_seconds", self.retry_backoff_seconds, low=0)
        if self.timeout_seconds is not None:
            checks.number("timeout_seconds", self.timeout_seconds, above=0)
        self._check_metrics()

    def _check_registries(self) -> None:
        if self.tracked and self.batch_registry is None:
            fix = "give batch_registry=BatchRegistry('runs.db')"
            raise ConfigError.of("track_batch", self.track_batch, "needs a registry", fix=fix)
        for name, kind in (("batch_registry", BatchRegistry), ("runs", ExperimentRegistry)):
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise WrongTypeError(f"must be a {kind.__name__}, not {type(value).__name__}", where=name)
        check_registry(self.snapshots, "snapshots")

    def _check_metrics(self) -> None:
        from triplebar.metrics import registry

        checks.known_names("metrics", self.metrics, registry)
