"""`pytest --status-page FILE`: write from a whole run which features and rules are shown by which tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.features import FEATURES
from tests.house.status_page import Shown, render, rules_of

RULES_PAGE = Path(__file__).parents[2] / "docs" / "semantics.md"
PROPERTY = "shows"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of this plugin."""
    parser.addoption("--status-page", metavar="FILE", help="write the page of features, rules and their tests")


def pytest_configure(config: pytest.Config) -> None:
    """Collect only when a page is wanted, and only from a run of everything."""
    if config.getoption("--status-page") is None or hasattr(config, "workerinput"):
        return
    if _is_partial(config):
        message = "--status-page needs a run of all tests: give no paths, no -k, no -m, no --lf"
        raise pytest.UsageError(message)
    config.pluginmanager.register(StatusPage(Path(config.getoption("--status-page"))), "status-page")


def _is_partial(config: pytest.Config) -> bool:
    narrowed = any(config.getoption(name, None) for name in ("keyword", "markexpr", "lf", "deselect"))
    return narrowed or config.args_source is not pytest.Config.ArgsSource.TESTPATHS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the ids of every test on its reports (they travel from worker to controller); refuse unknown ids."""
    rules = rules_of(RULES_PAGE)
    for item in items:
        for key in _ids(item):
            if key not in FEATURES and key not in rules:
                message = f"{item.nodeid} carries {key!r}, which is no known feature or rule"
                raise pytest.UsageError(message)
            item.user_properties.append((PROPERTY, key))


def _ids(item: pytest.Item) -> Iterator[str]:
    for name in ("feature", "rule"):
        for mark in item.iter_markers(name):
            yield from mark.args


class StatusPage:
    """Listens to the reports of a run and writes the page when it ends."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.shown = Shown()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended: at its call, or before that when it never came so far, or when its clean-up fails."""
        if report.when != "call" and report.outcome == "passed":
            return
        ids = sorted({str(value) for name, value in report.user_properties if name == PROPERTY})
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        self.shown.add(ids, report.nodeid, outcome)

    def pytest_sessionfinish(self) -> None:
        """Write the page."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_text(render(self.shown, FEATURES, rules_of(RULES_PAGE)), encoding="utf-8")
