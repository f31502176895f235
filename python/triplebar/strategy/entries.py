"""From entries and exits to positions."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np

from triplebar.contracts.errors import DataQualityError, ParameterError
from triplebar.strategy.signal_columns import BoolArray, FloatArray, IntArray


def positions_held(flags: Mapping[str, Mapping[str | None, BoolArray]], size: float) -> dict[str | None, FloatArray]:
    """Positions by symbol from flags by name (`entries`, `exits`, `short_entries`, `short_exits`) and symbol."""
    if not isfinite(size) or size <= 0:
        raise ParameterError(f"size = {size!r} is no size", where="from_entries", fix="give a number above 0")
    symbols = list(flags["entries"])
    for name, columns in flags.items():
        missing = set(symbols) ^ set(columns)
        if missing:
            where, text = f"from_entries, {name}", ", ".join(sorted(str(each) for each in missing))
            raise DataQualityError(f"symbols differ: {text}", where=where, fix="give the same symbols everywhere")
    return {symbol: size * held({name: each[symbol] for name, each in flags.items()}) for symbol in symbols}


def held(flags: Mapping[str, BoolArray]) -> FloatArray:
    """The side held at each bar: 1, 0 or -1.

    >>> flags = {"entries": [1, 0, 0, 0], "exits": [0, 0, 0, 0], "short_entries": [0, 0, 1, 0]}
    >>> held({name: np.array(each, dtype=bool) for name, each in flags.items()}).tolist()
    [1.0, 1.0, -1.0, -1.0]
    """
    rows = flags["entries"].size
    for name, column in flags.items():
        if column.size != rows:
            where = f"from_entries, {name}, row {min(rows, column.size)}"
            raise DataQualityError(f"{column.size} values for {rows} entries", where=where, fix="give equal lengths")
    none = np.zeros(rows, dtype=np.bool_)
    enter, leave = flags["entries"], flags["exits"]
    enter_short, leave_short = flags.get("short_entries", none), flags.get("short_exits", none)
    enter, leave = enter & ~leave, leave & ~enter
    enter_short, leave_short = enter_short & ~leave_short, leave_short & ~enter_short
    enter, enter_short = enter & ~enter_short, enter_short & ~enter
    entered, entered_short = _last(enter), _last(enter_short)
    long = (entered > entered_short) & (_last(leave) < entered)
    short = (entered_short > entered) & (_last(leave_short) < entered_short)
    return long.astype(np.float64) - short


def _last(flag: BoolArray) -> IntArray:
    """The last row at or before each row at which the flag was up; -1 if there was none."""
    return np.maximum.accumulate(np.where(flag, np.arange(flag.size), -1))
