"""A round trip: what was opened, what it was closed for, and what is left after fees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from triplebar.contracts.errors import DataQualityError
from triplebar.contracts.time import from_ns, to_ns

PROFIT_TOLERANCE = 0.01
SHARE_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A closed trade whose numbers agree with each other; times may be given as aware datetimes.

    `profit` is `side * (exit_price - entry_price) * quantity * multiplier - fees`; it and `profit_share`
    are computed if left out, and checked if given.

    >>> trade = Trade(symbol="X", side=-1, quantity=10, entry_price=100, exit_price=90,
    ...               entry_time_ns=0, exit_time_ns=86_400_000_000_000, fees=2)
    >>> trade.profit, trade.profit_share, trade.duration.days
    (98.0, 0.098, 1)
    """

    symbol: str
    side: int
    quantity: float
    entry_price: float
    exit_price: float
    entry_time_ns: int
    exit_time_ns: int
    fees: float = 0.0
    multiplier: float = 1.0
    profit: float = math.nan
    profit_share: float = math.nan
    exit_reason: str = "strategy_signal"
    tag: str | None = None

    def __post_init__(self) -> None:
        """Check signs and times, then the identities."""
        for name in ("entry_time_ns", "exit_time_ns"):
            object.__setattr__(self, name, to_ns(getattr(self, name)))
        if self.side not in {1, -1}:
            raise self._fail(f"side = {self.side!r}", "use +1 for a long trade, -1 for a short one")
        for name in ("quantity", "entry_price", "exit_price", "multiplier"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise self._fail(f"{name} = {value!r} is not above 0", "give a positive number")
        if self.exit_time_ns < self.entry_time_ns:
            raise self._fail("it ends before it begins", "swap entry and exit time")
        self._check_identity("profit", self._computed_profit(), PROFIT_TOLERANCE)
        self._check_identity("profit_share", self.profit / self.notional, SHARE_TOLERANCE)

    def _fail(self, problem: str, fix: str) -> DataQualityError:
        return DataQualityError(problem, where=f"trade of {self.symbol}", fix=fix)

    def _computed_profit(self) -> float:
        move = self.side * (self.exit_price - self.entry_price)
        return move * self.quantity * self.multiplier - self.fees

    def _check_identity(self, name: str, computed: float, tolerance: float) -> None:
        given = getattr(self, name)
        if math.isnan(given):
            object.__setattr__(self, name, computed)
        elif not abs(given - computed) <= tolerance:
            raise self._fail(f"{name} = {given!r}, but prices and fees make {computed!r}", "leave it out")

    @property
    def notional(self) -> float:
        """What the position was worth when it was opened."""
        return self.entry_price * self.quantity * self.multiplier

    @property
    def duration(self) -> timedelta:
        """How long it was open."""
        return timedelta(microseconds=(self.exit_time_ns - self.entry_time_ns) // 1_000)

    @property
    def entry_time(self) -> datetime:
        """When it was opened."""
        return from_ns(self.entry_time_ns)

    @property
    def exit_time(self) -> datetime:
        """When it was closed."""
        return from_ns(self.exit_time_ns)
