"""Guesses at the other side's rules, from what it did: each is a switch of our own engine that is worth a try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from triplebar.contracts.codes import AccountKind, FillConvention, PathRule, Reason
from triplebar.contracts.costs import Latency, Misses
from triplebar.contracts.units import seconds_ns, share_ppb
from triplebar.research.verify import causes
from triplebar.research.verify.fees import fee_guesses
from triplebar.research.verify.pieces import Match
from triplebar.research.verify.prices import price_guesses
from triplebar.research.verify.side import Side
from triplebar.research.verify.switches import Switch, switched
from triplebar.research.verify.volumes import volume_guesses

NO_CHECK_MILLI: Final = 1_000_000
"""A leverage that no account is ever short of."""


def evidence(left: Side, right: Side, found: Sequence[Match]) -> frozenset[str]:
    """In which ways two sides differ: time, price, one side, orders, fee, flows, rows."""
    seen = {word for match in found if not match.quiet for word in _ways(match)}
    if _rows(left.flows) != _rows(right.flows):
        seen.add("flows")
    if not np.array_equal(left.equity["clock"], right.equity["clock"]):
        seen.add("rows")
    return frozenset(seen)


def _ways(match: Match) -> Iterator[str]:
    one, other = match.left, match.right
    if one is None or other is None:
        yield "orders"
        return
    if (one["sent"], one["quantity"], one["filled"]) != (other["sent"], other["quantity"], other["filled"]):
        yield "orders"
    pieces, left_only, right_only = match.pieces()
    if left_only or right_only:
        yield "one side"
    if any(piece.left.clock != piece.right.clock for piece in pieces):
        yield "time"
    if any(piece.left.price != piece.right.price for piece in pieces):
        yield "price"
    if sum(each.fee for each in match.left_fills) != sum(each.fee for each in match.right_fills):
        yield "fee"


def _rows(columns: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - arrays by name
    return sorted(zip(*(columns[name].tolist() for name in columns), strict=True))


def guesses(left: Side, right: Side, found: Sequence[Match]) -> Iterator[Switch]:
    """Switches that may bring the left side nearer to the right one, the more telling first."""
    differing = [match for match in found if not match.quiet]
    yield from _conventions(left, right)
    yield from fee_guesses(left, right)
    yield from price_guesses(left, differing)
    yield from volume_guesses(left, right, found)
    yield from _accounts(left)
    yield from _waits(left, differing)
    yield from _windows(left, right)
    yield from _draws(left)
    yield from _flows(left)


def _conventions(left: Side, right: Side) -> Iterator[Switch]:
    for text in FillConvention.texts():
        if text != left.settings.fill:
            yield switched(causes.FILL_TIME, f"fill = {text}", fill=text)
    for text in PathRule.texts():
        if text != left.settings.path:
            yield switched(causes.PATH, f"path = {text}", path=text)
    for other, side in (("reject", right), ("round", left)):
        if np.any(side.orders["reason"] == Reason.OFF_GRID):
            yield switched(causes.ROUNDING, f"off_grid = {other}", off_grid=other)
    steps = dict.fromkeys(range(len(left.settings.instruments)), 1)
    yield switched(causes.ROUNDING, "every tick and lot is allowed", price_step=steps, size_step=steps)
    at_end = not left.settings.close_at_end
    yield switched(causes.END, f"close_at_end = {at_end}", close_at_end=at_end)


def _accounts(left: Side) -> Iterator[Switch]:
    margin = AccountKind.MARGIN.text
    yield switched(causes.CASH, "funds are not checked", kind=margin, leverage_milli=NO_CHECK_MILLI)
    yield switched(causes.CASH, "cash account", kind=AccountKind.CASH.text, leverage_milli=1_000, maintenance_ppb=0)
    yield switched(causes.CASH, "margin account, leverage 1", kind=margin, leverage_milli=1_000)
    yield switched(causes.LIQUIDATION, "nothing is liquidated", maintenance_ppb=0)
    none = dict.fromkeys(range(len(left.settings.instruments)))
    risk = left.settings.risk
    free = type(risk)(True, None, None, None, None)  # noqa: FBT003 - trading is enabled; the rest is None, too
    yield switched(causes.RISK, "no limits", risk=free, position_limit_lots=none, position_limit_minor=none)


def _waits(left: Side, differing: Iterable[Match]) -> Iterator[Switch]:
    """Orders arrive later: by whole bars, as often as is seen, or by one of the presets."""
    if left.settings.latency_max_ns:
        yield switched(causes.LATENCY, "no latency", latency_min_ns=0, latency_max_ns=0)
    moved = Counter(
        piece.right.clock - piece.left.clock
        for match in differing
        for piece in match.pieces()[0]
        if piece.right.clock > piece.left.clock
    )
    interval = min(each.interval_ns for each in left.settings.instruments)
    for bars, _ in moved.most_common(2):
        yield switched(
            causes.LATENCY, f"{bars} bars later", latency_min_ns=bars * interval, latency_max_ns=bars * interval
        )
    for preset in (Latency.FAST, Latency.NORMAL, Latency.SLOW):
        low, high = (seconds_ns("latency", each) for each in (preset.min_seconds, preset.max_seconds))
        yield switched(causes.LATENCY, f"{low} to {high} ns", latency_min_ns=low, latency_max_ns=high)


def _windows(left: Side, right: Side) -> Iterator[Switch]:
    """More or less of the beginning is for warming up."""
    if left.settings.warmup_bars or left.settings.start_ns is not None:
        yield switched(causes.WARM_UP, "no warm-up", warmup_bars=0, start_ns=None)
    sent, refused = right.orders["sent"], right.orders["reason"] == Reason.WARM_UP
    if np.any(refused):
        bars = int(sent[refused].max()) + 1
        yield switched(causes.WARM_UP, f"warmup_bars = {bars}", warmup_bars=bars)
    clock = right.equity["clock"]
    if clock.size and clock[0] > 0:
        start = int(left.market.clock[int(clock[0])])
        yield switched(causes.WARM_UP, "a later start", start_ns=start)


def _draws(left: Side) -> Iterator[Switch]:
    if left.settings.miss_ppb or left.settings.partial_ppb:
        yield switched(causes.MISSES, "nothing is missed", miss_ppb=0, partial_ppb=0)
        return
    usual = Misses()
    low, high = share_ppb("misses", usual.partial_low), share_ppb("misses", usual.partial_high)
    miss, partial = share_ppb("misses", usual.limit_missed), share_ppb("misses", usual.partial)
    bounds = {"partial_low_ppb": low, "partial_high_ppb": high}
    yield switched(causes.MISSES, "the usual misses", miss_ppb=miss, partial_ppb=partial, **bounds)


def _flows(left: Side) -> Iterator[Switch]:
    count = range(len(left.settings.instruments))
    if any(each.funding for each in left.settings.instruments):
        yield switched(causes.FUNDING, "no funding", funding=dict.fromkeys(count, ()))
    if any(each.borrow_ppb for each in left.settings.instruments):
        yield switched(causes.BORROW, "no borrow", borrow_ppb=dict.fromkeys(count, 0))
