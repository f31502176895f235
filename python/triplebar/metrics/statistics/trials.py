"""How many of the variants that were tried really differ."""

from __future__ import annotations

import numpy as np

from triplebar.contracts.errors import DataError
from triplebar.metrics.inputs import FloatArray


def correlations(returns: FloatArray) -> FloatArray:
    """The correlation of every pair of columns: symmetric, one on the diagonal; one row per period.

    A column that does not vary correlates with nothing.

    >>> correlations(np.array([[1.0, 2.0], [2.0, 4.0], [4.0, 8.0]])).round(9).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    values = matrix_of(returns)
    centred = values - values.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(length > 0, length, 1.0)
    found = np.clip(unit.T @ unit, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray((found + found.T) / 2.0)


def effective_trials(returns: FloatArray) -> float:
    """How many independent trials so many correlated ones are worth: the mean correlation takes its share away.

    One column per trial, one row per period: ρ + (1 - ρ) · N with the mean correlation ρ, at least zero, of all pairs.

    >>> same = np.array([[0.1], [0.2], [-0.1]])
    >>> round(effective_trials(np.hstack([same, same, same])), 9)
    1.0
    """
    return effective_of(correlations(returns))


def effective_of(found: FloatArray) -> float:
    """The same of correlations that are known.

    >>> effective_of(np.eye(5))
    5.0
    """
    count = len(found)
    if count == 1:
        return 1.0
    mean = (found.sum() - count) / (count * (count - 1))
    share = min(max(float(mean), 0.0), 1.0)
    return share + (1.0 - share) * count


def matrix_of(returns: FloatArray, least: int = 2) -> FloatArray:
    """Check returns with one row per period and one column per trial."""
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] < least or values.shape[1] < 1:
        fix = "give one row per period and one column per trial"
        raise DataError(f"{values.shape} is not periods by trials", where="returns", fix=fix)
    bad = np.argwhere(~np.isfinite(values))
    if bad.size:
        row, column = bad[0].tolist()
        where = f"returns, row {row}, column {column}"
        raise DataError(f"{values[row, column]} is not a number", where=where, fix="fill it in, or leave the trial out")
    return values
