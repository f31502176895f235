"""What a run cost, by type and symbol, is what the curve lost."""

from typing import Any

import pytest

import triplebar as tb
from tests.results.runs import CONFIG, MARKET, quiet_run, random_run, rich_run, script
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_costs import COST_TYPES

IN_ONE_CURRENCY = [seed for seed in range(30) if len(random_run(seed).settings.currencies) == 1]
FREE = tb.BacktestConfig(initial_cash=100_000, leverage=2, seed=11)


def market_orders() -> tb.Script:
    """Orders that fill in the same bars whatever they cost."""
    return tb.Script(
        [
            (0, "buy", {"symbol": "AA", "quantity": 100}),
            (5, "sell", {"symbol": "BB", "quantity": 70}),
            (50, "sell", {"symbol": "AA", "quantity": 160}),
            (300, "close", {"symbol": "BB"}),
        ]
    )


def loss(config: tb.BacktestConfig) -> tuple[int, RunResult]:
    """What the run ends with less than a run that costs nothing, in minor units."""
    free, paid = tb.run(market_orders(), MARKET, FREE), tb.run(market_orders(), MARKET, config)
    assert free.canonical("fills").num_rows == paid.canonical("fills").num_rows == 4
    last = [each.canonical("equity")["equity"][-1].as_py() for each in (free, paid)]
    return last[0] - last[1], paid


MODELS: dict[str, dict[str, Any]] = {
    "commission": {"commission": tb.Commission(bps=3, fixed=1)},
    "spread": {"spread": tb.Spread(half_bps=5)},
    "slippage": {"slippage": tb.Slippage(bps=5, ticks=1)},
    "market_impact": {"slippage": tb.Slippage(impact="0.2")},
    "borrow": {"borrow_rate": "0.25"},
    "funding": {"funding": {"AA": tb.Funding(rate="0.001", every_hours=8)}},
}


@pytest.mark.feature("F-108", "F-057")
@pytest.mark.parametrize("kind", MODELS)
def test_each_cost_is_what_the_curve_lost(kind: str) -> None:
    lost, result = loss(FREE.replace(**MODELS[kind]))
    summary = result.cost_summary
    assert lost == summary.total_minor != 0
    assert summary.by_type[kind] == summary.total
    assert all(amount == 0 for name, amount in summary.by_type.items() if name != kind)


@pytest.mark.feature("F-108", "F-057")
def test_all_costs_together_are_what_the_curve_lost() -> None:
    every: dict[str, Any] = {name: value for model in MODELS.values() for name, value in model.items()}
    every["slippage"] = tb.Slippage(bps=5, ticks=1, impact="0.2")
    lost, result = loss(FREE.replace(**every))
    assert lost == result.cost_summary.total_minor
    assert all(result.cost_summary.by_type.values())


@pytest.mark.feature("F-108")
@pytest.mark.parametrize("result", [rich_run(), *map(random_run, range(10))], ids=repr)
def test_totals_equal_the_sum_of_the_events(result: RunResult) -> None:
    events, summary = result.costs.drop_columns(["time"]).to_pylist(), result.cost_summary
    exact = result.cost_rows.amount.tolist()
    assert len(events) == len(exact)
    assert sum(exact) == summary.total_minor
    for kind in COST_TYPES:
        assert sum(e["amount"] for e in events if e["type"] == kind) == pytest.approx(summary.by_type[kind], abs=1e-6)
        assert getattr(summary, kind) == summary.by_type[kind]
    for symbol, amount in summary.by_symbol.items():
        assert sum(e["amount"] for e in events if e["symbol"] == symbol) == pytest.approx(amount, abs=1e-6)
    assert sum(summary.by_symbol.values()) == pytest.approx(summary.total, abs=1e-6)
    assert [e["bar"] for e in events] == sorted(e["bar"] for e in events)


@pytest.mark.feature("F-108")
@pytest.mark.parametrize("seed", IN_ONE_CURRENCY)
def test_cash_costs_equal_the_ledger(seed: int) -> None:
    """Commission, funding and borrow, account by account."""
    result = random_run(seed)
    ledger: dict[str, float] = {}
    for row in result.postings.to_pylist():
        ledger[row["account"]] = ledger.get(row["account"], 0.0) + row["amount"]
    for kind in ("commission", "funding", "borrow"):
        assert ledger.get(kind, 0.0) == pytest.approx(result.cost_summary.by_type[kind], abs=1e-6)


@pytest.mark.feature("F-108", "F-082")
def test_nothing_traded_costs_nothing() -> None:
    assert quiet_run().cost_summary.total_minor == 0
    assert quiet_run().costs.num_rows == 0


@pytest.mark.feature("F-108")
def test_funding_received_is_a_negative_cost() -> None:
    config = FREE.replace(funding={"AA": tb.Funding(rate="-0.001", every_hours=8)})
    result = tb.run(tb.Script([(0, "buy", {"symbol": "AA", "quantity": 100})]), MARKET, config)
    assert result.cost_summary.funding < 0
    assert result.cost_summary.total == result.cost_summary.funding
    assert result.as_backtest_run_result().costs is not None


@pytest.mark.feature("F-108")
def test_costs_in_another_currency_are_told_in_the_base() -> None:
    euro = [tb.Instrument("AA", currency="EUR"), tb.Instrument("BB")]
    market = tb.Market.from_table(MARKET.table(), euro)
    config = CONFIG.replace(rates={"EUR": 2}, spread=None, slippage=None, funding=None, borrow_rate=0)
    base, rated = tb.run(script(), MARKET, config.replace(rates=None)), tb.run(script(), market, config)
    ratio = rated.cost_summary.by_symbol["AA"] / base.cost_summary.by_symbol["AA"]
    assert ratio == pytest.approx(2.0, rel=1e-6)
