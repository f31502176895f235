"""The JSON schema of a file that describes a batch."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.run_request import FIDELITIES, MODES
from triplebar.research.batches.spread import NAMES

ID: Final = "https://triplebar.dev/schemas/batch.schema.json"
TEXT: Final = {"type": "string"}
FLAG: Final = {"type": "boolean"}


def batch_schema() -> dict[str, Any]:
    """What a batch file may hold; `docs/schemas/batch.schema.json` is this as a file, for editors.

    >>> sorted(batch_schema()["required"])
    ['data', 'strategy']
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "A batch of triplebar",
        "description": "Every combination of what is given as a list is one run.",
        "type": "object",
        "additionalProperties": False,
        "required": ["strategy", "data"],
        "properties": {**_what(), **_how(), **_where()},
    }


def _what() -> dict[str, Any]:
    files = {"type": "array", "minItems": 1, "items": TEXT}
    return {
        "strategy": _one_or_more(
            TEXT, "file.py, file.py:Class or package.module:Class; paths are from this file's folder"
        ),
        "data": {
            "description": "A Parquet or CSV file, or a list of choices; a list in it is one market of several files",
            "anyOf": [TEXT, {"type": "array", "minItems": 1, "items": {"anyOf": [TEXT, files]}}],
        },
        "engine": _one_or_more(TEXT, "custom, reference, or a guest such as backtrader"),
        "mode": _one_or_more({"type": "string", "enum": list(MODES)}, "interpreted, compiled or auto"),
        "fidelity": _one_or_more({"type": "string", "enum": list(FIDELITIES)}, "strict or native"),
        "parameters": {"type": "object", "description": "Parameters of the strategy: a value, or a list of choices"},
        "config": {
            "type": "object",
            "description": "Fields of the configuration: a value, or a list of choices",
            "additionalProperties": False,
            "properties": {each.name: {} for each in fields(BacktestConfig)},
        },
        "instruments": {
            "type": "array",
            "description": "The instruments of the data; what is left out is seen from the data",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["symbol"],
                "properties": {each.name: {} for each in fields(Instrument) if each.name != "_"},
            },
        },
    }


def _how() -> dict[str, Any]:
    return {
        "duration": {"type": "string", "description": "Run on windows of this length, such as 90d"},
        "start_step": {"type": "string", "description": "How far it is from a window to the next, such as 30d"},
        "metrics": {"type": "array", "items": TEXT, "description": "The columns of results"},
        "executor": {"type": "string", "enum": list(NAMES), "description": "Run several items at once, in these"},
        "workers": {"type": "integer", "minimum": 1, "description": "Run so many items at once; one, if left out"},
        "timeout_seconds": {"type": "number", "exclusiveMinimum": 0, "description": "How long an item may take"},
        "retry": {
            "type": "object",
            "description": "Try items again that failed for something temporary",
            "additionalProperties": False,
            "properties": {
                "attempts": {"type": "integer", "minimum": 1, "description": "At most so many more times"},
                "backoff_seconds": {"type": "number", "minimum": 0, "description": "The first pause; each doubles"},
            },
        },
    }


def _where() -> dict[str, Any]:
    return {
        "store": {"type": "string", "description": "The file that records the batch, such as runs.db"},
        "keep_results": {**FLAG, "description": "Keep the whole result of each run in the store"},
        "keep_data": {**FLAG, "description": "Keep a snapshot of the data of each run in the store"},
        "time_zone": {"type": "string", "description": "The zone of times that are stored without one"},
        "columns": {"type": "object", "description": "Where a column has another name: close = 'Adj Close'"},
        "sort": {**FLAG, "description": "Bring the rows in order instead of refusing them"},
    }


def _one_or_more(kind: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "anyOf": [kind, {"type": "array", "minItems": 1, "items": kind}]}
