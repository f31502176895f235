"""The JSON schemas of files that describe a sweep, or walking forward."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from triplebar.cli.batch_schema import batch_schema
from triplebar.contracts.config import BacktestConfig

ID: Final = "https://triplebar.dev/schemas/sweep.schema.json"
WALK_ID: Final = "https://triplebar.dev/schemas/walkforward.schema.json"
SWEEP_ALONE: Final = {
    "optuna": "leave it out: every set is tried in every window; random = {count = 100} draws some",
    "seeds": "write seed = 1 under config, which is that of all runs",
}
"""What a walk cannot use, and what to write instead."""
TEXT: Final = {"type": "string"}
FLAG: Final = {"type": "boolean"}
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
        "properties": {**_what(), **_how(), **_where(), "walk_forward": _windows()},
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


def walk_schema() -> dict[str, Any]:
    """What a study file of `walkforward` may hold: that of a sweep, less what makes no sense window by window.

    >>> sorted(walk_schema()["required"])
    ['data', 'parameters', 'strategy', 'walk_forward']
    """
    schema = sweep_schema()
    data = {"description": "A Parquet or CSV file, or several that are one market", "anyOf": FILES}
    properties = {name: each for name, each in schema["properties"].items() if name not in SWEEP_ALONE}
    return {
        **schema,
        "$id": WALK_ID,
        "title": "Walking forward with triplebar",
        "description": "The best of a space of parameters is chosen on a window, and run on the window that follows.",
        "required": [*schema["required"], "walk_forward"],
        "properties": {**properties, "data": data},
    }


def _windows() -> dict[str, Any]:
    """How `walkforward` lays windows; a sweep runs on all data."""
    return {
        "type": "object",
        "description": "How triplebar walkforward lays windows and chooses; triplebar sweep runs on all data",
        "additionalProperties": False,
        "required": ["train", "test"],
        "properties": {
            "train": {**TEXT, "description": "How long the window is in which the best set is chosen: 180d"},
            "test": {**TEXT, "description": "How long the window is in which it is looked at: 30d"},
            "step": {**TEXT, "description": "From one window to the next; as long as a test if left out"},
            "embargo": {**TEXT, "description": "What is left out between the two, such as 1d; nothing if left out"},
            "anchored": {**FLAG, "description": "Training always begins with the data; else windows roll on"},
            "select": {**TEXT, "description": "The metric by which the best is chosen; that of by if left out"},
            "smallest": {**FLAG, "description": "The best is the smallest; as for the whole study if left out"},
            "warmup": {"type": "integer", "minimum": 0, "description": "Ticks before each window that do not trade"},
            "close_at_end": {**FLAG, "description": "Positions are closed at the end of a test; true if left out"},
        },
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
        "smallest": {**FLAG, "description": "The best is the smallest"},
        "top": {**COUNT, "description": "So many of the best are shown"},
        "keep": {**COUNT, "description": "So many of the best are kept in the store with all their tables, as runs"},
        "store": {**TEXT, "description": "The file that keeps what is finished, such as runs.db"},
        "name": {**TEXT, "description": "What you call the study"},
        **{name: shared[name] for name in ("time_zone", "columns", "sort")},
    }
