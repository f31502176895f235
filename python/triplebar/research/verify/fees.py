"""Guesses at the other side's commission: rates, amounts per unit and per order that fit every one of its fees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np

from triplebar.contracts.codes import Role
from triplebar.contracts.settings import CommissionSettings
from triplebar.research.verify import causes
from triplebar.research.verify.intervals import Interval, rate_of, roundest
from triplebar.research.verify.side import Side
from triplebar.research.verify.switches import Switch, switched

FREE: Final = CommissionSettings(0, 0, 0, 0, 0, None, ())
FILLS_MAX: Final = 500
"""So many fills of an instrument tell its rate."""


@dataclass(frozen=True, slots=True)
class Charged:
    """One fill of the other side and its fee."""

    notional: int
    quantity: int
    fee: int
    role: int
    first: bool


def fee_guesses(left: Side, right: Side) -> Iterator[Switch]:
    """Commissions that would charge what the right side charged."""
    for make, text in ((_rates, "rates"), (_per_unit, "per unit"), (_per_order, "per order"), (_free, "none")):
        found = {}
        for number, own in enumerate(left.settings.instruments):
            guessed = make(_charged(right, number), 10**own.size_precision)
            if guessed is not None and guessed != own.commission:
                found[number] = guessed
        if found:
            yield switched(causes.COMMISSION, f"commission as charged: {text}", commission=found)
    yield from _without_bounds(left)


def _charged(side: Side, number: int) -> list[Charged]:
    fills, found = side.fills, []
    seen: set[int] = set()
    for row in np.flatnonzero(fills["instrument"] == number)[:FILLS_MAX].tolist():
        order, quantity = int(fills["order"][row]), int(fills["quantity"][row])
        notional = quantity * int(fills["price"][row]) * side.units[number]
        found.append(Charged(notional, quantity, int(fills["fee"][row]), int(fills["role"][row]), order not in seen))
        seen.add(order)
    return found


def _free(charged: list[Charged], _lots: int) -> CommissionSettings | None:
    return FREE if charged and not any(each.fee for each in charged) else None


def _rates(charged: list[Charged], _lots: int) -> CommissionSettings | None:
    """A share of the notional, one for makers and one for takers, or the same for both."""
    both = _rate(charged)
    if both is not None:
        return replace(FREE, maker_ppb=both, taker_ppb=both)
    maker = _rate([each for each in charged if each.role == Role.MAKER])
    taker = _rate([each for each in charged if each.role == Role.TAKER])
    return None if maker is None or taker is None else replace(FREE, maker_ppb=maker, taker_ppb=taker)


def _rate(charged: list[Charged]) -> int | None:
    found = roundest(rate_of(each.fee, each.notional) for each in charged if each.notional)
    return None if found is None else round(found)


def _per_unit(charged: list[Charged], lots: int) -> CommissionSettings | None:
    """An amount for each unit."""
    found = roundest(_share(each.fee * lots, each.quantity, lots) for each in charged)
    return None if found is None else replace(FREE, per_unit_minor=round(found))


def _share(part: int, whole: int, room: int) -> Interval:
    half = Fraction(room, 2)
    return (part - half) / whole, (part + half) / whole


def _per_order(charged: list[Charged], _lots: int) -> CommissionSettings | None:
    """The same amount for the first fill of each order, and a share of the notional for all."""
    later = [each for each in charged if not each.first]
    ppb = _rate(later) if later else 0
    if ppb is None:
        return None
    rests = {each.fee - (each.notional * ppb + 5 * 10**8) // 10**9 for each in charged if each.first}
    if len(rests) != 1 or min(rests) <= 0:
        return None
    return replace(FREE, fixed=rests.pop(), maker_ppb=ppb, taker_ppb=ppb)


def _without_bounds(left: Side) -> Iterator[Switch]:
    """Our own schedule without its bounds."""
    found = {
        number: replace(own.commission, minimum=0, maximum_ppb=None)
        for number, own in enumerate(left.settings.instruments)
        if own.commission.minimum or own.commission.maximum_ppb is not None
    }
    if found:
        yield switched(causes.COMMISSION, "commission without minimum and maximum", commission=found)
