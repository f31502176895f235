"""What is drawn on the candles and listed beside them: trades, fills, stops and targets, positions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from triplebar.contracts import codes
from triplebar.contracts.arrow import Column
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import IntArray, decimal_floats
from triplebar.contracts.result_tables import columns
from triplebar.metrics.of_result import metric_input
from triplebar.report.candles import Shown, add_times
from triplebar.report.packing import Pack

TRADES_MAX: Final = 100_000
"""More trades than this: the last ones are listed, and the page says so."""
FILLS_MAX: Final = 200_000
LEVELS_MAX: Final = 50_000
TARGET: Final = (codes.OrderKind.LIMIT,)
"""Kinds whose price is one to be reached; the prices of other kinds are stops."""


def add_trades(pack: Pack, result: RunResult) -> dict[str, Any]:
    """Pack the closed trades, the last ones if there are too many; profits are in the base currency."""
    raw = columns(result.canonical("trades"))
    first = max(0, raw["order"].size - TRADES_MAX)
    rows = {name: column[first:] for name, column in raw.items()}
    scales, instrument = result.scales, rows["instrument"].astype(np.int64)
    table = result.trades.slice(first)
    pack.add_whole("trades.instrument", instrument, steps=0)
    pack.add_whole("trades.side", rows["side"], steps=0)
    pack.add_whole("trades.order", rows["order"])
    times = {
        name: add_times(pack, f"trades.{name}", result.clock[np.maximum(rows[name], 0)], steps=1)
        for name in ("opened", "closed")
    }
    for name in ("quantity", "entry_price", "exit_price"):
        pack.add(f"trades.{name}", table.column(name).to_numpy(), steps=0)
    found = metric_input(result).trades
    pack.add("trades.profit", found.profit[first:], steps=0)
    fees = scales.to_base(rows["fees"], scales.currency[instrument], result.clock[rows["closed"]])
    pack.add("trades.fees", decimal_floats(fees, result.settings.cash_precision), steps=0)
    tags = columns(result.canonical("orders"))["tag"][rows["order"].astype(np.int64) - 1]
    pack.add_whole("trades.tag", tags, steps=0)
    return {"count": int(raw["order"].size), "left_out": first, **times}


def add_marks(pack: Pack, result: RunResult, each: Shown) -> None:
    """Pack what is drawn on the candles of one instrument, by number of the candle."""
    name = f"bars{each.number}"
    _add_fills(pack, name, result, each)
    _add_levels(pack, name, result, each)
    trades = columns(result.canonical("trades"))
    rows = np.flatnonzero(trades["instrument"] == each.number)
    rows = rows[rows >= trades["order"].size - TRADES_MAX]
    pack.add_whole(f"{name}.trade", rows - max(0, trades["order"].size - TRADES_MAX))
    pack.add_whole(f"{name}.trade_open", each.candle_of(trades["opened"][rows]))
    pack.add_whole(f"{name}.trade_close", each.candle_of(trades["closed"][rows]))


def _add_fills(pack: Pack, name: str, result: RunResult, each: Shown) -> None:
    fills, positions = columns(result.canonical("fills")), columns(result.canonical("positions"))
    rows = np.flatnonzero(fills["instrument"] == each.number)[-FILLS_MAX:]
    settings = result.settings.instruments[each.number]
    pack.add_whole(f"{name}.fill", each.candle_of(fills["clock"][rows]))
    pack.add_whole(f"{name}.fill_price", fills["price"][rows], scale=10**settings.price_precision)
    pack.add_whole(f"{name}.fill_side", fills["side"][rows], steps=0)
    pack.add_whole(f"{name}.fill_order", fills["order"][rows])
    size = 10.0**settings.size_precision
    pack.add(f"{name}.fill_quantity", fills["quantity"][rows] / size, steps=0)
    pack.add(f"{name}.position", positions["position"][rows] / size, steps=0)


def _add_levels(pack: Pack, name: str, result: RunResult, each: Shown) -> None:
    """Stops and targets: the prices at which orders rested in the book, from when to when."""
    orders = columns(result.canonical("orders"))
    price = np.where(orders["trigger"] > 0, orders["trigger"], orders["limit"])
    chosen = (orders["instrument"] == each.number) & (orders["arrived"] >= 0) & (price > 0)
    rows = np.flatnonzero(chosen & ~_fixed_at_once(orders))[-LEVELS_MAX:]
    ended = np.where(orders["ended"] >= 0, orders["ended"], result.clock.size - 1)[rows]
    pack.add_whole(f"{name}.level_from", each.candle_of(orders["arrived"][rows]))
    pack.add_whole(f"{name}.level_to", each.candle_of(ended))
    scale = 10 ** result.settings.instruments[each.number].price_precision
    pack.add_whole(f"{name}.level_price", price[rows], scale=scale)
    pack.add_whole(f"{name}.level_stop", ~np.isin(orders["kind"][rows], TARGET), steps=0)
    pack.add_whole(f"{name}.level_order", orders["order"][rows])


def _fixed_at_once(orders: dict[str, Column]) -> IntArray:
    """Orders that never rested: they ended on the tick on which they arrived."""
    return np.asarray((orders["ended"] == orders["arrived"]) & (orders["ended"] >= 0))
