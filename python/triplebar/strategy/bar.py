"""What a strategy is given: bars, fills, order events, timers, and windows of past bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

from triplebar.contracts.bars import Bar
from triplebar.contracts.fills import Fill
from triplebar.contracts.orders import OrderEvent, OrderView
from triplebar.contracts.time import from_ns

if TYPE_CHECKING:
    from triplebar.data.arrays import FloatArray, IntArray
    from triplebar.data.series import Series

__all__ = ["Bar", "BarWindow", "Fill", "OrderEvent", "OrderView", "Timer"]


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that is due: its name, and when it was due.

    >>> Timer("rebalance", 0).time.year
    1970
    """

    name: str
    time_ns: int

    @property
    def time(self) -> datetime:
        """When it was due."""
        return from_ns(self.time_ns)


class BarWindow(Sequence[Bar]):
    """Closed bars of one instrument, oldest first: columns as read-only NumPy views, rows as `Bar`.

    The window ends at the last closed bar and cannot be made longer.

    >>> from triplebar.data.market import Market
    >>> window = BarWindow(Market.synthetic(bars=5, seed=1).series(0), 1, 4)
    >>> len(window), window.close.flags.writeable, window[-1].index, len(window[1:])
    (3, False, 3, 2)
    """

    __slots__ = ("_series", "first", "last")

    def __init__(self, series: Series, first: int, last: int) -> None:
        """Bars `first` to `last` of the series, `last` not included."""
        self._series = series
        self.first = first
        self.last = last

    @property
    def symbol(self) -> str:
        """The instrument's symbol."""
        return self._series.symbol

    @property
    def time(self) -> npt.NDArray[np.datetime64]:
        """When each bar closed, in UTC."""
        return self.time_ns.view("datetime64[ns]")

    @property
    def time_ns(self) -> IntArray:
        """When each bar closed, in nanoseconds since 1970."""
        return self._series.time[self.first : self.last]

    @property
    def open(self) -> FloatArray:
        """Opening prices."""
        return self._series.open[self.first : self.last]

    @property
    def high(self) -> FloatArray:
        """Highest prices."""
        return self._series.high[self.first : self.last]

    @property
    def low(self) -> FloatArray:
        """Lowest prices."""
        return self._series.low[self.first : self.last]

    @property
    def close(self) -> FloatArray:
        """Closing prices."""
        return self._series.close[self.first : self.last]

    @property
    def volume(self) -> FloatArray:
        """Volumes."""
        return self._series.volume[self.first : self.last]

    def __len__(self) -> int:
        return self.last - self.first

    def __repr__(self) -> str:
        return f"BarWindow({self.symbol!r}, bars {self.first} to {self.last - 1})"

    @overload
    def __getitem__(self, place: int) -> Bar: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Bar]: ...

    def __getitem__(self, place: int | slice) -> Bar | Sequence[Bar]:
        """One bar, or a shorter window; a slice with a step is a list."""
        if isinstance(place, slice):
            rows = range(self.first, self.last)[place]
            if rows.step == 1:
                return BarWindow(self._series, rows.start, max(rows.start, rows.stop))
            return [bar_of(self._series, row) for row in rows]
        try:
            row = range(self.first, self.last)[place]
        except IndexError:
            raise IndexError(f"{self!r} has no bar {place}") from None
        return bar_of(self._series, row)


def bar_of(series: Series, row: int) -> Bar:
    """One bar of a series as an object.

    >>> from triplebar.data.market import Market
    >>> bar_of(Market.synthetic(bars=2, seed=1).series(0), 1).index
    1
    """
    return Bar(
        series.symbol,
        int(series.time[row]),
        float(series.open[row]),
        float(series.high[row]),
        float(series.low[row]),
        float(series.close[row]),
        float(series.volume[row]),
        row,
    )
