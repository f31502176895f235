"""Bar intervals written as people write them: `1s`, `5m`, `4h`, `1d`, `1w`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from triplebar.contracts.errors import ConfigError

SECOND_NS: Final = 1_000_000_000
MINUTE_NS: Final = 60 * SECOND_NS
HOUR_NS: Final = 60 * MINUTE_NS
DAY_NS: Final = 24 * HOUR_NS

UNITS_NS: Final = {"s": SECOND_NS, "m": MINUTE_NS, "h": HOUR_NS, "d": DAY_NS, "w": 7 * DAY_NS}

_PATTERN: Final = re.compile(r"([1-9][0-9]{0,8})([smhdw])")


def interval_ns(interval: str | int | timedelta) -> int:
    """Return the length of a bar in nanoseconds.

    >>> interval_ns("5m"), interval_ns(timedelta(hours=1))
    (300000000000, 3600000000000)
    """
    if isinstance(interval, str):
        length = _parse(interval)
    elif isinstance(interval, timedelta):
        length = (interval.days * 86_400 + interval.seconds) * SECOND_NS + interval.microseconds * 1_000
    elif type(interval) is int:
        length = interval
    else:
        raise ConfigError.of("interval", interval, "is not an interval", fix="write for example '1m', '4h' or '1d'")
    if length <= 0:
        raise ConfigError.of("interval", interval, "must be longer than nothing", fix="write for example '1m'")
    return length


def interval_text(length_ns: int) -> str:
    """Write a length the short way.

    >>> interval_text(90 * 60 * 1_000_000_000), interval_text(86_400_000_000_000)
    ('90m', '1d')
    """
    for unit, unit_ns in reversed(UNITS_NS.items()):
        if length_ns >= unit_ns and length_ns % unit_ns == 0:
            return f"{length_ns // unit_ns}{unit}"
    return f"{length_ns}ns"


def _parse(interval: str) -> int:
    match = _PATTERN.fullmatch(interval.strip().lower())
    if match is None:
        raise ConfigError.of(
            "interval", interval, "is not an interval", fix="write a whole number and s, m, h, d or w, such as '5m'"
        )
    return int(match[1]) * UNITS_NS[match[2]]
