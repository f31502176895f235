"""Many curves as flat arrays: what users give, checked, in the form that kernels read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.contracts.result import RunResult
from triplebar.metrics.annual import DAYS_PER_YEAR
from triplebar.metrics.flows import flow_at_points
from triplebar.metrics.inputs import DAY_NS, ClosedTrades, Curve, FloatArray, IntArray, MetricInput

PERIODS_FIX: Final = "say periods_per_year=252 for exchange sessions or 365 around the clock"


@dataclass(frozen=True)
class CurveBatch:
    """Curves one after the other in `values`; the first value of each is the capital it began with.

    A row of `spans` has where the values of a curve begin and end and where its times begin, one of `end_spans` where
    the places of its daily values begin and end in `ends`; `rates` has periods per year and the risk-free rate.
    """

    names: Sequence[Any]
    values: FloatArray
    spans: IntArray
    times: IntArray
    ends: IntArray
    end_spans: IntArray
    rates: FloatArray
    timed: bool
    trades: Sequence[ClosedTrades] = ()
    """The closed trades of each curve, if they are known."""
    paid: FloatArray | None = None
    """What was paid in at each of `values`, if it is known."""

    def __len__(self) -> int:
        """How many curves there are."""
        return len(self.names)

    def curve(self, row: int) -> Curve:
        """One of them, as metrics of a single run take it."""
        begin, end, clock = self.spans[row].tolist()
        values, times = self.values[begin:end], self.times[clock : clock + end - begin]
        return Curve(int(times[0]), float(values[0]), times[1:], values[1:], values[1:])

    def daily_places(self, row: int) -> IntArray:
        """The places in the curve of its daily values, the first point left out."""
        begin, end = self.end_spans[row]
        return self.ends[begin:end]


def batch_of(
    curves: Any,  # noqa: ANN401 - arrays, tables or results
    *,
    times: Any = None,  # noqa: ANN401 - an array or an Arrow column
    periods_per_year: float | None = None,
    risk_free_rate: float = 0.0,
    flows: Any = None,  # noqa: ANN401 - an array
) -> CurveBatch:
    """Take curves in any of the forms that `many` knows."""
    if isinstance(curves, Sequence) and curves and all(isinstance(each, RunResult) for each in curves):
        return of_results(curves, risk_free_rate)
    names, values, own_times = _columns(curves)
    moments = own_times if times is None else _times(times)
    if periods_per_year is None:
        raise ConfigError("periods_per_year is missing", where="many", fix=PERIODS_FIX)
    if not (np.isfinite(periods_per_year) and periods_per_year > 0):
        raise ConfigError.of("periods_per_year", periods_per_year, "must be a number above 0", fix=PERIODS_FIX)
    if not (np.isfinite(risk_free_rate) and risk_free_rate > -1):
        raise ConfigError.of("risk_free_rate", risk_free_rate, "must be a number above -1", fix="write 0.02 for 2 %")
    _check_finite(names, values)
    batch = _rectangle(names, values, moments, np.array([periods_per_year, risk_free_rate]))
    return batch if flows is None else replace(batch, paid=_paid(names, flows, values.shape))


def _paid(names: Sequence[Any], flows: Any, shape: tuple[int, ...]) -> FloatArray:  # noqa: ANN401 - an array
    """What was paid in at each point, one row per curve."""
    found = np.asarray(flows, dtype=np.float64)
    if found.shape != shape:
        fix = "give one row per curve, one number per point: above zero what was paid in"
        raise DataError(f"an array of shape {found.shape} for curves of {shape}", where="flows", fix=fix)
    _check_finite(names, found)
    return found.reshape(-1)


def _rectangle(names: Sequence[Any], values: FloatArray, times: IntArray | None, rates: FloatArray) -> CurveBatch:
    """Curves of the same length at the same times."""
    count, width = values.shape
    if times is None:
        clock = np.round(np.arange(width) * (DAYS_PER_YEAR * DAY_NS / rates[0])).astype(np.int64)
        ends = np.arange(1, width)
    else:
        clock = times
        _check_times(clock, width)
        ends = day_ends(clock[1:]) + 1
    begins = np.arange(count, dtype=np.int64) * width
    spans = np.column_stack([begins, begins + width, np.zeros(count, dtype=np.int64)])
    end_spans = np.tile(np.array([[0, ends.size]], dtype=np.int64), (count, 1))
    flat = np.ascontiguousarray(values).reshape(-1)
    timed = times is not None
    return CurveBatch(names, flat, spans, clock, ends.astype(np.int64), end_spans, np.tile(rates, (count, 1)), timed)


def day_ends(time_ns: IntArray) -> IntArray:
    """The rows that are the last of their calendar day.

    >>> day_ends(np.array([1, 2, DAY_NS + 1])).tolist()
    [1, 2]
    """
    nothing = np.zeros(0)
    return Curve(0, 1.0, time_ns, nothing, nothing).day_last


def of_results(results: Sequence[RunResult], risk_free_rate: float) -> CurveBatch:
    """The curves of results, each with the times and the calendar of its own."""
    from triplebar.metrics.of_result import metric_input

    return of_inputs(
        [metric_input(each, risk_free_rate=risk_free_rate) for each in results], [r.run_id for r in results]
    )


def of_inputs(inputs: Sequence[MetricInput], names: Sequence[Any]) -> CurveBatch:
    """Lay the curves of several runs behind one another."""
    sizes = np.array([each.curve.values.size for each in inputs])
    days = np.array([each.curve.day_last.size for each in inputs])
    stops, day_stops = np.cumsum(sizes), np.cumsum(days)
    begins = stops - sizes
    return CurveBatch(
        names,
        np.concatenate([each.curve.values for each in inputs]),
        np.column_stack([begins, stops, begins]),
        np.concatenate([each.curve.times for each in inputs]),
        np.concatenate([each.curve.day_last + 1 for each in inputs]),
        np.column_stack([day_stops - days, day_stops]),
        np.array([[each.periods_per_year, each.risk_free_rate] for each in inputs]),
        timed=True,
        trades=[each.trades for each in inputs],
        paid=np.concatenate([flow_at_points(each) for each in inputs]),
    )


def _columns(curves: Any) -> tuple[Sequence[Any], FloatArray, IntArray | None]:  # noqa: ANN401 - as above
    """Names, values with one curve a row, and times if the curves have them."""
    if isinstance(curves, np.ndarray):
        if curves.ndim != 2 or curves.shape[1] < 1:
            fix = "give one row per curve, its initial capital first"
            raise DataError(f"an array of shape {curves.shape} is not curves by points", where="curves", fix=fix)
        return range(len(curves)), np.asarray(curves, dtype=np.float64), None
    if hasattr(curves, "__arrow_c_stream__"):
        table = pa.table(curves)
        times = _times(table.column("time")) if "time" in table.column_names else None
        names = [name for name in table.column_names if name != "time"]
        return names, _stacked({name: table.column(name) for name in names}), times
    if isinstance(curves, Mapping) and curves:
        return list(curves), _stacked(curves), None
    fix = "give a 2-D array, a mapping of arrays, an Arrow table with one column per curve, or a list of results"
    raise DataError(f"{type(curves).__name__} is not curves", where="curves", fix=fix)


def _stacked(columns: Mapping[str, Any]) -> FloatArray:
    parts = [_numbers(name, column) for name, column in columns.items()]
    if not parts:
        raise DataError("there is no curve", where="curves", fix="add a column of numbers")
    for name, part in zip(columns, parts, strict=True):
        if part.ndim != 1 or part.size != parts[0].size or part.size == 0:
            fix = "give all curves the same points, at least one; measure others apart"
            raise DataError(f"has {part.size} points, the first has {parts[0].size}", where=f"curve {name!r}", fix=fix)
    return np.stack(parts)


def _numbers(name: str, column: Any) -> FloatArray:  # noqa: ANN401 - an array or an Arrow column
    if isinstance(column, (pa.ChunkedArray, pa.Array)):
        if column.null_count:
            fix = "fill the gaps or leave the curve out"
            raise DataError(f"has {column.null_count} nulls", where=f"curve {name!r}", fix=fix)
        if pa.types.is_temporal(column.type):
            raise DataError("is times, no curve", where=f"curve {name!r}", fix="call the column of times 'time'")
        if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
            raise DataError(f"{column.type} is not numbers", where=f"curve {name!r}", fix="cast it to float64")
        column = to_numpy(column)
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError("is not numbers", where=f"curve {name!r}", fix="give a column of floats") from None


def _times(times: Any) -> IntArray:  # noqa: ANN401 - an array or an Arrow column
    if isinstance(times, (pa.ChunkedArray, pa.Array)):
        if pa.types.is_timestamp(times.type):
            times = times.cast(pa.timestamp("ns", times.type.tz))
        times = to_numpy(times)
    found = np.asarray(times)
    if np.issubdtype(found.dtype, np.datetime64):
        found = found.astype("datetime64[ns]")
    if found.dtype.kind not in "iM":
        fix = "give timestamps, or nanoseconds since 1970 as integers"
        raise DataError(f"{found.dtype} is not a time", where="times", fix=fix)
    return found.astype(np.int64)


def _check_times(times: IntArray, width: int) -> None:
    if times.size != width:
        fix = "give one time per point, the start included"
        raise DataError(f"{times.size} times for {width} points", where="times", fix=fix)
    back = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        row = int(back[0]) + 1
        raise DataError("is not after the one before", where=f"times, row {row}", fix="sort the points by time")


def _check_finite(names: Sequence[Any], values: FloatArray) -> None:
    if not np.isfinite(values.sum()):  # one pass without a copy; a sum may overflow where no value does
        bad = np.argwhere(~np.isfinite(values))
        if bad.size:
            row, point = bad[0].tolist()
            where = f"curve {names[row]!r}, row {point}"
            raise DataError(f"{values[row, point]} is not a number", where=where, fix="fill the gap or cut the curve")


def aligned(batch: CurveBatch, row: int) -> IntArray | None:
    """The times of a curve, if it has any."""
    begin, end, clock = batch.spans[row].tolist()
    return batch.times[clock : clock + end - begin] if batch.timed else None


def values_at(benchmark: Any, times: IntArray | None, points: int) -> FloatArray:  # noqa: ANN401 - as below
    """The values of a benchmark at the points of a curve.

    The benchmark is an array with as many points, or a result or an Arrow table with `time` and one more column, of
    which the last value at or before each time counts.
    """
    if isinstance(benchmark, RunResult):
        from triplebar.metrics.of_result import curve_of_result

        curve = curve_of_result(benchmark)
        return _last_known(curve.times, curve.values, times)
    if hasattr(benchmark, "__arrow_c_stream__"):
        names, values, own_times = _columns(benchmark)
        if own_times is None or len(names) != 1:
            fix = "give a table with the columns time and one of values"
            raise DataError(f"{len(names)} columns of values", where="benchmark", fix=fix)
        _check_times(own_times, values.shape[1])
        _check_finite(names, values)
        return _last_known(own_times, values[0], times)
    found = _numbers("benchmark", benchmark)
    if found.shape != (points,):
        fix = "give one value per point of the curve, or a table with times"
        raise DataError(f"{found.size} values for {points} points", where="benchmark", fix=fix)
    _check_finite(["benchmark"], found[None, :])
    return found


def _last_known(own: IntArray, values: FloatArray, times: IntArray | None) -> FloatArray:
    if times is None:
        raise DataError("has times, the curves have none", where="benchmark", fix="give times=, or an array")
    places = np.searchsorted(own, times, side="right") - 1
    if places[0] < 0:
        fix = "give an earlier start of the benchmark"
        raise DataError("begins after the curve", where="benchmark", fix=fix)
    return np.asarray(values[places])
