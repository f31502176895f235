"""What happens when a strategy raises: one error that says where in the run and where in the code (F-081)."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Final

from triplebar.contracts.errors import StrategyError
from triplebar.contracts.orders import CHANGE_KEYWORDS, ORDER_KEYWORDS
from triplebar.contracts.suggest import hint
from triplebar.contracts.time import to_text

PACKAGE: Final = Path(__file__).parents[1]
"""Lines in here are ours, not the strategy's."""
UNKNOWN_KEYWORD: Final = re.compile(r"\b(buy|sell|modify)\(\) got an unexpected keyword argument '(\w+)'")


class HandlerError(StrategyError):
    """A handler of a strategy raised; the original error is its `__cause__`.

    `strategy`, `handler`, `index` (tick of the clock, -1 in `on_start`), `time_ns` and `symbol` (None if the handler is
    not about one instrument) say where in the run.

    >>> error = handler_error(ValueError("no"), strategy="Cross", handler="on_bar", index=3, time_ns=0, symbol="X")
    >>> isinstance(error, HandlerError), error.handler, error.index
    (True, 'on_bar', 3)
    """

    strategy: str
    handler: str
    index: int
    time_ns: int | None
    symbol: str | None


def handler_error(
    problem: BaseException,
    *,
    strategy: str,
    handler: str,
    index: int,
    time_ns: int | None = None,
    symbol: str | None = None,
) -> HandlerError:
    """Make the error that a run ends with; raise it `from` the original.

    >>> error = handler_error(ZeroDivisionError("division by zero"), strategy="Cross", handler="on_bar",
    ...                       index=7, time_ns=0, symbol="X")
    >>> print(error)
    Cross.on_bar, X, tick 7 at 1970-01-01T00:00:00Z: ZeroDivisionError: division by zero
    """
    error = HandlerError(_message(problem), where=_where(strategy, handler, index, time_ns, symbol))
    error.strategy, error.handler, error.index = strategy, handler, index
    error.time_ns, error.symbol = time_ns, symbol
    error.__cause__ = problem
    return error


def _where(strategy: str, handler: str, index: int, time_ns: int | None, symbol: str | None) -> str:
    place = "before the first tick" if index < 0 else f"tick {index}"
    time = "" if time_ns is None or index < 0 else f" at {to_text(time_ns)}"
    return ", ".join(part for part in (f"{strategy}.{handler}", symbol, place + time) if part)


def _message(problem: BaseException) -> str:
    said = (f"{type(problem).__name__}: {problem}", _suggestion(problem), *getattr(problem, "__notes__", ()))
    text = "; ".join(part for part in said if part)
    frames = traceback.extract_tb(problem.__traceback__)
    if not frames:
        return text
    theirs = [frame for frame in frames if PACKAGE not in Path(frame.filename).parents]
    line = (theirs or frames)[-1]
    return f"{text} ({Path(line.filename).name}, line {line.lineno}: {line.line})"


def _suggestion(problem: BaseException) -> str | None:
    """What to write instead of a keyword that orders do not have."""
    found = UNKNOWN_KEYWORD.search(str(problem)) if isinstance(problem, TypeError) else None
    if found is None:
        return None
    return hint(found[2], ("quantity", *CHANGE_KEYWORDS) if found[1] == "modify" else ORDER_KEYWORDS)
