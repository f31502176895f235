"""What metrics are computed from: the curve, the closed trades and the activity of one run, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

DAY_NS: Final = 86_400 * 10**9
OPTIONAL_INPUTS: Final = frozenset({"benchmark", "excursions"})


def _no_floats() -> FloatArray:
    return np.zeros(0, dtype=np.float64)


def _no_integers() -> IntArray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Curve:
    """The value of the account: where it began, and one point per tick of the clock.

    `gross` is the sum of the absolute values of all positions; None if it is not known.

    >>> import numpy as np
    >>> Curve(0, 100.0, np.array([1, 2]), np.array([100.0, 110.0]), np.zeros(2)).values.tolist()
    [100.0, 100.0, 110.0]
    """

    start_ns: int
    initial: float
    time_ns: IntArray
    equity: FloatArray
    cash: FloatArray
    gross: FloatArray | None = None

    @cached_property
    def times(self) -> IntArray:
        """The times of `values`: the start comes first."""
        return np.concatenate([np.array([self.start_ns], dtype=np.int64), self.time_ns])

    @cached_property
    def values(self) -> FloatArray:
        """The curve with the initial capital as its first point."""
        return np.concatenate([np.array([self.initial]), self.equity])

    @cached_property
    def day_last(self) -> IntArray:
        """The rows that are the last of their calendar day; a bar that closes at midnight ends its day."""
        day = (self.time_ns - 1) // DAY_NS
        return np.flatnonzero(np.append(day[1:] != day[:-1], np.ones(min(1, day.size), dtype=bool)))

    @cached_property
    def days(self) -> IntArray:
        """The calendar days that have a value, as days since 1970."""
        return (self.time_ns[self.day_last] - 1) // DAY_NS

    @cached_property
    def daily(self) -> FloatArray:
        """The initial capital, then the last value of each calendar day."""
        return np.concatenate([np.array([self.initial]), self.equity[self.day_last]])

    @cached_property
    def losses(self) -> FloatArray:
        """The loss from the highest value so far at each point, as a fraction; no number while nothing was positive."""
        with np.errstate(all="ignore"):
            return np.asarray(1.0 - self.values / np.maximum.accumulate(self.values))

    @property
    def elapsed_ns(self) -> int:
        """From the first point to the last."""
        return int(self.times[-1] - self.times[0])


@dataclass(frozen=True)
class ClosedTrades:
    """One entry per closed trade, in the order of closing; money in the base currency."""

    profit: FloatArray
    cost: FloatArray
    side: IntArray
    opened_ns: IntArray
    closed_ns: IntArray

    @classmethod
    def none(cls) -> ClosedTrades:
        """No trade was closed.

        >>> ClosedTrades.none().profit.size
        0
        """
        return cls(_no_floats(), _no_floats(), _no_integers(), _no_integers(), _no_integers())


@dataclass(frozen=True)
class Activity:
    """Sums over the run, in the base currency, and counts."""

    traded: float = 0.0
    commission: float = 0.0
    spread: float = 0.0
    slippage: float = 0.0
    market_impact: float = 0.0
    funding: float = 0.0
    borrow: float = 0.0
    unrealised: float = 0.0
    deposits: float = 0.0
    orders: int = 0
    fills: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class CashFlows:
    """What was paid into the account, above zero, and out of it; the value of the curve at that time has it already."""

    time_ns: IntArray
    amount: FloatArray

    @classmethod
    def none(cls) -> CashFlows:
        """Nothing was paid in or out.

        >>> CashFlows.none().amount.size
        0
        """
        return cls(_no_integers(), _no_floats())


@dataclass(frozen=True)
class Excursions:
    """How far the price went against and for each closed trade, as fractions of the entry price, not below zero."""

    adverse: FloatArray
    favourable: FloatArray


@dataclass(frozen=True)
class MetricInput:
    """Everything that a metric may look at.

    `benchmark` has one value per point of `curve.daily`: at the start, then at the end of each day.
    """

    curve: Curve
    trades: ClosedTrades
    activity: Activity
    periods_per_year: float
    risk_free_rate: float = 0.0
    flows: CashFlows = field(default_factory=CashFlows.none)
    benchmark: FloatArray | None = None
    excursions: Excursions | None = None

    def has(self, inputs: str) -> bool:
        """Whether what a metric is computed from was given; only the optional inputs can be missing."""
        return getattr(self, inputs) is not None if inputs in OPTIONAL_INPUTS else True
