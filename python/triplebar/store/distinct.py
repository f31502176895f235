"""How many different things there were, without keeping all of them: exact for thousands, a sketch for millions.

The sketch is HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, 2007) with 2^14 registers, off by about 0.8 %, read by the
estimator of Ertl (2017), which has no bias at any size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from triplebar.contracts.different import different
from triplebar.contracts.errors import RegistryError

Keys = npt.NDArray[np.uint64]
Registers = npt.NDArray[np.uint8]

KEYS_MAX: Final = 2**64
EXACT_MAX: Final = 1 << 14
"""So many keys are kept as they are."""
BITS: Final = 14
SIZE: Final = 1 << BITS
REST_BITS: Final = 64 - BITS


@dataclass(frozen=True)
class Distinct:
    """A set of 64-bit keys that can be united with others: in any order, any number of times, with the same outcome.

    >>> some = Distinct.of(np.array([1, 2, 2], dtype=np.uint64))
    >>> some.union(Distinct.of(np.array([2, 3], dtype=np.uint64))).count
    3
    """

    keys: Keys | None
    """In order; None if there are too many."""
    registers: Registers | None = None

    @classmethod
    def of(cls, keys: Keys) -> Distinct:
        """Of some keys, which are hashes: all bits are equally likely."""
        found = keys.astype(np.uint64)
        if found.size > 2 * EXACT_MAX:
            sketch = cls(None, _registers(found))
            if sketch.count > 2 * EXACT_MAX:  # far above, whatever the estimate is off by: no need to sort
                return sketch
        found = different(found)
        return cls(found) if found.size <= EXACT_MAX else cls(None, _registers(found))

    def union(self, other: Distinct) -> Distinct:
        """The keys of both."""
        if self.keys is not None and other.keys is not None:
            return Distinct.of(np.concatenate([self.keys, other.keys]))
        return Distinct(None, np.maximum(self._sketch(), other._sketch()))

    def including(self, keys: Keys) -> Distinct:
        """With some more keys: what a union with them gives.

        >>> Distinct.of(np.array([1], dtype=np.uint64)).including(np.array([2, 1], dtype=np.uint64)).count
        2
        """
        if self.keys is not None:
            return Distinct.of(np.concatenate([self.keys, keys]))
        return Distinct(None, np.maximum(self._sketch(), _registers(keys)))

    @property
    def count(self) -> int:
        """How many there are: exactly up to `EXACT_MAX`, else about."""
        if self.keys is not None:
            return int(self.keys.size)
        lengths = np.bincount(self._sketch(), minlength=REST_BITS + 2)
        inner = float(lengths[1 : REST_BITS + 1] @ 0.5 ** np.arange(1, REST_BITS + 1))
        empty, full = float(lengths[0]) / SIZE, float(lengths[REST_BITS + 1]) / SIZE
        whole = SIZE * _of_empty(empty) + inner + SIZE * _of_full(1.0 - full) * 0.5**REST_BITS
        return round(SIZE * SIZE / (2.0 * math.log(2.0)) / whole) if whole else KEYS_MAX

    @property
    def exact(self) -> bool:
        """Whether the count is exact."""
        return self.keys is not None

    def to_bytes(self) -> bytes:
        """As the store keeps it: a letter for the kind, then the numbers.

        >>> Distinct.read(Distinct.of(np.array([7], dtype=np.uint64)).to_bytes()).count
        1
        """
        if self.keys is not None:
            return b"k" + self.keys.astype("<u8").tobytes()
        return b"r" + self._sketch().tobytes()

    @classmethod
    def read(cls, data: bytes) -> Distinct:
        """Read what `to_bytes` wrote."""
        kind, rest = data[:1], data[1:]
        if kind == b"k" and len(rest) % 8 == 0:
            return cls(np.frombuffer(rest, dtype="<u8").astype(np.uint64))
        if kind == b"r" and len(rest) == SIZE:
            return cls(None, np.frombuffer(rest, dtype=np.uint8))
        raise RegistryError("a count of trials cannot be read", fix="restore the store from a copy")

    def _sketch(self) -> Registers:
        if self.registers is not None:
            return self.registers
        return _registers(self.keys if self.keys is not None else np.zeros(0, dtype=np.uint64))


def _registers(keys: Keys) -> Registers:
    """For each register the longest run of leading zeros, plus one, among the keys that fall into it."""
    places = (keys >> np.uint64(REST_BITS)).astype(np.int64)
    rest = keys & np.uint64((1 << REST_BITS) - 1)
    lengths = np.frexp(rest.astype(np.float64))[1]  # exact: there are fewer bits than a double holds
    found = np.zeros(SIZE, dtype=np.uint8)
    np.maximum.at(found, places, (REST_BITS - lengths + 1).astype(np.uint8))
    return found


def _of_empty(share: float) -> float:
    """Give x + Σ x^(2^k) 2^(k-1), the part of empty registers."""
    if share == 1.0:
        return math.inf
    power, weight, total, before = share, 1.0, share, -1.0
    while total != before:
        power, before = power * power, total
        total += power * weight
        weight += weight
    return total


def _of_full(share: float) -> float:
    """Give (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3, the part of full registers."""
    if share in {0.0, 1.0}:
        return 0.0
    root, weight, total, before = share, 1.0, 1.0 - share, -1.0
    while total != before:
        root, before, weight = math.sqrt(root), total, weight / 2.0
        total -= (1.0 - root) ** 2 * weight
    return total / 3.0
