"""Every scenario table on every engine."""

import importlib
import os

import pytest

from tests.engines.known_differences import KNOWN
from tests.scenarios.expecting import compare
from tests.scenarios.marks import marks_of
from tests.scenarios.mirror import mirrored
from tests.scenarios.running import play
from tests.scenarios.scenario import Scenario, load_all
from triplebar.engines.base import Engine

ENGINES = {
    "reference": "triplebar.engines.reference:ReferenceEngine",
    "custom": "triplebar.engines.custom:CustomEngine",
    "backtrader": "triplebar.engines.backtrader:BacktraderEngine",
    "nautilus": "triplebar.engines.nautilus:NautilusEngine",
}
"""An engine joins the tables by a line here; where it is known to differ, a row of `tests/engines` says why."""

WRITTEN = load_all()
SCENARIOS = [
    *(pytest.param(each, marks=marks_of(each, upside_down=False), id=each.name) for each in WRITTEN),
    *(
        pytest.param(mirrored(each), marks=marks_of(each, upside_down=True), id=mirrored(each).name)
        for each in WRITTEN
        if each.mirror is not None
    ),
]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "custom" and not native_is_there():
        pytest.skip("the native module is not built")
    module, _, name = ENGINES[request.param].partition(":")
    found: Engine = getattr(importlib.import_module(module), name)()
    return found


def native_is_there() -> bool:
    """Whether the Rust core can be loaded; on a build server it must be."""
    try:
        importlib.import_module("triplebar._native")
    except ImportError:
        if os.environ.get("CI"):
            raise
        return False
    return True


@pytest.mark.feature("F-139")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Scenario, engine: Engine) -> None:
    difference = KNOWN.find(engine.name, scenario)
    if difference is None:
        compare(scenario, play(scenario, engine))
    else:
        difference.confirm(scenario, engine)


def test_every_known_difference_is_met() -> None:
    assert KNOWN.unmet(ENGINES, WRITTEN) == []
