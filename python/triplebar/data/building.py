"""Puts the rows of each symbol on the grid of its instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from triplebar.contracts.errors import DataQualityError
from triplebar.contracts.instruments import PRECISION_MAX, Instrument
from triplebar.data.arrays import ArrayT, FloatArray, IntArray, frozen
from triplebar.data.columns import PRICES, Columns
from triplebar.data.grid import EXACT_TICKS_MAX, MOVED_TICKS, decimals_needed, show, snap
from triplebar.data.places import Places
from triplebar.data.report import EXAMPLES_MAX, MovedColumn, MovedRow
from triplebar.data.rows import Grouping
from triplebar.data.series import Series, Ticks


@dataclass(slots=True)
class SeriesBuilder:
    """Makes one series after the other, and remembers what it moved."""

    columns: Columns
    time: IntArray
    grouping: Grouping
    given: Mapping[str, Instrument]
    tolerance_ticks: float
    places: Places
    moves: list[MovedColumn] = field(default_factory=list)
    gathered: dict[str, FloatArray] = field(init=False)

    def __post_init__(self) -> None:
        """Bring the rows of each symbol together, once for all."""
        self.gathered = {name: self._together(values) for name, values in self.columns.numbers.items()}
        self.time = self._together(self.time)

    def _together(self, values: ArrayT) -> ArrayT:
        return values if self.grouping.order is None else cast("ArrayT", values[self.grouping.order])

    def series(self, number: int) -> Series:
        """Return the bars of the symbol with this number."""
        first, last = self.grouping.bounds[number], self.grouping.bounds[number + 1]
        numbers = {name: values[first:last] for name, values in self.gathered.items()}
        instrument = self._instrument(self.columns.symbols[number], numbers)
        shown, ticks = {}, {}
        for name, values in numbers.items():
            precision = instrument.price_precision if name in PRICES else instrument.size_precision
            shown[name], ticks[name] = self._on_grid(instrument.symbol, name, values, precision, first)
        prices = Ticks(ticks["open"], ticks["high"], ticks["low"], ticks["close"])
        self._check_above_zero(instrument, prices, numbers["low"], first)
        return Series(
            instrument,
            frozen(self.time[first:last]),
            shown["open"],
            shown["high"],
            shown["low"],
            shown["close"],
            shown["volume"],
            prices,
            ticks["volume"],
        )

    def _instrument(self, symbol: str, numbers: Mapping[str, FloatArray]) -> Instrument:
        """The instrument given, or one with as many decimals as the data need."""
        if symbol in self.given:
            return self.given[symbol]
        prices = [numbers[name] for name in PRICES]
        price_precision = decimals_needed(prices, single=not self.columns.single.isdisjoint(PRICES))
        most = PRECISION_MAX - price_precision
        size_precision = decimals_needed([numbers["volume"]], most=most, single="volume" in self.columns.single)
        return Instrument(symbol, price_precision=price_precision, size_precision=size_precision)

    def _on_grid(
        self, symbol: str, name: str, values: FloatArray, precision: int, first: int
    ) -> tuple[FloatArray, IntArray]:
        """What is shown and what it counts; the caller's own column if all of it is on the grid."""
        if values.max() * 10.0**precision >= EXACT_TICKS_MAX:
            row = int(values.argmax())
            problem = f"{values[row]} of {symbol} is too large for {precision} decimals"
            raise DataQualityError(problem, where=self._place(name, first + row), fix=f"lower the {_setting(name)}")
        ticks, moved, largest = snap(values, precision)
        if largest == 0.0:
            return frozen(values), frozen(ticks)
        shown = show(ticks, precision)
        if moved:
            self._report(symbol, name, (values, shown), precision, (moved, largest), first)
        return frozen(shown), frozen(ticks)

    def _report(
        self,
        symbol: str,
        name: str,
        pair: tuple[FloatArray, FloatArray],
        precision: int,
        moved: tuple[int, float],
        first: int,
    ) -> None:
        values, shown = pair
        distance = np.abs(shown - values) * 10.0**precision
        if name in PRICES and moved[1] > self.tolerance_ticks:
            row = int(distance.argmax())
            problem = f"{values[row]} of {symbol} is {distance[row]:.3g} ticks off the grid of {precision} decimals"
            raise DataQualityError(
                f"{problem}; {moved[0]} values of this column are off it",
                where=self._place(name, first + row),
                fix=f"raise the {_setting(name)}, or allow the move with strict=False and a larger tolerance",
            )
        rows = np.flatnonzero(distance > MOVED_TICKS)[:EXAMPLES_MAX].tolist()
        examples = tuple(MovedRow(self._row(first + row), float(values[row]), float(shown[row])) for row in rows)
        self.moves.append(MovedColumn(symbol, name, precision, len(values), moved[0], moved[1], examples))

    def _check_above_zero(self, instrument: Instrument, ticks: Ticks, low: FloatArray, first: int) -> None:
        """A price must be at least one tick."""
        if ticks.low.min() < 1:
            row = int(ticks.low.argmin())
            problem = (
                f"{low[row]} of {instrument.symbol} is less than half a tick of {instrument.price_precision} decimals"
            )
            raise DataQualityError(problem, where=self._place("low", first + row), fix="raise the price_precision")

    def _row(self, place: int) -> int:
        """The row of the source, from 1, that came to this place."""
        return (place if self.grouping.order is None else int(self.grouping.order[place])) + 1

    def _place(self, name: str, place: int) -> str:
        return self.places.of(self._row(place) - 1).text(name)


def _setting(name: str) -> str:
    return "price_precision" if name in PRICES else "size_precision"
