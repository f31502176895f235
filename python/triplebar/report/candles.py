"""The bars of the instruments of a run, for a chart: whole ticks, aggregated only where there are too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from triplebar.contracts.different import different
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import IntArray
from triplebar.contracts.result_tables import columns
from triplebar.report.packing import Pack

BARS_MAX: Final = 1_000_000
"""Bars of all instruments together that a page carries one by one."""
INSTRUMENTS_MAX: Final = 12
"""Instruments that are shown: those with most fills."""
MILLISECOND_NS: Final = 1_000_000
SECOND_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Shown:
    """One instrument as the page shows it: each candle stands for `step` bars."""

    number: int
    symbol: str
    series: Any
    step: int

    def candle_of(self, clock: IntArray) -> IntArray:
        """Return the candle in which a tick of the clock lies; before the first bar, the first."""
        rows = np.searchsorted(self.series.clock_index, clock, side="right") - 1
        return np.asarray(np.maximum(rows, 0) // self.step)


def shown_instruments(result: RunResult, bars_max: int = BARS_MAX) -> list[Shown]:
    """Choose the instruments to show, and how many bars a candle holds; none without the market."""
    if result.market is None:
        return []
    fills = columns(result.canonical("fills"))["instrument"]
    counts = np.bincount(fills, minlength=len(result.settings.instruments))
    traded = [int(number) for number in np.argsort(-counts, kind="stable") if counts[number]] or [0]
    chosen = sorted(traded[:INSTRUMENTS_MAX])
    share = max(1, bars_max // len(chosen))
    found = []
    for number in chosen:
        series = result.market.series(result.scales.symbols[number])
        found.append(Shown(number, result.scales.symbols[number], series, max(1, -(-len(series.time) // share))))
    return found


def left_out(result: RunResult, shown: list[Shown]) -> list[str]:
    """Name the instruments that had fills and are not shown."""
    numbers = different(columns(result.canonical("fills"))["instrument"])
    known = {each.number for each in shown}
    return [result.scales.symbols[number] for number in numbers if int(number) not in known]


def add_candles(pack: Pack, each: Shown, settings: Any) -> dict[str, Any]:  # noqa: ANN401 - settings of an engine
    """Pack the candles of one instrument, and describe them."""
    coarse = _coarse(each.series.ticks.high)
    ticks = {part: np.asarray(getattr(each.series.ticks, part)) // coarse for part in ("open", "high", "low", "close")}
    step = each.step
    starts = np.arange(0, len(each.series.time), step)
    first = ticks["open"][starts]
    high, low = np.maximum.reduceat(ticks["high"], starts), np.minimum.reduceat(ticks["low"], starts)
    ends = np.append(starts[1:], len(each.series.time)) - 1
    last = ticks["close"][ends]
    name, scale = f"bars{each.number}", 10.0**settings.price_precision / coarse
    before = np.concatenate([first[:1] * 0, last[:-1]])
    pack.add_whole(f"{name}.open", first - before, steps=0)  # from the close before
    pack.add_whole(f"{name}.close", last - first, steps=0)
    pack.add_whole(f"{name}.high", high - np.maximum(first, last), steps=0)
    pack.add_whole(f"{name}.low", np.minimum(first, last) - low, steps=0)
    unit = add_times(pack, f"{name}.time", np.asarray(each.series.time)[ends])
    return {
        "name": name,
        "symbol": each.symbol,
        "step": step,
        "scale": scale,
        "precision": settings.price_precision,
        "time": unit,
        "currency": settings.currency,
    }


def add_times(pack: Pack, name: str, time_ns: IntArray, *, steps: int = 2) -> dict[str, int]:
    """Pack times as seconds (or milliseconds) since the first; that and the unit in milliseconds are returned."""
    origin = int(time_ns[0]) if time_ns.size else 0
    passed = time_ns - origin
    whole = bool(np.all(passed % SECOND_NS == 0))
    pack.add_whole(name, passed // (SECOND_NS if whole else MILLISECOND_NS), steps=steps)
    return {"origin": origin // MILLISECOND_NS, "unit": 1_000 if whole else 1}


def _coarse(high: IntArray) -> int:
    """How many ticks are counted as one, so that the highest price fits: 1 but for very fine grids."""
    most = int(np.max(high, initial=0))
    return int(10 ** max(0, len(str(most)) - 9))
