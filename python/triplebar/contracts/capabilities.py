"""Which combinations of kind, time in force and flags an order may have; everything else is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triplebar.contracts.codes import OrderKind, TimeInForce

IMMEDIATE: Final = frozenset({OrderKind.MARKET, OrderKind.LIMIT})
"""The kinds that ioc, fok, at_open and at_close are for."""
ONLY_FOR_IMMEDIATE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK, TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE})
POST_ONLY_TIMES: Final = frozenset({TimeInForce.GTC, TimeInForce.DAY, TimeInForce.GTD})


def refusal(
    kind: OrderKind, tif: TimeInForce, *, post_only: bool = False, has_expire: bool | None = None
) -> str | None:
    """Say why a combination is not supported, or None if it is; `has_expire` None leaves the date unchecked.

    >>> refusal(OrderKind.STOP, TimeInForce.IOC)
    'ioc is for market and limit orders, not stop'
    >>> refusal(OrderKind.LIMIT, TimeInForce.GTC, post_only=True)
    """
    if tif in ONLY_FOR_IMMEDIATE and kind not in IMMEDIATE:
        return f"{tif.text} is for market and limit orders, not {kind.text}"
    if post_only and kind is not OrderKind.LIMIT:
        return f"post_only is for limit orders, not {kind.text}"
    if post_only and tif not in POST_ONLY_TIMES:
        return f"post_only is for gtc, day and gtd orders, not {tif.text}"
    if has_expire is False and tif is TimeInForce.GTD:
        return "a gtd order needs expire"
    if has_expire is True and tif is not TimeInForce.GTD:
        return f"expire is for gtd orders, not {tif.text}"
    return None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a venue can do: the kinds and, for each, the times in force.

    >>> [tif.text for tif in Capabilities.all().times_in_force(OrderKind.STOP)]
    ['gtc', 'day', 'gtd']
    """

    table: frozenset[tuple[OrderKind, TimeInForce]]

    @classmethod
    def all(cls) -> Capabilities:
        """The table of the bar venue."""
        return cls(frozenset((kind, tif) for kind in OrderKind for tif in TimeInForce if refusal(kind, tif) is None))

    def supports(self, kind: OrderKind, tif: TimeInForce) -> bool:
        """Whether this combination is accepted."""
        return (kind, tif) in self.table

    def times_in_force(self, kind: OrderKind) -> list[TimeInForce]:
        """The times in force that orders of this kind may have."""
        return [tif for tif in TimeInForce if self.supports(kind, tif)]
