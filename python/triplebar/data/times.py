"""Instants: nanoseconds since 1970 in UTC inside, aware `datetime` outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from triplebar.contracts.errors import DataError

Instant: TypeAlias = datetime | int
"""An aware datetime, or nanoseconds since 1970 in UTC."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NaiveTimeError(DataError, ValueError):
    """A datetime without a time zone does not say which instant it means."""


def instant_ns(instant: Instant, name: str = "time") -> int:
    """Return an instant as nanoseconds since 1970 in UTC.

    >>> instant_ns(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000000
    """
    if isinstance(instant, datetime):
        if instant.utcoffset() is None:
            problem = f"{instant.isoformat()} has no time zone"
            raise NaiveTimeError(problem, where=name, fix="pass a datetime with tzinfo=datetime.UTC")
        since = instant - EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000
    if isinstance(instant, int) and not isinstance(instant, bool):
        return instant
    problem = f"{instant!r} is neither a datetime nor nanoseconds"
    raise NaiveTimeError(problem, where=name, fix="pass a datetime with tzinfo=datetime.UTC")


def instant(time_ns: int) -> datetime:
    """Return the aware datetime of an instant; what is finer than a microsecond is cut off.

    >>> instant(1_000_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return EPOCH + timedelta(microseconds=int(time_ns) // 1_000)


def instant_text(time_ns: int) -> str:
    """Write an instant for people, with all nanoseconds that matter.

    >>> instant_text(1_704_067_260_000_000_000)
    '2024-01-01T00:01:00Z'
    """
    nanoseconds = int(time_ns) % 1_000_000_000
    text = instant(time_ns).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{nanoseconds:09d}Z" if nanoseconds else f"{text}Z"
