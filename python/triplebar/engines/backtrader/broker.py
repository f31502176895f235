"""Backtrader's own broker, shown one price at a time.

`_try_exec` and `_execute` of `BackBroker` decide and book every fill. What is forced on them: the price they look at is
a point on the path of the bar instead of the whole bar (through the tick fields of the data, which the broker prefers),
and sizes and cash are whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import backtrader as bt

from triplebar.contracts.errors import ExecutionError

if TYPE_CHECKING:
    from triplebar.engines.reference.gate import Fill

WHOLE_MAX: Final = 2**53
"""Doubles count without gaps up to here."""
LOAN: Final = float(2**51)
"""Lent while a fill is booked: the one check of funds is the floor's (S-60), and Backtrader's own would come on top."""


class TickCommission(bt.CommInfoBase):  # type: ignore[misc] # ships no types
    """One tick on one lot is worth `mult` minor units; the fee is that of the fill that has been permitted.

    Positions are settled like futures without margin: what they gain goes to cash at every price they are settled to,
    so that no average price, and no fraction, ever enters the cash. Whether there is enough is asked before (S-60).
    """

    params = (("stocklike", False), ("commtype", bt.CommInfoBase.COMM_FIXED), ("margin", 1.0))

    def __init__(self) -> None:
        """No fee is asked for yet."""
        super().__init__()
        self.fee_left = 0
        self.lots_left = 1

    def get_margin(self, price: float) -> float:  # noqa: ARG002
        """No cash is set aside."""
        return 0.0

    def expect(self, fill: Fill) -> None:
        """The fill that comes next."""
        self.fee_left, self.lots_left = fill.fee, fill.quantity

    def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:  # noqa: ARG002, FBT001
        """The fee of the part that closes, then of the part that opens; together the whole."""
        if not pseudoexec:
            return 0.0
        lots = int(abs(size))
        part = self.fee_left * lots // self.lots_left
        self.fee_left -= part
        self.lots_left -= lots
        return float(part)


def tick_commission(unit: int) -> TickCommission:
    """The model of an instrument of which one tick on one lot is worth `unit` minor units."""
    make: Any = TickCommission  # its keywords are Backtrader's parameters
    made: TickCommission = make(mult=float(unit))
    return made


class FloorBroker(bt.brokers.BackBroker):  # type: ignore[misc] # ships no types
    """A `BackBroker` that asks before it fills, and whose bars are walked by the floor."""

    params = (("checksubmit", False), ("coo", True))

    def __init__(self) -> None:
        """A broker that nobody has joined."""
        super().__init__()
        self.cash: float
        self.walk: Callable[[], None] = lambda: None
        self.ask: Callable[[Any, int], Fill | None] = lambda _order, _price: None
        self.tell: Callable[[Any], None] = lambda _order: None
        self.permitted: Fill | None = None

    def next(self) -> None:
        """One bar: the floor walks it; then Backtrader settles the positions at the close and values them."""
        self.walk()
        super().next()

    def look(self, order: bt.Order, price: int) -> None:
        """Let the matching see one price: as open, high, low and close of what it takes for a bar."""
        feed = order.data
        feed.tick_open = feed.tick_high = feed.tick_low = feed.tick_close = float(price)
        self._try_exec(order)

    def make(self, order: bt.Order, fill: Fill) -> None:
        """Book a fill with Backtrader's own execution."""
        self.getcommissioninfo(order.data).expect(fill)
        self.permitted = fill
        self.cash += LOAN
        super()._execute(order, ago=0, price=float(fill.price))
        self.cash = float(whole(self.cash - LOAN))
        self.permitted = None

    def _execute(self, order: bt.Order, ago: int | None = None, price: float | None = None, **rest: Any) -> None:  # noqa: ANN401, ARG002
        """The matching has found a fill: ask, make it, tell."""
        fill = self.ask(order, whole(price or 0.0))
        if fill is not None:
            self.make(order, fill)
            self.tell(order)

    def size_of_fill(self, order: bt.Order, price: float, ago: int) -> float:  # noqa: ARG002 - the shape of a filler
        """The filler: as much as is permitted."""
        return float(self.permitted.quantity) if self.permitted is not None else 0.0

    def settle(self, feed: Any, price: float) -> None:  # noqa: ANN401 - a data feed
        """Pay out what a position has gained up to this price."""
        position = self.positions[feed]
        if position.size:
            self.cash += self.getcommissioninfo(feed).cashadjust(position.size, position.adjbase, price)
            position.adjbase = price


def whole(amount: float) -> int:
    """A double that counts minor units, as the whole number it stands for.

    >>> whole(41.99999999)
    42
    """
    if abs(amount) >= WHOLE_MAX:
        raise ExecutionError(
            f"{amount:.0f} is more than doubles can count", where="backtrader", fix="lower cash_precision"
        )
    return round(amount)
