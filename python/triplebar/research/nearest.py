"""How near the price came to an order that rested without filling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from triplebar.contracts.arrow import Column
from triplebar.contracts.codes import EventKind, Moment, OrderFlag, OrderKind
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import IntArray, product_share, scale
from triplebar.contracts.result_tables import columns
from triplebar.contracts.settings import InstrumentSettings
from triplebar.contracts.time import to_text

ENDED: Final = (EventKind.CANCELED, EventKind.REJECTED, EventKind.EXPIRED)
BEFORE_THE_CLOSE: Final = (Moment.BEFORE, Moment.OPEN, Moment.PATH)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The bar at which the price came nearest to what the order waited for."""

    bar: int
    time_ns: int
    price: float
    wanted: float
    distance: float
    name: str
    """What the order waited for: `limit` or `trigger`."""

    def __str__(self) -> str:
        where = f"at {to_text(self.time_ns)} (bar {self.bar})"
        if self.distance <= 0:
            return f"the price was at its {self.name} of {self.wanted:g} {where}, but it could not fill there"
        return (
            f"the nearest the price came to its {self.name} of {self.wanted:g} was {self.price:g}, "
            f"{self.distance:g} away, {where}"
        )


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What an order waited for."""

    name: str
    wanted: int
    toward: int
    """Where the price has to go: -1 down, +1 up."""
    seen: int
    """How the price is compared: x + seen · half spread (S-24)."""


@dataclass(frozen=True, slots=True)
class _Bars:
    """The bars over which an order rested, in ticks."""

    clock: IntArray
    high: IntArray
    low: IntArray
    half: IntArray


def nearest(result: RunResult, order: int, market: Any) -> Nearest | None:  # noqa: ANN401 - any market
    """Find the nearest the price came while the order rested; None if it never rested, or waits for no price."""
    row = {name: int(column[order - 1]) for name, column in columns(result.canonical("orders")).items()}
    events = _events(result, order)
    waiting = _waiting(row, triggered=bool(np.any(events["kind"] == EventKind.TRIGGERED)))
    begin = _rest_began(events, row["sent"])
    if waiting is None or begin is None:
        return None
    instrument = result.settings.instruments[row["instrument"]]
    bars = _bars(market.series(instrument.symbol), instrument, _span(events, begin, row["ended"]))
    if bars.clock.size == 0:
        return None
    wanted = np.full(bars.clock.size, waiting.wanted, dtype=np.int64)
    if row["kind"] == OrderKind.TRAILING_STOP:
        accepted = np.flatnonzero(events["kind"] == EventKind.ACCEPTED)[-1]
        wanted = _trailing(row, bars, int(events["value"][accepted]))
    return _best(result, instrument, waiting, bars, wanted)


def _best(
    result: RunResult, instrument: InstrumentSettings, waiting: _Waiting, bars: _Bars, wanted: IntArray
) -> Nearest:
    extreme = bars.low if waiting.toward < 0 else bars.high
    compared = extreme + waiting.seen * bars.half
    gaps = (wanted - compared) * waiting.toward
    best = int(np.argmin(gaps))
    power = 10**instrument.price_precision
    bar = int(bars.clock[best])
    return Nearest(
        bar,
        int(result.clock[bar]),
        int(compared[best]) / power,
        int(wanted[best]) / power,
        int(gaps[best]) / power,
        waiting.name,
    )


def _events(result: RunResult, order: int) -> dict[str, Column]:
    found = columns(result.canonical("events"))
    rows = np.flatnonzero(found["order"] == order)
    return {name: column[rows] for name, column in found.items()}


def _rest_began(events: dict[str, Column], sent: int) -> int | None:
    """The last event after which the order rested as it is; None if it was sent again and did not arrive (S-46)."""
    resting = np.isin(events["kind"], (EventKind.ACCEPTED, EventKind.TRIGGERED, EventKind.FILLED))
    sent_again = (events["kind"] == EventKind.MODIFIED) & (events["clock"] == sent)
    begins, breaks = np.flatnonzero(resting), np.flatnonzero(sent_again)
    if begins.size == 0 or (breaks.size and breaks[-1] > begins[-1]):
        return None
    return int(begins[-1])


def _waiting(row: dict[str, int], *, triggered: bool) -> _Waiting | None:
    side, kind = row["side"], row["kind"]
    if kind == OrderKind.LIMIT or (kind == OrderKind.STOP_LIMIT and triggered):
        return _Waiting("limit", row["limit"], -side, side)
    if kind == OrderKind.TRAILING_STOP and not triggered:
        return _Waiting("trigger", 0, side, 0)
    if kind == OrderKind.MARKET or triggered:
        return None
    return _Waiting("trigger", row["trigger"], -side if kind == OrderKind.MARKET_IF_TOUCHED else side, side)


def _span(events: dict[str, Column], begin: int, ended: int) -> tuple[int, int]:
    """The first and last tick of the clock whose whole bar the order saw."""
    first = int(events["clock"][begin]) + (events["moment"][begin] > Moment.OPEN)
    ends = np.flatnonzero(np.isin(events["kind"], ENDED))
    cut_short = ends.size > 0 and int(events["moment"][ends[-1]]) in BEFORE_THE_CLOSE
    last = np.iinfo(np.int32).max if ended < 0 else ended - cut_short
    return int(first), int(last)


def _bars(series: Any, instrument: InstrumentSettings, span: tuple[int, int]) -> _Bars:  # noqa: ANN401 - any series
    low, high = np.searchsorted(series.clock_index, [span[0], span[1] + 1])
    rows = slice(int(low), int(high))
    ticks = series.ticks
    half = instrument.half_spread_ticks + product_share(np.asarray(ticks.open[rows]), instrument.half_spread_ppb)
    return _Bars(np.asarray(series.clock_index[rows], dtype=np.int64), ticks.high[rows], ticks.low[rows], half)


def _trailing(row: dict[str, int], bars: _Bars, arrived_at: int) -> IntArray:
    """The trigger of a trailing stop at the start of each bar (S-25)."""
    side = row["side"]
    away = np.minimum if side > 0 else np.maximum  # a sell follows the highs, a buy the lows
    extremes = np.concatenate([np.array([arrived_at]), (bars.low if side > 0 else bars.high)[:-1]])
    best = np.asarray(away.accumulate(extremes))
    if row["flags"] & OrderFlag.TRAIL_IS_PPB:
        offset = np.maximum(1, scale(best, row["trail"]))
    else:
        offset = np.full(best.size, row["trail"], dtype=np.int64)
    return np.asarray(best + side * offset)
