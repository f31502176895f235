"""What to do about bars that are missing or incomplete.

A bar is missing if another symbol has one at that time (or the calendar lets one expect), or if any of its numbers is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.different import different
from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.contracts.suggest import hint
from triplebar.data.arrays import FloatArray, IntArray, MaskArray
from triplebar.data.bars import Bars, read_bars
from triplebar.data.calendars import Calendar, calendar
from triplebar.data.columns import NUMBERS, PRICES
from triplebar.data.faults import SHOWN_MAX, listing
from triplebar.data.schedule import bar_closes, closes_of, whole_sessions
from triplebar.data.times import to_text

Numbers = dict[str, FloatArray]
"""The five columns of one symbol, one value for each time; NaN where the bar is missing."""


@dataclass(frozen=True, slots=True)
class Treated:
    """A table without missing bars, and what was done to get it."""

    table: pa.Table
    filled: int
    """Bars made up."""
    removed: int
    """Bars left out, incomplete ones included."""
    warnings: tuple[str, ...]
    uses_future: bool = False
    """Values were made from later ones: a backtest on them looks ahead."""


def treat_missing(
    source: object,
    policy: str = "forward_fill",
    *,
    sessions: str | Calendar | None = None,
    interval_ns: int | None = None,
) -> Treated:
    """Apply a policy for missing bars: forward_fill, drop, error, interpolate, backfill or skip.

    With `sessions` and `interval_ns` the bars that the calendar lets one expect count as missing too.

    >>> table = {"time": [1, 2, 3], "symbol": ["X"] * 3, "open": [1.0, None, 3.0], "high": [1.0, 2.0, 3.0],
    ...          "low": [1.0, 2.0, 3.0], "close": [1.0, 2.0, 3.0], "volume": [5.0, 5.0, 5.0]}
    >>> treat_missing(table).table["close"].to_pylist()
    [1.0, 1.0, 3.0]
    """
    if policy not in POLICIES:
        raise ConfigError.of("missing_data", policy, "is not a policy", fix=hint(policy, POLICIES))
    bars = read_bars(source)
    whole = bars.rows(bars.complete)
    if policy == "skip" or len(bars.time) == 0:
        return _skip(bars, whole)
    time = _expected(bars.time, sessions, interval_ns)
    grid = [_on_times(whole, number, time) for number in range(len(bars.symbols))]
    if policy == "error":
        _refuse_missing(bars.symbols, grid, time)
    if policy in {"drop", "error"}:
        return _drop(bars, grid, time)
    filled = [FILLS[policy](numbers, time) for numbers in grid]
    return _treated(bars, grid, filled, time, policy)


def _expected(time: IntArray, sessions: str | Calendar | None, interval_ns: int | None) -> IntArray:
    """All times at which there is a bar, or should be."""
    seen: IntArray = different(time, sorted_runs=True)
    if sessions is None or interval_ns is None:
        return seen
    first, last = int(seen[0]), int(seen[-1])
    chosen = calendar(sessions)
    if chosen.name == "24/7":
        wanted = bar_closes(chosen, first, max(0, (last - first) // interval_ns), interval_ns)
    else:
        wanted = closes_of(whole_sessions(chosen.stretches(first, last), interval_ns), interval_ns)
    return different(np.concatenate([seen, wanted[(wanted >= first) & (wanted <= last)]]), sorted_runs=True)


def _on_times(bars: Bars, number: int, time: IntArray) -> Numbers:
    """The bars of one symbol laid out on all times."""
    mine = bars.rows(bars.codes == number)
    places = np.searchsorted(time, mine.time)
    laid = {}
    for name in NUMBERS:
        laid[name] = np.full(len(time), np.nan)
        laid[name][places] = mine.numbers[name]
    return laid


def _there(numbers: Numbers) -> MaskArray:
    return ~np.isnan(numbers["close"])


# ------------------------------------------------------------------------------------------------------ the policies


def _skip(bars: Bars, whole: Bars) -> Treated:
    removed = len(bars.time) - len(whole.time)
    warnings = (f"{removed} incomplete bars were left out",) if removed else ()
    return Treated(whole.in_order().table(), 0, removed, warnings)


def _refuse_missing(symbols: tuple[str, ...], grid: list[Numbers], time: IntArray) -> None:
    missing = [
        (int(time[at]), symbol) for symbol, n in zip(symbols, grid, strict=True) for at in np.flatnonzero(~_there(n))
    ]
    if missing:
        lines = (f"{symbol} has no whole bar at {to_text(at)}" for at, symbol in sorted(missing))
        problem = f"{len(missing)} bars are missing:\n{listing(lines, len(missing), SHOWN_MAX)}"
        raise DataQualityError(problem, fix="choose another policy for missing data, such as forward_fill")


def _drop(bars: Bars, grid: list[Numbers], time: IntArray) -> Treated:
    """Keep the times at which every symbol has its bar, so that the symbols stay aligned."""
    common = np.logical_and.reduce([_there(numbers) for numbers in grid])
    table = _long(bars.symbols, [{name: values[common] for name, values in n.items()} for n in grid], time[common])
    removed = len(bars.time) - table.num_rows
    times = int(np.count_nonzero(~common))
    warnings = (f"{times} times at which a symbol had no bar were left out for all symbols",) if times else ()
    return Treated(table, 0, removed, warnings)


def _forward_fill(numbers: Numbers, time: IntArray) -> Numbers:
    """A flat bar without volume at the close before."""
    places = np.where(_there(numbers), np.arange(len(time)), -1)
    before = np.maximum.accumulate(places)
    return _flat(numbers, np.where(before >= 0, numbers["close"][before], np.nan))


def _backfill(numbers: Numbers, time: IntArray) -> Numbers:
    """A flat bar without volume at the open after."""
    last = len(time)
    places = np.where(_there(numbers), np.arange(last), last)
    after = np.minimum.accumulate(places[::-1])[::-1]
    return _flat(numbers, np.where(after < last, numbers["open"][np.minimum(after, last - 1)], np.nan))


def _flat(numbers: Numbers, price: FloatArray) -> Numbers:
    missing = ~_there(numbers)
    filled = {name: np.where(missing, price, numbers[name]) for name in PRICES}
    filled["volume"] = np.where(missing & ~np.isnan(price), 0.0, numbers["volume"])
    return filled


def _interpolate(numbers: Numbers, time: IntArray) -> Numbers:
    """Each number on the straight line between its neighbours in time; nothing outside of the first and the last."""
    there = _there(numbers)
    if not there.any():
        return numbers
    seconds = (time - time[0]) * 1e-9
    known = seconds[there]
    return {name: np.interp(seconds, known, v[there], left=np.nan, right=np.nan) for name, v in numbers.items()}


FILLS: Final[dict[str, Callable[[Numbers, IntArray], Numbers]]] = {
    "forward_fill": _forward_fill,
    "interpolate": _interpolate,
    "backfill": _backfill,
}
POLICIES: Final = ("forward_fill", "drop", "error", "interpolate", "backfill", "skip")
LOOK_AHEAD: Final = frozenset({"interpolate", "backfill"})


def _treated(bars: Bars, grid: list[Numbers], filled: list[Numbers], time: IntArray, policy: str) -> Treated:
    table = _long(bars.symbols, filled, time)
    known = sum(int(np.count_nonzero(_there(numbers))) for numbers in grid)
    made = table.num_rows - known
    warnings = [f"{made} missing bars were made up by {policy}"] if made else []
    if made and policy in LOOK_AHEAD:
        warnings.append(f"look-ahead: {policy} makes bars from later ones; a backtest on them knows the future")
    left = len(time) * len(filled) - table.num_rows
    if left:
        warnings.append(f"{left} bars before the first or after the last of their symbol stay missing")
    return Treated(table, made, len(bars.time) - known, tuple(warnings), uses_future=made > 0 and policy in LOOK_AHEAD)


def _long(symbols: tuple[str, ...], columns: list[Numbers], time: IntArray) -> pa.Table:
    kept = [_there(numbers) for numbers in columns]
    codes = np.concatenate([np.full(np.count_nonzero(k), n, dtype=np.int32) for n, k in enumerate(kept)])
    together = {name: np.concatenate([n[name][k] for n, k in zip(columns, kept, strict=True)]) for name in NUMBERS}
    return Bars(np.concatenate([time[k] for k in kept]), symbols, codes, together).in_order().table()
