"""Bars that a calendar lets us expect and that are not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from triplebar.data.arrays import IntArray
from triplebar.data.calendars import ROUND_THE_CLOCK, Calendar, RoundTheClock, calendar
from triplebar.data.intervals import DAY_NS, MINUTE_NS
from triplebar.data.schedule import closes_until, whole_sessions
from triplebar.data.times import to_text

LONG_NS: Final = 4 * DAY_NS
"""Bars longer than this, such as weekly ones, do not follow sessions."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars missing between two neighbours of one symbol.

    >>> print(Gap("X", 0, 3 * 60_000_000_000, 2))
    X: 2 bars missing between 1970-01-01T00:00:00Z and 1970-01-01T00:03:00Z
    """

    symbol: str
    after_ns: int
    before_ns: int
    missing: int

    def __str__(self) -> str:
        bars = "1 bar" if self.missing == 1 else f"{self.missing} bars"
        return f"{self.symbol}: {bars} missing between {to_text(self.after_ns)} and {to_text(self.before_ns)}"

    def to_mapping(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        after, before = to_text(self.after_ns), to_text(self.before_ns)
        return {"symbol": self.symbol, "after": after, "before": before, "missing": self.missing}


def usual_interval_ns(time: IntArray) -> int:
    """Return the most common step, the smaller one of equals; one minute if there are fewer than two bars.

    >>> usual_interval_ns(np.array([10, 20, 30, 90]))
    10
    """
    steps = np.diff(time)
    steps = steps[steps > 0]
    if len(steps) == 0:
        return MINUTE_NS
    lengths, counts = np.unique(steps, return_counts=True)
    return int(lengths[counts.argmax()])


def find_gaps(
    time: IntArray, symbol: str = "", sessions: str | Calendar = ROUND_THE_CLOCK, interval_ns: int | None = None
) -> list[Gap]:
    """Return the gaps between the first and the last of these times.

    >>> minute = 60_000_000_000
    >>> [gap.missing for gap in find_gaps(np.array([1, 2, 3, 6]) * minute, "X")]
    [2]
    """
    if len(time) < 2:
        return []
    if (time[1:] < time[:-1]).any():
        time = np.sort(time)
    length_ns = interval_ns or usual_interval_ns(time)
    missing = _missing(time, calendar(sessions), length_ns)
    return [
        Gap(symbol, int(time[place]), int(time[place + 1]), int(missing[place]))
        for place in np.flatnonzero(missing > 0).tolist()
    ]


def _missing(time: IntArray, sessions: Calendar, interval_ns: int) -> IntArray:
    if isinstance(sessions, RoundTheClock) or interval_ns > LONG_NS:
        return (np.diff(time) + interval_ns // 2) // interval_ns - 1
    stretches = whole_sessions(sessions.stretches(int(time[0]), int(time[-1])), interval_ns)
    if len(stretches.opens) == 0:
        return np.zeros(len(time) - 1, dtype=np.int64)
    return np.diff(closes_until(stretches, time, interval_ns)) - 1
