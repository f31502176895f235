"""Why an item failed, by the type of its error, and whether it is worth another try."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from triplebar.contracts import errors
from triplebar.strategy.failures import HandlerError

CATEGORY_OF: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (TimeoutError, "timeout"),
    (MemoryError, "memory_error"),
    (errors.DataError, "data_error"),
    (errors.ExternalApiError, "data_error"),
    (errors.ConfigError, "parameter_error"),
    (errors.ParameterError, "parameter_error"),
    (errors.UnsupportedSettingError, "parameter_error"),
    (errors.AdapterError, "engine_error"),
    (errors.ExecutionError, "engine_error"),
    (errors.InternalError, "engine_error"),
    (errors.TradingError, "unknown"),
)
"""The first kind that fits decides."""
BUILT_IN: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (FileNotFoundError, "data_error"),
    (LookupError, "data_error"),
    (TypeError, "parameter_error"),
    (ValueError, "parameter_error"),
    (RuntimeError, "engine_error"),
)
"""The same for errors that are not ours; what a strategy raises while it runs tells nothing of the kind."""
TRANSIENT: Final = ("timeout", "memory_error")
TRANSIENT_WORDS: Final = (
    "temporar",
    "timed out",
    "connection",
    "unavailable",
    "try again",
    "busy",
    "locked",
    "rate limit",
    "ratelimit",
    "too many requests",
)
"""Words in the message of an error that may be gone in a moment."""


def category_of(problem: BaseException) -> str:
    """The category of an error: of a strategy's own error if that says more.

    >>> category_of(errors.DataError("no rows")), category_of(ZeroDivisionError()), category_of(MemoryError())
    ('data_error', 'unknown', 'memory_error')
    """
    chain = list(_causes(problem))
    for each in chain:
        found = _first(each, CATEGORY_OF)
        if found not in {None, "unknown"}:
            return str(found)
    if any(isinstance(each, errors.TradingError) for each in chain):
        return "unknown"
    return _first(problem, BUILT_IN) or "unknown"


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The error, and, if a handler of a strategy raised, what it raised."""
    yield problem
    if isinstance(problem, HandlerError) and problem.__cause__ is not None:
        yield from _causes(problem.__cause__)


def _first(problem: BaseException, table: tuple[tuple[type[BaseException], str], ...]) -> str | None:
    return next((category for kind, category in table if isinstance(problem, kind)), None)


def is_transient(category: str, message: str) -> bool:
    """Whether the same item may succeed if it is tried again.

    >>> is_transient("timeout", ""), is_transient("unknown", "OSError: Connection reset"), is_transient("unknown", "no")
    (True, True, False)
    """
    said = message.lower()
    return category in TRANSIENT or any(word in said for word in TRANSIENT_WORDS)
