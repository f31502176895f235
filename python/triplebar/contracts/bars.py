"""Bars and quotes: one observation of one instrument, checked when it is made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from triplebar.contracts.codes import Side
from triplebar.contracts.errors import DataQualityError
from triplebar.contracts.time import from_ns, to_ns


def _time(symbol: str, value: object) -> int:
    try:
        return to_ns(value)
    except ValueError as problem:
        raise DataQualityError(str(problem), where=symbol) from None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; its time is the close. `time_ns` may be given as an aware datetime, a naive one is refused.

    >>> bar = Bar("X", 60_000_000_000, open=1.0, high=2.0, low=0.5, close=1.5, volume=10.0)
    >>> bar.time.minute
    1
    >>> Bar("X", 0, open=1.0, high=0.9, low=0.5, close=0.7, volume=1.0)
    Traceback (most recent call last):
    triplebar.contracts.errors.DataQualityError: X at 1970-01-01 00:00:00+00:00: open = 1.0 is above high = 0.9
    """

    symbol: str
    time_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    index: int = 0

    def __post_init__(self) -> None:
        """Prices are positive, low ≤ open, close ≤ high, the volume is not negative."""
        object.__setattr__(self, "time_ns", _time(self.symbol, self.time_ns))
        for name in ("open", "high", "low", "close"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise self._fail(f"{name} = {value!r} is not a price above 0")
        if not (math.isfinite(self.volume) and self.volume >= 0):
            raise self._fail(f"volume = {self.volume!r} is not a number of at least 0")
        for name in ("open", "close", "low"):
            if getattr(self, name) > self.high:
                raise self._fail(f"{name} = {getattr(self, name)!r} is above high = {self.high!r}")
        for name in ("open", "close"):
            if getattr(self, name) < self.low:
                raise self._fail(f"{name} = {getattr(self, name)!r} is below low = {self.low!r}")

    def _fail(self, problem: str) -> DataQualityError:
        return DataQualityError(problem, where=f"{self.symbol} at {self.time}")

    @property
    def time(self) -> datetime:
        """When the bar closed."""
        return from_ns(self.time_ns)


@dataclass(frozen=True, slots=True)
class Quote:
    """Bid, ask and last price at one time; a side that is missing falls back to the last price.

    >>> quote = Quote("X", 0, bid=None, ask=101.0, last=100.0)
    >>> quote.price(Side.BUY), quote.price(Side.SELL)
    (101.0, 100.0)
    """

    symbol: str
    time_ns: int
    bid: float | None = None
    ask: float | None = None
    last: float | None = None
    volume: float = 0.0

    def __post_init__(self) -> None:
        """There is a price for both sides, all are positive, the bid is not above the ask."""
        object.__setattr__(self, "time_ns", _time(self.symbol, self.time_ns))
        for name in ("bid", "ask", "last"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise self._fail(f"{name} = {value!r} is not a price above 0")
        if not (math.isfinite(self.volume) and self.volume >= 0):
            raise self._fail(f"volume = {self.volume!r} is not a number of at least 0")
        if self.last is None and (self.bid is None or self.ask is None):
            raise self._fail("there is no price for both sides: give bid and ask, or last")
        if self.price(Side.SELL) > self.price(Side.BUY) and self.bid is not None and self.ask is not None:
            raise self._fail(f"crossed: bid = {self.bid!r} is above ask = {self.ask!r}")

    def _fail(self, problem: str) -> DataQualityError:
        return DataQualityError(problem, where=f"{self.symbol} at {self.time}")

    @property
    def time(self) -> datetime:
        """When it was observed."""
        return from_ns(self.time_ns)

    def price(self, side: Side) -> float:
        """What a taker pays or gets: the ask for a buy, the bid for a sell."""
        own = self.ask if side is Side.BUY else self.bid
        price = self.last if own is None else own
        assert price is not None  # noqa: S101 - checked when it was made
        return price

    @property
    def middle(self) -> float:
        """Half way between bid and ask.

        >>> Quote("X", 0, bid=99.0, ask=101.0).middle
        100.0
        """
        return (self.price(Side.BUY) + self.price(Side.SELL)) / 2
