"""Risk that was carried: exposure by side and by instrument, and how far the end of the run was from liquidation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from triplebar.contracts.different import different
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import FloatArray, decimal_floats
from triplebar.contracts.result_tables import columns
from triplebar.metrics.of_result import metric_input
from triplebar.research.exposure import values_per_bar

PPB = 10**9


@dataclass(frozen=True, slots=True)
class Carried:
    """Exposure as fractions of equity: the mean over the bars, the largest, and that at the end."""

    name: str
    mean: float
    largest: float
    last: float


def exposures(result: RunResult) -> list[Carried]:
    """Long, short, gross and net, then each instrument by its largest value; empty without the market or a position.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1), engine="reference")
    >>> [each.name for each in exposures(result)]
    ['long', 'short', 'gross', 'net', 'X']
    """
    equity = metric_input(result).curve.equity
    held = different(columns(result.canonical("positions"))["instrument"])
    if result.market is None or equity.size == 0 or held.size == 0:
        return []
    values = {result.scales.symbols[number]: _fractions(result, int(number), equity) for number in held}
    every = list(values.values())
    long, short = sum(np.maximum(each, 0) for each in every), sum(np.minimum(each, 0) for each in every)
    sides = {"long": long, "short": short, "gross": long - short, "net": long + short}
    symbols = sorted((_carried(name, each) for name, each in values.items()), key=lambda each: -abs(each.largest))
    return [*(_carried(name, np.asarray(each)) for name, each in sides.items()), *symbols]


def _fractions(result: RunResult, number: int, equity: FloatArray) -> FloatArray:
    value = decimal_floats(values_per_bar(result, result.market, number), result.settings.cash_precision)
    return np.asarray(np.where(equity > 0, value / np.where(equity > 0, equity, 1.0), 0.0))


def _carried(name: str, value: FloatArray) -> Carried:
    return Carried(name, float(value.mean()), float(value[np.argmax(np.abs(value))]), float(value[-1]))


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a price may go against a position before it is liquidated, as a fraction of the mark."""

    symbol: str
    quantity: float
    mark: float
    liquidation: float | None
    distance: float | None


def liquidation_distances(result: RunResult) -> list[Distance]:
    """Measure the positions open at the end of a run with an isolated account; empty for other accounts (S-63)."""
    if result.settings.account.kind != "isolated" or result.market is None:
        return []
    return [each for number in range(len(result.settings.instruments)) for each in _distance(result, number)]


def _distance(result: RunResult, number: int) -> Iterator[Distance]:
    settings, lots, cost, margin = result.settings.instruments[number], *_held(result, number)
    if not lots:
        return
    last = int(columns(result.canonical("equity"))["clock"][-1])
    series = result.market.series(settings.symbol)
    mark = int(series.ticks.close[np.searchsorted(series.clock_index, last, side="right") - 1])
    keeps = PPB - result.settings.account.maintenance_ppb * (1 if lots > 0 else -1)
    price = (cost - margin) * PPB // (lots * settings.unit * keeps)
    if lots < 0:
        price = -((cost - margin) * PPB // (-lots * settings.unit * keeps))
    power = 10.0**settings.price_precision
    found = price / power if price > 0 else None
    away = None if found is None else abs(mark / power - found) / (mark / power)
    yield Distance(settings.symbol, lots / 10.0**settings.size_precision, mark / power, found, away)


def _held(result: RunResult, number: int) -> tuple[int, int, int]:
    """Lots, cost and margin at the end, replayed from the fills (S-63, S-67)."""
    settings, leverage = result.settings.instruments[number], result.settings.account.leverage_milli
    fills = columns(result.canonical("fills"))
    lots = cost = margin = 0
    for row in np.flatnonzero(fills["instrument"] == number).tolist():
        side, quantity = int(fills["side"][row]), int(fills["quantity"][row])
        notional = int(fills["price"][row]) * settings.unit
        closed = min(quantity, abs(lots)) if lots * side < 0 else 0
        if closed == abs(lots):
            cost = margin = 0
        elif closed:
            cost -= (1 if cost > 0 else -1) * (abs(cost) * closed // abs(lots))
            margin -= margin * closed // abs(lots)
        opened = quantity - closed
        lots += side * quantity
        cost += side * opened * notional
        margin += -(-opened * notional * 1_000 // leverage)
    return lots, cost, margin
