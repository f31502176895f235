"""Guesses at the share of a bar's volume that the other side lets fills take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from triplebar.research.verify import causes
from triplebar.research.verify.intervals import roundest
from triplebar.research.verify.pieces import Match
from triplebar.research.verify.side import Side
from triplebar.research.verify.switches import Switch, switched


def volume_guesses(left: Side, right: Side, found: Sequence[Match]) -> Iterator[Switch]:
    """No cap, and the cap under which the right side's parts would have been filled."""
    if any(each.participation_ppb is not None for each in left.settings.instruments):
        none = dict.fromkeys(range(len(left.settings.instruments)))
        yield switched(causes.VOLUME, "no cap on the volume", participation_ppb=none)
    caps = _caps(right, found)
    guessed = {number: _share(right, number, filled) for number, filled in caps.items()}
    shares = {number: share for number, share in guessed.items() if share}
    if shares:
        one = next(iter(shares.values()))
        for number in range(len(left.settings.instruments)):
            shares.setdefault(number, one)
        yield switched(causes.VOLUME, f"{one / 1e9:g} of the volume", participation_ppb=shares)


def _caps(right: Side, found: Sequence[Match]) -> dict[int, dict[int, int]]:
    """By instrument and tick: the lots filled where an order was filled in part, and went on later."""
    cut: dict[int, set[int]] = defaultdict(set)
    for match in found:
        for fill in match.right_fills[:-1]:
            cut[match.order["instrument"]].add(fill.clock)
    fills = right.fills
    return {
        number: {
            clock: int(fills["quantity"][(fills["instrument"] == number) & (fills["clock"] == clock)].sum())
            for clock in sorted(clocks)[:200]
        }
        for number, clocks in cut.items()
    }


def _share(right: Side, number: int, filled: dict[int, int]) -> int | None:
    series = right.market.series(number)
    intervals = []
    for clock, lots in filled.items():
        volume = int(series.lots[int(np.searchsorted(series.clock_index, clock))])
        if volume:
            scale = Fraction(10**9, volume)
            intervals.append((lots * scale, (lots + 1) * scale - 1))
    share = roundest(intervals)
    return None if share is None or not 0 < share <= 10**9 else round(share)
