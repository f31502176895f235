"""The generated pages about guests say what the guests do today."""

import pytest

from tests.engines.pages import DOCS, PAGES, written
from tests.engines.support import cells
from tests.scenarios.expecting import compare
from tests.scenarios.running import play
from tests.scenarios.scenario import Scenario
from triplebar.contracts.capabilities import Capabilities
from triplebar.engines.custom import CustomEngine
from triplebar.engines.places import GUESTS
from triplebar.research.factory import create_engine

NATIVE = [pytest.param(name, each, id=each.name) for name in GUESTS for each in written(name)]


@pytest.mark.feature("F-131", "F-141")
@pytest.mark.parametrize(("engine", "scenario"), NATIVE)
def test_a_guest_differs_as_documented(engine: str, scenario: Scenario) -> None:
    guest = play(scenario, create_engine(engine, fidelity="native"))
    compare(scenario, guest)
    assert guest.fills() != play(scenario, CustomEngine()).fills()


@pytest.mark.feature("F-129", "F-148")
@pytest.mark.parametrize("engine", GUESTS)
def test_every_kind_and_time_is_equal(engine: str) -> None:
    found = cells(engine)
    assert set(found) == set(Capabilities.all().table)
    assert [each.difference for each in found.values() if each.difference] == []
    assert all(each.orders > 100 for each in found.values())


@pytest.mark.feature("F-141")
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_up_to_date(name: str) -> None:
    text = PAGES[name]().rstrip() + "\n"
    assert (DOCS / name).read_text() == text, "python -m tests.engines.pages --update"
