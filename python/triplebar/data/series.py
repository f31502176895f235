"""The bars of one instrument: what a strategy sees, and the same in ticks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from triplebar.contracts.instruments import Instrument
from triplebar.data.arrays import FloatArray, IndexArray, IntArray, frozen
from triplebar.data.intervals import MINUTE_NS


@dataclass(frozen=True, slots=True, eq=False)
class Ticks:
    """Prices as whole numbers of ticks."""

    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray


@dataclass(frozen=True, eq=False)
class Series:
    """The bars of one instrument in order of time; all arrays are read-only.

    `open` to `volume` are the doubles that a strategy sees, `ticks` and `lots` the exact numbers they stand for.
    """

    instrument: Instrument
    time: IntArray
    """When each bar closed, in nanoseconds since 1970 in UTC."""
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    ticks: Ticks
    lots: IntArray
    """The volume in whole lots."""
    clock_places: IndexArray | None = field(default=None, repr=False)
    """Where each bar stands on the market's clock; None if bar `i` stands at `i`."""

    def __len__(self) -> int:
        return len(self.time)

    def __repr__(self) -> str:
        return f"Series({self.symbol!r}, {len(self)} bars)"

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return self.instrument.symbol

    @cached_property
    def clock_index(self) -> IndexArray:
        """Where each bar stands on the market's clock."""
        if self.clock_places is not None:
            return self.clock_places
        return frozen(np.arange(len(self.time), dtype=np.int32))

    @cached_property
    def interval_ns(self) -> int:
        """The smallest step between bars; one minute if there are fewer than two bars."""
        return int(np.diff(self.time).min()) if len(self.time) > 1 else MINUTE_NS

    def part(self, first: int, last: int, clock_places: IndexArray | None) -> Series:
        """Return the bars `first` to `last` (not included), sharing memory, with their places on a new clock."""
        rows = slice(first, last)
        ticks = Ticks(self.ticks.open[rows], self.ticks.high[rows], self.ticks.low[rows], self.ticks.close[rows])
        return Series(
            self.instrument,
            self.time[rows],
            self.open[rows],
            self.high[rows],
            self.low[rows],
            self.close[rows],
            self.volume[rows],
            ticks,
            self.lots[rows],
            clock_places,
        )
