"""An order as the engine keeps it, and when a price meets it (S-23, S-24, S-26)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from triplebar.contracts.codes import OrderFlag, OrderKind, OrderStatus, Reason, TimeInForce
from triplebar.engines.reference.units import scale


class Seat(Enum):
    """Where a live order waits."""

    NOWHERE = auto()
    """Ended, or just being touched."""
    HELD = auto()
    """For its parent's first fill (S-28)."""
    QUEUE = auto()
    """For its arrival (S-20)."""
    BOOK = auto()
    """For its price."""
    MET = auto()
    """Met, but not filled whole: for the next jump to O (S-55)."""
    AT_CLOSE = auto()
    """For the close of the session (S-43)."""


RESTING = (Seat.BOOK, Seat.MET)
IN_MARKET = (Seat.BOOK, Seat.MET, Seat.AT_CLOSE)


@dataclass(slots=True, eq=False)
class Order:
    """One order; prices in ticks, sizes in lots, 0 for none."""

    number: int
    instrument: int
    side: int
    kind: OrderKind
    tif: TimeInForce
    flags: OrderFlag
    quantity: int
    limit: int
    trigger: int
    trail: int
    expire: int
    group: int
    parent: int
    tag: int
    client: int
    sent: int
    sent_ns: int | None
    """When it was sent; None for what `on_start` sends."""
    filled: int = 0
    arrived: int = -1
    ended: int = -1
    rank: int = 0
    """Place in the order of arrivals."""
    status: OrderStatus = OrderStatus.SUBMITTED
    reason: Reason = Reason.NONE
    triggered: bool = False
    seat: Seat = Seat.NOWHERE

    @property
    def live(self) -> bool:
        """Whether nothing has ended it."""
        return not self.status.terminal

    @property
    def remaining(self) -> int:
        """Lots still to fill."""
        return self.quantity - self.filled

    def has(self, flag: OrderFlag) -> bool:
        """Whether a flag is set."""
        return bool(self.flags & flag)

    @property
    def acts_as(self) -> OrderKind:
        """S-23: a triggered stop-limit is a limit order, every other triggered order a market order."""
        if not self.triggered:
            return self.kind
        return OrderKind.LIMIT if self.kind is OrderKind.STOP_LIMIT else OrderKind.MARKET

    @property
    def own_price(self) -> int:
        """S-26: the limit of what acts as a limit order, else the trigger. Market orders have none."""
        return self.limit if self.acts_as is OrderKind.LIMIT else self.trigger

    @property
    def heading(self) -> int:
        """+1 if a rising price meets it (buy stop, sell limit), -1 if a falling one does."""
        waits_for_better = self.acts_as in (OrderKind.LIMIT, OrderKind.MARKET_IF_TOUCHED)
        return -self.side if waits_for_better else self.side

    def coordinate(self, half_spread: int) -> int:
        """S-24: where on the path its own price is; a trailing stop's trigger is compared with x itself."""
        if self.acts_as is OrderKind.TRAILING_STOP:
            return self.trigger
        return self.own_price - self.side * half_spread

    def meets(self, x: int, half_spread: int) -> bool:
        """S-23: whether x satisfies the limit, or has reached the trigger."""
        if self.acts_as is OrderKind.MARKET:
            return True
        return self.heading * x >= self.heading * self.coordinate(half_spread)

    @property
    def precedence(self) -> tuple[int, int, int, int]:
        """S-26: buys before sells; market orders, then buys highest, sells lowest; then by arrival."""
        is_market = self.acts_as is OrderKind.MARKET
        return (-self.side, 0 if is_market else 1, 0 if is_market else -self.side * self.own_price, self.rank)

    def follow(self, x: int, *, first: bool = False) -> None:
        """S-25: set a trailing trigger from x; later it moves with the price and never loosens."""
        offset = max(1, scale(x, self.trail)) if self.has(OrderFlag.TRAIL_IS_PPB) else self.trail
        trigger = x + self.side * offset
        if first or self.side * trigger < self.side * self.trigger:
            self.trigger = trigger
