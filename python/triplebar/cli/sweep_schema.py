"""The JSON schema of a file that describes a sweep."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from triplebar.cli.batch_schema import batch_schema
from triplebar.contracts.config import BacktestConfig

ID: Final = "https://triplebar.dev/schemas/sweep.schema.json"
TEXT: Final = {"type": "string"}
FILES: Final = [TEXT, {"type": "array", "minItems": 1, "items": TEXT}]
COUNT: Final = {"type": "integer", "minimum": 1}


def sweep_schema() -> dict[str, Any]:
    """What a study file may hold; `docs/schemas/sweep.schema.json` is this as a file, for editors.

    >>> sorted(sweep_schema()["required"])
    ['data', 'parameters', 'strategy']
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "A sweep of triplebar",
        "description": "Every set of a space of parameters is one run, summed up in one row.",
        "type": "object",
        "additionalProperties": False,
        "required": ["strategy", "data", "parameters"],
        "properties": {**_what(), **_how(), **_where()},
    }


def _what() -> dict[str, Any]:
    shared = batch_schema()["properties"]
    return {
        "strategy": {**TEXT, "description": "file.py, file.py:Name or package.module:Name: a class, rule or function"},
        "data": {
            "description": "A Parquet or CSV file, several that are one market, or a table: several markets by name",
            "anyOf": [*FILES, {"type": "object", "additionalProperties": {"anyOf": FILES}}],
        },
        "parameters": {
            "type": "object",
            "description": "Values by name: a list, 5:45:5, log:1e-4:1:5; to draw from: uniform:0:1, integers:5:45",
            "additionalProperties": {
                "description": "a value, a list of values, or a text such as 5:45:5",
                "anyOf": [{"type": each} for each in ("number", "string", "boolean", "array")],
            },
        },
        "where": {**TEXT, "description": "A condition on the parameters: fast < slow"},
        "seeds": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0}},
        "config": {
            "type": "object",
            "description": "Fields of the configuration",
            "additionalProperties": False,
            "properties": {each.name: {} for each in fields(BacktestConfig)},
        },
        "instruments": shared["instruments"],
        "metrics": {"type": "array", "items": TEXT, "description": "Further metrics of each set"},
    }


def _how() -> dict[str, Any]:
    return {
        "engine": {**TEXT, "description": "custom, reference, or a guest such as backtrader"},
        "mode": {**TEXT, "enum": ["auto", "interpreted", "compiled"]},
        "random": {
            "type": "object",
            "description": "Draw so many sets instead of running all",
            "additionalProperties": False,
            "required": ["count"],
            "properties": {"count": {**COUNT, "description": "How many"}, "seed": {"type": "integer", "minimum": 0}},
        },
        "optuna": {
            "type": "object",
            "description": "Let Optuna choose so many sets",
            "additionalProperties": False,
            "required": ["trials"],
            "properties": {
                "trials": {**COUNT, "description": "How many"},
                "batch": {**COUNT, "description": "Sets that are chosen at once"},
                "seed": {"type": "integer", "minimum": 0},
                "rungs": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}},
            },
        },
        "executor": {**TEXT, "description": "threads, processes, ray or ray://host:10001"},
        "threads": {**COUNT, "description": "At most so many workers"},
        "block": {**COUNT, "description": "Sets that are run and kept at once"},
    }


def _where() -> dict[str, Any]:
    shared = batch_schema()["properties"]
    return {
        "by": {**TEXT, "description": "The metric that decides what is best"},
        "smallest": {"type": "boolean", "description": "The best is the smallest"},
        "top": {**COUNT, "description": "So many of the best are shown"},
        "store": {**TEXT, "description": "The file that keeps what is finished, such as runs.db"},
        "name": {**TEXT, "description": "What you call the study"},
        **{name: shared[name] for name in ("time_zone", "columns", "sort")},
    }
