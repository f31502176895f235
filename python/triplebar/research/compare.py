"""Compare two results: where they differ first, and whether the differences are within a tolerance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from triplebar.contracts.arrow import Column
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.contracts.time import to_text
from triplebar.contracts.views import rows
from triplebar.research.differing import Input, differing_inputs
from triplebar.research.tolerances import RUNGS, Check, checks
from triplebar.research.units import unit_of

CLOCKS: Final = {"orders": "sent", "events": "clock", "fills": "clock", "flows": "clock", "equity": "clock"}
"""The tables that are compared, causes before effects, and the column that says when."""
SAME: Final = ("start", "end", "currency", "price_policy", "missing_data")
"""Settings in which results have to agree to be comparable at all."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first cell in which two results differ."""

    table: str
    row: int
    column: str
    left: Any
    right: Any
    time: str | None
    bar: int | None
    symbol: str | None
    order: int | None
    unit: str | None = None
    """What both values are counted in; None for what has no unit."""

    def __str__(self) -> str:
        where = f"{self.table}, row {self.row}, {self.column}"
        when = f" at {self.time} (bar {self.bar})" if self.time else ""
        whose = "".join(
            f", {name} {value}" for name, value in (("symbol", self.symbol), ("order", self.order)) if value
        )
        unit = f" {self.unit}" if self.unit else ""
        return f"{where}: {_shown(self.left)} and {_shown(self.right)}{unit}{when}{whose}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` found; it is true if the results agree within the rung."""

    rung: int
    equal: bool
    identical: bool
    left_hash: str
    right_hash: str
    first: Difference | None
    checks: tuple[Check, ...]
    inputs: tuple[Input, ...] = ()
    """What went into the runs and is not the same."""

    def __bool__(self) -> bool:
        return self.equal

    def to_mapping(self) -> dict[str, Any]:
        """All parts as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        verdict = f"{'equal' if self.equal else 'different'} on rung {self.rung} ({RUNGS[self.rung].use})"
        lines = [f"identical: {self.left_hash}" if self.identical else verdict]
        lines += [f"  input {each}" for each in self.inputs]
        lines += [f"  {check}" for check in self.checks]
        if self.first is not None:
            lines.append(f"  first difference: {self.first}")
        return "\n".join(lines)


def compare(left: RunResult, right: RunResult, *, rung: int = 0) -> Comparison:
    """Compare two results on a rung of the tolerance ladder, and find the first difference.

    Rung 0: equal bit for bit. Rung 1: two engines under one fill model (0.01 %, equal trades). Rung 2: a path that was
    rewritten. Rung 3: engines with their own fills. Results of other windows or price policies are refused.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=50, seed=1)
    >>> one, two = (tb.run(tb.samples.BuyAndHold(), market, engine="reference") for _ in range(2))
    >>> compare(one, two).identical
    True
    """
    if rung not in RUNGS:
        raise ConfigError.of("rung", rung, "is not on the ladder", fix="give 0, 1, 2 or 3")
    _check_comparable(left, right)
    identical = left.result_hash == right.result_hash
    made = () if identical else tuple(checks(left, right, RUNGS[rung]))
    equal = identical or (rung > 0 and all(check.passed for check in made))
    return Comparison(
        rung,
        equal,
        identical,
        left.result_hash,
        right.result_hash,
        None if identical else first_difference(left, right),
        made,
        differing_inputs(left, right),
    )


def _check_comparable(left: RunResult, right: RunResult) -> None:
    for name in SAME:
        values = [each.record.config.get(name) for each in (left, right)]
        if values[0] != values[1]:
            raise ConfigError(
                f"{name} is {values[0]!r} in one and {values[1]!r} in the other",
                where="compare",
                fix="compare runs over the same window and the same prices",
            )


def first_difference(left: RunResult, right: RunResult) -> Difference | None:
    """Find the earliest cell that differs: by time, then orders, events, fills, flows, equity; None if none does."""
    found = [each for name in CLOCKS for each in _first_row(left, right, name)]
    if not found:
        return _label_difference(left, right)
    _, _, name, row = min(found)
    return _difference(left, right, name, row)


def _first_row(left: RunResult, right: RunResult, name: str) -> Iterable[tuple[int, int, str, int]]:
    """When, in which table and row two tables differ first."""
    one, two = columns(left.canonical(name)), columns(right.canonical(name))
    sizes = [len(each[CLOCKS[name]]) for each in (one, two)]
    common = min(sizes)
    differ = np.zeros(common, dtype=bool)
    for column in one:
        differ |= one[column][:common] != two[column][:common]
    places = np.flatnonzero(differ)
    if places.size == 0 and sizes[0] == sizes[1]:
        return
    row = int(places[0]) if places.size else common
    clocks = [int(each[CLOCKS[name]][row]) for each in (one, two) if len(each[CLOCKS[name]]) > row]
    yield min(clocks), list(CLOCKS).index(name), name, row


def _difference(left: RunResult, right: RunResult, name: str, row: int) -> Difference:
    shown = [_row(each, name, row) for each in (left, right)]
    known = shown[0] or shown[1] or {}
    exact = [_exact(each, name, row) for each in (left, right)]
    column, values = _cell(shown, exact)
    clock = min(int(each[CLOCKS[name]]) for each in exact if each)
    whole = left if left.clock.size > clock else right
    row_of, known_exact = (left, exact[0]) if exact[0] else (right, exact[1] or {})
    return Difference(
        name,
        row,
        column,
        values[0],
        values[1],
        to_text(int(whole.clock[clock])) if 0 <= clock < whole.clock.size else None,
        clock if clock >= 0 else None,
        known.get("symbol"),
        known.get("order"),
        unit_of(row_of, name, column, known_exact),
    )


def _cell(shown: list[dict[str, Any] | None], exact: list[dict[str, Any] | None]) -> tuple[str, list[Any]]:
    """The column to show, and both values of it: in the user's units if they differ there."""
    if shown[0] is None or shown[1] is None:
        return "(row)", ["missing" if each is None else each for each in shown]
    for column, value in shown[0].items():
        if value != shown[1][column]:
            return column, [value, shown[1][column]]
    assert exact[0] is not None  # noqa: S101 - both rows are there
    assert exact[1] is not None  # noqa: S101
    column = next(name for name, value in exact[0].items() if value != exact[1][name])
    return column, [exact[0][column], exact[1][column]]


def _row(result: RunResult, name: str, row: int) -> dict[str, Any] | None:
    table = getattr(result, name)
    return rows(table.slice(row, 1))[0] if row < table.num_rows else None


def _exact(result: RunResult, name: str, row: int) -> dict[str, Any] | None:
    table = result.canonical(name)
    if row >= table.num_rows:
        return None
    values: Mapping[str, Column] = columns(table.slice(row, 1))
    return {column: int(value[0]) for column, value in values.items()}


def _label_difference(left: RunResult, right: RunResult) -> Difference | None:
    if left.labels == right.labels:
        return None
    pairs = zip((*left.labels, None), (*right.labels, None), strict=False)
    place, (one, two) = next((place, pair) for place, pair in enumerate(pairs) if pair[0] != pair[1])
    return Difference("labels", place, "text", one, two, None, None, None, None)


def _shown(value: Any) -> str:  # noqa: ANN401 - any cell
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items() if each is not None)
    return str(value)
