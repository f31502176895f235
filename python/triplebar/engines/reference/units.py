"""Exact whole numbers: the few ways of rounding, and the 64-bit range."""

from __future__ import annotations

from typing import Final

from triplebar.contracts.errors import ExecutionError
from triplebar.contracts.exact import INT64_MAX, INT64_MIN

PPB: Final = 10**9


def sign_of(value: int) -> int:
    """+1, 0 or -1.

    >>> sign_of(-7), sign_of(0)
    (-1, 0)
    """
    return (value > 0) - (value < 0)


class OutOfRangeError(ExecutionError):
    """An amount leaves the 64-bit range."""


def checked(value: int, what: str) -> int:
    """The value itself; `OutOfRangeError` if it leaves the 64-bit range (first page of the rules).

    >>> checked(5, "cash")
    5
    """
    if not INT64_MIN <= value <= INT64_MAX:
        raise OutOfRangeError(
            f"{value} leaves the 64-bit range", where=what, fix="lower cash_precision or trade smaller sizes"
        )
    return value


def scale(amount: int, ppb: int) -> int:
    """S-01: nearest, half away from zero.

    >>> scale(5, 500_000_000), scale(-5, 500_000_000)
    (3, -3)
    """
    return sign_of(amount) * ((abs(amount) * ppb + PPB // 2) // PPB)


def nearest(amount: int, divisor: int) -> int:
    """`amount / divisor`, nearest, half away from zero.

    >>> nearest(5, 2), nearest(-5, 2)
    (3, -3)
    """
    return sign_of(amount) * ((2 * abs(amount) + divisor) // (2 * divisor))


def ratio_up(amount: int, divisor: int) -> int:
    """`⌈amount / divisor⌉` for a positive divisor.

    >>> ratio_up(5, 2), ratio_up(-5, 2)
    (3, -2)
    """
    return -(-amount // divisor)


def share(amount: int, part: int, whole: int) -> int:
    """`sgn(amount) · ⌊|amount| · part / whole⌋`; all of it when `part` is the whole (S-67).

    >>> share(-10, 1, 3), share(-10, 3, 3)
    (-3, -10)
    """
    return sign_of(amount) * (abs(amount) * part // whole)
