"""What is missed and what fills in part, counted over a hundred thousand orders (F-050)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import triplebar as tb
from triplebar.contracts.costs import Misses

BARS = 101
A_BAR = 500
SIZE = 100


class Many(tb.Strategy):
    """As many limits as market orders on every bar, all of which the next open satisfies."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Buy and sell in turns, so that the position stays small."""
        for place in range(A_BAR):
            trade, limit = (ctx.buy, bar.close * 2) if place % 2 else (ctx.sell, bar.close / 2)
            trade(bar.symbol, SIZE, limit=round(limit, 2), tag="limit")
            trade(bar.symbol, SIZE, tag="market")


@pytest.mark.feature("F-050")
@pytest.mark.rule("S-54")
def test_a_hundred_thousand_orders_are_missed_and_cut_as_often_as_was_asked() -> None:
    market = tb.Market.synthetic(bars=BARS, seed=1)
    misses = Misses(limit_missed=0.05, partial=0.10, partial_low=0.5, partial_high=0.9)
    result = tb.run(Many(), market, tb.BacktestConfig(initial_cash=10**9, misses=misses, seed=5))
    orders = [order for order in result.orders.to_pylist() if order["reason"] != "end_of_data"]
    missed = Counter(order["tag"] for order in orders if order["reason"] == "missed_fill")
    limits = sum(order["tag"] == "limit" for order in orders)
    assert len(orders) >= 99_000
    assert missed["market"] == 0
    assert missed["limit"] / limits == pytest.approx(0.05, abs=0.003)
    first: dict[int, float] = {}
    for fill in result.fills.to_pylist():
        first.setdefault(fill["order"], fill["quantity"])
    parts = [quantity for quantity in first.values() if quantity < SIZE]
    assert len(parts) / len(first) == pytest.approx(0.10, abs=0.003)
    assert SIZE * 0.5 <= min(parts) <= max(parts) <= SIZE * 0.9
