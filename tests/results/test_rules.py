"""The rules as data are the rules of docs/semantics.md, and every code has a sentence."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triplebar.contracts import rules
from triplebar.contracts.codes import AccountKind, Cause, Code, EventKind, FlowKind, OrderKind, Reason, TimeInForce

SEMANTICS = Path(__file__).parents[2] / "docs" / "semantics.md"
HEADING = re.compile(r"\*\*(S-\d+) ([^*]+?)\.?\*\*")


def written() -> dict[str, str]:
    """Numbers and titles as the page has them."""
    return {number: title.strip("`") for number, title in HEADING.findall(SEMANTICS.read_text(encoding="utf-8"))}


def test_the_page_and_the_registry_name_the_same_rules() -> None:
    found = written()
    assert len(found) >= 50
    assert found == rules.RULES


TABLES: dict[str, tuple[Mapping[Any, rules.Saying], type[Code]]] = {
    "reasons": (rules.REASONS, Reason),
    "causes": (rules.CAUSES, Cause),
    "kinds": (rules.KINDS, OrderKind),
    "times in force": (rules.TIMES_IN_FORCE, TimeInForce),
    "events": (rules.EVENTS, EventKind),
    "flows": (rules.FLOWS, FlowKind),
}


@pytest.mark.parametrize(("table", "codes"), TABLES.values(), ids=TABLES)
def test_every_code_has_a_sentence_and_a_rule(table: Mapping[Any, rules.Saying], codes: type[Code]) -> None:
    assert set(table) == set(codes.__members__.values())
    for saying in table.values():
        assert saying.rule in rules.RULES
        assert saying.sentence
        assert str(saying) == f"{saying.sentence} ({saying.rule})"


def test_funds_and_liquidation_depend_on_the_account() -> None:
    assert set(rules.FUNDS) == set(AccountKind.texts())
    assert {rules.reason(Reason.INSUFFICIENT_FUNDS, kind).rule for kind in rules.FUNDS} == {"S-61", "S-62", "S-63"}
    assert rules.reason(Reason.LIQUIDATION, "isolated").rule == "S-63"
    assert rules.reason(Reason.LIQUIDATION, "margin").rule == "S-64"
    assert rules.reason(Reason.DAY_ENDED, "cash").rule == "S-44"
