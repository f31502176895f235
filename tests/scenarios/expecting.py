"""Comparing what came of a scenario with what its table says."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.scenarios.running import Outcome
from tests.scenarios.scenario import Row, Scenario

WORDS = {
    "fills": ("order", "tick", "moment", "price", "size", "role"),
    "ends": ("order", "status", "reason", "tick"),
    "events": ("tick", "moment", "kind", "order", "reason"),
    "positions": ("tick", "symbol", "position", "cost", "realised"),
    "trades": ("symbol", "side", "size", "opened", "closed", "profit"),
    "flows": ("tick", "kind", "symbol", "currency", "amount"),
}
NUMBERS = frozenset(
    {"tick", "price", "size", "fee", "half", "slip", "value", "position", "cost", "realised", "opened", "closed",
     "profit", "amount"}
)  # fmt: skip
CENT_OF_A_TICK = 1e-9


def compare(scenario: Scenario, outcome: Outcome) -> None:
    """Check every section that the scenario has."""
    if "fills" not in scenario.expected:
        raise AssertionError(f"{scenario.name} does not say what fills")
    for name in ("fills", "events", "positions", "trades", "flows"):
        if name in scenario.expected:
            compare_rows(name, scenario.expected[name], getattr(outcome, name)())
    for name, check in CHECKS.items():
        if name in scenario.expected or name == "refused":
            check(scenario.expected.get(name, []), outcome)


def compare_rows(name: str, expected: Sequence[Row], found: Sequence[dict[str, Any]]) -> None:
    """Every expected row stands at its place, and there are no others."""
    wanted = [named(row, WORDS[name]) for row in expected]
    shown = [{key: row[key] for key in want} for want, row in zip(wanted, found, strict=False)]
    assert wanted == shown, f"{name}: expected {wanted}, found {shown}"
    assert len(wanted) == len(found), f"{name}: expected {len(wanted)} rows, found {found}"


def named(row: Row, words: Sequence[str]) -> dict[str, Any]:
    """The cells of a row by name; numbers may differ by a billionth."""
    cells = dict(zip(words, row.words, strict=False)) | row.pairs
    assert len(row.words) <= len(words), f"too many words: {row.words}"
    return {name: number(value) if name in NUMBERS else value for name, value in cells.items()}


def number(text: str) -> Any:
    """A number that equals its neighbours within a billionth."""
    return pytest.approx(float(text), abs=CENT_OF_A_TICK)


def compare_ends(expected: Sequence[Row], outcome: Outcome) -> None:
    """The orders that are named end as said."""
    found = outcome.ends()
    for row in expected:
        want = named(row, WORDS["ends"])
        label = want.pop("order")
        assert label in found, f"no order {label!r}, only {sorted(found)}"
        shown = {name: found[label][name] for name in want}
        assert want == shown, f"order {label}: expected {want}, found {found[label]}"


def compare_equity(expected: Sequence[Row], outcome: Outcome) -> None:
    """The ticks that are named have this equity; `none` means that there is no row."""
    compare_curve("equity", expected, outcome)


def compare_cash(expected: Sequence[Row], outcome: Outcome) -> None:
    """The ticks that are named have this cash."""
    compare_curve("cash", expected, outcome)


def compare_curve(column: str, expected: Sequence[Row], outcome: Outcome) -> None:
    """One column of the table of equity."""
    found = outcome.equity()
    for row in expected:
        tick, value, *marks = row.words
        if value == "none":
            assert int(tick) not in found, f"{column}: tick {tick} has a row"
            continue
        assert found[int(tick)][column] == number(value), f"{column} of tick {tick}: found {found[int(tick)]}"
        if column == "equity":
            assert found[int(tick)]["stale"] == (marks == ["stale"]), f"tick {tick}: found {found[int(tick)]}"


def compare_postings(expected: Sequence[Row], outcome: Outcome) -> None:
    """The ledger accounts that are not zero in the end."""
    wanted = {(row.words[0], row.words[1]): number(row.words[2]) for row in expected}
    assert wanted == outcome.ledger()


def compare_refused(expected: Sequence[Row], outcome: Outcome) -> None:
    """The steps that raised an error, and no others."""
    assert [int(row.words[0]) for row in expected] == [step for step, _ in outcome.script.refused], (
        outcome.script.refused
    )


def compare_labels(expected: Sequence[Row], outcome: Outcome) -> None:
    """The list of labels."""
    assert [" ".join(row.words) for row in expected] == list(outcome.facts.labels)


CHECKS: dict[str, Callable[[Sequence[Row], Outcome], None]] = {
    "ends": compare_ends,
    "equity": compare_equity,
    "cash": compare_cash,
    "postings": compare_postings,
    "refused": compare_refused,
    "labels": compare_labels,
}
