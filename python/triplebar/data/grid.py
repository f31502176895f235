"""The decimal grid: a price is a whole number of ticks, and a tick is `10**-precision`.

The values that a strategy sees are `ticks / 10**precision`, the same double in every engine. Numbers that already are
such doubles can be shared with the caller; all others are moved to the nearest tick, and the move is reported.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.data.arrays import FloatArray, IntArray

PRECISION_MAX: Final = 8
"""The most decimals that are inferred from data."""

MOVED_TICKS: Final = 1e-6
"""A value farther than this from the grid counts as moved; nearer ones are rounding noise of the double."""

EXACT_TICKS_MAX: Final = 2**53
"""Up to here every tick has a double of its own."""

BLOCK_ROWS: Final = 16_384
"""Rows handled at once, so that the working arrays stay in the processor's cache."""

SAMPLE_ROWS: Final = 256

NOISE_ULPS: Final = 8
"""Sums such as 0.1 + 0.2 miss the grid by a few units in the last place; that does not make decimals."""


def snap(values: FloatArray, precision: int) -> tuple[IntArray, int, float]:
    """Put finite values on the grid: the ticks, how many values moved, and the largest move in ticks.

    A largest move of exactly 0 means that every value already was the double `ticks / 10**precision`.

    >>> ticks, moved, largest = snap(np.array([1.25, 1.3, 1.304]), 2)
    >>> ticks.tolist(), moved, round(largest, 6)
    ([125, 130, 130], 1, 0.4)
    """
    scale = 10.0**precision
    ticks = np.empty(len(values), dtype=np.int64)
    rounded = np.empty(min(BLOCK_ROWS, len(values)))
    back = np.empty_like(rounded)
    moved, largest = 0, 0.0
    for start in range(0, len(values), BLOCK_ROWS):
        block = values[start : start + BLOCK_ROWS]
        whole = np.multiply(block, scale, out=rounded[: len(block)])
        np.rint(whole, out=whole)
        ticks[start : start + len(block)] = whole
        shown = np.divide(whole, scale, out=back[: len(block)])
        if not np.array_equal(shown, block):
            distance = np.abs(shown - block) * scale
            moved += int(np.count_nonzero(distance > MOVED_TICKS))
            largest = max(largest, float(distance.max()))
    return ticks, moved, largest


def show(ticks: IntArray, precision: int) -> FloatArray:
    """Return the doubles that a strategy sees for these ticks.

    >>> show(np.array([125, 130]), 2).tolist()
    [1.25, 1.3]
    """
    return ticks / 10.0**precision


def decimals_needed(columns: list[FloatArray], *, most: int = PRECISION_MAX, single: bool = False) -> int:
    """Return the fewest decimals, at most `most`, that write every value of the columns down.

    Values that were 32-bit floats (`single`) need only those decimals that such a float can tell apart.

    >>> decimals_needed([np.array([1.5, 2.0]), np.array([0.125, 3.0])])
    3
    """
    most = min(most, _decimals_countable(columns))
    sample = [column[:: max(1, len(column) // SAMPLE_ROWS)] for column in columns]
    precision = _first_fitting(sample, 0, most, single=single)
    return _first_fitting(columns, precision, most, single=single)


def _first_fitting(columns: list[FloatArray], start: int, most: int, *, single: bool) -> int:
    for precision in range(start, most):
        if all(_fits(column, precision, single=single) for column in columns):
            return precision
    return most


def _fits(column: FloatArray, precision: int, *, single: bool) -> bool:
    ticks, _, largest = snap(column, precision)
    if largest == 0.0:
        return True
    shown = show(ticks, precision)
    if single:
        return bool(np.array_equal(shown.astype(np.float32), column.astype(np.float32)))
    return bool((np.abs(shown - column) <= NOISE_ULPS * np.spacing(column)).all())


def _decimals_countable(columns: list[FloatArray]) -> int:
    """How many decimals the largest value leaves room for below `EXACT_TICKS_MAX`."""
    largest = max((float(np.abs(column).max()) for column in columns if len(column)), default=0.0)
    precision = PRECISION_MAX
    while precision > 0 and largest * 10.0**precision >= EXACT_TICKS_MAX:
        precision -= 1
    return precision
