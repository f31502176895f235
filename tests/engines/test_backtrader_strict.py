"""Backtrader, held to our rules: what the tables and campaigns of all guests do not show."""

import math
from typing import Any

import pytest

import triplebar as tb
from triplebar.contracts.errors import ExecutionError
from triplebar.engines.backtrader.broker import WHOLE_MAX, whole
from triplebar.engines.base import Hooks
from triplebar.engines.settings import resolve
from triplebar.research.factory import create_engine

MARKET = tb.Market.synthetic(bars=200, seed=8, symbols=("A", "B"))


class Sizes(tb.Strategy):
    """Asks for sizes and prices that are on no grid."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            ctx.buy(bar.symbol, 2.7, limit=bar.close + 0.123456)
        if bar.index == 5:
            ctx.sell(bar.symbol, 0.4)


@pytest.mark.feature("F-123")
def test_sizes_and_prices_are_put_on_the_grid_before_they_are_sent() -> None:
    ours, guest = (tb.run(Sizes(), MARKET, engine=engine) for engine in ("custom", "backtrader"))
    assert guest.result_hash == ours.result_hash
    rows = guest.orders.to_pylist()
    assert [row["reason"] for row in rows if row["quantity"] == 0] == ["invalid_quantity"] * 2
    assert guest.warnings == ours.warnings


@pytest.mark.feature("F-123")
def test_an_order_that_is_refused_is_named_with_its_reason() -> None:
    script = tb.Script([(0, "buy", {"symbol": "A", "quantity": 1_000_000})])
    ours, guest = (tb.run(script, MARKET, engine=engine) for engine in ("custom", "backtrader"))
    assert guest.orders.to_pylist()[0]["reason"] == "insufficient_funds"
    assert tb.explain(guest, 1) == tb.explain(ours, 1) or str(tb.explain(guest, 1)) == str(tb.explain(ours, 1))


@pytest.mark.feature("F-123")
def test_a_trailing_stop_that_shrinks_trails_on_from_where_it_was() -> None:
    steps = [
        (0, "buy", {"symbol": "A", "quantity": 4}),
        (1, "sell", {"symbol": "A", "quantity": 4, "trail": 3.0, "label": "exit"}),
        (2, "modify", {"order": "exit", "quantity": 3}),
        (6, "modify", {"order": "exit", "quantity": 2}),
    ]
    ours, guest = (tb.run(tb.Script(steps), MARKET, engine=engine) for engine in ("custom", "backtrader"))
    assert guest.result_hash == ours.result_hash
    assert guest.orders.to_pylist()[1]["quantity"] == 2


@pytest.mark.feature("F-123")
@pytest.mark.parametrize("fidelity", ["strict", "native"])
def test_a_run_that_is_interrupted_keeps_what_was_done(fidelity: str) -> None:
    engine, asked = create_engine("backtrader", fidelity=fidelity), []

    def interrupted() -> bool:
        asked.append(1)
        return len(asked) > 20

    settings = resolve(tb.BacktestConfig(), MARKET)
    facts = engine.run(tb.samples.BuyAndHold(), MARKET, settings, Hooks(interrupted=interrupted))
    assert facts.interrupted
    assert 0 < facts.table("equity").num_rows < 25
    assert facts.ended_clock == facts.table("equity").num_rows - 1


@pytest.mark.feature("F-123")
def test_money_that_doubles_cannot_count_ends_the_run() -> None:
    with pytest.raises(ExecutionError, match="more than doubles can count; lower cash_precision"):
        whole(float(WHOLE_MAX))
    assert whole(math.nextafter(float(WHOLE_MAX), 0)) < WHOLE_MAX


@pytest.mark.feature("F-123")
def test_an_error_of_the_strategy_says_where() -> None:
    class Careless(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if bar.index == 4:
                ctx.buy("C", 1)

    texts = []
    for engine in ("custom", "backtrader"):
        with pytest.raises(tb.StrategyError, match=r"Careless\.on_bar, A, tick 4 .*Unknown instrument 'C'") as error:
            tb.run(Careless(), MARKET, engine=engine)
        texts.append(str(error.value))
    assert texts[0] == texts[1]


@pytest.mark.feature("F-123")
def test_instruments_that_begin_late_and_end_early() -> None:
    table = MARKET.table()
    keep = [
        row
        for row in table.to_pylist()
        if row["symbol"] == "A" or 30 <= (row["time"].minute + 60 * row["time"].hour) % 200 < 150
    ]
    market = tb.Market.from_table(type(table).from_pylist(keep), MARKET.instruments)
    results = [tb.run(tb.samples.MovingAverageCross(), market, engine=engine) for engine in ("custom", "backtrader")]
    assert results[0].result_hash == results[1].result_hash
    assert len(market.series("B").time) < len(market.series("A").time)
