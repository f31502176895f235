"""Markets made of whole ticks and lots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.instruments import Instrument
from triplebar.data.arrays import IntArray
from triplebar.data.arrow import arrow_array, symbol_column, time_column
from triplebar.data.grid import show
from triplebar.data.market import Market
from triplebar.data.series import Series

PRICES: Final = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """The bars of one instrument in ticks and lots."""

    instrument: Instrument
    time: IntArray
    ticks: Mapping[str, IntArray]
    lots: IntArray

    @classmethod
    def of(cls, series: Series) -> Bars:
        """Take the bars of a series."""
        return cls(series.instrument, series.time, {name: getattr(series.ticks, name) for name in PRICES}, series.lots)


def market_of(like: Market, bars: Sequence[Bars]) -> Market:
    """A market of these bars, with the calendar of another one."""
    time = np.concatenate([each.time for each in bars])
    codes = np.repeat(np.arange(len(bars), dtype=np.int32), [len(each.time) for each in bars])
    order = np.argsort(time, kind="stable")
    names = tuple(each.instrument.symbol for each in bars)
    columns = {"time": time_column(time[order]), "symbol": symbol_column(codes[order], names)}
    for name in PRICES:
        shown = [show(each.ticks[name], each.instrument.price_precision) for each in bars]
        columns[name] = arrow_array(np.concatenate(shown)[order])
    volumes = [show(each.lots, each.instrument.size_precision) for each in bars]
    columns["volume"] = arrow_array(np.concatenate(volumes)[order])
    return Market.from_table(pa.table(columns), [each.instrument for each in bars], calendar=like.calendar)
