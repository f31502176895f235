"""What cannot be run is refused by name before an engine is asked, the same on every engine (F-136)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import triplebar as tb
from triplebar.engines.places import ENGINES, GUESTS

DAY = datetime(2024, 1, 2, tzinfo=UTC)
TWO = tb.Market.synthetic(bars=60, symbols=("A", "B"), seed=1)
ONE = TWO.select(["A"])

REQUESTS: list[tuple[Callable[[], Any], str]] = [
    (lambda: tb.RunRequest.from_mapping({"engine": "custom"}), "strategy is missing; add strategy ="),
    (lambda: tb.RunRequest(strategy=""), "must be a strategy class or a reference"),
    (lambda: tb.RunRequest(strategy=tb.samples.BuyAndHold, symbols=()), "must be a list of symbols"),
    (lambda: tb.BacktestConfig(initial_cash=0), "initial_cash = 0: must be above 0"),
    (lambda: tb.BacktestConfig(initial_cash=-1), "initial_cash = -1"),
    (lambda: tb.BacktestConfig(start=DAY, end=DAY), "is not after start"),
    (lambda: tb.samples.Rebalance(interval=0), "interval = 0"),
    (lambda: tb.samples.DualMomentum(lookback=0), "lookback = 0 must be at least 1"),
    (lambda: tb.samples.Rebalance(proportions=(0.8, 0.4)), "proportions"),
]

STRATEGIES: list[tuple[Callable[[], tb.Strategy], tb.Market, str]] = [
    (lambda: tb.samples.Rebalance(proportions=(1.0,)), TWO, "1 proportions for 2 instruments: give one each"),
    (lambda: tb.samples.NoRebalance(proportions=(0.5, 0.5)), ONE, "2 proportions for 1 instruments: give one each"),
    (lambda: tb.samples.DualMomentum(lookback=5), ONE, "give a market with at least two"),
    (lambda: tb.samples.RiskParity(window=5), ONE, "give a market with at least two"),
]


@pytest.mark.feature("F-136")
@pytest.mark.parametrize(("make", "message"), REQUESTS)
def test_a_request_that_makes_no_sense_is_a_value_error(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.feature("F-136")
@pytest.mark.parametrize("fidelity", ["strict", "native"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_strategy_that_does_not_fit_its_market_says_so_on_every_engine(engine: str, fidelity: str) -> None:
    for make, market, message in STRATEGIES:
        adapter = tb.create_backtest_adapter(engine, tb.BacktestConfig(), market, fidelity=fidelity)
        with pytest.raises(tb.errors.StrategyError, match=message):
            adapter.run(make())


@pytest.mark.feature("F-136", "F-134")
@pytest.mark.parametrize("engine", GUESTS)
def test_without_a_fallback_an_engine_that_is_not_there_is_an_error(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIPLEBAR_HOME", "/nowhere")
    with pytest.raises(tb.errors.EngineNotAvailableError, match=f"{engine}' version '0.1' is in no environment"):
        tb.run(tb.samples.BuyAndHold(), ONE, engine=f"{engine}@0.1")
    found = tb.run(tb.samples.BuyAndHold(), ONE, engine=f"{engine}@0.1", fallback="reference")
    assert found.metadata.engine == "reference"
    assert found.warnings
