"""Money: a whole number of minor units of one currency; adding two currencies is refused."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from triplebar.contracts.exact import Number, decimals, exact, plain, scaled, whole

PPB = 1_000_000_000
HALF_PPB = PPB // 2


def scale(amount: int, ppb: int) -> int:
    """Take a share of a whole amount, to the nearest, half away from zero: the only rounding of money (S-01).

    >>> scale(5, 500_000_000), scale(-5, 500_000_000), scale(4, 100_000_000)
    (3, -3, 0)
    """
    if ppb < 0:
        raise ValueError(f"scale(ppb={ppb}): a share is not negative; change the sign of the amount")
    size = (abs(amount) * ppb + HALF_PPB) // PPB
    return -size if amount < 0 else size


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency, `minor / 10**precision`.

    >>> Money.of("0.1", "USD") + Money.of("0.2", "USD") == Money.of("0.3", "USD")
    True
    >>> Money.of(1, "USD") + Money.of(1, "EUR")
    Traceback (most recent call last):
    ValueError: USD and EUR do not mix; convert one of them first
    """

    minor: int
    currency: str
    precision: int = 8

    @classmethod
    def of(cls, amount: Number, currency: str, precision: int | None = None) -> Self:
        """Build from an amount; it must fit the precision, which is what the amount needs if not given."""
        value = exact(amount)
        places = decimals(value) if precision is None else precision
        minor = whole(scaled(value, places))
        if minor is None:
            raise ValueError(f"{amount} {currency} has more than {places} decimals; raise the precision")
        return cls(minor, currency, places)

    @property
    def amount(self) -> Decimal:
        """The amount as a decimal."""
        return scaled(Decimal(self.minor), -self.precision)

    def to_precision(self, precision: int) -> Self:
        """Express with another precision; `ValueError` if that would round.

        >>> Money.of("1.5", "USD").to_precision(3).minor
        1500
        """
        if precision >= self.precision:
            return type(self)(self.minor * 10 ** (precision - self.precision), self.currency, precision)
        return self.of(self.amount, self.currency, precision)

    def share(self, ppb: int) -> Self:
        """Take a share in parts per billion, rounded as in S-01.

        >>> Money(5, "USD", 2).share(500_000_000).minor
        3
        """
        return type(self)(scale(self.minor, ppb), self.currency, self.precision)

    def _aligned(self, other: Money) -> tuple[int, int, int]:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix; convert one of them first")
        if self.precision == other.precision:
            return self.minor, other.minor, self.precision
        places = max(self.precision, other.precision)
        return self.to_precision(places).minor, other.to_precision(places).minor, places

    def __add__(self, other: Money) -> Self:
        mine, theirs, places = self._aligned(other)
        return type(self)(mine + theirs, self.currency, places)

    def __sub__(self, other: Money) -> Self:
        mine, theirs, places = self._aligned(other)
        return type(self)(mine - theirs, self.currency, places)

    def __mul__(self, count: int) -> Self:
        if type(count) is not int:
            raise ValueError(f"money times {count!r}: only whole numbers keep it exact; use share() for a part")
        return type(self)(self.minor * count, self.currency, self.precision)

    __rmul__ = __mul__

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency, self.precision)

    def __abs__(self) -> Self:
        return type(self)(abs(self.minor), self.currency, self.precision)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        mine, theirs, _ = self._aligned(other)
        return mine < theirs

    def __le__(self, other: Money) -> bool:
        mine, theirs, _ = self._aligned(other)
        return mine <= theirs

    def __gt__(self, other: Money) -> bool:
        mine, theirs, _ = self._aligned(other)
        return mine > theirs

    def __ge__(self, other: Money) -> bool:
        mine, theirs, _ = self._aligned(other)
        return mine >= theirs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.currency == other.currency and self.amount == other.amount

    def __hash__(self) -> int:
        return hash((self.currency, self.amount))

    def __str__(self) -> str:
        return f"{plain(self.amount)} {self.currency}"
