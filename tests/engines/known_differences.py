"""Differences between engines that are known and have a reason, from the file that documents them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.scenarios.running import play
from tests.scenarios.scenario import Scenario
from triplebar.contracts.errors import UnsupportedSettingError
from triplebar.engines.base import Engine

FILE = Path(__file__).with_name("known_differences.toml")


@dataclass(frozen=True)
class Difference:
    """One row of the file: what an engine refuses, and why."""

    engine: str
    refused: str
    reason: str

    def concerns(self, scenario: Scenario) -> bool:
        """Whether a scenario uses what is refused."""
        return USES[self.refused](scenario)

    def confirm(self, scenario: Scenario, engine: Engine) -> None:
        """The engine refuses the scenario, and says what it refuses."""
        with pytest.raises(UnsupportedSettingError, match=rf"^{self.refused}: engine '{self.engine}' refuses it"):
            play(scenario, engine)


def has_currencies(scenario: Scenario) -> bool:
    """Whether there is more cash than one."""
    return isinstance(scenario.settings.get("initial_cash"), dict) or "rates" in scenario.settings


USES = {"currencies": has_currencies}
"""How to see that a scenario uses a setting."""


@dataclass(frozen=True)
class Differences:
    """All rows of the file."""

    rows: tuple[Difference, ...]

    def find(self, engine: str, scenario: Scenario) -> Difference | None:
        """The row that concerns this engine and scenario."""
        return next((each for each in self.rows if each.engine == engine and each.concerns(scenario)), None)

    def unmet(self, engines: Iterable[str], scenarios: Iterable[Scenario]) -> list[Difference]:
        """The rows that no scenario of these engines meets."""
        known, written = set(engines), list(scenarios)
        return [each for each in self.rows if each.engine in known and not any(each.concerns(one) for one in written)]


def read(path: Path = FILE) -> Differences:
    """Read the file."""
    return Differences(tuple(Difference(**row) for row in tomllib.loads(path.read_text())["difference"]))


KNOWN = read()
