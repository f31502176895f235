"""Results as files: exact tables as Parquet and the rest as JSON, or all as one JSON text; lossless both ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts import atomic
from triplebar.contracts.arrow import to_numpy, to_table
from triplebar.contracts.errors import DataQualityError, NotFound, SnapshotMismatchError
from triplebar.contracts.metadata import RunMetadata
from triplebar.contracts.result_schema import SCHEMA_VERSION, current
from triplebar.contracts.settings import Settings
from triplebar.contracts.tables import LATER, SCHEMAS, conform, empty

if TYPE_CHECKING:
    from triplebar.contracts.result import RunResult

DOCUMENT: Final = "result.json"
TABLES: Final = "tables"
CLOCK: Final = "clock"
REQUIRED: Final = ("metadata", "metrics", "settings", "labels", "warnings", "data_warnings", "assumptions")


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """The facts of a run that were read back."""

    tables: Mapping[str, pa.Table]
    labels: tuple[str, ...]
    logs: tuple[Any, ...] = ()
    interrupted: bool = False

    def table(self, name: str) -> pa.Table:
        """Give one canonical table."""
        return self.tables[name]


def document(result: RunResult) -> dict[str, Any]:
    """Everything but the tables, as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "metadata": result.metadata.to_mapping(),
        "metrics": dict(result.metrics),
        "metric_reasons": dict(result.metric_reasons),
        "settings": json.loads(result.settings.to_json()),
        "labels": list(result.labels),
        "warnings": list(result.warnings),
        "data_warnings": list(result.data_warnings),
        "assumptions": dict(result.assumptions),
        "logs": list(result.logs),
    }


def dump(values: Mapping[str, Any], *, indent: int | None = None) -> str:
    """JSON without NaN and infinity; other objects as their text."""
    return json.dumps(values, indent=indent, allow_nan=False, ensure_ascii=False, default=str)


# --------------------------------------------------------------------------------------------------------- one text


def to_json(result: RunResult) -> str:
    """Write the whole result, tables included, as one JSON text."""
    tables = {name: _lists(result.canonical(name)) for name in SCHEMAS}
    return dump(document(result) | {"clock": result.clock.tolist(), "tables": tables})


def from_json(text: str) -> RunResult:
    """Read what `to_json` wrote, of this version or an older one."""
    payload = _parsed(text, "result")
    if not isinstance(payload.get("tables"), Mapping) or "clock" not in payload:
        raise DataQualityError("tables or clock missing", where="result", fix="write results with to_json()")
    tables = {name: _table(name, payload["tables"]) for name in SCHEMAS}
    return _rebuilt(payload, tables.__getitem__, np.array(payload["clock"], dtype=np.int64), "result")


def _lists(table: pa.Table) -> dict[str, list[Any]]:
    return {name: to_numpy(table.column(name)).tolist() for name in table.column_names}


def _table(name: str, tables: Mapping[str, Any]) -> pa.Table:
    schema = SCHEMAS[name]
    found = tables.get(name)
    if found is None and name in LATER:
        return empty(name)
    if not isinstance(found, Mapping) or any(column not in found for column in schema.names):
        raise DataQualityError("columns are missing", where=f"table {name!r}", fix="write results with to_json()")
    try:
        arrays = [pa.array(found[field.name], _plain_type(field.type)).cast(field.type) for field in schema]
        return pa.Table.from_arrays(arrays, schema=schema)
    except (pa.ArrowException, OverflowError) as problem:
        raise DataQualityError(str(problem), where=f"table {name!r}", fix="write results with to_json()") from problem


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(kind) else kind


# -------------------------------------------------------------------------------------------------------- a folder


def write_into(result: RunResult, folder: Path) -> None:
    """Write the document and the tables into a folder that is there."""
    import pyarrow.parquet as pq  # costs time, and few runs are stored

    (folder / TABLES).mkdir()
    for name in SCHEMAS:
        pq.write_table(result.canonical(name), folder / TABLES / f"{name}.parquet")
    pq.write_table(to_table({"time": result.clock}), folder / TABLES / f"{CLOCK}.parquet")
    (folder / DOCUMENT).write_text(dump(document(result), indent=2) + "\n", encoding="utf-8")


def save(result: RunResult, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the result into a new folder, whole or not at all."""
    place = Path(path)
    with atomic.new_folder(place, overwrite=overwrite) as fresh:
        write_into(result, fresh)
    return place


def load(path: str | Path) -> RunResult:
    """Read a folder that `save` wrote, and check that its tables are those that were stored."""
    import pyarrow.parquet as pq  # costs time, and few runs are read

    folder = Path(path)
    file = folder / DOCUMENT
    if not file.is_file():
        raise NotFound(f"no stored result: {file} is not there; give the folder that a run was saved in")
    payload = _parsed(file.read_text(encoding="utf-8"), str(file))
    try:
        tables = {name: _read(name, folder / TABLES / f"{name}.parquet") for name in SCHEMAS}
        clock = to_numpy(pq.read_table(folder / TABLES / f"{CLOCK}.parquet").column("time"))
    except (OSError, pa.ArrowException, ValueError) as problem:
        raise DataQualityError(str(problem), where=str(folder / TABLES), fix="save the result again") from problem
    return _rebuilt(payload, tables.__getitem__, clock, str(folder))


def _read(name: str, file: Path) -> pa.Table:
    import pyarrow.parquet as pq  # costs time, and few runs are read

    return empty(name) if name in LATER and not file.is_file() else conform(name, pq.read_table(file))


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        payload = json.loads(text)
    except ValueError as problem:
        raise DataQualityError(f"is not JSON: {problem}", where=where, fix="save the result again") from None
    if not isinstance(payload, Mapping):
        raise DataQualityError("is not a stored result", where=where, fix="save the result again")
    found = current(payload, where)
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise DataQualityError(f"{', '.join(missing)} missing", where=where, fix="save the result again")
    return found


def _rebuilt(
    payload: Mapping[str, Any], table: Callable[[str], pa.Table], clock: np.ndarray[Any, np.dtype[np.int64]], where: str
) -> RunResult:
    from triplebar.contracts.result import RunResult, StoredMetrics

    try:
        metadata = RunMetadata.from_mapping(payload["metadata"])
        settings = Settings.from_json(json.dumps(payload["settings"]))
    except (TypeError, KeyError) as problem:
        raise DataQualityError(str(problem), where=where, fix="save the result again") from problem
    facts = StoredFacts(
        {name: table(name) for name in SCHEMAS},
        tuple(payload["labels"]),
        tuple(payload.get("logs", ())),
        metadata.status == "interrupted",
    )
    result = RunResult(
        facts=facts,
        settings=settings,
        clock=clock,
        record=metadata.record,
        identify=lambda: metadata.identity,
        measure=StoredMetrics(payload["metrics"], payload.get("metric_reasons", {})),
        warnings=tuple(payload["warnings"]),
        data_warnings=tuple(payload["data_warnings"]),
        assumptions=payload["assumptions"],
    )
    if result.result_hash != metadata.result_hash:
        raise SnapshotMismatchError(
            f"the tables have the hash {result.result_hash[:16]}..., the document says {metadata.result_hash[:16]}...",
            where=where,
            fix="the files were changed after they were stored; run again",
        )
    return result
