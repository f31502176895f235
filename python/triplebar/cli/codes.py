"""What the exit codes mean, and which error ends in which."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from triplebar.contracts import errors


class Exit(IntEnum):
    """The exit codes of `triplebar`."""

    OK = 0
    DIFFERENT = 1
    """`compare` found a difference, or `data check` found faults."""
    USAGE = 2
    """Wrong arguments, configuration, or a strategy, run or order that is not there."""
    DATA = 3
    """Market data are not there, or market data or a stored result cannot be used."""
    STRATEGY = 4
    """The strategy is written wrongly, or raised while it ran."""
    INTERNAL = 5
    """A defect of triplebar itself; please report it."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C; what was done until then was kept."""


CODES: Final[tuple[tuple[type[BaseException], Exit], ...]] = (
    (KeyboardInterrupt, Exit.INTERRUPTED),
    (errors.InternalError, Exit.INTERNAL),
    (errors.ConfigError, Exit.USAGE),
    (errors.ParameterError, Exit.USAGE),
    (errors.AdapterError, Exit.USAGE),
    (errors.RegistryError, Exit.USAGE),
    (errors.DataError, Exit.DATA),
    (errors.StrategyError, Exit.STRATEGY),
    (errors.ExecutionError, Exit.STRATEGY),
    (errors.TradingError, Exit.USAGE),
    (OSError, Exit.USAGE),
)
"""The first kind that fits decides."""


def exit_code(problem: BaseException) -> Exit:
    """Choose the code for an error.

    >>> exit_code(errors.ConfigError("no")).name, exit_code(ZeroDivisionError()).name
    ('USAGE', 'INTERNAL')
    """
    return next((code for kind, code in CODES if isinstance(problem, kind)), Exit.INTERNAL)
