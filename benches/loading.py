"""What it costs to get bars in: from an Arrow table, and from Parquet beside pyarrow alone."""

import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

import triplebar as tb
from benches.markets import random_walk, symbols, table


@dataclass(frozen=True)
class Loading:
    """Nanoseconds a bar, the least of some rounds."""

    bars: int
    parquet_alone: float
    from_parquet: float
    from_table: float


def measure(bars: int, rounds: int) -> Loading:
    """Load one instrument's bars in three ways, in turns."""
    bars_table = table(random_walk(bars))
    instruments = [tb.Instrument(symbols(1)[0], price_precision=2)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bars.parquet"
        pq.write_table(bars_table, path)
        ways: list[Callable[[], object]] = [
            lambda: pq.read_table(path),
            lambda: tb.Market.from_parquet(path, instruments),
            lambda: tb.Market.from_table(bars_table, instruments),
        ]
        least = [float("inf")] * len(ways)
        for _ in range(rounds):
            least = [min(before, _nanoseconds(way) / bars) for before, way in zip(least, ways, strict=True)]
    return Loading(bars, *least)


def _nanoseconds(way: Callable[[], object]) -> float:
    gc.collect()
    begin = time.perf_counter()
    way()
    return (time.perf_counter() - begin) * 1e9
