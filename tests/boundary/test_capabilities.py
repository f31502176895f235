"""What an engine says it can do is what it does (F-063)."""

from __future__ import annotations

from typing import Any

import pytest

import triplebar as tb
from triplebar.contracts.codes import OrderKind, TimeInForce
from triplebar.research.factory import create_engine

PRICES: dict[OrderKind, dict[str, float]] = {
    OrderKind.MARKET: {},
    OrderKind.LIMIT: {"limit": 50.0},
    OrderKind.STOP: {"stop": 150.0},
    OrderKind.STOP_LIMIT: {"stop": 150.0, "limit": 151.0},
    OrderKind.TRAILING_STOP: {"trail": 5.0},
    OrderKind.MARKET_IF_TOUCHED: {"touch": 50.0},
}


class Every(tb.Strategy):
    """One order of every kind and time in force."""

    def on_start(self, ctx: Any) -> None:
        """Send them all."""
        for kind, prices in PRICES.items():
            for tif in TimeInForce:
                expire = 2**62 if tif is TimeInForce.GTD else None
                ctx.buy(ctx.symbols[0], 1, tif=tif.text, expire=expire, tag=f"{kind.text} {tif.text}", **prices)


@pytest.mark.feature("F-063", "F-007")
@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_exactly_what_is_in_the_table_is_taken(engine: str) -> None:
    table = create_engine(engine).capabilities()
    result = tb.run(Every(), tb.Market.synthetic(bars=5, seed=1), engine=engine)
    refused = {order["tag"] for order in result.orders.to_pylist() if order["reason"] == "unsupported"}
    everything = {(kind, tif) for kind in OrderKind for tif in TimeInForce}
    assert refused == {f"{kind.text} {tif.text}" for kind, tif in everything if not table.supports(kind, tif)}
    assert len(result.orders) == len(everything) == 42
