"""An order that a limit refuses leaves no trace but its own."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.risk import Caps

LIMITS = {
    "risk_position_limit": tb.RiskLimits(position_quantity=10),
    "risk_exposure_limit": tb.RiskLimits(gross_exposure=0.0105),
    "insufficient_funds": tb.RiskLimits(),
}


class Greedy(tb.Strategy):
    """Buys ten at the first bar and, if it is greedy, asks for more ever after."""

    more: int = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 0:
            ctx.buy(bar.symbol, 10)
        elif self.more:
            ctx.buy(bar.symbol, self.more)


@pytest.mark.feature("F-058")
@pytest.mark.rule("S-60", "S-65")
@pytest.mark.parametrize("engine", ["custom", "reference"])
@pytest.mark.parametrize("reason", LIMITS)
def test_a_refused_order_changes_nothing_else(reason: str, engine: str) -> None:
    market = tb.Market.synthetic(symbols=("X",), bars=60, seed=4)
    config = tb.BacktestConfig(risk=LIMITS[reason], commission_bps=2)
    modest, greedy = (tb.run(Greedy(more=more), market, config, engine=engine) for more in (0, 1_000_000))
    refused = greedy.orders.column("reason").to_pylist()[1:]
    assert len(refused) > 50
    # What is sent at the last bar ends with the data.
    assert set(refused) == {reason, "end_of_data"}
    for table in ("equity", "fills", "flows", "positions", "trades"):
        assert greedy.canonical(table).equals(modest.canonical(table)), table


REFUSED = [  # limits, size of the second order, rule, limit, value, unit
    (tb.RiskLimits(position_quantity=10), 5, "position_quantity", 10, 15, "units"),
    (tb.RiskLimits(position_value=1_200), 5, "position_value", 1_200, 1_500, "USD"),
    (tb.RiskLimits(position_share=0.012), 5, "position_share", 1_200, 1_500, "USD"),
    (tb.RiskLimits(gross_exposure=0.012), 5, "gross_exposure", 1_200, 1_500, "USD"),
    (tb.RiskLimits(net_exposure=0.012), 5, "net_exposure", 1_200, 1_500, "USD"),
    (tb.RiskLimits(long_exposure=0.012), 5, "long_exposure", 1_200, 1_500, "USD"),
    (tb.RiskLimits(short_exposure=0), -15, "short_exposure", 0, 500, "USD"),
    (tb.RiskLimits(), 1_000, "leverage", 100_000, 101_000, "USD"),
]
ENGINES = ["custom", "reference", "backtrader", "nautilus"]


class Twice(tb.Strategy):
    """Buys ten at the first bar, and something else at the second."""

    more: float = 0.0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 0:
            ctx.buy(bar.symbol, 10)
        elif bar.index == 1:
            (ctx.buy if self.more > 0 else ctx.sell)(bar.symbol, abs(self.more))


def flat_market(*symbols: str, days: int = 5) -> tb.Market:
    """Nothing moves from 100."""
    times = np.repeat(np.arange(1, days + 1) * 86_400 * 10**9, len(symbols))
    prices = dict.fromkeys(("open", "high", "low", "close"), np.full(times.size, 100.0))
    columns = {"time": times, "symbol": [*symbols] * days, **prices, "volume": np.full(times.size, 10_000.0)}
    instruments = [tb.Instrument(symbol, price_precision=2) for symbol in symbols]
    return tb.Market.from_table(columns, instruments)


@pytest.mark.feature("F-058")
@pytest.mark.rule("S-60", "S-65")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("limits", "more", "rule", "limit", "value", "unit"), REFUSED)
def test_a_refusal_carries_rule_limit_and_value(
    engine: str, limits: tb.RiskLimits, more: float, rule: str, limit: float, value: float, unit: str
) -> None:
    result = tb.run(Twice(more=more), flat_market("X"), tb.BacktestConfig(risk=limits), engine=engine)
    row = result.refusals.to_pylist()[0]
    assert (row["order"], row["symbol"], row["bar"], row["rule"], row["unit"]) == (2, "X", 2, rule, unit)
    assert (row["limit"], row["value"], row["reason"]) == (limit, value, result.orders["reason"][1].as_py())
    told = str(tb.explain(result, 2))
    assert f"{rule}: the limit is {limit:,.10g} {unit}, it would have been {value:,.10g}" in told


class Everywhere(tb.Strategy):
    """Buys one of each at the first bar, and adds to the first later."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 0 or bar.symbol == "A":
            ctx.buy(bar.symbol, 1)


@pytest.mark.feature("F-058")
@pytest.mark.rule("S-65")
@pytest.mark.parametrize("engine", ENGINES)
def test_only_so_many_positions_are_held(engine: str) -> None:
    config = tb.BacktestConfig(risk=tb.RiskLimits(positions=2))
    result = tb.run(Everywhere(), flat_market("A", "B", "C"), config, engine=engine)
    assert [(row["symbol"], row["rule"], row["limit"], row["value"]) for row in result.refusals.to_pylist()] == [
        ("C", "positions", 2, 3)
    ]
    assert result.position_per_bar("A")[-1] == 4
    assert "positions: the limit is 2, it would have been 3" in str(tb.explain(result, 3))


@pytest.mark.feature("F-058")
def test_refusals_are_stored_and_older_results_have_none(tmp_path: Path) -> None:
    config = tb.BacktestConfig(risk=tb.RiskLimits(position_quantity=10))
    result = tb.run(Twice(more=5.0), flat_market("X"), config)
    assert tb.RunResult.from_json(result.to_json()).refusals.equals(result.refusals)
    folder = result.save(tmp_path / "result")
    assert tb.RunResult.load(folder).refusals.equals(result.refusals)
    (folder / "tables" / "refusals.parquet").unlink()
    older = json.loads(result.to_json())
    del older["tables"]["refusals"]
    for name in ("position_ppb", "long_ppb", "short_ppb", "positions"):
        del older["settings"]["risk"][name]
    for found in (tb.RunResult.load(folder), tb.RunResult.from_json(json.dumps(older))):
        assert found.refusals.num_rows == 0
        assert found.result_hash == result.result_hash
        assert "risk_position_limit" in tb.explain(found, 2).summary


@pytest.mark.feature("F-058", "F-217")
def test_caps_of_the_overlay_are_limits_of_the_engine() -> None:
    limits = Caps.COPY_TRADING.limits()
    assert limits == tb.RiskLimits(
        position_share=Decimal("0.1"), position_value=50_000, long_exposure=0.6, short_exposure=0.6,
        gross_exposure=Decimal("0.5"), positions=5,
    )  # fmt: skip
    assert Caps().limits() == tb.RiskLimits()
    assert Caps(per_token=0.2, leverage=3).limits() == tb.RiskLimits(position_share=0.2, gross_exposure=3)


class Gambler(tb.Strategy):
    """Sends whatever comes to its mind."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        size = ctx.random.integer(-400, 400)
        if size:
            (ctx.buy if size > 0 else ctx.sell)(bar.symbol, abs(size))


@pytest.mark.feature("F-058", "F-217")
@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_no_fill_leaves_a_portfolio_beyond_its_caps(engine: str) -> None:
    """Prices stand still at 100 and nothing costs anything, so equity stays 100 000 and a share is an amount."""
    caps = Caps(per_position=0.2, per_position_usd=18_000, long=0.4, short=0.3, total=0.5, positions=4)
    market = flat_market(*"ABCDEFG", days=100)
    result = tb.run(Gambler(), market, tb.BacktestConfig(risk=caps.limits(), seed=3, leverage=5), engine=engine)
    rules = set(result.refusals.column("rule").to_pylist())
    assert rules == {"position_value", "long_exposure", "short_exposure", "gross_exposure", "positions"}
    lots = dict.fromkeys("ABCDEFG", 0.0)
    for row in result.fills.to_pylist():
        before = abs(lots[row["symbol"]])
        lots[row["symbol"]] += row["quantity"] * (1 if row["side"] == "buy" else -1)
        worth = [100 * each for each in lots.values()]
        assert sum(each for each in worth if each > 0) <= 40_000
        assert -sum(each for each in worth if each < 0) <= 30_000
        if abs(lots[row["symbol"]]) <= before:
            continue  # what only reduces a position always passes
        assert sum(each != 0 for each in worth) <= 4
        assert abs(100 * lots[row["symbol"]]) <= 18_000
        assert sum(map(abs, worth)) <= 50_000
    assert result.fills.num_rows > 100
