"""A summary is the metrics registry in one row: same definitions, same absences (F-090)."""

import math
from datetime import UTC, datetime

import pytest

import triplebar as tb
from triplebar.contracts.costs import Commission, Funding, Slippage, Spread
from triplebar.engines.custom.summary import SUMMARY, summarise
from triplebar.strategy.context import Context

CLOSE = 1e-9
NAMES = {"final_equity": "ending_value"}

CONFIGS = {
    "plain": tb.BacktestConfig(),
    "costs": tb.BacktestConfig(
        commission=Commission(fixed=1, taker_bps=2), slippage=Slippage(bps=3, impact=0.1), spread=Spread(half_bps=4)
    ),
    "borrow": tb.BacktestConfig(borrow_rate=0.1, leverage=3),
    "funding": tb.BacktestConfig(funding={"A": Funding(rate="0.0003")}),
    "window": tb.BacktestConfig(start=datetime(2024, 1, 3, tzinfo=UTC), warmup_bars=3),
    "cash": tb.BacktestConfig(account="cash", commission_bps=5),
    "currency": tb.BacktestConfig(rates={"EUR": [("2024-01-01T00:00:00Z", 1.1), ("2024-01-04T00:00:00Z", 1.07)]}),
    "poor": tb.BacktestConfig(initial_cash=150),
}
"""One configuration for each thing that a summary adds up."""


def market_for(name: str) -> tb.Market:
    market = tb.Market.synthetic(symbols=("A", "B"), bars=130, seed=5, interval="1h")
    if name != "currency":
        return market
    return tb.Market.from_table(market.table(), [tb.Instrument("A", currency="EUR"), tb.Instrument("B")])


class Turns(tb.Strategy):
    """Long, flat and short in turn, in all instruments."""

    size: float = 3.0

    def on_bar(self, ctx: Context, bar: tb.Bar) -> None:
        ctx.target(bar.symbol, self.size * ((bar.index // 7) % 3 - 1))


class Nothing(tb.Strategy):
    """Does nothing."""

    def on_bar(self, ctx: Context, bar: tb.Bar) -> None: ...


@pytest.mark.feature("F-090")
@pytest.mark.parametrize("strategy", [Turns(), Nothing()], ids=str)
@pytest.mark.parametrize("engine", ["custom", "reference"])
@pytest.mark.parametrize("name", CONFIGS)
def test_a_summary_is_the_registry(name: str, engine: str, strategy: tb.Strategy) -> None:
    market = market_for(name)
    result = tb.run(strategy, market, CONFIGS[name], engine=engine)
    row = summarise(result.facts, market, result.settings).to_pylist()[0]
    assert list(row) == SUMMARY.names
    for column, value in row.items():
        expected = result.fills.num_rows if column == "fills" else result.metrics[NAMES.get(column, column)]
        if value is None or expected is None:
            assert value is expected, column
        else:
            assert math.isclose(value, float(expected), rel_tol=CLOSE, abs_tol=CLOSE), column


def test_the_configurations_do_something() -> None:
    hashes = {tb.run(Turns(), market_for(name), config).result_hash for name, config in CONFIGS.items()}
    assert len(hashes) == len(CONFIGS)
