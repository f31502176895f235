"""Small tables of bars for the tests of this folder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

MINUTE = 60_000_000_000
DAY = 86_400_000_000_000
START = 1_704_067_200_000_000_000  # 2024-01-01T00:00:00Z


def columns(bars: int = 6, symbol: str = "X", first: float = 100.0) -> dict[str, Any]:
    """Bars of one minute whose close rises by 0.25; every rule is kept."""
    close = first + 0.25 * np.arange(bars)
    return {
        "time": pa.array(START + MINUTE * np.arange(1, bars + 1), pa.timestamp("ns", "UTC")),
        "symbol": pa.array([symbol] * bars),
        "open": close - 0.25,
        "high": close + 0.5,
        "low": close - 0.5,
        "close": close,
        "volume": 10.0 + np.arange(bars, dtype=np.float64),
    }


def good(bars: int = 6, symbol: str = "X", first: float = 100.0) -> pa.Table:
    return pa.table(columns(bars, symbol, first))


def changed(bars: int = 6, **replaced: Any) -> pa.Table:
    """The good table with columns replaced; None removes one; a dict sets cells: `low={2: -1.0}`."""
    parts = columns(bars)
    for name, value in replaced.items():
        if value is None:
            del parts[name]
        elif isinstance(value, dict):
            cells = np.array(parts[name]).tolist() if name != "time" else parts[name].cast(pa.int64()).to_pylist()
            for row, cell in value.items():
                cells[row] = cell
            parts[name] = pa.array(cells, pa.timestamp("ns", "UTC")) if name == "time" else pa.array(cells)
        else:
            parts[name] = value
    return pa.table(parts)


def two(bars: int = 4) -> pa.Table:
    """`A` and `B` on the same times, in order of time."""
    table = pa.concat_tables([good(bars, "A", 10.0), good(bars, "B", 20.0)])
    return table.take(np.argsort(table["time"].cast(pa.int64()).to_numpy(), kind="stable"))


def minutes(*numbers: float) -> list[int]:
    return [START + round(number * MINUTE) for number in numbers]
