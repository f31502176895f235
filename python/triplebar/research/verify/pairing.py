"""Which order of one run is which of the other: by instrument, side, kind, tag, time and sequence."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from triplebar.research.verify.side import Side

Row = Mapping[str, int]
Key = Callable[["Order"], tuple[Any, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """An order of one side; `number` is its id."""

    number: int
    row: Row
    tag: str

    def __getitem__(self, name: str) -> int:
        """A column of the order table."""
        return self.row[name]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Orders that correspond, and those that only one side has."""

    both: tuple[tuple[Order, Order], ...]
    left_only: tuple[Order, ...]
    right_only: tuple[Order, ...]


NEAR_TICKS = 5
"""A decision that moved by more ticks of the clock than this is another decision."""


def pair_orders(left: Side, right: Side) -> Pairs:
    """Pair the orders of two sides, each at most once; the nearest match first.

    First those sent at the same tick with the same instrument, side, kind, tag and size; then without the size; then
    those that moved by a few ticks. Among equals the order of sending decides.
    """
    remaining = (list(_orders(left)), list(_orders(right)))
    both: list[tuple[Order, Order]] = []
    for key in (_exactly, _resized):
        found, *rest = _matched(*remaining, key)
        both += found
        remaining = (rest[0], rest[1])
    found, *rest = _moved(*remaining)
    both += found
    both.sort(key=lambda pair: pair[0].number)
    return Pairs(tuple(both), tuple(rest[0]), tuple(rest[1]))


def _orders(side: Side) -> Iterable[Order]:
    names = list(side.orders)
    values = [side.orders[name].tolist() for name in names]
    for number, cells in enumerate(zip(*values, strict=True), start=1):
        row = dict(zip(names, cells, strict=True))
        yield Order(number, row, side.labels[row["tag"] - 1] if row["tag"] else "")


def _what(order: Order) -> tuple[Any, ...]:
    return order["instrument"], order["side"], order["kind"], order["tif"], order.tag


def _resized(order: Order) -> tuple[Any, ...]:
    return *_what(order), order["sent"]


def _exactly(order: Order) -> tuple[Any, ...]:
    return *_resized(order), order["quantity"], order["limit"], order["trigger"], order["trail"]


def _matched(
    left: list[Order], right: list[Order], key: Key
) -> tuple[list[tuple[Order, Order]], list[Order], list[Order]]:
    waiting: dict[tuple[Any, ...], deque[Order]] = defaultdict(deque)
    for order in right:
        waiting[key(order)].append(order)
    found, rest = [], []
    for order in left:
        same = waiting.get(key(order))
        if same:
            found.append((order, same.popleft()))
        else:
            rest.append(order)
    taken = {other.number for _, other in found}
    return found, rest, [order for order in right if order.number not in taken]


def _moved(left: list[Order], right: list[Order]) -> tuple[list[tuple[Order, Order]], list[Order], list[Order]]:
    """Pair what was sent at another tick, near by: the nearest first, and of equally near ones the earlier."""
    waiting: dict[tuple[Any, ...], list[Order]] = defaultdict(list)
    for order in sorted(right, key=_sent):
        waiting[_what(order)].append(order)
    near = sorted(
        (abs(one["sent"] - other["sent"]), one.number, other.number)
        for one in left
        for other in _near(one, waiting.get(_what(one), []))
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, one_number, other_number in near:
        if one_number not in partner and other_number not in taken:
            partner[one_number] = other_number
            taken.add(other_number)
    by_number = {order.number: order for order in right}
    found = [(order, by_number[partner[order.number]]) for order in left if order.number in partner]
    rest = [order for order in left if order.number not in partner]
    return found, rest, [order for order in right if order.number not in taken]


def _sent(order: Order) -> int:
    return order["sent"]


def _near(order: Order, others: list[Order]) -> list[Order]:
    """Those of `others`, in order of time, that were sent a few ticks away at most."""
    first = bisect_left(others, order["sent"] - NEAR_TICKS, key=_sent)
    last = bisect_right(others, order["sent"] + NEAR_TICKS, key=_sent)
    return others[first:last]
