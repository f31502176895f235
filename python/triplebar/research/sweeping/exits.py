"""A set that calls `sys.exit`: it has failed like one that raises, and the other sets have not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from triplebar.contracts.errors import StrategyError
from triplebar.research.sweeping.found import RECORDED
from triplebar.strategy.base import Strategy
from triplebar.strategy.failures import handler_error
from triplebar.strategy.handlers import HANDLERS


def made(make: Callable[..., Strategy], values: Mapping[str, Any]) -> Strategy:
    """The strategy of a set; whatever keeps it from being made is a `StrategyError`."""
    try:
        return make(**values)
    except RECORDED:
        raise
    except (Exception, SystemExit) as problem:
        told = f"{type(problem).__name__}: {problem}"
        raise StrategyError(f"cannot be made: {told}", where=getattr(make, "__name__", "sweep")) from problem


@contextmanager
def kept_in(strategy: str) -> Iterator[None]:
    """Turn `SystemExit` into the error of the handler that called it.

    >>> with kept_in("Cross"):
    ...     raise SystemExit(0)
    Traceback (most recent call last):
    triplebar.contracts.errors.StrategyError: Cross: called sys.exit(0); return from the handler instead
    """
    try:
        yield
    except SystemExit as problem:
        raise _error(problem, strategy) from problem


def _error(problem: SystemExit, strategy: str) -> StrategyError:
    trace = problem.__traceback__
    while trace is not None:
        found = _handler_error(problem, strategy, trace.tb_frame)
        if found is not None:
            return found
        trace = trace.tb_next
    return StrategyError(f"called sys.exit({problem.code!r})", where=strategy, fix="return from the handler instead")


def _handler_error(problem: SystemExit, strategy: str, frame: FrameType) -> StrategyError | None:
    """The error, if a frame is that of a handler: its arguments know the tick."""
    code = frame.f_code
    if code.co_name not in HANDLERS or code.co_argcount < 2:
        return None
    context, *event = (frame.f_locals.get(name) for name in code.co_varnames[1 : code.co_argcount])
    index, time_ns = getattr(context, "index", None), getattr(context, "time_ns", None)
    if not isinstance(index, int) or not isinstance(time_ns, int | None):
        return None
    symbol = getattr(event[0], "symbol", None) if event else None
    return handler_error(problem, strategy=strategy, handler=code.co_name, index=index, time_ns=time_ns, symbol=symbol)
