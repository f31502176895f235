"""How a command ends early: how to go on, and a strategy that calls `sys.exit`, which would report nothing."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from triplebar.contracts.errors import StrategyError
from triplebar.strategy.failures import PACKAGE


def going_on(store: object) -> str:
    """How to go on with what was interrupted.

    >>> going_on(None)
    'with --store FILE the same command would go on'
    """
    if store is None:
        return "with --store FILE the same command would go on"
    return "the same command goes on where it was"


@contextmanager
def kept_in(strategy: str) -> Iterator[None]:
    """Turn `SystemExit` into a `StrategyError` that names the line.

    >>> with kept_in("mine.py"):
    ...     raise SystemExit(0)
    Traceback (most recent call last):
    triplebar.contracts.errors.StrategyError: mine.py: called sys.exit(0) ...; return from the handler instead, ...
    """
    try:
        yield
    except SystemExit as problem:
        frames = traceback.extract_tb(problem.__traceback__)
        theirs = [frame for frame in frames if PACKAGE not in Path(frame.filename).parents]
        line = (theirs or frames)[-1]
        raise StrategyError(
            f"called sys.exit({problem.code!r}) ({Path(line.filename).name}, line {line.lineno}: {line.line})",
            where=strategy,
            fix="return from the handler instead, or raise an exception that says what is wrong",
        ) from problem
