"""Instants as callers give them: a naive time is refused, with the name of the argument."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from triplebar.contracts.errors import DataError
from triplebar.contracts.time import from_ns, to_ns, to_text

Instant: TypeAlias = datetime | str | int
"""An aware datetime, an ISO text with its offset, or nanoseconds since 1970 in UTC."""

__all__ = ["Instant", "TimeError", "from_ns", "instant_ns", "range_ns", "to_text"]


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


def range_ns(start: Instant, end: Instant) -> tuple[int, int]:
    """Return a range, closed on the left; it must not end before it starts.

    >>> range_ns(0, 5)
    (0, 5)
    """
    first, last = instant_ns(start, "start"), instant_ns(end, "end")
    if last <= first:
        raise TimeError(f"{to_text(last)} is not after the start {to_text(first)}", where="end", fix="exchange the two")
    return first, last
