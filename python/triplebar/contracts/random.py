"""Named random streams: one seed, many independent sequences (S-56).

The n-th draw of a stream is a pure function of (seed, name, n), so more draws in one stream never shift
another, and draws can be made in any order. The Rust core computes the same numbers.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from functools import lru_cache
from typing import TypeVar

Item = TypeVar("Item")

MASK = 0xFFFF_FFFF_FFFF_FFFF
GOLDEN = 0x9E37_79B9_7F4A_7C15
FNV_OFFSET = 0xCBF2_9CE4_8422_2325
FNV_PRIME = 0x0000_0100_0000_01B3
PPB = 1_000_000_000


def splitmix(value: int) -> int:
    """Mix 64 bits.

    >>> hex(splitmix(0))
    '0xe220a8397b1dcdaf'
    """
    z = (value + GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return z ^ (z >> 31)


def fnv1a64(data: bytes) -> int:
    """The FNV-1a hash of some bytes, 64 bits.

    >>> hex(fnv1a64(b"a"))
    '0xaf63dc4c8601ec8c'
    """
    value = FNV_OFFSET
    for byte in data:
        value = ((value ^ byte) * FNV_PRIME) & MASK
    return value


@lru_cache(maxsize=256)
def stream_key(seed: int, stream: str) -> int:
    """The key of a named stream."""
    return splitmix(splitmix(seed & MASK) ^ fnv1a64(stream.encode()))


def draw(seed: int, stream: str, number: int) -> int:
    """The `number`-th 64 random bits of a stream.

    >>> draw(7, "latency", 1) == draw(7, "latency", 1) != draw(7, "misses", 1)
    True
    """
    return splitmix(stream_key(seed, stream) ^ splitmix(number & MASK))


def draw_ppb(seed: int, stream: str, number: int) -> int:
    """A draw reduced to parts per billion.

    >>> 0 <= draw_ppb(7, "misses", 1) < 1_000_000_000
    True
    """
    return draw(seed, stream, number) % PPB


class RandomStream:
    """A sequence of draws under one name, counted from 0.

    >>> dice = RandomStream(1, "dice")
    >>> rolls = [dice.integer(1, 6) for _ in range(4)]
    >>> again = RandomStream(1, "dice")
    >>> rolls == [again.integer(1, 6) for _ in range(4)]
    True
    """

    def __init__(self, seed: int, name: str, *, counter: int = 0) -> None:
        """`counter` is the number of draws already taken, to go on where another stream stopped."""
        self.seed = seed
        self.name = name
        self.counter = counter

    def __repr__(self) -> str:
        """Enough to build it again."""
        return f"RandomStream({self.seed}, {self.name!r}, counter={self.counter})"

    def bits(self) -> int:
        """64 random bits."""
        value = draw(self.seed, self.name, self.counter)
        self.counter += 1
        return value

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        if high < low:
            raise ValueError(f"integer(low={low}, high={high}): high is below low")
        return low + self.bits() % (high - low + 1)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number in [low, high), with 53 random bits.

        >>> 0.0 <= RandomStream(1, "x").uniform() < 1.0
        True
        """
        fraction = (self.bits() >> 11) * 2.0**-53
        return low + (high - low) * fraction

    def chance(self, probability: float) -> bool:
        """True with this probability.

        >>> RandomStream(1, "x").chance(0.0), RandomStream(1, "x").chance(1.0)
        (False, True)
        """
        return self.uniform() < probability

    def choice(self, items: Sequence[Item]) -> Item:
        """One of the items.

        >>> RandomStream(1, "x").choice(["only"])
        'only'
        """
        if not items:
            raise ValueError("choice() from nothing: give at least one item")
        return items[self.bits() % len(items)]

    def shuffle(self, items: MutableSequence[Item]) -> None:
        """Put the items in random order, in place.

        >>> cards = [1, 2, 3]
        >>> RandomStream(1, "x").shuffle(cards)
        >>> sorted(cards)
        [1, 2, 3]
        """
        for last in range(len(items) - 1, 0, -1):
            other = self.bits() % (last + 1)
            items[last], items[other] = items[other], items[last]
