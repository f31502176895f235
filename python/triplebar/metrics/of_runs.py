"""What else one may ask about a run: beside a benchmark, its worst drawdowns, how far prices went during trades."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_arrow, to_table
from triplebar.contracts.checks import integer
from triplebar.contracts.different import different
from triplebar.contracts.errors import DataError
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_tables import columns
from triplebar.contracts.tables import TIME
from triplebar.metrics.batch import values_at
from triplebar.metrics.inputs import DAY_NS, Excursions, FloatArray, IntArray
from triplebar.metrics.measure import MetricReport, measure
from triplebar.metrics.of_result import curve_of_result, metric_input


def evaluate(
    result: RunResult,
    *,
    benchmark: Any = None,  # noqa: ANN401 - an array, a table or a result
    risk_free_rate: float = 0.0,
    market: Any = None,  # noqa: ANN401 - a Market, which this layer does not know
) -> MetricReport:
    """Compute all metrics of a result, with a risk-free rate, a benchmark and the bars of its market if there are any.

    - `benchmark`: a result, or an Arrow table with `time` and one more column, of which the last value counts.
    - `market`: the bars for the excursions of trades; a result that was just made knows its own.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=60, seed=1, interval="1d")
    >>> result = tb.run(tb.samples.BuyAndHold(), market)
    >>> round(evaluate(result, benchmark=result).values["beta"], 9)
    1.0
    """
    data = metric_input(result, risk_free_rate=risk_free_rate)
    if benchmark is not None:
        values = values_at(benchmark, data.curve.times, data.curve.values.size)
        data = replace(data, benchmark=values[np.concatenate([[0], data.curve.day_last + 1])])
    if market is not None or result.market is not None:
        moves = excursion_arrays(result, market)
        data = replace(data, excursions=Excursions(*moves))
    report = measure(data)
    stored = {name: value for name, value in result.metrics.items() if data.curve.gross is None and name in OF_MARKET}
    reasons = {name: why for name, why in report.reasons.items() if stored.get(name) is None}
    return MetricReport({**report.values, **stored}, reasons)


OF_MARKET = ("exposure", "time_in_market")
"""Metrics of the value of single positions, which the result itself has if it was made from several instruments."""


def excursion_arrays(result: RunResult, market: Any = None) -> tuple[FloatArray, FloatArray]:  # noqa: ANN401 - as above
    """How far the price went against and for each closed trade, over its entry price.

    All bars from the one of the first fill to the one of the close count whole: for an entry or an exit inside a bar
    this is the most that can have been.
    """
    bars = market if market is not None else result.market
    if bars is None:
        fix = "give the market it was run on: excursions(result, market=...)"
        raise DataError("the result was loaded, so it has no bars", where="excursions", fix=fix)
    raw = columns(result.canonical("trades"))
    adverse, favourable = np.zeros(raw["side"].size), np.zeros(raw["side"].size)
    for number in different(raw["instrument"]):
        rows = np.flatnonzero(raw["instrument"] == number)
        setting = result.settings.instruments[number]
        series = bars.series(setting.symbol)
        entry = raw["cost"][rows] / (raw["quantity"][rows] * setting.unit) / 10.0**setting.price_precision
        highest, lowest = _extremes(series, raw["opened"][rows], raw["closed"][rows])
        up, down = (highest - entry) / entry, (entry - lowest) / entry
        long = raw["side"][rows] > 0
        adverse[rows] = np.maximum(np.where(long, down, up), 0.0)
        favourable[rows] = np.maximum(np.where(long, up, down), 0.0)
    return adverse, favourable


def _extremes(series: Any, opened: IntArray, closed: IntArray) -> tuple[FloatArray, FloatArray]:  # noqa: ANN401 - a Series
    """The highest high and the lowest low of the bars between two ticks of the clock, both included."""
    clock = np.asarray(series.clock_index)
    first = np.searchsorted(clock, opened, side="left")
    last = np.maximum(np.searchsorted(clock, closed, side="right"), first + 1)
    bounds = np.column_stack([first, last]).reshape(-1)
    high = np.append(np.asarray(series.high), -np.inf)  # the end of a span may be the end of the bars
    low = np.append(np.asarray(series.low), np.inf)
    return np.maximum.reduceat(high, bounds)[::2], np.minimum.reduceat(low, bounds)[::2]


def excursions(result: RunResult, *, market: Any = None) -> pa.Table:  # noqa: ANN401 - as above
    """Give for each closed trade how far the price went against it and for it, over its entry price.

    One row per row of `result.trades`: `adverse` and `favourable`, both fractions that are not below zero. All bars
    from the one of the first fill to the one of the close count whole.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=400, seed=3, interval="1d")
    >>> result = tb.run(tb.samples.MovingAverageCross(fast=3, slow=21), market)
    >>> table = excursions(result)
    >>> table.num_rows == result.trades.num_rows, min(table["adverse"].to_pylist()) >= 0
    (True, True)
    """
    adverse, favourable = excursion_arrays(result, market)
    named = result.trades
    return pa.table(
        {
            **{name: named.column(name) for name in ("symbol", "side") if name in named.column_names},
            "adverse": to_arrow(adverse),
            "favourable": to_arrow(favourable),
        }
    )


def drawdowns(result: RunResult, *, worst: int = 10) -> pa.Table:
    """Give the deepest drawdowns of a result, the deepest first: when, how deep, how long.

    `recovery` and `days_to_recovery` are null for one that lasts to the end; `days` then counts to the end.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=200, seed=1, interval="1d"))
    >>> table = drawdowns(result, worst=3)
    >>> table.num_rows, table["depth"][0].as_py() == result.metrics["max_drawdown"]
    (3, True)
    """
    integer("worst", worst, low=1)
    curve = curve_of_result(result)
    if curve.initial <= 0:
        raise DataError("the initial capital is not positive", where="drawdowns", fix="give the account some capital")
    values, times = curve.values, curve.times
    peaks = np.flatnonzero(values >= np.maximum.accumulate(values))
    ends = np.append(peaks[1:], values.size)
    fell = np.flatnonzero(ends > peaks + 1)
    peaks, ends = peaks[fell], ends[fell]
    spans = zip(peaks.tolist(), ends.tolist(), strict=True)
    troughs = np.array([peak + int(np.argmin(values[peak:end])) for peak, end in spans], dtype=np.int64)
    depth = 1.0 - values[troughs] / values[peaks]
    order = np.argsort(-depth, kind="stable")[:worst]
    return _drawdown_table(times, peaks[order], troughs[order], ends[order], depth[order])


def _drawdown_table(times: IntArray, peaks: IntArray, troughs: IntArray, ends: IntArray, depth: FloatArray) -> pa.Table:
    open_still = ends == times.size
    last = np.minimum(ends, times.size - 1)
    return to_table(
        {
            "peak": to_arrow(times[peaks], kind=TIME),
            "trough": to_arrow(times[troughs], kind=TIME),
            "recovery": to_arrow(times[last], open_still, TIME),
            "depth": depth,
            "days": (times[last] - times[peaks]) / DAY_NS,
            "days_to_trough": (times[troughs] - times[peaks]) / DAY_NS,
            "days_to_recovery": to_arrow((times[last] - times[troughs]) / DAY_NS, open_still),
        }
    )
