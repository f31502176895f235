"""What a guest engine does for a strict run: it keeps orders, decides fills, keeps positions and cash."""

from __future__ import annotations

from typing import Protocol

from triplebar.engines.reference.gate import Fill
from triplebar.engines.reference.order import Order


class GuestBook(Protocol):
    """The side of the guest. Prices are ticks, sizes lots, money minor units: whole numbers.

    While it works, the guest calls the floor back: `floor.asked(order, price)` before it fills (what comes back is the
    fill to make, or None for none), `floor.filled(order)` when it has, and `floor.triggered(order, x)` when an order
    has triggered without a fill.
    """

    def place(self, order: Order, x: int) -> None:
        """Take an order into the guest's book, while the price of its instrument is x."""

    def withdraw(self, order: Order) -> None:
        """Cancel an order at the guest; nothing happens if it has none."""

    def match(self, order: Order, x: int, half_spread: int) -> None:
        """Let the guest look at one of its orders while the price of the instrument is x."""

    def trigger(self, order: Order) -> int:
        """Where the guest's trailing stop stands."""

    def force(self, order: Order, fill: Fill) -> None:
        """Make a fill that the venue itself orders: a liquidation, or the close at the end."""

    def lots(self, instrument: int) -> int:
        """The guest's position."""

    def cash(self, currency: int) -> int:
        """The guest's cash, without what positions are worth."""

    def move_cash(self, currency: int, amount: int) -> None:
        """Book a deposit, withdrawal, funding or borrow payment at the guest."""

    def equity(self) -> int:
        """The guest's own valuation of the account at the last closes."""
