"""What a result hangs on: costs, slippage, latency, start (U-09)."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError

MARKET = tb.Market.synthetic(bars=24 * 120, seed=1, interval="1h", drift=0.0001)
CROSS = tb.samples.MovingAverageCross(fast=12, slow=48, quantity=200.0)
CONFIG = tb.BacktestConfig(initial_cash=1_000_000)


@pytest.mark.feature("U-09")
@pytest.mark.parametrize("axis", ["commission", "slippage"])
def test_more_costs_leave_less(axis: str) -> None:
    found = tb.sensitivity(CROSS, MARKET, CONFIG, latency=(), start=())
    rows = found.curve(axis).to_pylist()
    equity = [each["final_equity"] for each in rows]
    assert [each["level"] for each in rows] == [0, 1, 2, 5, 10, 20]
    assert len({each["fills"] for each in rows}) == 1
    assert all(more < less for less, more in pairwise(equity))
    costs = [each["total_costs"] for each in rows]
    assert costs == sorted(costs)


@pytest.mark.feature("U-09")
def test_only_one_thing_changes_at_a_time() -> None:
    config = CONFIG.replace(commission_bps=3, slippage_bps=4)
    found = tb.sensitivity(CROSS, MARKET, config)
    known = {each: found.curve(each).to_pylist() for each in ("commission", "slippage", "latency", "start")}
    plain = tb.run(CROSS, MARKET, config)
    assert found.capital == plain.starting_value == 1_000_000
    assert known["latency"][0]["final_equity"] == known["start"][0]["final_equity"] == plain.ending_value
    assert [each["value"] for each in known["latency"]] == ["instant", "fast", "normal", "slow"]
    assert [each["level"] for each in known["start"]] == [0, 1, 2, 5, 10]
    other = tb.run(CROSS, MARKET, config.replace(commission_bps=5))
    assert known["commission"][3]["final_equity"] == other.ending_value
    late = tb.run(CROSS, MARKET, config.replace(start=datetime(2024, 1, 3, 1, tzinfo=UTC)))
    assert known["start"][2]["final_equity"] == late.ending_value
    assert found.table.num_rows == 6 + 6 + 4 + 5


@pytest.mark.feature("U-09")
def test_where_nothing_is_left() -> None:
    found = tb.sensitivity(CROSS, MARKET, CONFIG, latency=(), start=(), slippage_bps=())
    bps = found.break_even_bps()
    assert bps is not None
    assert 0 < bps < 20
    at = tb.run(CROSS, MARKET, CONFIG.replace(commission_bps=round(bps, 4)))
    assert at.ending_value == pytest.approx(1_000_000, rel=1e-6)  # costs grow in proportion, so the line is exact
    cheap = tb.sensitivity(CROSS, MARKET, CONFIG, commission_bps=(0, 0.001), latency=(), start=(), slippage_bps=())
    assert cheap.break_even_bps() is None
    dear = tb.sensitivity(CROSS, MARKET, CONFIG, commission_bps=(500,), latency=(), start=(), slippage_bps=())
    assert dear.break_even_bps() == 0.0
    assert found.spread("commission", "final_equity") == pytest.approx(
        found.curve("commission")["final_equity"][0].as_py() - found.curve("commission")["final_equity"][5].as_py()
    )
    assert found.spread("start") is None


def test_latency_of_ones_own_and_bad_input() -> None:
    found = tb.sensitivity(
        CROSS, MARKET, CONFIG, latency=(tb.Latency(1, 3),), start=(), commission_bps=(), slippage_bps=()
    )
    assert found.table["value"].to_pylist() == ["2 s"]
    with pytest.raises(ConfigError, match="axis = 'cost': is not known"):
        found.curve("cost")
    with pytest.raises(ConfigError, match="sensitivity: nothing is changed"):
        tb.sensitivity(CROSS, MARKET, latency=(), start=(), commission_bps=(), slippage_bps=())
    with pytest.raises(ConfigError, match="start = 'soon': is no length of time"):
        tb.sensitivity(CROSS, MARKET, start=("soon",))
