"""Is there enough history?"""

from __future__ import annotations

import numpy as np

from triplebar.contracts.errors import ConfigError, InsufficientDataError
from triplebar.data.market import Market
from triplebar.data.times import Instant, instant_ns


def bars_available(market: Market, symbol: str, at: Instant | None = None) -> int:
    """Return how many bars of a symbol have closed at an instant (at the end of the data, if none is given).

    >>> bars_available(Market.synthetic(bars=5), "X", "2024-01-01T00:02:00Z")
    2
    """
    series = market.series(symbol)
    return len(series) if at is None else int(np.searchsorted(series.time, instant_ns(at, "at"), side="right"))


def require_history(market: Market, needed: int, *, symbol: str | None = None, at: Instant | None = None) -> None:
    """Raise `InsufficientDataError`, naming symbol, needed and available, unless there are that many bars.

    >>> require_history(Market.synthetic(bars=5), 50)
    Traceback (most recent call last):
    triplebar.contracts.errors.InsufficientDataError: X: 50 bars are needed, 5 are available; ...
    """
    if needed < 0:
        raise ConfigError.of("needed", needed, "must not be negative", fix="use 0 for no history")
    for each in market.symbols if symbol is None else (symbol,):
        available = bars_available(market, each, at)
        if available < needed:
            raise InsufficientDataError.of(each, needed=needed, available=available)
