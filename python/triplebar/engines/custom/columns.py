"""Column strategies on the Rust core: the columns go in, no Python runs per bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triplebar.contracts.arrow import to_arrow

if TYPE_CHECKING:
    from triplebar.data.market import Market
    from triplebar.engines.base import Hooks
    from triplebar.engines.custom.context import NativeContext
    from triplebar.strategy.signals import Signals


def run_columns(context: NativeContext, signals: Signals, market: Market, hooks: Hooks, until: int | None) -> str:
    """Run signals; says how the run ended."""
    if signals.kind == "orders":
        places = {symbol: number for number, symbol in enumerate(market.symbols)}
        due = signals.due()
        planned = ((clock, order) for clock in sorted(due) for order in due[clock])
        orders = [order.plain(clock, places[order.symbol]) for clock, order in planned if order.symbol in places]
        return context.run_orders(orders, until, hooks.progress, hooks.interrupted)
    rows = [signals.rows(symbol) for symbol in market.symbols]
    columns = [None if each is None else to_arrow(each) for each in rows]
    multipliers = [float(each.multiplier) for each in market.instruments]
    sizing = "units" if signals.kind == "target" else signals.rebalance
    return context.run_targets(columns, multipliers, sizing, until, hooks.progress, hooks.interrupted)
