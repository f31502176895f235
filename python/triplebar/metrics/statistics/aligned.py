"""Daily returns of several curves over the same days."""

from __future__ import annotations

from typing import Any

import numpy as np

from triplebar.contracts.errors import DataError
from triplebar.metrics.batch import CurveBatch, batch_of
from triplebar.metrics.inputs import FloatArray, IntArray


def daily_returns(curves: Any, *, times: Any = None) -> FloatArray:  # noqa: ANN401 - as for `many`
    """Give the daily returns of curves or results, one row per day and one column per curve.

    It is what `effective_trials`, `correlations` and `overfitting_probability` take. The days must be the same.

    >>> daily_returns(np.array([[100.0, 110.0, 99.0], [100.0, 100.0, 150.0]])).round(9).tolist()
    [[0.1, 0.0], [-0.1, 0.5]]
    """
    return np.ascontiguousarray(aligned_returns(batch_of(curves, times=times, periods_per_year=1.0)).T)


def aligned_returns(batch: CurveBatch) -> FloatArray:
    """Daily returns, one row per curve; refuses curves of other days than the first."""
    rows: list[FloatArray] = []
    first: IntArray | None = None
    for row in range(len(batch)):
        curve, places = batch.curve(row), np.concatenate([[0], batch.daily_places(row)])
        values, times = curve.values[places], curve.times[places]
        where = f"curve {batch.names[row]!r}"
        if np.any(values[:-1] <= 0):
            raise DataError("reached zero or below, so it has no returns", where=where, fix="leave it out")
        if first is not None and not np.array_equal(times, first):
            raise DataError("has other days than the first", where=where, fix="compare runs over the same days")
        first = times
        rows.append(values[1:] / values[:-1] - 1.0)
    return np.stack(rows)
