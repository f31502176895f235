"""The columns that lanes compare: each computed once, kept while there is room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from triplebar._native import means
from triplebar.contracts.arrow import to_arrow
from triplebar.contracts.sets import Looked
from triplebar.engines.custom.spare import COLUMNS
from triplebar.strategy.indicators import SMA
from triplebar.strategy.operands import PRICES, Indicator, Number

if TYPE_CHECKING:
    from triplebar.contracts.errors import ParameterError
    from triplebar.contracts.sets import Numbers
    from triplebar.data.market import Market
    from triplebar.data.series import Series
    from triplebar.strategy.operands import Operand

COLUMN_BYTES_MAX: Final = 2**30
"""Columns are kept up to this much together; sets that need more are run in parts."""
VERSIONS: Final = count()
"""Tells one state of the columns from every other."""
AHEAD_MAX: Final = 256
"""Columns of so many values of a parameter are computed with the first of them, if they take an eighth of the memory at
most: the next blocks will want them, and each new column means laying everything out again."""
OPERANDS_MAX: Final = 1 << 17
"""Operands that are remembered at most when a block of sets begins."""


class LaneColumns:
    """Operands by code: columns from 0 up, numbers from -1 down. A code stays what it is; a column may be dropped.

    >>> from triplebar.data.market import Market
    >>> from triplebar.strategy.operands import Price
    >>> columns = LaneColumns(Market.synthetic(bars=9, seed=1), threads=1)
    >>> columns.code(Price("close")), columns.code(Number(30.0)), columns.code(Price("close"))
    (0, -1, 0)
    >>> columns.places(np.array([0])).tolist(), columns.count
    ([0], 1)
    """

    def __init__(self, market: Market, threads: int, bytes_max: int = COLUMN_BYTES_MAX) -> None:
        """Nothing is computed yet."""
        self.market, self.threads, self.bytes_max = market, threads, bytes_max
        self.numbers: list[float] = []
        self.version = next(VERSIONS)
        self._series = [market.series(symbol) for symbol in market.symbols]
        self._one_bar = self._series[0].part(0, 1, None)
        self.arrays: list[list[pa.Array]] = [[] for _ in self._series]
        self._codes: dict[Operand, int] = {}
        self._operands: list[Operand] = []
        self._places: dict[int, int] = {}
        self._looked: dict[Operand, tuple[Looked, dict[int, ParameterError]]] = {}

    def looked(self, operand: Operand) -> tuple[Looked, dict[int, ParameterError]]:
        """The codes of an operand by the values of its parameters, and why some have none."""
        if operand not in self._looked:
            ahead = min(AHEAD_MAX, self.bytes_max // (64 * max(1, self.market.rows)))
            self._looked[operand] = Looked(np.int64, ahead), {}
        return self._looked[operand]

    def forget(self, operand: Operand) -> None:
        """Look up anew next time: what cannot be is not remembered."""
        del self._looked[operand]

    def tidy(self) -> None:
        """Forget everything if there are too many operands to remember, as in a space of numbers drawn at random."""
        if self.crowded:
            self.__init__(self.market, self.threads, self.bytes_max)  # type: ignore[misc] # begins anew

    @property
    def crowded(self) -> bool:
        """Whether there are too many operands to remember."""
        return len(self._codes) > OPERANDS_MAX

    @property
    def count(self) -> int:
        """Columns that are there."""
        return len(self._places)

    def code(self, operand: Operand) -> int:
        """The code of an operand without parameters; one that cannot be computed is refused with `ParameterError`."""
        code = self._codes.get(operand)
        if code is not None:
            return code
        if isinstance(operand, Number):
            self.numbers.append(float(operand.value))
            code = -len(self.numbers)
        else:
            operand.column(self._one_bar)  # whether its parameters can be is known after that
            self._operands.append(operand)
            code = len(self._operands) - 1
        self._codes[operand] = code
        return code

    def fit(self, columns: int) -> bool:
        """Whether so many columns may be there together."""
        return 8 * columns * self.market.rows <= self.bytes_max

    def has(self, codes: Numbers) -> bool:
        """Whether these columns are there."""
        return not self._missing(codes[codes >= 0])

    def _missing(self, codes: Numbers) -> list[int]:
        return [code for code in codes.tolist() if code not in self._places]

    def places(self, codes: Numbers) -> Numbers:
        """Compute what is missing, and give the place of each code; that of one that was not asked for is wrong."""
        missing = self._missing(codes)
        if missing and not self.fit(self.count + len(missing)):
            self._places.clear()
            self.arrays = [[] for _ in self._series]
            missing = codes.tolist()
        if missing:
            self._compute(missing)
        found = np.zeros(len(self._operands), dtype=np.int64)
        for code in codes.tolist():
            found[code] = self._places[code]
        return found

    def _compute(self, codes: list[int]) -> None:
        self.version = next(VERSIONS)
        operands = [self._operands[code] for code in codes]
        for series, kept in zip(self._series, self.arrays, strict=True):
            found = self._means(series, operands)
            others = [place for place in range(len(operands)) if place not in found]
            if others:
                with ThreadPoolExecutor(self.threads) as pool:
                    columns = pool.map(lambda place, one=series: operands[place].column(one), others)
                    found |= dict(zip(others, map(to_arrow, columns), strict=True))
            kept.extend(found[place] for place in range(len(operands)))
        for code in codes:
            self._places[code] = self.count

    def _means(self, series: Series, operands: list[Operand]) -> dict[int, pa.Array]:
        """Simple means of one price, which are computed several at a time, by the place of their operand."""
        found: dict[int, pa.Array] = {}
        simple = [
            (place, each) for place, each in enumerate(operands) if isinstance(each, Indicator) and each.kind is SMA
        ]
        for price in PRICES:
            asked = [(int(each.given[0][1]), place) for place, each in simple if each.of == price]
            if not asked:
                continue
            asked.sort()  # windows that fill together
            bars = len(series)
            table = COLUMNS.lend(len(asked) * bars)
            periods = [period for period, _ in asked]
            if means(to_arrow(getattr(series, price)), periods, table, self.threads):
                whole = to_arrow(table)
                found |= {place: whole.slice(at * bars, bars) for at, (_, place) in enumerate(asked)}
        return found
