"""The golden runs give what they gave when they were frozen, on every engine, within rung 2 of the ladder."""

import copy
from typing import Any

import pytest

import triplebar as tb
from tests.verify.golden import METRICS, document, gap, incomplete, market, run, scenarios
from triplebar.research.tolerances import RUNGS


@pytest.mark.feature("F-137")
@pytest.mark.parametrize("name", scenarios())
def test_a_golden_run_is_what_it_was(name: str) -> None:
    tolerance = document()["tolerance"][name]
    result = run(name)
    for metric in METRICS:
        assert gap(name, metric, result) <= tolerance[metric], metric
    assert result.fills.num_rows > 0


@pytest.mark.feature("F-137")
@pytest.mark.parametrize("engine", ["backtrader", "nautilus"])
@pytest.mark.parametrize("name", scenarios())
def test_a_guest_is_within_rung_2_of_the_golden_run(name: str, engine: str) -> None:
    result = run(name, engine)
    found = tb.compare(run(name), result, rung=2)
    assert found.equal, str(found)
    for metric in METRICS:
        assert gap(name, metric, result) <= document()["tolerance"][name][metric], metric


@pytest.mark.feature("F-137")
def test_another_run_is_noticed() -> None:
    name = "GS-02"
    other = tb.run(tb.samples.DualMomentum(lookback=200), market(("SPY", "TLT")), tb.BacktestConfig())
    assert gap(name, "ending_value", other) > document()["tolerance"][name]["ending_value"]


@pytest.mark.feature("F-138")
def test_every_scenario_has_a_tolerance_and_one_window_and_policy() -> None:
    assert list(scenarios()) == ["GS-01", "GS-02", "GS-03"]
    assert incomplete(document()) == []
    rung = RUNGS[2]
    for tolerance in document()["tolerance"].values():
        assert (tolerance["ending_value"], tolerance["max_drawdown"]) == (rung.final, rung.drawdown)
        assert (tolerance["sharpe"], tolerance["trades"], tolerance["cagr"]) == (rung.sharpe, rung.trades, 0.0015)


def without(*path: str) -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(document())
    place = found
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return found


@pytest.mark.feature("F-138")
@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (("tolerance", "GS-01"), "GS-01: no tolerance"),
        (("tolerance", "GS-02", "cagr"), "GS-02: a tolerance for each of"),
        (("expected", "GS-03"), "GS-03: no result"),
        (("data", "price_policy"), "data: no price_policy"),
    ],
)
def test_a_missing_entry_is_noticed(path: tuple[str, ...], fault: str) -> None:
    assert any(fault in each for each in incomplete(without(*path)))


@pytest.mark.feature("F-138")
def test_a_window_of_its_own_is_noticed_and_other_policies_are_not_compared() -> None:
    found = copy.deepcopy(document())
    found["scenario"][0]["rows"] = 1
    assert incomplete(found) == ["GS-01: rows of its own"]
    split = tb.run(tb.samples.NoRebalance(), market(("SPY",)), tb.BacktestConfig(price_policy="split"))
    with pytest.raises(tb.ConfigError, match="price_policy is 'raw' in one and 'split' in the other"):
        tb.compare(run("GS-01"), split, rung=2)
