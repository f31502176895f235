"""Seeded markets for the benches: integer ticks for the native limits and, as an Arrow table, for triplebar."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

TICKS_PER_PRICE = 100
FIRST_CLOSE = 10_000
MINUTE_NS = 60_000_000_000
BEGIN_NS = 1_577_836_800_000_000_000  # 2020-01-01 00:00 UTC

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ticks:
    """Bars of one or more instruments; each array is [bar, instrument]."""

    open: Ints
    high: Ints
    low: Ints
    close: Ints

    @property
    def bars(self) -> int:
        """How many bars each instrument has."""
        return len(self.close)

    @property
    def width(self) -> int:
        """How many instruments there are."""
        return int(self.close.shape[1])


def random_walk(bars: int, width: int = 1, *, seed: int = 7, deviation: float = 5e-4) -> Ticks:
    """Draw geometric random walks of one-minute bars on a grid of 0.01."""
    random = np.random.Generator(np.random.PCG64(seed))
    steps = random.normal(0.0, deviation, (bars, width))
    close = np.maximum(np.rint(FIRST_CLOSE * np.exp(np.cumsum(steps, axis=0))), 100).astype(np.int64)
    gaps = np.rint(random.normal(0.0, 1.0, (bars, width))).astype(np.int64)
    opened = np.vstack([np.full((1, width), FIRST_CLOSE), close[:-1]]) + gaps
    reach = np.abs(np.rint(random.normal(0.0, 2.0, (2, bars, width)))).astype(np.int64)
    high = np.maximum(opened, close) + reach[0]
    low = np.maximum(np.minimum(opened, close) - reach[1], 1)
    return Ticks(opened, high, low, close)


def symbols(width: int) -> list[str]:
    """Name the instruments in the order in which the engine keeps them."""
    return [f"X{number:03}" for number in range(width)]


def table(ticks: Ticks) -> pa.Table:
    """Lay the bars out as the long table that a user would load."""
    bars, width = ticks.close.shape
    time = BEGIN_NS + MINUTE_NS * (1 + np.repeat(np.arange(bars, dtype=np.int64), width))
    columns = {"time": pa.array(time, pa.timestamp("ns", "UTC"))}
    if width > 1:
        codes = pa.array(np.tile(np.arange(width, dtype=np.int32), bars))
        columns["symbol"] = pa.DictionaryArray.from_arrays(codes, pa.array(symbols(width)))
    for name in ("open", "high", "low", "close"):
        columns[name] = pa.array(getattr(ticks, name).ravel() / TICKS_PER_PRICE)
    columns["volume"] = pa.array(np.ones(bars * width))
    return pa.table(columns)
