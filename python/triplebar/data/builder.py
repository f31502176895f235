"""Longer bars bar by bar, for use inside a strategy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from triplebar.data.intervals import interval_ns


class ShortBar(Protocol):
    """What is read of a bar."""

    @property
    def time_ns(self) -> int:
        """When it closed."""

    @property
    def open(self) -> float:
        """Its first price."""

    @property
    def high(self) -> float:
        """Its highest price."""

    @property
    def low(self) -> float:
        """Its lowest price."""

    @property
    def close(self) -> float:
        """Its last price."""

    @property
    def volume(self) -> float:
        """What was traded."""


@dataclass(frozen=True, slots=True)
class LongBar:
    """A bar that was put together from shorter ones."""

    time_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(slots=True)
class BarBuilder:
    """Feed it bars in order of time; it gives back a longer bar once that has closed, never earlier.

    A longer bar whose last short bar is missing is given back with the first bar after it.

    >>> builder = BarBuilder("3m")
    >>> bars = [LongBar(n * 60_000_000_000, n, n + 0.5, n, n, 1.0) for n in range(1, 8)]
    >>> [long.close for bar in bars for long in builder.update(bar)]
    [3, 6]
    """

    interval: str | int | timedelta
    _length_ns: int = field(init=False)
    _open: LongBar | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Read the interval."""
        self._length_ns = interval_ns(self.interval)

    def update(self, bar: ShortBar) -> list[LongBar]:
        """Add a bar; return the longer bars that are closed by now: none, one or two."""
        end = -(-bar.time_ns // self._length_ns) * self._length_ns
        closed = []
        if self._open is not None and self._open.time_ns != end:
            closed.append(self._open)
            self._open = None
        self._open = _with(self._open, bar, end)
        if bar.time_ns == end:
            closed.append(self._open)
            self._open = None
        return closed


def _with(known: LongBar | None, bar: ShortBar, end_ns: int) -> LongBar:
    if known is None:
        return LongBar(end_ns, bar.open, bar.high, bar.low, bar.close, bar.volume)
    high, low = max(known.high, bar.high), min(known.low, bar.low)
    return LongBar(end_ns, known.open, high, low, bar.close, known.volume + bar.volume)
