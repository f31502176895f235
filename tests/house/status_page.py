"""The page that says which feature and which rule is shown by which test, and how that test ended."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WORST_FIRST = ("failed", "skipped", "xfailed", "passed")
RULE = re.compile(r"\*\*(S-\d+) ([^*]+?)\.?\*\*")


@dataclass
class Shown:
    """What the tests of one run showed: id → test function → outcomes of its cases."""

    cases: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, ids: Sequence[str], test: str, outcome: str) -> None:
        """Note one finished case of a test that carries these ids."""
        for key in ids:
            self.cases[key][test.split("[", maxsplit=1)[0]].append(outcome)

    def outcome(self, key: str) -> str:
        """Say "met", or why not."""
        outcomes = [outcome for cases in self.cases.get(key, {}).values() for outcome in cases]
        if not outcomes:
            return "not met: no test"
        bad = [f"{outcomes.count(word)} {word}" for word in WORST_FIRST[:-1] if word in outcomes]
        return f"not met: {', '.join(bad)}" if bad else "met"


def rules_of(page: Path) -> dict[str, str]:
    """Read the numbers and titles of the rules from the page that states them."""
    return dict(RULE.findall(page.read_text(encoding="utf-8")))


def render(shown: Shown, features: Mapping[str, str], rules: Mapping[str, str]) -> str:
    """Write the page: a count, then a table of features, then a table of rules."""
    return "\n".join(
        [
            "# Status",
            "",
            "Written by the tests themselves (`python tests/everything.py --update`); do not edit. A row is met when",
            "it has tests and all of them passed.",
            "",
            *_table("Features", shown, features),
            *_table("Rules of simulation", shown, rules),
        ]
    )


def _table(title: str, shown: Shown, names: Mapping[str, str]) -> list[str]:
    met = sum(shown.outcome(key) == "met" for key in names)
    rows = [f"| {key} | {name} | {shown.outcome(key)} | {_tests(shown, key)} |" for key, name in names.items()]
    head = ["| id | what | outcome | tests (cases) |", "|---|---|---|---|"]
    return [f"## {title}: {met} of {len(names)} met", "", *head, *rows, ""]


def _tests(shown: Shown, key: str) -> str:
    tests = sorted(shown.cases.get(key, {}).items())
    return "<br>".join(f"`{test.removeprefix('tests/')}` ({len(cases)})" for test, cases in tests)
