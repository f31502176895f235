"""The gross value of all positions at each bar, from positions and the marks of the market."""

from __future__ import annotations

import numpy as np

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import IntArray
from triplebar.data.market import Market


def values_per_bar(result: RunResult, market: Market, number: int) -> IntArray:
    """The value of one instrument's position in minor units of the base currency, at each row of `equity` (S-03)."""
    bars = to_numpy(result.canonical("equity").column("clock"))
    held = result.position_lots_per_bar(number)
    if not held.any():
        return np.zeros(bars.size, dtype=np.int64)
    series = market.series(result.settings.instruments[number].symbol)
    last = np.maximum(np.searchsorted(series.clock_index, bars, side="right") - 1, 0)
    value = held * np.asarray(series.ticks.close)[last] * result.settings.instruments[number].unit
    currency = np.full(bars.size, result.settings.instruments[number].currency)
    return result.scales.to_base(value, currency, result.clock[bars])


def gross_per_bar(result: RunResult, market: Market) -> IntArray:
    """The sum of the absolute values of all positions at each row of `equity`."""
    gross = np.zeros(result.canonical("equity").num_rows, dtype=np.int64)
    for number in range(len(result.settings.instruments)):
        gross += np.abs(values_per_bar(result, market, number))
    return gross
