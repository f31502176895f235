"""The version of stored results: the same major number can be read, 0.x is brought up, the rest is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from triplebar.contracts.errors import DataQualityError

SCHEMA_VERSION: Final = "1.0.0"

RENAMED: Final = {
    "meta": "metadata",
    "statistics": "metrics",
    "engine_settings": "settings",
    "data_warning": "data_warnings",
}
"""Names of version 0.9 at the top of a payload."""
RENAMED_METADATA: Final = {
    "engine_name": "engine",
    "strategy_name": "strategy",
    "random_seed": "seed",
    "data_snapshot_id": "snapshot_id",
    "data_hash": "data_digest",
    "config_digest": "config_hash",
}
"""Names of version 0.9 inside the metadata."""
RENAMED_TABLES: Final = {"equity_curve": "equity", "executions": "fills", "cash_flows": "flows"}
"""Names of version 0.9 of tables."""
ADDED: Final[dict[str, Any]] = {
    "metric_reasons": {},
    "warnings": [],
    "data_warnings": [],
    "assumptions": {},
    "labels": [],
    "logs": [],
}
"""What version 0.9 did not write."""
ADDED_METADATA: Final[dict[str, Any]] = {
    "requested_engine": None,
    "mode": "interpreted",
    "status": "completed",
    "error": None,
    "snapshot_id": None,
    "timings": {},
    "peak_memory_bytes": None,
    "system": {},
    "provenance": {},
    "calendar": "24/7",
}


def current(payload: Mapping[str, Any], where: str = "result") -> dict[str, Any]:
    """Bring a payload to this version; `DataQualityError` (a `ValueError`) for another major version.

    >>> current({"schema_version": "0.9", "meta": {"engine_name": "custom"}})["metadata"]["engine"]
    'custom'
    >>> current({"schema_version": "2.0.0"})
    Traceback (most recent call last):
    triplebar.contracts.errors.DataQualityError: result: schema_version is '2.0.0', ...
    """
    version = payload.get("schema_version")
    major = version.split(".")[0] if isinstance(version, str) else None
    if major == SCHEMA_VERSION.split(".", maxsplit=1)[0]:
        return dict(payload)
    if major == "0":
        return _from_0(payload)
    raise DataQualityError(
        f"schema_version is {version!r}, this triplebar reads 1.x and 0.x",
        where=where,
        fix="read it with the version of triplebar that wrote it",
    )


def _from_0(payload: Mapping[str, Any]) -> dict[str, Any]:
    moved = ADDED | _renamed(payload, RENAMED)
    metadata = ADDED_METADATA | _renamed(moved.get("metadata", {}), RENAMED_METADATA)
    metadata["requested_engine"] = metadata["requested_engine"] or metadata.get("engine")
    moved["metadata"] = metadata
    if "tables" in moved:
        moved["tables"] = _renamed(moved["tables"], RENAMED_TABLES)
    moved["schema_version"] = SCHEMA_VERSION
    return moved


def _renamed(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in values.items()}
