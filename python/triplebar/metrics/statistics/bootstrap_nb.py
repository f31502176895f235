"""Resample returns in blocks of random length, by the project's own streams of random numbers (S-56)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.metrics.kernels.jit import kernel

GOLDEN: Final = np.uint64(0x9E37_79B9_7F4A_7C15)
FIRST: Final = np.uint64(0xBF58_476D_1CE4_E5B9)
SECOND: Final = np.uint64(0x94D0_49BB_1331_11EB)
S30: Final = np.uint64(30)
S27: Final = np.uint64(27)
S31: Final = np.uint64(31)
S11: Final = np.uint64(11)
TO_SHARE: Final = 2.0**-53
CONSTANTS: Final = "2fcf0c29"
"""Fingerprint of the numbers above, those of other files included; see `jit`."""


@kernel
def splitmix_nb(value: Any) -> Any:  # noqa: ANN401 - unsigned, which Python does not know
    """Mix 64 bits, as `contracts.random.splitmix`."""
    z = value + GOLDEN
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    return z ^ (z >> S31)


@kernel
def places_nb(key: Any, draw: int, block: float, places: IntArray) -> None:  # noqa: ANN401 - unsigned
    """Choose places of a series in blocks: each step goes on, or with the chance 1 / block begins somewhere new.

    The draws of step `i` of resampling `draw` are the numbers 2 · (draw · size + i) and the one after it of the stream.
    """
    size = places.size
    chance = 1.0 / block
    place = np.int64(0)
    for step in range(size):
        number = np.uint64(2 * (draw * size + step))
        chosen = splitmix_nb(key ^ splitmix_nb(number))
        if step == 0 or (chosen >> S11) * TO_SHARE < chance:
            place = np.int64(splitmix_nb(key ^ splitmix_nb(number + np.uint64(1))) % np.uint64(size))
        else:
            place = place + 1 if place + 1 < size else np.int64(0)
        places[step] = place


@kernel
def resample_curves_nb(
    returns: FloatArray,
    key: Any,  # noqa: ANN401 - unsigned
    first: int,
    block: float,
    places: IntArray,
    curves: FloatArray,
) -> None:
    """Write one curve per row, from its first value on, with returns drawn anew; `first` is the number of the first."""
    for row in range(curves.shape[0]):
        places_nb(key, first + row, block, places)
        value = curves[row, 0]
        for step in range(places.size):
            value *= 1.0 + returns[places[step]]
            curves[row, step + 1] = value


@kernel
def resample_rows_nb(key: Any, first: int, block: float, rows: IntArray) -> None:  # noqa: ANN401 - unsigned
    """Write one resampling of places per row."""
    for row in range(rows.shape[0]):
        places_nb(key, first + row, block, rows[row])


@kernel
def resample_means_nb(
    values: FloatArray,
    key: Any,  # noqa: ANN401 - unsigned
    block: float,
    places: IntArray,
    means: FloatArray,
) -> None:
    """Write the means of the columns of `values` in every resampling, the same periods for all columns."""
    for draw in range(means.shape[0]):
        places_nb(key, draw, block, places)
        means[draw, :] = 0.0
        for step in range(places.size):
            for column in range(values.shape[1]):
                means[draw, column] += values[places[step], column]
        for column in range(values.shape[1]):
            means[draw, column] /= places.size
