"""At which instants bars close: every interval inside the sessions of a calendar, and once more at their end."""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.contracts.errors import ConfigError
from triplebar.data.arrays import IntArray
from triplebar.data.calendars import Calendar, RoundTheClock
from triplebar.data.intervals import DAY_NS
from triplebar.data.stretches import Stretches

SPAN_MAX_NS: Final = 200 * 366 * DAY_NS
"""Nanoseconds end in 2262."""


def bar_closes(calendar: Calendar, start_ns: int, bars: int, interval_ns: int) -> IntArray:
    """Return the first `bars` closes after `start_ns`.

    >>> bar_closes(RoundTheClock(), 0, 3, 60).tolist()
    [60, 120, 180]
    """
    span = max(bars * interval_ns, 10 * DAY_NS)
    if span > SPAN_MAX_NS:
        raise _too_many(bars)
    if isinstance(calendar, RoundTheClock):
        return start_ns + interval_ns * np.arange(1, bars + 1, dtype=np.int64)
    while span <= SPAN_MAX_NS:
        closes = closes_of(whole_sessions(calendar.stretches(start_ns, start_ns + span), interval_ns), interval_ns)
        closes = closes[(closes > start_ns) & (closes <= start_ns + span)]
        if len(closes) >= bars:
            return closes[:bars]
        span *= 2
    raise _too_many(bars)


def _too_many(bars: int) -> ConfigError:
    return ConfigError.of("bars", bars, "is more than two centuries have", fix="ask for fewer bars")


def closes_of(stretches: Stretches, interval_ns: int) -> IntArray:
    """Return all closes of these stretches."""
    counts = _counts(stretches, interval_ns)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    opens, ends = np.repeat(stretches.opens, counts), np.repeat(stretches.closes, counts)
    closes: IntArray = np.minimum(opens + (number + 1) * interval_ns, ends)
    return closes


def whole_sessions(stretches: Stretches, interval_ns: int) -> Stretches:
    """Join the stretches of a session if a bar is as long as a session: it closes once, when the session does."""
    if len(stretches.sessions) == 0:
        return stretches
    first = np.flatnonzero(np.diff(stretches.sessions, prepend=stretches.sessions[0] - 1))
    last = np.append(first[1:], len(stretches.sessions)) - 1
    joined = Stretches(stretches.opens[first], stretches.closes[last], stretches.sessions[first])
    return joined if interval_ns >= (joined.closes - joined.opens).max() else stretches


def closes_until(stretches: Stretches, time_ns: IntArray, interval_ns: int) -> IntArray:
    """Return how many closes there are at or before each time."""
    counts = _counts(stretches, interval_ns)
    before = np.concatenate([[0], np.cumsum(counts)])
    place = np.searchsorted(stretches.opens, time_ns, side="left") - 1
    inside = np.maximum(place, 0)
    done = (time_ns - stretches.opens[inside]) // interval_ns
    done = np.where(time_ns >= stretches.closes[inside], counts[inside], done)
    return np.where(place < 0, 0, before[inside] + done)


def _counts(stretches: Stretches, interval_ns: int) -> IntArray:
    return -((stretches.opens - stretches.closes) // interval_ns)
