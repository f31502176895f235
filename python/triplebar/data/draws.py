"""Random numbers for made-up markets: one stream per purpose, the same on every machine.

Only the raw words of PCG64 are used, and only arithmetic that IEEE 754 rounds exactly, so that neither the version of
NumPy nor the processor changes a market.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from triplebar.data.arrays import FloatArray

_SUM_MEAN: Final = 2.0 * 65_535
_SUM_DEVIATION: Final = ((65_536.0**2 - 1) / 3) ** 0.5


@dataclass(frozen=True, slots=True)
class Draws:
    """Streams of draws from one seed; each name is a stream of its own.

    >>> Draws(7).uniform(2, "jumps").tolist() == Draws(7).uniform(2, "jumps").tolist()
    True
    """

    seed: int

    def words(self, count: int, *names: str) -> npt.NDArray[np.uint64]:
        """Return whole 64-bit words."""
        entropy = [self.seed, *(zlib.crc32(name.encode()) for name in names)]
        return np.random.PCG64(entropy).random_raw(count).astype(np.uint64, copy=False)

    def uniform(self, count: int, *names: str) -> FloatArray:
        """Return numbers in [0, 1)."""
        numbers: FloatArray = (self.words(count, *names) >> np.uint64(11)) * np.float64(2.0**-53)
        return numbers

    def normal(self, count: int, *names: str) -> FloatArray:
        """Return bell-shaped numbers of mean 0 and deviation 1, none beyond 3.5: sums of four 16-bit numbers."""
        words = self.words(count, *names)
        low = np.uint64(0xFFFF)
        total = words & low
        for shift in (16, 32, 48):
            total += (words >> np.uint64(shift)) & low
        numbers: FloatArray = (total.astype(np.float64) - _SUM_MEAN) / _SUM_DEVIATION
        return numbers
