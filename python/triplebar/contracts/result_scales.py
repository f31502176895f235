"""What the integers of a run's tables mean: grids, currencies, the clock, the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.contracts.arrow import Column, texts_to_arrow, to_arrow
from triplebar.contracts.different import different
from triplebar.contracts.result_numbers import IntArray, decimal_floats, rates_at, scale
from triplebar.contracts.settings import Settings
from triplebar.contracts.tables import NO_INSTRUMENT, TIME


@dataclass(frozen=True)
class Scales:
    """What the integers of a run's tables mean: grids, currencies, the clock and the labels.

    Instances come with every result as `result.scales`.
    """

    settings: Settings
    clock: IntArray
    labels: tuple[str, ...]

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The symbols in the order of their numbers."""
        return tuple(each.symbol for each in self.settings.instruments)

    @cached_property
    def price_precision(self) -> IntArray:
        """Decimals of a price, by instrument."""
        return np.array([each.price_precision for each in self.settings.instruments], dtype=np.int64)

    @cached_property
    def size_precision(self) -> IntArray:
        """Decimals of a size, by instrument."""
        return np.array([each.size_precision for each in self.settings.instruments], dtype=np.int64)

    @cached_property
    def unit(self) -> IntArray:
        """Minor units of one tick on one lot, by instrument."""
        return np.array([each.unit for each in self.settings.instruments], dtype=np.int64)

    @cached_property
    def currency(self) -> IntArray:
        """Number of the quote currency, by instrument."""
        return np.array([each.currency for each in self.settings.instruments], dtype=np.int64)

    @cached_property
    def multiplier(self) -> npt.NDArray[np.float64]:
        """Worth of one whole piece at a price of one, by instrument."""
        fine = self.price_precision + self.size_precision - self.settings.cash_precision
        return np.asarray(self.unit * 10.0**fine)

    def prices(self, ticks: Column, instrument: Column) -> npt.NDArray[np.float64]:
        """Ticks as prices."""
        return decimal_floats(ticks, self.price_precision[instrument])

    def sizes(self, lots: Column, instrument: Column) -> npt.NDArray[np.float64]:
        """Lots as sizes."""
        return decimal_floats(lots, self.size_precision[instrument])

    def money(self, minor: Column) -> npt.NDArray[np.float64]:
        """Minor units as money."""
        return decimal_floats(minor, self.settings.cash_precision)

    def times(self, clock: Column) -> pa.Array:
        """Ticks of the clock as times; those before the first one have none."""
        none = clock < 0
        values = self.clock[np.where(none, 0, clock)] if self.clock.size else np.zeros(clock.size, dtype=np.int64)
        return to_arrow(values, none, TIME)

    def symbol_texts(self, instrument: Column) -> pa.Array:
        """Numbers of instruments as symbols; null where there is none."""
        return words(self.symbols, instrument, instrument == NO_INSTRUMENT)

    def currency_texts(self, currency: Column) -> pa.Array:
        """Numbers of currencies as codes."""
        return words(self.settings.currencies, currency)

    def label_texts(self, label: Column) -> pa.Array:
        """1-based places in the labels as texts; null for 0."""
        return words(self.labels, label.astype(np.int64) - 1, label == 0)

    def to_base(self, minor: IntArray, currency: Column, time_ns: IntArray) -> IntArray:
        """Convert money into the base currency at the rates of those times (S-74)."""
        converted = np.array(minor, dtype=np.int64)
        for number in different(currency):
            if number:
                rows = np.flatnonzero(currency == number)
                rates = rates_at(self.settings.rates[int(number)], time_ns[rows])
                converted[rows] = scale(converted[rows], rates)
        return converted


def words(texts: Sequence[str], places: Column, none: Column | None = None) -> pa.Array:
    """Pick texts by their places; null where `none` is true.

    >>> words(["a", "b"], np.array([1, 0])).to_pylist()
    ['b', 'a']
    """
    if not texts:
        return pa.nulls(len(places), pa.string())
    if none is not None:
        places = np.where(none, 0, places)
    return texts_to_arrow(texts).take(to_arrow(places.astype(np.int64), none))
