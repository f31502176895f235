"""One row per calendar day."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_arrow, to_table
from triplebar.contracts.different import different
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import FloatArray, IntArray
from triplebar.contracts.result_tables import columns
from triplebar.metrics.of_result import metric_input


def daily_table(result: RunResult) -> pa.Table:
    """Value, profit, return, peak and drawdown of each day, and how many positions were open at its end."""
    curve = metric_input(result).curve
    value = curve.equity[curve.day_last]
    before = curve.daily[:-1]
    peak = np.maximum.accumulate(curve.values)[1:][curve.day_last]
    return to_table(
        {
            "date": to_arrow(curve.days.astype(np.int32), kind=pa.date32()),
            "portfolio_value": value,
            "daily_pnl": value - before,
            "daily_return_pct": _percent(value - before, before),
            "cumulative_pnl": value - curve.initial,
            "cumulative_return_pct": _percent(value - curve.initial, np.full(value.size, curve.initial)),
            "peak_value": peak,
            "drawdown": peak - value,
            "drawdown_pct": _percent(peak - value, peak),
            "open_positions": _open_positions(result)[curve.day_last],
        }
    )


def _percent(part: FloatArray, whole: FloatArray) -> pa.Array:
    """Null where the whole is not positive."""
    there = whole > 0
    return to_arrow(100.0 * part / np.where(there, whole, 1.0), ~there)


def _open_positions(result: RunResult) -> IntArray:
    """How many instruments were held at each row of `equity`."""
    count = np.zeros(result.canonical("equity").num_rows, dtype=np.int64)
    for number in different(columns(result.canonical("positions"))["instrument"]):
        count += result.position_lots_per_bar(int(number)) != 0
    return count
