"""What paired orders did differently, each worth so much: the causes that no rule of our own can be switched to.

Equity at the end is the initial cash, the flows, and for every fill `side · lots · (last price - price) - fee`. So the
difference of two runs is a sum over fills, and a pair of fills splits into time, price, size and fee without a rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from triplebar.contracts.codes import FlowKind, OrderFlag
from triplebar.contracts.result_numbers import BILLION
from triplebar.research.verify import causes
from triplebar.research.verify.judging import DECISION, Judge, fate
from triplebar.research.verify.pairing import Order
from triplebar.research.verify.pieces import Fill, Match, Piece
from triplebar.research.verify.side import Columns, Side

FEE_ROUNDING: Final = 2
"""Minor units that a fee may be off by for having been rounded."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the difference: the right side less the left one."""

    cause: str
    amount_ppb: int
    clock: int
    instrument: int
    text: str
    left: Order | None = None
    right: Order | None = None


def parts(left: Side, right: Side, found: Sequence[Match]) -> list[Part]:
    """Everything the two sides did differently, in order of time, decisions traced back to what came before them."""
    differing = [match for match in found if not match.quiet]
    judge = Judge.of(left, differing)
    rows = [part for match in differing for part in _of_match(judge, match)]
    rows += _of_flows(left, right)
    rows.sort(key=lambda part: (part.clock, part.cause == DECISION))
    return _traced(rows)


def _of_match(judge: Judge, match: Match) -> Iterator[Part]:
    if match.left is None or match.right is None:
        yield from _of_one_side(judge.side, match)
        return
    pieces, left_only, right_only = match.pieces()
    whole = _Whole(judge, match)
    found = [part for piece in pieces if not piece.equal for part in whole.piece(piece)]
    for sign, rest in ((-1, left_only), (1, right_only)):
        found += [whole.rest(sign, lots, fill) for lots, fill in rest]
    yield from found
    yield from whole.fees(found[0].cause if found else causes.COMMISSION)


@dataclass(frozen=True)
class _Whole:
    """An order that both sides sent."""

    judge: Judge
    match: Match

    @property
    def side(self) -> Side:
        return self.judge.side

    @property
    def number(self) -> int:
        return self.match.order["instrument"]

    def _part(self, cause: str, minor: int, clock: int, text: str) -> Part:
        worth = self.side.worth_ppb[self.number]
        return Part(cause, minor * worth, clock, self.number, text, self.match.left, self.match.right)

    def piece(self, piece: Piece) -> Iterator[Part]:
        """Both filled these lots, at another time or price; the steps that a later part is worse are a cause apart."""
        level = self.judge.level(self.match, piece)
        first = piece.right.price if level is None else level
        if (piece.left.clock, piece.left.price) != (piece.right.clock, first):
            cause = self.judge.of_piece(self.match, replace(piece, right=replace(piece.right, price=first)))
            yield self._moved(cause, piece, first - piece.left.price)
        if piece.right.price != first:
            yield self._moved(causes.VOLUME, piece, piece.right.price - first)

    def _moved(self, cause: str, piece: Piece, ticks: int) -> Part:
        minor = -self.match.order["side"] * piece.quantity * self.side.units[self.number] * ticks
        return self._part(cause, minor, min(piece.left.clock, piece.right.clock), _told(piece))

    def rest(self, sign: int, lots: int, fill: Fill) -> Part:
        """Only one side filled these lots."""
        side, unit = self.match.order["side"], self.side.units[self.number]
        minor = sign * side * lots * unit * (self.side.marks[self.number] - fill.price)
        who = "the second" if sign > 0 else "the first"
        return self._part(self._rest_cause(sign), minor, fill.clock, f"only {who} side filled {lots} lots")

    def _rest_cause(self, sign: int) -> str:
        filled, other = self.match.right, self.match.left
        if sign < 0:
            filled, other = other, filled
        assert filled is not None  # noqa: S101 - both sides sent it
        assert other is not None  # noqa: S101
        return fate(filled, other)

    def fees(self, cause: str) -> Iterator[Part]:
        """What the fees differ by: as far as prices and sizes make them differ, that is their doing."""
        left, right = (sum(each.fee for each in fills) for fills in (self.match.left_fills, self.match.right_fills))
        if left == right:
            return
        fills = (*self.match.left_fills, *self.match.right_fills)
        clock = min(each.clock for each in fills)
        notionals = [sum(each.price * each.quantity for each in side) for side in self._sides]
        expected = right if not notionals[0] else (2 * left * notionals[1] + notionals[0]) // (2 * notionals[0])
        if abs(expected - right) <= FEE_ROUNDING * len(fills):
            expected = right
        if expected != left:
            yield self._part(cause, left - expected, clock, "the fees follow")
        if expected != right:
            yield self._part(causes.COMMISSION, expected - right, clock, f"fees of {left} and {right} minor units")

    @property
    def _sides(self) -> tuple[tuple[Fill, ...], tuple[Fill, ...]]:
        return self.match.left_fills, self.match.right_fills


def _told(piece: Piece) -> str:
    one, other = piece.left, piece.right
    when = f"tick {one.clock}" if one.clock == other.clock else f"tick {one.clock} and {other.clock}"
    return f"{piece.quantity} lots at {when}: {one.price} and {other.price} ticks"


def _of_one_side(left: Side, match: Match) -> Iterator[Part]:
    """An order that only one side has sent, filled or not."""
    sign, fills = (-1, match.left_fills) if match.right is None else (1, match.right_fills)
    order, number = match.order, match.order["instrument"]
    cause = _venue_cause(left, order) if order["flags"] & OrderFlag.VENUE else DECISION
    who = "second" if sign > 0 else "first"
    text = f"only the {who} side sent order {order.number}"
    minor = 0
    for fill in fills:
        gain = order["side"] * fill.quantity * left.units[number] * (left.marks[number] - fill.price)
        minor += sign * (gain - fill.fee)
    yield Part(cause, minor * left.worth_ppb[number], order["sent"], number, text, match.left, match.right)


def _venue_cause(side: Side, order: Order) -> str:
    """The venue closes a position at the end of the data, or because the account is short of money."""
    last = int(side.market.series(order["instrument"]).clock_index[-1])
    return causes.END if order["sent"] >= last else causes.LIQUIDATION


FLOW_CAUSES: Final = {
    FlowKind.FUNDING: causes.FUNDING,
    FlowKind.BORROW: causes.BORROW,
    FlowKind.CONVERSION: causes.RATES,
    FlowKind.INSURANCE: causes.LIQUIDATION,
}


def _of_flows(left: Side, right: Side) -> list[Part]:
    """Cash that came or went on one side only; deposits are no profit."""
    rest = _flow_rows(left.flows, left, -1)
    for key, (amount, clock, number) in _flow_rows(right.flows, right, 1).items():
        before = rest.pop(key, (0, clock, number))
        rest[key] = (before[0] + amount, clock, number)
    return [
        Part(FLOW_CAUSES[FlowKind(key[1])], amount, clock, number, f"{FlowKind(key[1]).text} differs")
        for key, (amount, clock, number) in rest.items()
        if amount
    ]


def _flow_rows(flows: Columns, side: Side, sign: int) -> dict[tuple[int, int, int], tuple[int, int, int]]:
    found: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for row in range(flows["clock"].size):
        kind, clock, number = (int(flows[name][row]) for name in ("kind", "clock", "instrument"))
        if kind not in FLOW_CAUSES:
            continue
        amount = sign * int(flows["amount"][row]) * side.rates_ppb[int(flows["currency"][row])]
        before = found.get((clock, kind, number), (0, clock, number))
        found[clock, kind, number] = (before[0] + amount, clock, number)
    return found


def _traced(rows: list[Part]) -> list[Part]:
    """Decisions that differ follow from the last thing that differed before them, in the same instrument if any.

    Before anything differs, two runs see the same; a decision that differs then is not explained. Fees that differ, by
    cents as a rule, count as such a difference only if there is no other.
    """
    last_of: dict[int, str] = {}
    last, found = causes.UNEXPLAINED, []
    for part in rows:
        if part.cause == DECISION:
            root = last_of.get(part.instrument, last)
            found.append(replace(part, cause=root, text=f"{part.text}, after a difference in {root}"))
        else:
            found.append(part)
            if part.cause != causes.COMMISSION or last in {causes.UNEXPLAINED, causes.COMMISSION}:
                last_of[part.instrument] = last = part.cause
    return found


def deposits_ppb(left: Side, right: Side) -> int:
    """What deposits and withdrawals differ by at the rates of the end, beyond what they were when they were made."""
    return _external(right) - _external(left)


def _external(side: Side) -> int:
    flows, total = side.flows, 0
    for row in np.flatnonzero(np.isin(flows["kind"], (FlowKind.DEPOSIT, FlowKind.WITHDRAWAL))):
        total += int(flows["amount"][row]) * side.rates_ppb[int(flows["currency"][row])]
    return total - side.external_minor * BILLION


def amounts_by_cause(rows: Sequence[Part]) -> dict[str, int]:
    """The sum of each cause."""
    found: dict[str, int] = {}
    for part in rows:
        found[part.cause] = found.get(part.cause, 0) + part.amount_ppb
    return found
