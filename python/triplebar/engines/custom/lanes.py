"""Rules in lanes: distinct columns once, then parameter sets by the thousand on the Rust core."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar._native import Lanes
from triplebar.contracts.arrow import to_arrow
from triplebar.contracts.errors import ConfigError
from triplebar.engines.custom.summary import days_per_year
from triplebar.strategy.operands import Number, Operand

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.strategy.rules import Rule

COLUMN_BYTES_MAX: Final = 2**32
"""Columns of indicators may take this much together; more is a mistake in the grid more often than not."""

Places = npt.NDArray[np.intp]


@dataclass
class LaneRunner:
    """A rule on a market, ready for sets given as places on the axes of a grid.

    >>> from triplebar.contracts.config import BacktestConfig
    >>> from triplebar.data.market import Market
    >>> from triplebar.engines.settings import resolve
    >>> from triplebar.strategy.rules import crossover
    >>> market = Market.synthetic(bars=300, seed=1)
    >>> runner = LaneRunner(crossover(fast="SMA", slow="SMA"), {"fast": [2, 3], "slow": [9]}, market,
    ...                     resolve(BacktestConfig(), market), threads=1)
    >>> runner.run((np.array([0, 1]), np.array([0, 0]))).num_rows
    2
    """

    rule: Rule
    axes: Mapping[str, Sequence[Any]]
    market: Market
    settings: Settings
    threads: int
    level: str | None = None
    by_engine: bool = False
    doubts: dict[str, int] = field(default_factory=dict)
    """Sets that the engine ran, by the reason."""

    def __post_init__(self) -> None:
        """Compute every distinct column, once."""
        names = list(self.axes)
        self._tables: list[tuple[tuple[int, ...], npt.NDArray[np.uint32]]] = []
        columns: dict[Operand, int] = {}
        numbers: dict[float, int] = {}
        pending = []
        for operand in self.rule.operands:
            places = tuple(names.index(name) for name in dict.fromkeys(operand.parameters()))
            shape = tuple(len(self.axes[names[place]]) for place in places)
            found = np.zeros(shape, dtype=np.int64)
            for place in np.ndindex(shape):
                values = {names[axis]: self.axes[names[axis]][at] for axis, at in zip(places, place, strict=True)}
                bound = operand.bound(values)
                if isinstance(bound, Number):
                    found[place] = -1 - numbers.setdefault(float(bound.value), len(numbers))
                else:
                    found[place] = columns.setdefault(bound, len(columns))
            pending.append((places, found))
        for places, found in pending:  # numbers stand behind the columns
            table = np.where(found < 0, len(columns) - 1 - found, found).astype(np.uint32)
            self._tables.append((places, table))
        self._sizes = self._size_table(names)
        self._native = Lanes(
            self.market.native(),
            self.settings.to_json(),
            json.dumps(self.rule.layout()),
            self._columns(list(columns)),
            list(numbers),
            days_per_year(self.market, self.settings),
        )

    def run(
        self,
        places: Sequence[Places],
        progress: Callable[[int, int], None] | None = None,
        interrupted: Callable[[], bool] | None = None,
    ) -> pa.RecordBatch:
        """Run sets; fewer rows than sets if it was interrupted, always the first ones."""
        rows = len(places[0]) if places else 1
        operands = np.empty((rows, len(self._tables)), dtype=np.uint32)
        for number, (axes, table) in enumerate(self._tables):
            operands[:, number] = table[tuple(places[axis] for axis in axes)]
        axis, sizes = self._sizes
        found, doubts = self._native.run(
            to_arrow(operands.ravel()),
            len(self._tables),
            to_arrow(np.full(rows, sizes[0]) if axis is None else sizes[places[axis]]),
            self.threads,
            self.level,
            self.by_engine,
            progress,
            interrupted,
        )
        for reason, count in doubts.items():
            self.doubts[reason] = self.doubts.get(reason, 0) + count
        return pa.RecordBatchReader.from_stream(found).read_next_batch()

    def _size_table(self, names: list[str]) -> tuple[int | None, npt.NDArray[np.float64]]:
        size = self.rule.size
        if not isinstance(size, str):
            return None, np.array([float(size)])
        return names.index(size), np.array([self.rule.size_of({size: value}) for value in self.axes[size]])

    def _columns(self, operands: list[Operand]) -> list[list[pa.Array]]:
        size = 8 * len(operands) * self.market.rows
        if size > COLUMN_BYTES_MAX:
            problem = f"{len(operands)} columns over {self.market.rows} bars take {size / 2**30:.1f} GiB"
            raise ConfigError(problem, where="sweep", fix="sweep parts of the grid, or fewer values of an indicator")
        series = [self.market.series(symbol) for symbol in self.market.symbols]
        with ThreadPoolExecutor(self.threads) as pool:
            return [
                [to_arrow(column) for column in pool.map(lambda each, one=one: each.column(one), operands)]
                for one in series
            ]
