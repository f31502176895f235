"""Bars that stand apart from both of their neighbours, whole: likelier a wrong price than a market."""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.data.arrays import IntArray
from triplebar.data.columns import Columns
from triplebar.data.places import Places
from triplebar.data.rows import Grouping
from triplebar.data.times import to_text

APART_MIN: Final = 0.05
"""Nearer than 5 % is never called apart."""
USUAL_MOVES: Final = 25.0
"""And it must be so many times as far as the closes of this instrument usually move."""
SHOWN_MAX: Final = 5


def spike_warnings(columns: Columns, grouping: Grouping, places: Places) -> tuple[str, ...]:
    """Describe the bars that lie, from low to high, far above or far below the bars before and after them.

    >>> from triplebar.data.columns import read_columns
    >>> from triplebar.data.faults import FaultList
    >>> from triplebar.data.market import Market
    >>> from triplebar.data.rows import group
    >>> table = Market.synthetic(bars=30, seed=1).table()
    >>> found = read_columns(table, FaultList())
    >>> spike_warnings(found, group(found), Places())
    ()
    """
    time = columns.time
    if time is None or columns.rows == 0 or columns.placed is not None or columns.symbols == ("",):
        return ()
    if not {"high", "low", "close"} <= set(columns.numbers):
        return ()
    rows = [row for number in range(len(columns.symbols)) for row in _spikes(columns, _rows(grouping, number))]
    if not rows:
        return ()
    shown = [_described(columns, time, row, places) for row in rows[:SHOWN_MAX]]
    more = f" and {len(rows) - SHOWN_MAX} more" if len(rows) > SHOWN_MAX else ""
    count = f"{len(rows)} bars stand" if len(rows) > 1 else "1 bar stands"
    return (f"{count} apart from the bars before and after: {'; '.join(shown)}{more}; a wrong price?",)


def _rows(grouping: Grouping, number: int) -> IntArray:
    """The rows of one instrument, in order of time."""
    first, last = grouping.bounds[number], grouping.bounds[number + 1]
    return np.arange(first, last) if grouping.order is None else grouping.order[first:last]


def _spikes(columns: Columns, rows: IntArray) -> list[int]:
    if rows.size < 3:
        return []
    with np.errstate(invalid="ignore", divide="ignore"):
        high, low, close = (np.log(columns.numbers[name][rows]) for name in ("high", "low", "close"))
        moves = np.abs(np.diff(close))
        usual = float(np.median(moves[np.isfinite(moves)])) if np.isfinite(moves).any() else 0.0
        limit = max(APART_MIN, USUAL_MOVES * usual)
        above = low[1:-1] - np.maximum(high[:-2], high[2:])
        below = np.minimum(low[:-2], low[2:]) - high[1:-1]
        found: list[int] = rows[1 + np.flatnonzero(np.maximum(above, below) > limit)].tolist()
    return found


def _described(columns: Columns, time: IntArray, row: int, places: Places) -> str:
    symbol = columns.symbols[0 if columns.codes is None else int(columns.codes[row])]
    low, high = columns.numbers["low"][row], columns.numbers["high"][row]
    return f"{symbol} at {to_text(int(time[row]))} ({places.of(row).text()}), {low:g} to {high:g}"
