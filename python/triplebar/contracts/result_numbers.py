"""From whole numbers to the numbers people read, and from one currency to another; vectorised and exact."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

IntArray: TypeAlias = npt.NDArray[np.int64]
FloatArray: TypeAlias = npt.NDArray[np.float64]

EXACT_MAX: Final = 2**53
"""Up to here every integer is a double, so that one division rounds once."""

POWERS: Final = np.array([10.0**power for power in range(23)])
"""All powers of ten that are doubles."""

BILLION: Final = 10**9


def decimal_floats(values: npt.NDArray[Any], precision: int | npt.NDArray[Any]) -> FloatArray:
    """Return `values / 10**precision`, each the double nearest to the true quotient.

    >>> decimal_floats(np.array([12345, -5]), 2).tolist()
    [123.45, -0.05]
    >>> decimal_floats(np.array([9007199254740993]), 1).tolist()
    [900719925474099.2]
    """
    whole = np.asarray(values, dtype=np.int64)
    quotient: FloatArray = whole / POWERS[precision]
    large = np.flatnonzero((whole > EXACT_MAX) | (whole < -EXACT_MAX))
    if large.size:  # Python divides integers of any size correctly
        powers = np.broadcast_to(np.asarray(precision), whole.shape)
        for row in large:
            quotient[row] = int(whole[row]) / 10 ** int(powers[row])
    return quotient


def scale(values: IntArray, ppb: IntArray | int) -> IntArray:
    """Return S-01's `scale`: times `ppb` / 10⁹, to the nearest, half away from zero.

    >>> scale(np.array([5, -5, 3]), 500_000_000).tolist()
    [3, -3, 2]
    """
    high, low = np.divmod(np.abs(values), BILLION)
    rate_high, rate_low = np.divmod(np.asarray(ppb, dtype=np.int64), BILLION)
    rest = (low * rate_low + BILLION // 2) // BILLION
    return np.asarray(np.sign(values) * (np.abs(values) * rate_high + high * rate_low + rest))


def rates_at(rates: tuple[tuple[int, int], ...], time_ns: IntArray) -> IntArray:
    """Return the last rate at or before each time (S-74); before the first one, the first.

    >>> rates_at(((0, 5), (10, 7)), np.array([3, 10, 11])).tolist()
    [5, 7, 7]
    """
    times = np.array([time for time, _ in rates], dtype=np.int64)
    values = np.array([ppb for _, ppb in rates], dtype=np.int64)
    return np.asarray(values[np.maximum(np.searchsorted(times, time_ns, side="right") - 1, 0)])


def product_share(values: IntArray, ppb: int) -> IntArray:
    """Return `⌈values · ppb / 10⁹⌉` for positive values, without overflow.

    >>> product_share(np.array([10**15, 1]), 1).tolist()
    [1000000, 1]
    """
    high, low = np.divmod(values, BILLION)
    rate_high, rate_low = divmod(ppb, BILLION)
    return np.asarray(values * rate_high + high * rate_low - (-(low * rate_low) // BILLION))
