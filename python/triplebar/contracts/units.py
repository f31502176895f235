"""From exact numbers to whole engine units; what would have to be rounded or does not fit is a `ConfigError`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import INT64_MAX, WIDE, exact, plain, scaled, whole

PPB: Final = 1_000_000_000
PPB_DIGITS: Final = 9
BPS_DIGITS: Final = 5
"""Basis points are ten-thousandths: five more digits make parts per billion."""
PERCENT_DIGITS: Final = 7


def integer(name: str, value: Decimal, digits: int, *, fix: str) -> int:
    """Convert `value * 10**digits`, which must be whole and fit 64 bits.

    >>> integer("leverage", Decimal("1.5"), 3, fix="give at most 3 decimals")
    1500
    """
    count = whole(scaled(value, digits))
    if count is None:
        raise ConfigError.of(name, plain(value), f"is finer than 10^-{digits}", fix=fix)
    if abs(count) > INT64_MAX:
        raise ConfigError.of(name, plain(value), "does not fit 64 bits", fix="lower it, or lower cash_precision")
    return count


def share_ppb(name: str, value: object) -> int:
    """Convert a share to parts per billion.

    >>> share_ppb("participation", 0.1)
    100000000
    """
    return integer(name, exact(value), PPB_DIGITS, fix="give at most 9 decimals")


def optional_share_ppb(name: str, value: object) -> int | None:
    """Convert a share to parts per billion, or pass None through.

    >>> optional_share_ppb("participation", None)
    """
    return None if value is None else share_ppb(name, value)


def bps_ppb(name: str, value: object) -> int:
    """Convert basis points to parts per billion.

    >>> bps_ppb("commission_bps", 1.5)
    150000
    """
    return integer(name, exact(value), BPS_DIGITS, fix="give at most 5 decimals")


def percent_ppb(name: str, value: object) -> int:
    """Convert percent to parts per billion.

    >>> percent_ppb("maximum_percent", 1)
    10000000
    """
    return integer(name, exact(value), PERCENT_DIGITS, fix="give at most 7 decimals")


def seconds_ns(name: str, value: object) -> int:
    """Convert seconds to nanoseconds.

    >>> seconds_ns("min_seconds", "0.06")
    60000000
    """
    return integer(name, exact(value), PPB_DIGITS, fix="give whole nanoseconds")


def nearest_ppb(name: str, value: Decimal) -> int:
    """Convert a rate that comes from data to the nearest part per billion, half to even.

    >>> nearest_ppb("rates", Decimal("1.00000000049"))
    1000000000
    """
    count = int(scaled(value, PPB_DIGITS).to_integral_value(ROUND_HALF_EVEN, WIDE))
    if abs(count) > INT64_MAX:
        raise ConfigError.of(name, plain(value), "does not fit 64 bits", fix="check the unit of the rate")
    return count


def floor(value: object, digits: int) -> int:
    """Convert an upper limit: what is compared with it is whole, so rounding down changes nothing.

    >>> floor("10.5", 0)
    10
    """
    return min(int(scaled(exact(value), digits).to_integral_value(ROUND_FLOOR, WIDE)), INT64_MAX)


@dataclass(frozen=True)
class MoneyUnits:
    """Conversions of money at one precision.

    >>> MoneyUnits(8).exactly("initial_cash", 1), MoneyUnits(0).down("1.5"), MoneyUnits(0).up("1.5")
    (100000000, 1, 2)
    """

    precision: int

    def exactly(self, name: str, value: object) -> int:
        """Convert an amount."""
        return integer(name, exact(value), self.precision, fix="give fewer decimals or raise cash_precision")

    def down(self, value: object) -> int:
        """Convert an upper limit."""
        return floor(value, self.precision)

    def up(self, value: object) -> int:
        """Convert a lower limit."""
        return min(-floor(-exact(value), self.precision), INT64_MAX)
