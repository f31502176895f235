"""Metrics of many curves at once, as an Arrow table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.contracts.arrow import texts_to_arrow, to_arrow
from triplebar.contracts.checks import choice, integer
from triplebar.contracts.tables import TIME
from triplebar.metrics.batch import CurveBatch, aligned, batch_of, values_at
from triplebar.metrics.inputs import Activity, CashFlows, ClosedTrades, FloatArray, MetricInput
from triplebar.metrics.kernels.slots import CURVE_SLOTS, FLOW_SLOTS, REASONS, RELATIVE_SLOTS, TRADE_SLOTS

CodeArray = npt.NDArray[np.int8]

NUMBA_WORK_MIN: Final = 3_000_000
"""Less work than this, in points, is done with NumPy before Numba and the kernels are even loaded: half a second."""
CURVE_WORK: Final = 2_500
"""What a curve costs in NumPy whatever its length, in points."""
PATHS: Final = ("auto", "numba", "numpy")
POINTS: Final = ("max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovery")


def many(
    curves: Any,  # noqa: ANN401 - arrays, tables or results
    *,
    times: Any = None,  # noqa: ANN401 - an array or an Arrow column
    periods_per_year: float | None = None,
    risk_free_rate: float = 0.0,
    benchmark: Any = None,  # noqa: ANN401 - an array, a table or a result
    flows: Any = None,  # noqa: ANN401 - an array
    threads: int = 1,
    path: str = "auto",
) -> pa.Table:
    """Measure many curves at once: one row per curve, one column per metric of the registry that a curve alone gives.

    Results have those of their cash flows and closed trades, too.

    - `curves`: a 2-D array with one row per curve; a mapping of arrays or an Arrow table with one column per curve (and
      perhaps `time`); or a list of results. The first point of a curve is the capital that it began with.
    - `times`: one per point, in nanoseconds or as timestamps. Without times every point is one period, and dates of
      drawdowns are given as places of points.
    - `periods_per_year`: 252 for exchange sessions, 365 around the clock; results know their own.
    - `benchmark`: one value per point, or a result or an Arrow table with times: adds the metrics beside a benchmark.
    - `flows`: what was paid in (above zero) or out at each point, one row per curve: adds returns without them.
    - `path`: `"numba"`, `"numpy"`, or by how much there is to do; both agree to 1e-9.

    What is not defined is null; the column `undefined` says why.

    >>> import numpy as np
    >>> table = many(np.array([[100.0, 110.0, 99.0], [100.0, 101.0, 102.0]]), periods_per_year=252)
    >>> [round(loss, 9) for loss in table["max_drawdown"].to_pylist()], table["calmar"].to_pylist()
    ([0.1, 0.0], [None, None])
    >>> dict(table["undefined"].to_pylist()[1])["calmar"]
    'no drawdown'
    """
    batch = batch_of(curves, times=times, periods_per_year=periods_per_year, risk_free_rate=risk_free_rate, flows=flows)
    integer("threads", threads, low=1, high=1_024)
    work = batch.values.size + CURVE_WORK * len(batch)
    compiled = choice("path", path, PATHS) == "numba" or (path == "auto" and work >= NUMBA_WORK_MIN)
    beside = None if benchmark is None else _beside(batch, benchmark)
    names = _names(batch, beside)
    if compiled:
        values, why = _compiled(batch, beside, names, threads)
    else:
        values, why = _plain(batch, beside, names)
    return _table(batch, names, values, why)


def _names(batch: CurveBatch, beside: FloatArray | None) -> tuple[str, ...]:
    """What can be measured, in the order of the output."""
    relative = RELATIVE_SLOTS if beside is not None else ()
    flows = FLOW_SLOTS if batch.paid is not None else ()
    return CURVE_SLOTS + relative + flows + (TRADE_SLOTS if batch.trades else ())


def _beside(batch: CurveBatch, benchmark: Any) -> FloatArray:  # noqa: ANN401 - as above
    """The benchmark's values at all times of the batch."""
    found = np.zeros(batch.times.size)
    for row in range(len(batch)):
        begin, end, clock = batch.spans[row].tolist()
        if row == 0 or clock > 0:
            found[clock : clock + end - begin] = values_at(benchmark, aligned(batch, row), end - begin)
    return found


def _compiled(
    batch: CurveBatch, beside: FloatArray | None, names: tuple[str, ...], threads: int
) -> tuple[FloatArray, CodeArray]:
    """By the kernels, the curves in as many parts as there are threads."""
    values = np.full((len(batch), len(names)), np.nan)
    why = np.zeros(values.shape, dtype=np.int8)
    longest = int(np.max(batch.spans[:, 1] - batch.spans[:, 0], initial=0))
    bounds = np.linspace(0, len(batch), threads + 1).astype(int).tolist()

    def measure(rows: slice) -> None:
        _run_kernels(batch, beside, rows, np.empty(2 * longest), values[rows], why[rows])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(measure, map(slice, bounds[:-1], bounds[1:])))
    return values, why


def _run_kernels(
    batch: CurveBatch, beside: FloatArray | None, rows: slice, scratch: FloatArray, values: FloatArray, why: CodeArray
) -> None:
    from triplebar.metrics.kernels.curve_nb import curves_nb

    spans, end_spans, rates = batch.spans[rows], batch.end_spans[rows], batch.rates[rows]
    last = len(CURVE_SLOTS)
    curves_nb(batch.values, spans, batch.times, batch.ends, end_spans, rates, scratch, values[:, :last], why[:, :last])
    if beside is not None:
        from triplebar.metrics.kernels.relative_nb import relative_nb

        first, last = last, last + len(RELATIVE_SLOTS)
        out, reasons = values[:, first:last], why[:, first:last]
        relative_nb(batch.values, spans, beside, batch.ends, end_spans, rates, scratch, out, reasons)
    if batch.paid is not None:
        from triplebar.metrics.kernels.flows_nb import flows_nb

        first, last = last, last + len(FLOW_SLOTS)
        flows_nb(batch.values, spans, batch.times, batch.paid, scratch, values[:, first:last], why[:, first:last])
    if batch.trades:
        from triplebar.metrics.kernels.trades_nb import trades_nb

        parts = batch.trades[rows]
        stops = np.cumsum([each.profit.size for each in parts], dtype=np.int64)
        trade_spans = np.column_stack([np.concatenate([[0], stops[:-1]]), stops])
        profit, cost = (np.concatenate([getattr(each, name) for each in parts]) for name in ("profit", "cost"))
        held = np.concatenate([each.closed_ns - each.opened_ns for each in parts])
        trades_nb(profit, cost, held, trade_spans, values[:, last:], why[:, last:])


def _plain(batch: CurveBatch, beside: FloatArray | None, names: tuple[str, ...]) -> tuple[FloatArray, CodeArray]:
    """By the definitions of the registry, curve by curve."""
    from triplebar.metrics.measure import evaluate

    values = np.full((len(batch), len(names)), np.nan)
    why = np.zeros(values.shape, dtype=np.int8)
    for row in range(len(batch)):
        data = _input(batch, row, beside)
        report = evaluate(data, names)
        for slot, name in enumerate(names):
            value = report.values[name]
            why[row, slot] = REASONS.index(report.reasons.get(name, ""))
            if isinstance(value, str):
                moment = np.datetime64(value[:-1], "ns").astype(np.int64)
                values[row, slot] = int(np.searchsorted(data.curve.times, moment))
            elif value is not None:
                values[row, slot] = value
    return values, why


def _input(batch: CurveBatch, row: int, beside: FloatArray | None) -> MetricInput:
    """One curve of the batch as metrics of a single run take it."""
    curve, places = batch.curve(row), batch.daily_places(row)
    vars(curve)["day_last"] = places - 1
    base = None if beside is None else beside[batch.spans[row, 2] + np.concatenate([[0], places])]
    trades = batch.trades[row] if batch.trades else ClosedTrades.none()
    periods, risk_free_rate = batch.rates[row].tolist()
    paid = np.zeros(0) if batch.paid is None else batch.paid[slice(*batch.spans[row, :2])]
    flows = CashFlows(curve.times[: paid.size], paid)
    return MetricInput(curve, trades, Activity(), periods, risk_free_rate, flows, base)


def _table(batch: CurveBatch, names: tuple[str, ...], values: FloatArray, why: CodeArray) -> pa.Table:
    known = batch.names
    curve = to_arrow(np.arange(len(known))) if isinstance(known, range) else texts_to_arrow(list(map(str, known)))
    columns: dict[str, pa.Array] = {"curve": curve, "periods_per_year": to_arrow(batch.rates[:, 0])}
    for slot, name in enumerate(names):
        none = why[:, slot] != 0
        columns[name] = _points(batch, values[:, slot], none) if name in POINTS else to_arrow(values[:, slot], none)
    return pa.table({**columns, "undefined": undefined(why, names)})


def _points(batch: CurveBatch, places: FloatArray, none: npt.NDArray[np.bool_]) -> pa.Array:
    """Places in the curve, as times if there are any."""
    found = np.where(none, 0, places).astype(np.int64)
    return to_arrow(batch.times[batch.spans[:, 2] + found], none, TIME) if batch.timed else to_arrow(found, none)


def undefined(why: CodeArray, names: tuple[str, ...]) -> pa.Array:
    """For each row the metrics that have no value, and why.

    >>> undefined(np.array([[0, 1], [0, 0]], dtype=np.int8), ("a", "b")).to_pylist()
    [[('b', 'the initial capital is not positive')], []]
    """
    rows, slots = np.nonzero(why)
    ends = np.searchsorted(rows, np.arange(len(why) + 1)).astype(np.int32)
    keys = texts_to_arrow(names).take(to_arrow(slots))
    items = texts_to_arrow(REASONS).take(to_arrow(why[rows, slots].astype(np.int64)))
    return pa.MapArray.from_arrays(to_arrow(ends), keys, items)
