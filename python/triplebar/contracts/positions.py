"""A position: long above zero, short below, flat at zero."""

from __future__ import annotations

import math
from dataclasses import dataclass

from triplebar.contracts.errors import DataQualityError


@dataclass(frozen=True, slots=True)
class Position:
    """What is held of one instrument; the quantity carries the sign.

    >>> short = Position("X", quantity=-10, average_price=100, mark=90)
    >>> short.side, short.value, short.unrealised
    (-1, -900.0, 100.0)
    """

    symbol: str
    quantity: float = 0.0
    average_price: float | None = None
    mark: float | None = None
    multiplier: float = 1.0
    realised: float = 0.0

    def __post_init__(self) -> None:
        """A position has an average price, a flat one has none; prices are positive."""
        if not math.isfinite(self.quantity):
            raise self._fail(f"quantity = {self.quantity!r} is not a number")
        if (self.quantity == 0) != (self.average_price is None):
            raise self._fail("exactly the positions that are not flat have an average price")
        for name in ("average_price", "mark"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise self._fail(f"{name} = {value!r} is not above 0")
        if not (math.isfinite(self.multiplier) and self.multiplier > 0):
            raise self._fail(f"multiplier = {self.multiplier!r} is not above 0")

    def _fail(self, problem: str) -> DataQualityError:
        return DataQualityError(problem, where=f"position in {self.symbol}")

    @property
    def side(self) -> int:
        """+1 long, -1 short, 0 flat."""
        return (self.quantity > 0) - (self.quantity < 0)

    @property
    def value(self) -> float:
        """What it is worth at the mark (the average price before there is one), negative for a short."""
        price = self.average_price if self.mark is None else self.mark
        return 0.0 if price is None else self.quantity * price * self.multiplier

    @property
    def unrealised(self) -> float:
        """What closing at the mark would bring, before fees."""
        if self.average_price is None or self.mark is None:
            return 0.0
        return self.quantity * (self.mark - self.average_price) * self.multiplier
