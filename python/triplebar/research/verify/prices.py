"""Guesses at the other side's spread and slippage: what its prices are worse than ours without these costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any, Final

import numpy as np

from triplebar.contracts.codes import Cause, OrderKind
from triplebar.research.verify import causes
from triplebar.research.verify.intervals import Interval, rate_rounded_up, roundest
from triplebar.research.verify.pieces import Match
from triplebar.research.verify.side import Side
from triplebar.research.verify.switches import Switch, switched

LIMITED: Final = (OrderKind.LIMIT, OrderKind.STOP_LIMIT)
PIECES_MAX: Final = 500
"""So many fills of an instrument tell its costs."""
NO_SLIPPAGE: Final[dict[str, Any]] = {
    "slippage_ticks": 0,
    "slippage_ppb": 0,
    "impact_ppb": 0,
    "root_coefficient": 0.0,
}
NO_SPREAD: Final[dict[str, Any]] = {"half_spread_ticks": 0, "half_spread_ppb": 0}


@dataclass(frozen=True, slots=True)
class Paid:
    """How much worse than the bare market the other side has filled, in ticks, and what that may hang on."""

    market: bool
    """Whether it was a market order: a spread moves the triggers of the others."""
    slipped: int
    """Beyond our half spread."""
    spread: int
    """Beyond our slippage."""
    price: int
    open: int
    lots: int
    volume: int


def price_guesses(left: Side, differing: Iterable[Match]) -> Iterator[Switch]:
    """Spreads and slippages that would make the right side's prices, and none at all."""
    paid = _paid(left, differing)
    for text, field, fit in (
        ("ticks", "slippage_ticks", _ticks),
        ("share of the price", "slippage_ppb", _share),
        ("share of the volume", "impact_ppb", _impact),
        ("root of the volume", "root_coefficient", _root),
    ):
        found = _fitted(paid, fit)
        if found:
            values = {**NO_SLIPPAGE, field: found}
            yield switched(causes.SLIPPAGE, f"slippage: {text}, {_told(found)}", **values)
    for text, field, fit in (("ticks", "half_spread_ticks", _half_ticks), ("of the open", "half_spread_ppb", _half)):
        found = _fitted(paid, fit)
        if found:
            yield switched(causes.SPREAD, f"half spread: {text}, {_told(found)}", **{**NO_SPREAD, field: found})
    yield from _nothing(left)


def _told(found: dict[int, Any]) -> str:
    return ", ".join(dict.fromkeys(f"{each:g}" for each in found.values()))


def _nothing(left: Side) -> Iterator[Switch]:
    for cause, values in ((causes.SLIPPAGE, NO_SLIPPAGE), (causes.SPREAD, NO_SPREAD)):
        if any(getattr(each, name) for each in left.settings.instruments for name in values):
            yield switched(cause, f"no {cause}", **values)


def _paid(left: Side, differing: Iterable[Match]) -> dict[int, list[Paid]]:
    """By instrument: what was filled at market in the same bar on both sides."""
    found: dict[int, list[Paid]] = {}
    for match in differing:
        if match.left is None or match.right is None or match.order["kind"] in LIMITED:
            continue
        number, sign = match.order["instrument"], match.order["side"]
        rows = found.setdefault(number, [])
        for piece in match.pieces()[0]:
            ours = piece.left
            if ours.clock != piece.right.clock or ours.cause == Cause.FORCED or len(rows) >= PIECES_MAX:
                continue
            bare = ours.price - sign * (ours.half_spread + ours.slippage)
            worse = sign * (piece.right.price - bare)
            opened, volume = _bar(left, number, ours.clock)
            rows.append(
                Paid(
                    match.order["kind"] == OrderKind.MARKET,
                    worse - ours.half_spread,
                    worse - ours.slippage,
                    bare,
                    opened,
                    piece.right.quantity,
                    volume,
                )
            )
    return found


def _bar(side: Side, number: int, clock: int) -> tuple[int, int]:
    """Open and volume of a bar, in ticks and lots."""
    series = side.market.series(number)
    row = int(np.searchsorted(series.clock_index, clock))
    return int(series.ticks.open[row]), max(1, int(series.lots[row]))


def _fitted(paid: dict[int, list[Paid]], fit: Callable[[list[Paid]], Any]) -> dict[int, Any]:
    """What fits all pieces of each instrument; nothing if some instrument is fitted by nothing."""
    found = {number: fit(rows) for number, rows in paid.items() if rows}
    if any(each is None for each in found.values()):
        return {}
    return {number: each for number, each in found.items() if each}


def _ticks(rows: list[Paid]) -> int | None:
    return _same({each.slipped for each in rows})


def _half_ticks(rows: list[Paid]) -> int | None:
    return _same({each.spread for each in rows if each.market})


def _same(found: set[int]) -> int | None:
    return found.pop() if len(found) == 1 and min(found) >= 0 else None


def _share(rows: list[Paid]) -> int | None:
    return _rate((each.slipped, each.price) for each in rows)


def _half(rows: list[Paid]) -> int | None:
    return _rate((each.spread, each.open) for each in rows if each.market)


def _rate(rows: Iterable[tuple[int, int]]) -> int | None:
    rows = list(rows)
    if any(part < 0 for part, _ in rows):
        return None
    found = roundest(rate_rounded_up(part, whole) for part, whole in rows)
    return None if found is None else max(1, round(found))


def _impact(rows: list[Paid]) -> int | None:
    if any(each.slipped < 0 for each in rows):
        return None
    found = roundest(
        (low * each.volume, high * each.volume)
        for each in rows
        for low, high in [rate_rounded_up(each.slipped, each.price * each.lots)]
    )
    return None if found is None else max(1, round(found))


def _root(rows: list[Paid]) -> float | None:
    """The square-root law, above the share of the volume that is free."""
    found = roundest(_root_interval(each) for each in rows if each.slipped)
    return None if found is None else float(found)


def _root_interval(each: Paid) -> Interval:
    law = Fraction(each.price * sqrt(each.lots / each.volume))
    return (each.slipped - 1) / law, each.slipped / law
