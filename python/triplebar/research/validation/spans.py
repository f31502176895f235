"""Lengths of time as people write them, with the name of what they are for."""

from __future__ import annotations

from datetime import timedelta

from triplebar.contracts.errors import ConfigError
from triplebar.data.intervals import interval_ns

Span = str | int | timedelta
"""`"30d"`, a timedelta, or nanoseconds."""

NOTHING = ("0", "0s", "0m", "0h", "0d", "0w")


def span_ns(name: str, span: Span, *, may_be_nothing: bool = False) -> int:
    """Return a length of time in nanoseconds.

    >>> span_ns("train", "30d") == span_ns("train", timedelta(days=30))
    True
    >>> span_ns("embargo", "0d", may_be_nothing=True)
    0
    """
    if may_be_nothing and (span in NOTHING if isinstance(span, str) else not span):
        return 0
    try:
        return interval_ns(span)
    except ConfigError:
        raise ConfigError.of(name, span, "is no length of time", fix=f"write for example {name}='30d'") from None
