"""The page of features and rules tells the truth about the run it was made from."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.features import FEATURES
from tests.house.status_page import Shown, render, rules_of
from tests.house.status_plugin import RULES_PAGE

ROOT = Path(__file__).parents[2]


def test_the_required_rows_are_all_listed() -> None:
    spans = [(1, 29), (35, 38), (40, 63), (70, 86), (90, 99), (108, 108), (110, 110)]
    wanted = [f"F-{number:03}" for first, last in spans for number in range(first, last + 1)]
    assert set(wanted) <= set(FEATURES)
    assert list(FEATURES) == sorted(FEATURES)


def test_the_rules_are_found_on_their_page() -> None:
    rules = rules_of(RULES_PAGE)
    assert len(rules) >= 45
    assert rules["S-21"] == "The jump to O"
    assert rules["S-41"] == "Day"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], "not met: no test"),
        (["passed"], "met"),
        (["passed", "failed"], "not met: 1 failed"),
        (["skipped", "failed", "failed"], "not met: 2 failed, 1 skipped"),
        (["xfailed"], "not met: 1 xfailed"),
    ],
)
def test_a_row_is_met_only_when_it_has_tests_and_all_passed(outcomes: list[str], expected: str) -> None:
    shown = Shown()
    for outcome in outcomes:
        shown.add(["F-001"], "tests/a.py::test_a[case]", outcome)
    assert shown.outcome("F-001") == expected


def test_cases_of_one_test_are_counted_together() -> None:
    shown = Shown()
    for case in "ab":
        shown.add(["F-001"], f"tests/x/test_a.py::test_a[{case}]", "passed")
    page = render(shown, {"F-001": "Time", "F-002": "Money"}, {})
    assert "## Features: 1 of 2 met" in page
    assert "| F-001 | Time | met | `x/test_a.py::test_a` (2) |" in page
    assert "| F-002 | Money | not met: no test |  |" in page


def run_pytest(folder: Path, body: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a small project of its own with the plugin, as a user would."""
    (folder / "test_it.py").write_text(f"import pytest\n{body}\n")
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = .\nmarkers = feature\n    rule\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.house.status_plugin", "-p", "no:cacheprovider"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    return subprocess.run(
        [*command, *options], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_failing_test_shows_on_the_page_of_its_run(tmp_path: Path) -> None:
    body = "@pytest.mark.feature('F-001')\ndef test_a(): assert False\n@pytest.mark.rule('S-01')\ndef test_b(): pass"
    run_pytest(tmp_path, body, "--status-page", "page.md")
    page = (tmp_path / "page.md").read_text()
    assert "| F-001 | UTC-aware time everywhere | not met: 1 failed | `test_it.py::test_a` (1) |" in page
    assert "| S-01 | Scaling | met | `test_it.py::test_b` (1) |" in page


def test_an_unknown_id_stops_the_run(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "@pytest.mark.feature('F-999')\ndef test_a(): pass")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "'F-999', which is no known feature or rule" in done.stderr


def test_a_partial_run_may_not_write_the_page(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "def test_a(): pass", "-k", "test_a", "--status-page", "page.md")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert not (tmp_path / "page.md").exists()
