"""What two paired orders bought or sold: pieces of equal size, and what only one of them filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from triplebar.research.verify.pairing import Order, Pairs
from triplebar.research.verify.side import Side


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill of one side."""

    clock: int
    price: int
    quantity: int
    fee: int
    moment: int
    cause: int
    half_spread: int
    slippage: int


@dataclass(frozen=True, slots=True)
class Piece:
    """So many lots that both orders filled, each in its own way."""

    quantity: int
    left: Fill
    right: Fill

    @property
    def equal(self) -> bool:
        """Whether both were filled at the same tick and price."""
        return (self.left.clock, self.left.price) == (self.right.clock, self.right.price)


@dataclass(frozen=True, slots=True)
class Match:
    """The fills of an order on both sides; one that only one side has sent has no counterpart."""

    left: Order | None
    right: Order | None
    left_fills: tuple[Fill, ...]
    right_fills: tuple[Fill, ...]

    @property
    def order(self) -> Order:
        """The order, whichever side has it."""
        found = self.left or self.right
        assert found is not None  # noqa: S101 - a match has a side at least
        return found

    @property
    def quiet(self) -> bool:
        """Whether both sides sent and filled the same."""
        one, other = self.left, self.right
        if one is None or other is None or one["sent"] != other["sent"] or one["quantity"] != other["quantity"]:
            return False
        return [_seen(each) for each in self.left_fills] == [_seen(each) for each in self.right_fills]

    @property
    def first_clock(self) -> int:
        """The earliest tick at which the sides differ in this order, or at which it filled."""
        clocks = [order["sent"] for order in (self.left, self.right) if order is not None]
        if self.left is not None and self.right is not None:
            fills = {each.clock for each in (*self.left_fills, *self.right_fills)}
            same = {each.clock for each in self.left_fills if each in self.right_fills}
            clocks = sorted(fills - same) or clocks
        return min(clocks)

    def pieces(self) -> tuple[list[Piece], list[tuple[int, Fill]], list[tuple[int, Fill]]]:
        """Pieces that both filled, in order, then (lots, fill) that only the left or only the right side has."""
        left, right = _lots(self.left_fills), _lots(self.right_fills)
        found: list[Piece] = []
        while left and right:
            size = min(left[-1][0], right[-1][0])
            found.append(Piece(size, left[-1][1], right[-1][1]))
            for side in (left, right):
                lots, fill = side.pop()
                if lots > size:
                    side.append((lots - size, fill))
        return found, left[::-1], right[::-1]


def matches(left: Side, right: Side, pairs: Pairs) -> Iterator[Match]:
    """Give every order of both sides with its fills, in the order in which the first side sent them."""
    ours, theirs = fills_by_order(left), fills_by_order(right)
    for one, other in pairs.both:
        yield Match(one, other, ours.get(one.number, ()), theirs.get(other.number, ()))
    for one in pairs.left_only:
        yield Match(one, None, ours.get(one.number, ()), ())
    for other in pairs.right_only:
        yield Match(None, other, (), theirs.get(other.number, ()))


def fills_by_order(side: Side) -> Mapping[int, tuple[Fill, ...]]:
    """The fills of each order, in the order in which they happened."""
    found: dict[int, list[Fill]] = defaultdict(list)
    names = ("clock", "price", "quantity", "fee", "moment", "cause", "half_spread", "slippage")
    values = [side.fills[name].tolist() for name in ("order", *names)]
    for order, *cells in zip(*values, strict=True):
        found[order].append(Fill(*cells))
    return {order: tuple(each) for order, each in found.items()}


def _lots(fills: tuple[Fill, ...]) -> list[tuple[int, Fill]]:
    """The last fill first, to take from the end."""
    return [(each.quantity, each) for each in reversed(fills)]


def _seen(fill: Fill) -> tuple[int, int, int, int]:
    return fill.clock, fill.price, fill.quantity, fill.fee
