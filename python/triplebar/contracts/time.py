"""UTC-aware time: whole nanoseconds inside, aware datetimes outside; a naive time is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from numbers import Integral
from typing import Final

from triplebar.contracts.exact import INT64_MAX, INT64_MIN

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_NS: Final = 1_000_000_000
DAY_NS: Final = 86_400 * SECOND_NS
YEAR_NS: Final = 365 * DAY_NS
"""The year of rates (S-73)."""

_MICROSECOND: Final = timedelta(microseconds=1)


def utc(value: object) -> datetime:
    """Take an aware datetime, or a text in ISO form with its offset, to UTC; `ValueError` for a naive one.

    >>> utc("2024-01-01T09:30:00-05:00")
    datetime.datetime(2024, 1, 1, 14, 30, tzinfo=datetime.timezone.utc)
    >>> utc(datetime(2024, 1, 1))
    Traceback (most recent call last):
    ValueError: datetime.datetime(2024, 1, 1, 0, 0) has no time zone; add tzinfo=timezone.utc
    """
    moment = _parsed(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise ValueError(f"{value!r} is not a time; give an aware datetime")  # noqa: TRY004 - callers promise ValueError
    if moment.utcoffset() is None:
        fix = "end it with Z" if isinstance(value, str) else "add tzinfo=timezone.utc"
        raise ValueError(f"{value!r} has no time zone; {fix}")
    if getattr(moment, "nanosecond", 0):
        raise ValueError(f"{value!r} is finer than a microsecond; give nanoseconds as an integer instead")
    there = moment.astimezone(UTC)
    return EPOCH + timedelta(microseconds=(there - EPOCH) // _MICROSECOND)


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write e.g. '2024-01-01T00:00:00Z'") from None


def to_ns(value: object) -> int:
    """Nanoseconds since 1970 of an aware datetime, an ISO text, or of whole nanoseconds themselves.

    >>> to_ns("1970-01-01T00:00:01Z"), to_ns(5)
    (1000000000, 5)
    """
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a time; give an aware datetime")  # noqa: TRY004 - callers promise ValueError
    whole = int(value) if isinstance(value, Integral) else (utc(value) - EPOCH) // _MICROSECOND * 1_000
    return _in_range(whole, value)


def _in_range(time_ns: int, value: object) -> int:
    if not INT64_MIN < time_ns <= INT64_MAX:
        raise ValueError(f"{value!r} is outside the years 1678 to 2262")
    return time_ns


def from_ns(time_ns: int) -> datetime:
    """Give the aware datetime of nanoseconds since 1970; what is finer than a microsecond is cut off.

    >>> from_ns(1_000_000_000)
    datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.timezone.utc)
    """
    return EPOCH + timedelta(microseconds=time_ns // 1_000)


def to_text(time_ns: int) -> str:
    """Write nanoseconds since 1970 in ISO form, with as many decimals as it takes.

    >>> to_text(1_000_000_001), to_text(0)
    ('1970-01-01T00:00:01.000000001Z', '1970-01-01T00:00:00Z')
    """
    seconds, rest = divmod(time_ns, SECOND_NS)
    whole = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{rest:09d}".rstrip("0") + "Z" if rest else f"{whole}Z"


def from_text(text: str) -> int:
    """Read what `to_text` wrote, to the nanosecond.

    >>> from_text("1970-01-01T00:00:01.000000001Z")
    1000000001
    """
    head, dot, tail = text.removesuffix("Z").partition(".")
    if not text.endswith("Z") or (dot and not (tail.isdecimal() and tail.isascii() and len(tail) <= 9)):
        raise ValueError(f"{text!r} is not a time; write e.g. '2024-01-01T00:00:00Z'")
    seconds = (utc(f"{head}Z") - EPOCH) // timedelta(seconds=1)
    return _in_range(seconds * SECOND_NS + int(tail.ljust(9, "0")), text)
