"""Returns of months and years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from triplebar.metrics.inputs import Curve


@dataclass(frozen=True, slots=True)
class Year:
    """The returns of a year as fractions: of each month (None before the run, after it, and without capital)."""

    year: int
    months: tuple[float | None, ...]
    whole: float | None


def years(curve: Curve) -> list[Year]:
    """Return what each month and each year brought, by the last value of each calendar day.

    >>> day = 86_400 * 10**9
    >>> curve = Curve(0, 100.0, np.array([31, 59]) * day, np.array([110.0, 99.0]), np.zeros(2))
    >>> [(each.year, each.months[:3], round(each.whole, 4)) for each in years(curve)]
    [(1970, (0.1, -0.1, None), -0.01)]
    """
    if curve.days.size == 0:
        return []
    month = curve.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    last = np.flatnonzero(np.append(month[1:] != month[:-1], True))
    ends = dict(zip(month[last].tolist(), curve.daily[1:][last].tolist(), strict=True))
    found, before = [], curve.initial
    for year in range(min(ends) // 12, max(ends) // 12 + 1):
        start, parts = before, []
        for number in range(year * 12, year * 12 + 12):
            after = ends.get(number)
            parts.append(None if after is None else _return(before, after))
            before = before if after is None else after
        found.append(Year(1970 + year, tuple(parts), _return(start, before)))
    return found


def _return(before: float, after: float) -> float | None:
    return round(after / before - 1.0, 12) if before > 0 else None
