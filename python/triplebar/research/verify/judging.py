"""Why an order was filled at another time or price, or on one side only: judged by its kind and by the bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from triplebar.contracts.codes import OrderKind, OrderStatus, Reason
from triplebar.research.verify import causes
from triplebar.research.verify.pairing import Order
from triplebar.research.verify.pieces import Fill, Match, Piece
from triplebar.research.verify.side import Side

DECISION: Final = "decision"
"""Not a cause of its own: what the strategy did differently follows from something before."""
WANDERING: Final = 0.2
"""Less than this share of better prices is chance."""
STEPS_WORSE_MAX: Final = 3
"""A part that fills this many steps worse than the one before it has met another level of a thin book."""
REACHED: Final = frozenset({OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.TRAILING_STOP, OrderKind.MARKET_IF_TOUCHED})
"""Kinds that an engine may refuse because the price has reached them already."""
ENDED: Final = frozenset({OrderStatus.REJECTED, OrderStatus.CANCELED, OrderStatus.EXPIRED})


@dataclass(frozen=True)
class Judge:
    """Looks at the fills of paired orders on the bars of a market."""

    side: Side
    """Our side."""
    wandering: bool = False
    """Whether market orders of the other side fill inside the bar, now better, now worse."""

    @classmethod
    def of(cls, left: Side, differing: Sequence[Match]) -> Judge:
        """Look at the prices of all market orders first."""
        return cls(left, wandering=_wandering(cls(left), differing))

    def level(self, match: Match, piece: Piece) -> int | None:
        """The price of the first part in the same bar, if a piece is some steps worse: the rest met a thinner book."""
        first = next((each for each in match.right_fills if each.clock == piece.right.clock), piece.right)
        step = self.side.settings.instruments[match.order["instrument"]].price_step
        worse = match.order["side"] * (piece.right.price - first.price)
        return first.price if 0 < worse <= STEPS_WORSE_MAX * step and first is not piece.right else None

    def of_piece(self, match: Match, piece: Piece) -> str:
        """Why lots that both sides filled have another time or price."""
        one, other = match.left, match.right
        assert one is not None  # noqa: S101 - both sides sent it
        assert other is not None  # noqa: S101
        if one["sent"] != other["sent"]:
            return DECISION
        if piece.left.clock != piece.right.clock:
            stale = one["kind"] == OrderKind.MARKET and self._is_stale(match, piece)
            return causes.DATA_ORDER if stale else _time_cause(match)
        return self.of_price(one, piece.left, piece.right.price)

    def of_price(self, order: Order, fill: Fill, price: int) -> str:
        """Why an order filled at another price in the same bar."""
        kind = OrderKind(order["kind"])
        bare = fill.price - order["side"] * (fill.half_spread + fill.slippage)
        if kind is OrderKind.LIMIT:
            return causes.GAP if order["limit"] in {fill.price, price} else causes.FILL_PRICE
        if kind in {OrderKind.STOP_LIMIT, OrderKind.TRAILING_STOP}:
            return causes.OF_KIND[kind]
        if price == bare:
            return causes.SLIPPAGE if fill.slippage else causes.SPREAD
        if kind is OrderKind.MARKET:
            return self._of_market(order, bare, fill.clock, price)
        if price in self.corners(order["instrument"], fill.clock) | {order["trigger"]}:
            return causes.OF_KIND[kind]
        return causes.SLIPPAGE if order["side"] * (price - bare) > 0 else causes.OF_KIND[kind]

    def _is_stale(self, match: Match, piece: Piece) -> bool:
        """Whether the other side filled at a price from before the tick at which it filled."""
        if len(self.side.units) < 2 or piece.right.clock <= match.order["sent"]:
            return False
        return piece.right.price == self.before(match.order["instrument"], piece.right.clock)

    def _of_market(self, order: Order, bare: int, clock: int, price: int) -> str:
        number = order["instrument"]
        if price == self.before(number, clock):
            return causes.DATA_ORDER if len(self.side.units) > 1 else causes.FILL_TIME
        if price in self.corners(number, clock):
            return causes.FILL_TIME
        if self.wandering:
            return causes.LATENCY
        return causes.SLIPPAGE if order["side"] * (price - bare) > 0 else causes.FILL_PRICE

    def _row(self, number: int, clock: int) -> int:
        return int(np.searchsorted(self.side.market.series(number).clock_index, clock))

    def corners(self, number: int, clock: int) -> set[int]:
        """The four prices of a bar, in ticks."""
        ticks, row = self.side.market.series(number).ticks, self._row(number, clock)
        return {int(each[row]) for each in (ticks.open, ticks.high, ticks.low, ticks.close)}

    def before(self, number: int, clock: int) -> int | None:
        """The close of the bar before: what the price was until this bar's open was known."""
        row = self._row(number, clock)
        return int(self.side.market.series(number).ticks.close[row - 1]) if row else None


def _wandering(judge: Judge, differing: Sequence[Match]) -> bool:
    """Whether market orders fill now better, now worse than ours in the same bar: then they arrive within it.

    A cost makes every price worse, and another moment of the bar gives one of its corners.
    """
    gains = [
        match.order["side"] * (piece.right.price - piece.left.price)
        for match in differing
        if match.left is not None and match.right is not None and match.order["kind"] == OrderKind.MARKET
        for piece in match.pieces()[0]
        if piece.left.clock == piece.right.clock and _inside(judge, match, piece)
    ]
    better = sum(gain < 0 for gain in gains)
    return WANDERING < better / max(1, len(gains)) < 1 - WANDERING


def _inside(judge: Judge, match: Match, piece: Piece) -> bool:
    """Whether a price is none that the bar shows."""
    number, clock = match.order["instrument"], piece.left.clock
    known = judge.corners(number, clock) | {judge.before(number, clock)}
    return piece.right.price not in known and judge.level(match, piece) is None


def _time_cause(match: Match) -> str:
    """Why an order filled in another bar."""
    kind = OrderKind(match.order["kind"])
    if len(match.left_fills) != len(match.right_fills):
        return causes.VOLUME
    if match.order["parent"] or match.order["group"]:
        return causes.GROUPS
    return causes.OF_KIND[kind] if kind in {OrderKind.TRAILING_STOP, OrderKind.STOP_LIMIT} else causes.FILL_TIME


def fate(filled: Order, other: Order) -> str:
    """Why an order that one side filled was not filled, or not as much, by the other."""
    reason = Reason(other["reason"])
    ended = OrderStatus(other["status"]) in ENDED and reason is not Reason.NONE
    if ended and reason is Reason.INVALID_PRICE and OrderKind(other["kind"]) in REACHED:
        return causes.STOP_BASIS
    if ended and reason not in {Reason.BY_STRATEGY, Reason.PARENT_ENDED, Reason.END_OF_DATA}:
        return causes.OF_REASON[reason]
    same = filled["sent"] == other["sent"] and filled["quantity"] == other["quantity"]
    if reason is Reason.PARENT_ENDED or not same:  # the parent's own difference comes before
        return DECISION
    if reason is Reason.END_OF_DATA and filled["ended"] >= other["ended"]:
        return causes.END
    if other["filled"]:
        return DECISION if reason is Reason.BY_STRATEGY else causes.VOLUME
    return causes.TOUCH
