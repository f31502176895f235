"""`round` in compiled code: to the nearest by the exact value of the number, ties to even, as Python does.

The product of the number and a power of ten is kept exactly, as a float and what the float is too small by.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import types
from numba.core.errors import NumbaTypeError
from numba.extending import register_jitable

from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.answers import is_none
from triplebar.strategy.compile.machine.define import implement
from triplebar.strategy.compile.machine.mathematics import INFINITE, TOP, sure, whole
from triplebar.strategy.compile.machine.types import shown

TENS: Final = tuple(10.0**n for n in range(23))
"""Every power of ten that a float holds exactly."""
WHOLE_TENS: Final = tuple(10**n for n in range(19))
EXACT: Final = 2.0**53
"""From here on every float is whole."""
SPLIT: Final = 134217729.0
"""Cuts a float into two halves whose products are exact."""
SMALL: Final = "round to more than 22 digits: compiled code cannot, write fewer"


def rounded(_value: object) -> int:
    """`round(value)`."""
    raise NotImplementedError


@implement(rounded)
def _rounded(value: Any) -> Any:
    if isinstance(value, types.Optional):
        return lambda value: rounded(sure(value))
    if isinstance(value, (types.Integer, types.Boolean)):
        return lambda value: int(value)
    if isinstance(value, types.Float):
        return lambda value: whole(np.rint(value))
    raise NumbaTypeError(f"{MARK}a number is wanted here, not {shown(value)}")


def rounded_to(_value: object, _digits: object) -> Any:
    """`round(value, digits)`."""
    raise NotImplementedError


@implement(rounded_to)
def _rounded_to(value: Any, digits: Any) -> Any:
    if is_none(digits):
        return lambda value, digits: rounded(value)
    if not isinstance(digits, (types.Integer, types.Boolean)):
        raise NumbaTypeError(f"{MARK}round to {shown(digits)} cannot be compiled; give a whole number of digits")
    if isinstance(value, types.Optional):
        return lambda value, digits: rounded_to(sure(value), digits)
    if isinstance(value, (types.Integer, types.Boolean)):
        return lambda value, digits: whole_to(int(value), int(digits))
    if isinstance(value, types.Float):
        return lambda value, digits: real_to(value, int(digits))
    raise NumbaTypeError(f"{MARK}a number is wanted here, not {shown(value)}")


@register_jitable
def real_to(value: Any, digits: Any) -> Any:
    """A float to so many digits."""
    if value != value or abs(value) == INFINITE or value == 0.0:  # noqa: PLR0124 - whether it is a number
        return value
    if digits < 0:
        return math.copysign(tens_of(abs(value), -digits), value)
    power = TENS[min(digits, 22)]
    if abs(value) >= EXACT or abs(value) * power >= EXACT:
        return value
    if digits > 22:
        raise ValueError(SMALL)
    return math.copysign(nearest(abs(value), power) / power, value)


@register_jitable
def nearest(value: Any, power: Any) -> Any:
    """The whole number nearest to the exact product, which is below 2**53; the even one if two are."""
    product = value * power
    if product < 0.25:
        return 0.0
    below = np.floor(product)
    missing = error_of(value, power, product)
    # Above 2**52 the product has no fraction of its own, and what it misses may be more than one.
    beyond = (product - below) - 0.5
    if product >= EXACT / 2.0:
        below += np.floor(missing)
        beyond = (missing - np.floor(missing)) - 0.5
        missing = 0.0
    if beyond > -missing:
        return below + 1.0
    if beyond < -missing:
        return below
    return below if below % 2.0 == 0.0 else below + 1.0


@register_jitable
def error_of(one: Any, other: Any, product: Any) -> Any:
    """What the float misses of the exact product."""
    head = one * SPLIT
    one_high = head - (head - one)
    one_low = one - one_high
    head = other * SPLIT
    other_high = head - (head - other)
    other_low = other - other_high
    return ((one_high * other_high - product) + one_high * other_low + one_low * other_high) + one_low * other_low


@register_jitable
def tens_of(value: Any, digits: Any) -> Any:
    """A float of no sign to tens, hundreds, ..."""
    if value >= TOP:
        if digits > 330 or (digits < 23 and TENS[digits] > 4.0 * value):
            return 0.0
        raise OverflowError("round of a number beyond 64 bits to tens: compiled code cannot")
    if digits > 19:
        return 0.0
    number = int(np.floor(value))
    fraction = value > np.floor(value)
    if digits == 19:
        return 1e19 if number > 5 * WHOLE_TENS[18] or (number == 5 * WHOLE_TENS[18] and fraction) else 0.0
    power = WHOLE_TENS[digits]
    count, rest = number // power, number % power
    if rest > power // 2 or (rest == power // 2 and (fraction or count % 2 == 1)):
        count += 1
    return float(count) * float(power) if count * 1.0 * power >= TOP else float(count * power)


@register_jitable
def whole_to(value: Any, digits: Any) -> Any:
    """An int to tens, hundreds, ...; more digits than it has change nothing."""
    if digits >= 0:
        return value
    if digits < -19:
        return 0
    if digits == -19:
        if abs(float(value)) > 5e18:
            raise OverflowError("a whole number beyond 64 bits")
        return 0
    power = WHOLE_TENS[-digits]
    count, rest = value // power, value % power
    if rest > power // 2 or (rest == power // 2 and count % 2 != 0):
        count += 1
    if abs(float(count) * float(power)) >= TOP:
        raise OverflowError("a whole number beyond 64 bits")
    return count * power


HELPERS: Final = {"__round__": rounded, "__round_to__": rounded_to}
"""What the rewritten code calls."""
