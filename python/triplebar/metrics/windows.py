"""Metrics of every window of some periods, as they were known at its end."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_arrow
from triplebar.contracts.checks import integer
from triplebar.contracts.errors import DataError, InsufficientDataError
from triplebar.contracts.result import RunResult
from triplebar.contracts.tables import TIME
from triplebar.metrics.batch import CurveBatch, aligned, batch_of, values_at
from triplebar.metrics.inputs import FloatArray, IntArray

NAMES: Final = ("total_return", "volatility", "sharpe", "sortino", "max_drawdown", "beta")
"""In the order of `kernels.rolling_nb`; defined as in the registry, with the window for the run."""


def rolling(
    curves: Any,  # noqa: ANN401 - as for `many`
    window: int,
    *,
    times: Any = None,  # noqa: ANN401 - an array or an Arrow column
    periods_per_year: float | None = None,
    risk_free_rate: float = 0.0,
    benchmark: Any = None,  # noqa: ANN401 - an array, a table or a result
) -> pa.Table:
    """Measure every window of so many daily returns: one row per curve and window, at the day with which it ends.

    Columns: curve, time (or point), and of the window `total_return`, `volatility`, `sharpe`, `sortino`,
    `max_drawdown`; `beta` with a benchmark. Days before the first full window have no row; what is not defined is null.

    >>> import numpy as np
    >>> table = rolling(np.array([[100.0, 110.0, 99.0, 108.9]]), 2, periods_per_year=252)
    >>> table["point"].to_pylist(), [round(each, 9) for each in table["total_return"].to_pylist()]
    ([2, 3], [-0.01, -0.01])
    """
    given = [curves] if isinstance(curves, RunResult) else curves
    batch = batch_of(given, times=times, periods_per_year=periods_per_year, risk_free_rate=risk_free_rate)
    integer("window", window, low=2, high=2**31)
    tables = [_of_curve(batch, row, window, benchmark) for row in range(len(batch))]
    return pa.concat_tables(tables)


def _of_curve(batch: CurveBatch, row: int, window: int, benchmark: Any) -> pa.Table:  # noqa: ANN401 - as above
    from triplebar.metrics.kernels.rolling_nb import rolling_nb

    curve, places = batch.curve(row), batch.daily_places(row)
    values = curve.values[np.concatenate([[0], places])]
    if places.size < window:
        raise InsufficientDataError.of(f"curve {batch.names[row]!r}", needed=window + 1, available=values.size)
    if np.any(values[:-1] <= 0):
        fix = "cut the curve before its ruin"
        raise DataError(
            "reached zero or below, so returns are not defined", where=f"curve {batch.names[row]!r}", fix=fix
        )
    returns = values[1:] / values[:-1] - 1.0
    beside = np.zeros(0)
    if benchmark is not None:
        base = values_at(benchmark, aligned(batch, row), curve.values.size)[np.concatenate([[0], places])]
        beside = base[1:] / base[:-1] - 1.0
    periods, yearly = batch.rates[row].tolist()
    free = (1.0 + yearly) ** (1.0 / periods) - 1.0
    out = np.full((1, returns.size, len(NAMES)), np.nan)
    rolling_nb(values[None, :], returns[None, :], beside, window, periods, free, out)
    return _table(batch, row, places[window - 1 :], out[0, window - 1 :])


def _table(batch: CurveBatch, row: int, places: IntArray, found: FloatArray) -> pa.Table:
    name = batch.names[row]
    curve = pa.nulls(places.size, pa.int64() if isinstance(name, int) else pa.string()).fill_null(name)
    where = to_arrow(batch.times[batch.spans[row, 2] + places], kind=TIME) if batch.timed else to_arrow(places)
    columns = {name: np.ascontiguousarray(found[:, slot]) for slot, name in enumerate(NAMES)}
    arrays = {name: to_arrow(column, np.isnan(column)) for name, column in columns.items()}
    if np.isnan(columns["beta"]).all():
        del arrays["beta"]
    return pa.table({"curve": curve, "time" if batch.timed else "point": where, **arrays})
