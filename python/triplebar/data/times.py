"""Instants as callers give them: a naive time is refused, with the name of the argument."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

from triplebar.contracts.errors import DataError
from triplebar.contracts.time import DAY_NS, EPOCH, from_ns, to_ns, to_text

Instant: TypeAlias = datetime | str | int
"""An aware datetime, an ISO text with its offset, or nanoseconds since 1970 in UTC."""

__all__ = ["Instant", "TimeError", "day_start_ns", "from_ns", "instant_ns", "range_ns", "to_text"]


class TimeError(DataError, ValueError):
    """A time that does not say which instant it means, or a range that ends before it starts."""


def instant_ns(value: Instant, name: str = "time") -> int:
    """Return an instant as nanoseconds since 1970 in UTC.

    >>> instant_ns("1970-01-01T00:00:01Z")
    1000000000
    >>> instant_ns("1970-01-01T00:00:01", "start")
    Traceback (most recent call last):
    triplebar.data.times.TimeError: start: '1970-01-01T00:00:01' has no time zone; end it with Z
    """
    try:
        return to_ns(value)
    except ValueError as problem:
        message, _, fix = str(problem).partition("; ")
        raise TimeError(message, where=name, fix=fix or None) from None


def day_start_ns(day: date) -> int:
    """Return the first instant of a UTC day; an aware datetime means the day it lies in.

    >>> day_start_ns(date(1970, 1, 2))
    86400000000000
    """
    if isinstance(day, datetime):
        return instant_ns(day, "day") // DAY_NS * DAY_NS
    if not isinstance(day, date):
        raise TimeError(f"{day!r} is not a day", where="day", fix="pass a datetime.date")
    return (day - EPOCH.date()).days * DAY_NS


def range_ns(start: Instant, end: Instant) -> tuple[int, int]:
    """Return a range, closed on the left; it must not end before it starts.

    >>> range_ns(0, 5)
    (0, 5)
    """
    first, last = instant_ns(start, "start"), instant_ns(end, "end")
    if last <= first:
        raise TimeError(f"{to_text(last)} is not after the start {to_text(first)}", where="end", fix="exchange the two")
    return first, last
