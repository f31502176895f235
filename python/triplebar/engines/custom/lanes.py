"""Rules in lanes: distinct columns once, then parameter sets by the thousand on the Rust core."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar._native import Lanes
from triplebar.contracts.arrow import joined, to_arrow
from triplebar.contracts.different import different
from triplebar.contracts.errors import ParameterError
from triplebar.contracts.sets import Looked, Numbers, Sets
from triplebar.engines.custom.lane_columns import COLUMN_BYTES_MAX, LaneColumns
from triplebar.engines.custom.summary import SUMMARY, days_per_year

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.strategy.operands import Operand
    from triplebar.strategy.rules import Rule

NUMBERS_MAX: Final = 8_192
"""Distinct numbers of one call: the core lays each of them out as a block of bars."""

Tell = Callable[[int, int], None]
Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Laid:
    """Sets as the core takes them."""

    lanes: Lanes
    operands: pa.Array
    """Places of columns and numbers, those of one set after those of the other."""
    sizes: pa.Array


@dataclass
class Bound:
    """Sets with codes of `LaneColumns` in the place of what their rule compares."""

    sets: Sets
    codes: Numbers
    sizes: npt.NDArray[np.float64]
    """One for all of them, or one each."""
    problems: dict[int, ParameterError]
    """Why some cannot be run, by their place."""
    parts: list[tuple[Numbers, Numbers]]
    """Sets whose columns fit the memory together, and the codes of these."""
    only: Laid | None = None
    """The only part, if it was laid out ahead."""


@dataclass
class LaneRunner:
    """A rule on a market, ready for parameter sets.

    >>> from triplebar.contracts.config import BacktestConfig
    >>> from triplebar.contracts.sets import Values
    >>> from triplebar.data.market import Market
    >>> from triplebar.engines.settings import resolve
    >>> from triplebar.strategy.rules import crossover
    >>> market = Market.synthetic(bars=300, seed=1)
    >>> runner = LaneRunner(crossover(fast="SMA", slow="SMA"), market, resolve(BacktestConfig(), market), threads=1)
    >>> two = Sets(np.arange(2), {"fast": Values([2, 3], np.arange(2)), "slow": Values([9], np.zeros(2, np.int64))})
    >>> rows, problems = runner.run(two)
    >>> rows.num_rows, problems
    (2, {})
    """

    rule: Rule
    market: Market
    settings: Settings
    threads: int
    level: str | None = None
    by_engine: bool = False
    column_bytes_max: int = COLUMN_BYTES_MAX
    doubts: dict[str, int] = field(default_factory=dict)
    """Sets that the engine ran, by the reason."""

    def __post_init__(self) -> None:
        """Nothing is computed before a set needs it."""
        self._columns = LaneColumns(self.market, self.threads, self.column_bytes_max)
        self._year = days_per_year(self.market, self.settings)
        self._layout = json.dumps(self.rule.layout())
        self._native: tuple[object, Lanes] | None = None
        self._sized = Looked(np.float64)
        self._ready: Bound | None = None
        self._in_parts = False

    def prepare(self, sets: Sets) -> None:
        """Make sets ready that are run next, while others are: as far as no column has to be computed, or to go."""
        if self._columns.crowded or self._in_parts:
            return
        self._ready = bound = self._bind(sets)
        if len(bound.parts) == 1 and self._columns.has(bound.parts[0][1]):
            bound.only = self._lay(bound, *bound.parts[0])

    def run(
        self,
        sets: Sets,
        progress: Tell | None = None,
        interrupted: Stopped | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> tuple[pa.RecordBatch, dict[int, ParameterError]]:
        """One row a set, and why some sets have none, by their place; fewer if it was interrupted: the first ones.

        `meanwhile` is called once, while the core's threads, all but one, are at work, if there is anything to run.
        """
        bound, self._ready = self._ready, None
        if bound is None or bound.sets is not sets:
            self._columns.tidy()
            bound = self._bind(sets)
        batches: list[pa.RecordBatch] = []
        self._in_parts = len(bound.parts) > 1
        for rows, used in bound.parts:
            laid = bound.only or self._lay(bound, rows, used)
            told = None if progress is None else _shifted(progress, int(rows[0]), len(sets))
            batches.append(self._run(laid, told, interrupted, None if batches else meanwhile))
            if batches[-1].num_rows < len(rows):
                break
        return joined(batches, SUMMARY), bound.problems

    def _bind(self, sets: Sets) -> Bound:
        found = [self._bound(sets, operand) for operand in self.rule.operands]
        sizes, problems = self._sizes(sets)
        for codes, each, odd in found:
            if odd and each.min() <= _odd(0):
                places = np.flatnonzero(codes <= _odd(0)).tolist()
                problems = {**problems, **{place: odd[int(codes[place])] for place in places}}
        together = np.stack([codes for codes, _, _ in found], axis=1)
        used = different(np.concatenate([each for _, each, _ in found]))
        parts = self._parts(together, _without(problems, len(sets)), used[used > _odd(0)])
        return Bound(sets, together, sizes, problems, parts)

    def _bound(self, sets: Sets, operand: Operand) -> tuple[Numbers, Numbers, dict[int, ParameterError]]:
        """The operand of each set as a code of `self._columns`, the codes there are, and why some are none."""
        names = tuple(dict.fromkeys(operand.parameters()))
        if not names:
            only = self._columns.code(operand)
            return np.full(len(sets), only), np.array([only]), {}
        looked, odd = self._columns.looked(operand)

        def code(*values: Any) -> int:  # noqa: ANN401 - parameters of any kind
            try:
                return self._columns.code(operand.bound(dict(zip(names, values, strict=True))))
            except ParameterError as problem:
                odd[_odd(len(odd))] = problem
                return _odd(len(odd) - 1)

        codes, used = looked.up([sets.columns[name] for name in names], code)
        if odd:
            self._columns.forget(operand)
        return codes, used, odd

    def _sizes(self, sets: Sets) -> tuple[npt.NDArray[np.float64], dict[int, ParameterError]]:
        size = self.rule.size
        if not isinstance(size, str):
            return np.array([float(size)]), {}
        why: list[ParameterError] = []

        def number(value: object) -> float:
            try:
                return self.rule.size_of({size: value})
            except ParameterError as problem:
                why.append(problem)
                return -float(len(why))

        sizes, used = self._sized.up([sets.columns[size]], number)
        if used.min() > 0.0:
            return sizes, {}
        self._sized = Looked(np.float64)  # what cannot be is not remembered
        wrong = np.flatnonzero(sizes < 0.0).tolist()
        return np.where(sizes < 0.0, 1.0, sizes), {place: why[int(-sizes[place]) - 1] for place in wrong}

    def _parts(self, codes: Numbers, rows: Numbers, used: Numbers) -> list[tuple[Numbers, Numbers]]:
        """Sets in parts whose columns fit the memory, with the codes of each; whole if they do."""
        if not rows.size:
            return []
        columns = int(np.count_nonzero(used >= 0))
        if rows.size == 1 or (self._columns.fit(columns) and used.size - columns <= NUMBERS_MAX):
            return [(rows, used)]
        halves = (rows[: rows.size // 2], rows[rows.size // 2 :])
        return [part for half in halves for part in self._parts(codes, half, different(codes[half]))]

    def _lay(self, bound: Bound, rows: Numbers, used: Numbers) -> Laid:
        whole = len(rows) == len(bound.codes)
        codes = bound.codes if whole else bound.codes[rows]
        numbers = -1 - used[used < 0][::-1]
        columns = self._columns.places(used[used >= 0]).astype(np.uint32)
        if numbers.size:
            operands = np.empty(codes.shape, dtype=np.uint32)
            is_column = codes >= 0
            operands[is_column] = columns[codes[is_column]]
            operands[~is_column] = self._columns.count + np.searchsorted(numbers, -1 - codes[~is_column])
        else:
            operands = columns[codes]
        sizes = bound.sizes
        if len(sizes) == 1:
            sizes = np.full(len(codes), sizes[0])
        elif not whole:
            sizes = sizes[rows]
        return Laid(self.laid_out(numbers), to_arrow(operands.ravel()), to_arrow(sizes))

    def _run(
        self,
        laid: Laid,
        progress: Tell | None,
        interrupted: Stopped | None,
        meanwhile: Callable[[], None] | None,
    ) -> pa.RecordBatch:
        found, doubts = laid.lanes.run(
            laid.operands,
            len(laid.operands) // len(laid.sizes),
            laid.sizes,
            self.threads,
            self.level,
            self.by_engine,
            progress,
            interrupted,
            meanwhile,
        )
        for reason, count in doubts.items():
            self.doubts[reason] = self.doubts.get(reason, 0) + count
        return pa.RecordBatchReader.from_stream(found).read_next_batch()

    def laid_out(self, numbers: Numbers) -> Lanes:
        """The core's side of the columns and these numbers, laid out again only for others; its `run` is the kernel."""
        wanted = (self._columns.version, tuple(numbers.tolist()))
        if self._native is None or self._native[0] != wanted:
            values = [self._columns.numbers[number] for number in numbers.tolist()]
            made = Lanes(
                self.market.native(), self.settings.to_json(), self._layout, self._columns.arrays, values, self._year
            )
            self._native = (wanted, made)
        return self._native[1]


def _odd(number: int) -> int:
    """The code of an operand that cannot be: below all codes of numbers."""
    return -(1 << 62) - number


def _without(problems: Mapping[int, object], count: int) -> Numbers:
    """The places of the sets that can be run."""
    every = np.arange(count)
    return np.delete(every, list(problems)) if problems else every


def _shifted(progress: Tell, start: int, total: int) -> Tell:
    return lambda done, _: progress(start + done, total)
