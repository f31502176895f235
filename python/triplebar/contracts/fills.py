"""A fill as a strategy sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from triplebar.contracts.codes import Moment, Role
from triplebar.contracts.errors import DataQualityError
from triplebar.contracts.time import from_ns, to_ns


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of an order: the side is +1 or -1, numbers are in the user's units.

    `time_ns` may be given as an aware datetime; a naive one is refused.

    >>> fill = Fill(order=1, symbol="X", side=-1, quantity=10.0, price=99.5, fee=0.1, time_ns=0)
    >>> fill.signed_quantity, fill.time.year
    (-10.0, 1970)
    """

    order: int
    symbol: str
    side: int
    quantity: float
    price: float
    fee: float
    time_ns: int
    role: str = "taker"
    moment: str = "open"
    tag: str | None = None

    def __post_init__(self) -> None:
        """Check the numbers and the words."""
        object.__setattr__(self, "time_ns", to_ns(self.time_ns))
        if self.side not in {1, -1}:
            raise DataQualityError(f"side = {self.side!r}", where=f"fill of order {self.order}", fix="use +1 or -1")
        for name in ("quantity", "price"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise DataQualityError(f"{name} = {value!r} is not above 0", where=f"fill of order {self.order}")
        if not math.isfinite(self.fee):
            raise DataQualityError(f"fee = {self.fee!r} is not a number", where=f"fill of order {self.order}")
        Role.from_text(self.role)
        Moment.from_text(self.moment)

    @property
    def time(self) -> datetime:
        """When it happened."""
        return from_ns(self.time_ns)

    @property
    def signed_quantity(self) -> float:
        """What the position changes by."""
        return self.side * self.quantity
