"""How many daily returns make a year: from the calendar of the data."""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.metrics.inputs import IntArray

ROUND_THE_CLOCK: Final = frozenset({"24/7"})
PERIODS_ROUND_THE_CLOCK: Final = 365.0
PERIODS_SESSIONS: Final = 252.0
DAYS_PER_YEAR: Final = 365.25
SPARSE_DAYS_MIN: Final = 5
"""Data whose days are usually this far apart are weekly or monthly, whatever the calendar says."""


def periods_per_year(calendar: str, days: IntArray) -> float:
    """Return 252 for exchange sessions and 365 round the clock; for weekly or sparser data what the data show.

    >>> periods_per_year("24/7", np.arange(10)), periods_per_year("XNYS", np.arange(10))
    (365.0, 252.0)
    >>> round(periods_per_year("XNYS", np.arange(0, 700, 7)), 3)
    52.179
    """
    gaps = np.diff(days)
    if gaps.size and float(np.median(gaps)) >= SPARSE_DAYS_MIN:
        return DAYS_PER_YEAR / float(np.mean(gaps))
    return PERIODS_ROUND_THE_CLOCK if calendar in ROUND_THE_CLOCK else PERIODS_SESSIONS
