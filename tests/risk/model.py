"""The overlay as one would write it on paper: fractions, dictionaries, no shortcut. Slow and obvious."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, inf

from triplebar.risk import STEPS, Caps


@dataclass(frozen=True)
class Target:
    """What somebody wants, in whole minor units."""

    symbol: str
    side: int
    amount: int


@dataclass
class Position:
    """What all rows of one side of a token want together."""

    symbol: str
    side: int
    amount: int
    bound: str = "none"

    def cut(self, most: float, bound: str) -> None:
        if self.amount > most:
            self.amount, self.bound = int(most), bound


def cap(share: object, account: int) -> float:
    """A share of the account, rounded down; no cap is infinite."""
    return inf if share is None else floor(Fraction(str(share)) * account)


def scale(positions: Sequence[Position], most: float, bound: str) -> None:
    """Everything in proportion, rounded down."""
    whole = sum(each.amount for each in positions)
    if whole > most:
        for each in positions:
            each.cut(floor(Fraction(each.amount) * Fraction(most) / whole), bound)


def apply(targets: Sequence[Target], caps: Caps, account: int, steps: Sequence[str] = STEPS) -> list[tuple[int, str]]:
    """What each target may be, and what bound it."""
    positions = {(each.symbol, each.side): Position(each.symbol, each.side, 0) for each in targets}
    for each in targets:
        positions[each.symbol, each.side].amount += each.amount
    every = list(positions.values())
    if account <= 0:
        for one in every:
            one.cut(0, "account")
    else:
        take_steps(every, caps, account, steps)
    return [shared(place, targets, positions) for place in range(len(targets))]


def take_steps(every: list[Position], caps: Caps, account: int, steps: Sequence[str]) -> None:
    longs, shorts = ([each for each in every if each.side == side] for side in (1, -1))
    if "net" in steps:
        for long, short in itertools.product(longs, shorts):
            both = min(long.amount, short.amount) if long.symbol == short.symbol else 0
            long.cut(long.amount - both, "net")
            short.cut(short.amount - both, "net")
    if "positions" in steps and caps.positions is not None:
        ranked = sorted(every, key=lambda each: (-each.amount, each.symbol.encode(), -each.side))
        for each in ranked[caps.positions :]:
            each.cut(0, "positions")
    if "per_position" in steps:
        share = cap(caps.per_position, account)
        money = inf if caps.per_position_usd is None else int(Fraction(str(caps.per_position_usd)) * 10**caps.decimals)
        for each in every:
            each.cut(min(share, money), "per_position_usd" if money < share else "per_position")
    if "per_token" in steps:
        for symbol in {each.symbol for each in every}:
            scale([each for each in every if each.symbol == symbol], cap(caps.per_token, account), "per_token")
    if "direction" in steps:
        scale(longs, cap(caps.long, account), "long")
        scale(shorts, cap(caps.short, account), "short")
    if "total" in steps:
        scale(every, cap(caps.total, account), "total")
    if "leverage" in steps:
        scale(every, cap(caps.leverage, account), "leverage")


def shared(place: int, targets: Sequence[Target], positions: dict[tuple[str, int], Position]) -> tuple[int, str]:
    """The part of one row: running sums in proportion, the largest row first, so that the parts sum to the whole."""
    mine = targets[place]
    position = positions[mine.symbol, mine.side]
    rows = [at for at, each in enumerate(targets) if (each.symbol, each.side) == (mine.symbol, mine.side)]
    rows.sort(key=lambda at: (-targets[at].amount, at))
    whole = sum(targets[at].amount for at in rows)
    before = sum(targets[at].amount for at in rows[: rows.index(place)])
    parts = [
        floor(Fraction(wanted * position.amount, whole)) if whole else 0 for wanted in (before, before + mine.amount)
    ]
    may = parts[1] - parts[0]
    return may, position.bound if may < mine.amount else "none"
