"""Whether an array that a strategy reads knows the next bar: a precomputed indicator that looks ahead.

Its rows up to a bar are correlated with the return of the bar after it, once what the last returns say about both is
taken away: so is a centred window. An honest indicator is made of the past and has nothing to say about what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from triplebar.data.market import Market
from triplebar.data.series import Series
from triplebar.research.causality.reachable import Place

Floats = npt.NDArray[np.float64]

LAGS: Final = 5
"""So many past returns are taken out of both."""
ROWS_MIN: Final = 100
"""Fewer rows than this prove nothing."""
CORRELATION_MIN: Final = 0.2
CLIPPED: Final = 0.05
"""This share of the values is cut off at either end."""
SIGMAS_MIN: Final = 6.0
"""A correlation counts if it is larger than both of these allow."""


def foresight(place: Place, market: Market) -> tuple[str, float] | None:
    """The instrument whose next bar an array knows, and the correlation; None if it knows none."""
    best: tuple[str, float] | None = None
    for symbol in market.symbols:
        series = market.series(symbol)
        for column in _columns(place.value, len(series)):
            found = _correlation(column, series)
            if found is not None and (best is None or abs(found) > abs(best[1])):
                best = symbol, found
    return best


def _columns(value: Any, rows: int) -> Iterator[Floats]:  # noqa: ANN401 - any kind of data
    """Columns of numbers with a row for each bar."""
    if not hasattr(value, "__len__") or len(value) != rows or rows < ROWS_MIN:
        return
    if hasattr(value, "column_names"):
        for name in value.column_names:
            yield from _columns(value.column(name), rows)
        return
    try:
        numbers = np.asarray(value)
    except (TypeError, ValueError):
        return
    if numbers.dtype.kind in "fiub":
        yield from np.atleast_2d(numbers.astype(np.float64).T)


def _correlation(column: Floats, series: Series) -> float | None:
    close = np.asarray(series.close, dtype=np.float64)
    returns = np.diff(close) / close[:-1]
    ahead = returns[LAGS:]
    """From bar `LAGS` on: the return of the bar after."""
    past = np.column_stack([returns[LAGS - lag - 1 : len(returns) - lag - 1] for lag in range(LAGS)])
    best = 0.0
    for feature in (np.diff(column)[LAGS - 1 : -1], column[LAGS:-1], column[LAGS:-1] - close[LAGS:-1]):
        good = np.isfinite(feature) & np.isfinite(ahead) & np.isfinite(past).all(axis=1)
        if good.sum() < ROWS_MIN:
            continue
        left, right = (_rest(_clipped(each[good]), past[good]) for each in (feature, ahead))
        deviation = float(left.std() * right.std())
        scale = max(1e-12, 1e-9 * float(np.abs(feature[good]).max(initial=0.0)))
        if left.std() > scale and deviation > 0:
            found = float((left * right).mean()) / deviation
            best = found if abs(found) > abs(best) else best
    least = max(CORRELATION_MIN, SIGMAS_MIN / np.sqrt(len(ahead)))
    return best if abs(best) > least else None


def _clipped(values: Floats) -> Floats:
    """Without the ends of a convolution, jumps and the like."""
    return np.asarray(np.clip(values, *np.quantile(values, [CLIPPED, 1 - CLIPPED])))


def _rest(values: Floats, past: Floats) -> Floats:
    """What the last returns do not say about values."""
    known = np.column_stack([np.ones(len(values)), past])
    weights, *_ = np.linalg.lstsq(known, values, rcond=None)
    return np.asarray(values - known @ weights)
