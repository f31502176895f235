"""Other names under which handlers are known elsewhere: the one table, and what it does to a class."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

ALIASES: Final[dict[str, str]] = {
    "on_market_data": "on_tick",
    "on_quote": "on_tick",
    "on_quote_tick": "on_tick",
    "on_trade_tick": "on_tick",
    "on_order_filled": "on_fill",
    "on_order_event": "on_order",
    "on_order_update": "on_order",
}
"""Other name → canonical name."""

BarHandler = Callable[[Any, Any, Any], None]


def use_canonical_names(cls: type) -> None:
    """Let the canonical name find a handler that a class defines under another name.

    >>> class Copied:
    ...     def on_order_filled(self, ctx, fill): ...
    >>> use_canonical_names(Copied)
    >>> Copied.on_fill is Copied.on_order_filled
    True
    """
    for alias, name in ALIASES.items():
        if alias in vars(cls) and name not in vars(cls):
            setattr(cls, name, vars(cls)[alias])


def deliver_ticks(cls: type, base: type) -> None:
    """Let `on_bar` of a class that has `on_tick` call it, so that every row of the market reaches exactly one of them.

    A tick is a bar whose four prices are equal (S-12). With both handlers, ticks go to `on_tick` and other bars to
    `on_bar`; with `on_tick` alone, every row goes there: its close is the latest price.
    """
    if not {"on_bar", "on_tick"} & set(vars(cls)):
        return
    has_bar, has_tick = (getattr(cls, name) is not getattr(base, name) for name in ("on_bar", "on_tick"))
    on_bar: BarHandler = cls.on_bar  # type: ignore[attr-defined]
    if not has_tick or getattr(on_bar, "splits", False):
        return
    if has_bar and not getattr(on_bar, "forwards", False):
        cls.on_bar = _splitting(on_bar)  # type: ignore[attr-defined]
    else:
        cls.on_bar = _forwarding()  # type: ignore[attr-defined]


def _splitting(on_bar: BarHandler) -> BarHandler:
    @functools.wraps(on_bar)
    def on_tick_or_bar(self: Any, ctx: Any, bar: Any) -> None:  # noqa: ANN401 - any strategy
        if bar.open == bar.high == bar.low == bar.close:
            self.on_tick(ctx, bar)
        else:
            on_bar(self, ctx, bar)

    on_tick_or_bar.splits = True  # type: ignore[attr-defined]
    return on_tick_or_bar


def _forwarding() -> BarHandler:
    def on_bar(self: Any, ctx: Any, bar: Any) -> None:  # noqa: ANN401 - any strategy
        self.on_tick(ctx, bar)

    on_bar.forwards = True  # type: ignore[attr-defined]
    return on_bar
