"""An order that a limit refuses leaves no trace but its own."""

from __future__ import annotations

from typing import Any

import pytest

import triplebar as tb

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
