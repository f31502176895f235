"""The commands about engines: which there are, and how to get more of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rich.console import Console
from rich.table import Table

from triplebar.cli.codes import Exit
from triplebar.cli.progress import waiting
from triplebar.engines.places import ENGINES, GUESTS
from triplebar.engines.remote import store
from triplebar.research import machine
from triplebar.research.factory import available_engines


def rows() -> list[dict[str, Any]]:
    """Every engine: its name, whether it can be used, its version, where it is."""
    here = available_engines()
    found = [
        {"name": name, "available": name in here, "version": _version(name), "where": "in this Python"}
        for name in ENGINES
    ]
    return found + [
        {"name": each.name, "available": True, "version": each.version, "where": each.python}
        for each in store.installed()
    ]


def show(*, as_json: bool) -> int:
    """Print all engines."""
    if as_json:
        print(json.dumps(rows(), indent=1))
        return Exit.OK
    table = Table()
    for name in ("engine", "version", "where"):
        table.add_column(name, overflow="fold")
    for row in rows():
        where = row["where"] if row["available"] else f"not installed: pip install 'triplebar[{row['name']}]'"
        table.add_row(row["name"], row["version"] or "-", where)
    Console(emoji=False).print(table, markup=False, soft_wrap=True)
    return Exit.OK


def add(engine: str, wanted: str | None, python: str | None, *, as_json: bool) -> int:
    """Make an environment for a guest."""
    with waiting(f"installing {engine}", Console(stderr=True, emoji=False)):
        made = store.add(engine, wanted, python=python)
    if as_json:
        print(json.dumps({"name": made.name, **asdict(made)}, indent=1))
    else:
        print(f"{made.name} is in {made.python}; use it with --engine {made.name}")
    return Exit.OK


def remove(name: str) -> int:
    """Delete an environment."""
    store.remove(name)
    print(f"{name} is gone")
    return Exit.OK


def _version(name: str) -> str | None:
    if name not in GUESTS:
        return machine.versions()["triplebar"]
    try:
        return version(GUESTS[name])
    except PackageNotFoundError:
        return None
