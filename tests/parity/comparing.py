"""Two engines on one case, held against each other table by table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from tests.generators import Case, random_case
from triplebar.contracts.codes import Reason
from triplebar.contracts.tables import SCHEMAS
from triplebar.engines.custom import CustomEngine
from triplebar.engines.reference import ReferenceEngine

PLACES = re.compile(r"tick -?\d+|bar -?\d+|rates|on_[a-z]+")
HASHED = ("events", "fills", "orders", "flows", "equity")
DERIVED = tuple(name for name in SCHEMAS if name not in HASHED)


def outcome(engine: Any, case: Case) -> Any:
    """The facts of a run, or the text of the error that ended it."""
    try:
        return engine.run(case.script(), case.market, case.settings)
    except Exception as problem:  # noqa: BLE001 - whatever it is, both engines must say it
        return f"{type(problem).__name__}: {problem}"


def essentials(text: str) -> tuple[str, ...]:
    """What two engines must say alike when a run fails: the class of the error and the tick or handler it names.

    >>> essentials("ExecutionError: tick 3 at 2024-01-01T00:00:00Z, cash: 2e19 leaves the 64-bit range")
    ('ExecutionError', 'tick 3')
    """
    return (text.split(":", maxsplit=1)[0], *PLACES.findall(text)[:1])


def difference(seed: int, make: Callable[[int], Case] = random_case) -> str | None:
    """The first difference between the plain-Python engine and the Rust core, None if there is none."""
    case = make(seed)
    plain, native = outcome(ReferenceEngine(), case), outcome(CustomEngine(), case)
    if isinstance(plain, str) or isinstance(native, str):
        same = isinstance(plain, str) and isinstance(native, str) and essentials(plain) == essentials(native)
        return None if same else f"seed {seed}: reference {_short(plain)}, core {_short(native)}"
    if plain.labels != native.labels:
        return f"seed {seed}: labels {plain.labels} and {native.labels}"
    for name in (*HASHED, *DERIVED):
        found = table_difference(plain.table(name), native.table(name))
        if found:
            return f"seed {seed}, {name}: {found}"
    return None


def table_difference(plain: pa.Table, native: pa.Table) -> str | None:
    """The first row that differs, both sides of it."""
    if plain.equals(native):
        return None
    if plain.schema != native.schema:
        return f"schemas differ: {plain.schema} and {native.schema}"
    left, right = plain.to_pylist(), native.to_pylist()
    for row, (ours, theirs) in enumerate(zip(left, right, strict=False)):
        if ours != theirs:
            changed = {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]}
            return f"row {row}: {_readable(ours)}; (reference, core): {changed}"
    longer = (left if len(left) > len(right) else right)[min(len(left), len(right))]
    return f"{len(left)} rows and {len(right)}; the first surplus is {_readable(longer)}"


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    if "reason" in row:
        return {**row, "reason": Reason(row["reason"]).name.lower()}
    return row


def _short(found: Any) -> str:
    return found if isinstance(found, str) else "ran to the end"
