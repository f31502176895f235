"""Stops for a strategy: looks at every bar, closes what has to go, on every engine alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from triplebar.risk.stops import Stops


class Seen(Protocol):
    """What is read of a bar."""

    @property
    def symbol(self) -> str:
        """The instrument."""

    @property
    def close(self) -> float:
        """The price that is looked at."""

    @property
    def time_ns(self) -> int:
        """When."""


@dataclass(slots=True)
class _Watched:
    """A position since its entry."""

    side: int
    best: float
    since_ns: int
    closing: int | None = None
    """The order that closes it, once sent."""


class StopManager:
    """Watches the positions of one run; make it in `on_start`, call `on_bar` with every bar.

    The entry is the position's average price, so an increase moves the stop but never the best price; a flip or a new
    position starts afresh (R-34). The close goes at market, with the exit as its tag.

    >>> StopManager(Stops(loss=0.05)).watched
    ()
    """

    def __init__(self, stops: Stops) -> None:
        """Remember the rules; nothing is watched yet."""
        self.stops = stops
        self._watched: dict[str, _Watched] = {}

    @property
    def watched(self) -> tuple[str, ...]:
        """The symbols with a position under watch."""
        return tuple(sorted(self._watched))

    def best_price(self, symbol: str) -> float | None:
        """The best price since the entry, or None if nothing is held."""
        found = self._watched.get(symbol)
        return None if found is None else found.best

    def on_bar(self, ctx: Any, bar: Seen) -> str | None:  # noqa: ANN401 - the context of any engine
        """Look at one bar; what has to go is closed, and why is returned, once a position."""
        held = self._look_at_position(ctx, bar)
        if held is None or held.closing is not None:
            return None
        entry = ctx.average_price(bar.symbol)
        rules = self.stops.kernel
        reason, held.best, _, _ = rules.look(held.side, entry, held.best, bar.close, held.since_ns, bar.time_ns)
        if reason is not None:
            held.closing = ctx.close(bar.symbol, tag=reason)
        return reason

    def _look_at_position(self, ctx: Any, bar: Seen) -> _Watched | None:  # noqa: ANN401
        quantity = ctx.position(bar.symbol)
        if quantity == 0:
            self._watched.pop(bar.symbol, None)
            return None
        side = 1 if quantity > 0 else -1
        held = self._watched.get(bar.symbol)
        if held is None or held.side != side:
            held = _Watched(side, ctx.average_price(bar.symbol), bar.time_ns)
            self._watched[bar.symbol] = held
        elif held.closing is not None and held.closing not in ctx.open_orders(bar.symbol):
            held.closing = None  # it did not fill: try again
        return held
