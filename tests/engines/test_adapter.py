"""Engines behind one door: switching changes one argument, nothing is replaced in silence."""

import sys

import pytest

import triplebar as tb
from triplebar.contracts.codes import OrderKind, TimeInForce
from triplebar.data.providers import MemoryProvider
from triplebar.engines.reference import ReferenceEngine
from triplebar.research.choice import PROVENANCE

MARKET = tb.Market.synthetic(bars=60, seed=4)
CONFIG = tb.BacktestConfig(commission_bps=5)
ENGINES = ("custom", "reference", "backtrader", "nautilus")


@pytest.mark.feature("F-120", "F-121", "F-133")
@pytest.mark.parametrize("engine", ENGINES)
def test_one_argument_switches_the_engine(engine: str) -> None:
    adapter = tb.create_backtest_adapter(engine, CONFIG, MARKET)
    result = adapter.run(tb.samples.MovingAverageCross())
    assert result.metadata.engine == result.metadata.requested_engine == engine
    assert result.fills.num_rows > 0
    assert result.result_hash == tb.run(tb.samples.MovingAverageCross(), MARKET, CONFIG).result_hash
    for field, values in PROVENANCE.items():
        assert result.provenance[field] in values
    assert result.provenance["engine_name"] == engine


@pytest.mark.feature("F-133")
def test_a_guest_says_by_whose_rules_it_filled() -> None:
    strict = tb.run(tb.samples.BuyAndHold(), MARKET, engine="backtrader")
    native = tb.run(tb.samples.BuyAndHold(), MARKET, engine="backtrader", fidelity="native")
    assert (strict.provenance["adapter_mode"], native.provenance["adapter_mode"]) == ("guest_strict", "guest_native")
    assert strict.run_id != native.run_id
    assert strict.metadata.engine_version.startswith("1.9.78")


@pytest.mark.feature("F-120")
def test_an_engine_that_is_not_known_is_a_value_error_with_those_known() -> None:
    with pytest.raises(
        ValueError, match=r"'backtader' is not known; did you mean 'backtrader'.*available: custom, ref"
    ):
        tb.create_backtest_adapter("backtader", CONFIG, MARKET)


@pytest.mark.feature("F-120")
def test_adapters_take_providers_and_can_be_made_directly() -> None:
    direct = tb.BacktestAdapter(CONFIG, MemoryProvider(MARKET))
    assert direct.run(tb.samples.BuyAndHold()).metadata.engine == "custom"
    assert tb.BacktestAdapter(None, MARKET, engine=ReferenceEngine()).run(tb.samples.BuyAndHold()).equity.num_rows == 60
    with pytest.raises(tb.ConfigError, match="has no market; give a Market"):
        tb.create_backtest_adapter("custom", CONFIG, "prices.parquet")


@pytest.mark.feature("F-134")
def test_another_engine_runs_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "backtrader", None)
    with pytest.raises(tb.EngineNotAvailableError):
        tb.create_backtest_adapter("backtrader", CONFIG, MARKET)
    adapter = tb.create_backtest_adapter("backtrader", CONFIG, MARKET, fallback="custom")
    result = adapter.run(tb.samples.BuyAndHold())
    assert (result.metadata.engine, result.metadata.requested_engine) == ("custom", "backtrader")
    assert result.provenance["engine_name"] == "custom"
    assert result.warnings[0].startswith("engine 'backtrader' is not available, 'custom' ran instead")


@pytest.mark.feature("F-135")
def test_a_request_names_its_engine_and_whose_rules() -> None:
    request = tb.RunRequest(strategy=tb.samples.BuyAndHold, engine="backtrader", fidelity="native")
    first, second = tb.run(request, MARKET), tb.run_backtest(request, MARKET)
    assert first.result_hash == second.result_hash
    assert first.run_id == second.run_id
    assert first.provenance["adapter_mode"] == "guest_native"


@pytest.mark.feature("F-135")
def test_a_request_is_run_by_the_adapter_that_it_is_given_to() -> None:
    request = tb.RunRequest(strategy=tb.samples.BuyAndHold)
    adapter = tb.create_backtest_adapter("backtrader", CONFIG, MARKET)
    plain = tb.RunRequest(strategy=tb.samples.BuyAndHold, config=CONFIG)
    assert adapter.run(plain).metadata.engine == "backtrader"
    assert tb.run(request, MARKET, engine="reference").metadata.engine == "reference"


@pytest.mark.feature("F-135")
def test_a_request_for_another_engine_is_refused_rather_than_run_there() -> None:
    request = tb.RunRequest(strategy=tb.samples.BuyAndHold, engine="reference", mode="compiled")
    with pytest.raises(tb.ConfigError, match=r"this adapter is one of 'custom'; give it to an adapter of 'reference'"):
        tb.create_backtest_adapter("custom", None, MARKET).run(request)
    with pytest.raises(tb.ConfigError, match=r"engine is given twice, and differs: 'backtrader' and, in the request"):
        tb.run(request, MARKET, engine="backtrader")
    with pytest.raises(tb.ConfigError, match=r"mode is given twice, and differs: 'auto'"):
        tb.run(request, MARKET, mode="auto")


@pytest.mark.feature("F-148")
@pytest.mark.parametrize("engine", ENGINES)
def test_features_are_answered_as_they_are(engine: str) -> None:
    adapter = tb.create_backtest_adapter(engine, CONFIG, MARKET)
    assert all(adapter.supports_feature(each.text) for each in (*OrderKind, *TimeInForce))
    assert adapter.supports_feature("checkpoint") == (engine == "custom")
    assert not adapter.supports_feature("stop:ioc")
    with pytest.raises(tb.ConfigError, match="did you mean 'limit'"):
        adapter.supports_feature("limits")


@pytest.mark.feature("F-148")
def test_a_native_run_supports_less() -> None:
    adapter = tb.create_backtest_adapter("backtrader", CONFIG, MARKET, fidelity="native")
    supported = [
        each for each in ("limit:day", "limit:ioc", "market_if_touched", "at_close") if adapter.supports_feature(each)
    ]
    assert supported == ["limit:day", "at_close"]
