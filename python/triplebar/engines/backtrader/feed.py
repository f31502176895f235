"""Bars of the market as a data feed of Backtrader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import backtrader as bt

from triplebar.contracts.time import DAY_NS

if TYPE_CHECKING:
    from triplebar.data.series import Series

EPOCH_DAY: Final = 719_163.0
"""1970-01-01 in Backtrader's count of days."""
FIRST_DAY: Final = 730_000.0
TICKS_PER_DAY: Final = 1_024.0
"""Strict runs number the bars: a time of Backtrader's is a double of days, in which near times become one."""


class ArrayFeed(bt.feed.DataBase):  # type: ignore[misc] # ships no types
    """A feed over columns that are already there."""

    params = (("columns", ()),)

    def start(self) -> None:
        """Stand before the first bar."""
        super().start()
        self.row = 0
        self.rows = len(self.p.columns[0])

    def _load(self) -> bool:
        """The next bar; False at the end."""
        row = self.row
        if row == self.rows:
            return False
        lines = self.lines
        time, lines.open[0], lines.high[0], lines.low[0], lines.close[0], lines.volume[0] = (
            column[row] for column in self.p.columns
        )
        lines.datetime[0] = time
        lines.openinterest[0] = 0.0
        self.row = row + 1
        return True


def tick_feed(series: Series) -> ArrayFeed:
    """Prices in ticks, sizes in lots, times as numbers of the clock."""
    ticks = series.ticks
    times = FIRST_DAY + series.clock_index / TICKS_PER_DAY
    columns: tuple[Any, ...] = (times, ticks.open, ticks.high, ticks.low, ticks.close, series.lots)
    return ArrayFeed(columns=tuple(column.astype(float).tolist() for column in columns))


def user_feed(series: Series) -> ArrayFeed:
    """Prices, sizes and times as a user of Backtrader has them; times are UTC."""
    days = EPOCH_DAY + series.time / DAY_NS
    columns: tuple[Any, ...] = (days, series.open, series.high, series.low, series.close, series.volume)
    return ArrayFeed(columns=tuple(column.tolist() for column in columns))
