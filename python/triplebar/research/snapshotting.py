"""Runs and snapshots: keep what a run used, or run on what was kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from triplebar.contracts.errors import ConfigError
from triplebar.data.market import Market
from triplebar.store.registry import Registry

if TYPE_CHECKING:
    from triplebar.contracts.result import RunResult
    from triplebar.data.snapshot_record import SnapshotRecord


class Snapshots(Protocol):
    """What a run asks of a registry of snapshots; `DataSnapshotRegistry` is one."""

    def create(self, market: Market) -> SnapshotRecord:
        """Keep a market."""

    def load(self, snapshot_id: str) -> Market:
        """Give one that was kept."""


def kept(snapshots: Snapshots | None, market: Market) -> tuple[str | None, tuple[str, ...]]:
    """Keep the data of a run: the id, or the warning that it could not be; a run never fails for it.

    >>> kept(None, Market.synthetic(bars=2, seed=1))
    (None, ())
    """
    if snapshots is None:
        return None, ()
    try:
        return snapshots.create(market).snapshot_id, ()
    except Exception as problem:  # noqa: BLE001 - whatever a registry raises
        return None, (f"auto_snapshot_failed:{type(problem).__name__}: {problem}",)


def replayed(snapshots: Snapshots | None, snapshot_id: str) -> Market:
    """The market of a snapshot; `ConfigError`, a `ValueError`, if there is no registry to ask."""
    if snapshots is None:
        fix = "give snapshots=DataSnapshotRegistry(...), or a market"
        raise ConfigError("there is no registry to take the snapshot from", where=snapshot_id, fix=fix)
    return snapshots.load(snapshot_id)


def counted(snapshots: object, result: RunResult) -> RunResult:
    """Count a run on a snapshot as a trial in the store of the snapshot; if that fails, the result warns of it.

    A registry of somebody else has no store to count in.
    """
    if not isinstance(snapshots, Registry) or result.record.snapshot_id is None:
        return result
    from triplebar.store.trials import TrialLedger

    try:
        TrialLedger(snapshots.database).add_run(result)
    except Exception as problem:  # noqa: BLE001 - whatever a store raises
        return replace(result, warnings=(*result.warnings, f"trial_not_counted:{type(problem).__name__}: {problem}"))
    return result


def check_registry(value: Any, name: str) -> None:  # noqa: ANN401 - whatever was given
    """Refuse what is no registry."""
    if value is not None and not (hasattr(value, "create") and hasattr(value, "load")):
        fix = "give a triplebar.DataSnapshotRegistry"
        raise ConfigError.of(name, type(value).__name__, "must be a registry of snapshots", fix=fix)
