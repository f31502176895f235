"""The tables are many, cite rules that exist, and leave no rule out."""

import ast
import re
from pathlib import Path

import pytest

from tests.scenarios.expecting import compare
from tests.scenarios.marks import SHOWS, features_of
from tests.scenarios.running import play
from tests.scenarios.scenario import ScenarioError, load, load_all
from triplebar.engines.reference import ReferenceEngine

ROOT = Path(__file__).parents[2]
RULES_PAGE = ROOT / "docs" / "semantics.md"
RULE = re.compile(r"\*\*(S-\d{2})\b")
SCENARIOS_AT_LEAST = 120


def rules_of(page: str) -> set[str]:
    """The rules that a page defines: their numbers stand in bold."""
    return set(RULE.findall(page))


def cited_by_scenarios() -> set[str]:
    return {rule for scenario in load_all() for rule in scenario.rules}


def cited_by_marks(folder: Path) -> set[str]:
    """What `@pytest.mark.rule("S-21", ...)` cites, read from the sources of tests."""
    found: set[str] = set()
    for path in folder.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
                found |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
    return found


def missing_rules(page: str, cited: set[str]) -> set[str]:
    return rules_of(page) - cited


def unknown_rules(page: str, cited: set[str]) -> set[str]:
    return cited - rules_of(page)


def test_there_are_many_scenarios() -> None:
    assert len(load_all()) >= SCENARIOS_AT_LEAST


def test_names_are_unique() -> None:
    titles = [scenario.title for scenario in load_all()]
    assert sorted({title for title in titles if titles.count(title) > 1}) == []


def test_every_rule_is_cited() -> None:
    page = RULES_PAGE.read_text()
    assert len(rules_of(page)) > 50
    assert missing_rules(page, cited_by_scenarios() | cited_by_marks(ROOT / "tests")) == set()


def test_no_scenario_cites_a_rule_that_does_not_exist() -> None:
    assert unknown_rules(RULES_PAGE.read_text(), cited_by_scenarios()) == set()


def test_every_row_of_the_map_is_shown_by_some_scenario_and_by_no_other() -> None:
    found = {row: [each.name for each in load_all() if row in features_of(each)] for row in SHOWS}
    assert [row for row, names in found.items() if not names] == []
    assert [row for row, names in found.items() if len(names) > SCENARIOS_AT_LEAST / 2] == []


def test_a_scenario_shows_only_what_it_contains() -> None:
    text = "=== S-21, S-23: x\nbars X\n    100\nscript\n    0 {}\nfills\n"
    shown = {
        order: features_of(load("a.txt", text.format(order))[0])
        for order in ("buy X 1 limit=5", "buy X 1 stop=5", "buy X 1")
    }
    assert shown == {"buy X 1 limit=5": {"F-007", "F-042"}, "buy X 1 stop=5": {"F-007", "F-043"}, "buy X 1": set()}


def test_the_guard_finds_what_is_missing() -> None:
    page = "**S-21 The jump.** text **S-22 The path.** text"
    assert missing_rules(page, {"S-21"}) == {"S-22"}
    assert unknown_rules(page, {"S-21", "S-99"}) == {"S-99"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("bars X\n    100\n", "the first line is a title"),
        ("=== without a rule\n", "a title begins with the rules"),
        ("=== S-21: x\nbras X\n    100\n", "no section 'bras X'"),
        ("=== S-21: x\nbars X\n    100 101\n", "a bar has 1, 4 or 5 numbers"),
        ("=== S-21: x\nscript\n    0 by X 1\n", "a step is: tick action"),
        ("=== S-21: x\nfills\nfills\n", "fills is given twice"),
        ("    0 buy X 1\n", "a line belongs to no section"),
    ],
)
def test_a_table_that_is_written_wrongly_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(problem)) as error:
        load("table.txt", text)
    assert "table.txt, line" in str(error.value)


GOOD = """=== S-20: a market order
bars X
    100
    103 105 102 104
script
    0 buy X 2 label=a
fills
    a 1 open 103 2 taker fee=0
ends
    a filled none 1
events
    1 open filled a none value=0
equity
    1 100002
cash
    1 99794
positions
    1 X 2 206 0
flows
postings
    cash USD 99794
    holding USD 206
    capital USD -100000
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ("a 1 open 103", "a 1 open 102"),
        ("2 taker", "2 maker"),
        ("fee=0", "fee=1"),
        ("a filled none 1", "a filled none 0"),
        ("open filled a none value=0", "open filled a none value=1"),
        ("1 100002", "1 100003"),
        ("1 100002", "1 100002 stale"),
        ("1 99794", "0 99794"),
        ("1 X 2 206 0", "1 X 2 206 1"),
        ("flows", "flows\n    1 deposit - USD 1"),
        ("holding USD 206", "holding USD 205"),
        ("    holding USD 206\n", ""),
    ],
)
def test_a_wrong_expectation_is_noticed(right: str, wrong: str) -> None:
    assert right in GOOD
    outcome = play(load("good.txt", GOOD)[0], ReferenceEngine())
    scenario = load("changed.txt", GOOD.replace(right, wrong, 1) if right else GOOD)[0]
    if right:
        with pytest.raises(AssertionError):
            compare(scenario, outcome)
    else:
        compare(scenario, outcome)
