"""`**`, `<<` and `>>` in compiled code, as Python does them: in 64 bits, or they raise."""

from __future__ import annotations

import math
from typing import Any, Final

from numba import types
from numba.core.errors import NumbaTypeError
from numba.extending import overload, register_jitable

from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.define import INLINE, implement
from triplebar.strategy.compile.machine.mathematics import INFINITE, REAL, sure
from triplebar.strategy.compile.machine.types import shown
from triplebar.strategy.compile.machine.words import function

_pow: Any = function("libm_pow", REAL, REAL, REAL)
WHOLE: Final = (types.Integer, types.Boolean)
NEARLY: Final = 2.0**63 - 2048.0
"""Products from here on may not fit into 64 bits: two roundings to floats cannot hide that."""
BEYOND: Final = "a whole number beyond 64 bits"


def power(_base: object, _exponent: object) -> Any:
    """`base ** exponent`."""
    raise NotImplementedError


@overload(power, jit_options=INLINE, strict=False, prefer_literal=True)
def _power(base, exponent):
    if isinstance(base, types.Optional) or isinstance(exponent, types.Optional):
        return lambda base, exponent: power(sure(base), sure(exponent))
    for each in (base, exponent):
        if not isinstance(each, (*WHOLE, types.Float)):
            raise NumbaTypeError(
                f"{MARK}{shown(each)} with ** cannot be compiled; write x * x, or ** of numbers in a loop"
            )
    if not (isinstance(base, WHOLE) and isinstance(exponent, WHOLE)):
        return lambda base, exponent: real_power(float(base), float(exponent))
    if isinstance(exponent, types.IntegerLiteral) and exponent.literal_value < 0:
        return lambda base, exponent: real_power(float(base), float(exponent))
    return lambda base, exponent: whole_power(int(base), int(exponent))


@register_jitable
def real_power(base: Any, exponent: Any) -> Any:
    """Of floats, case by case as in Python."""
    odd = abs(exponent) < INFINITE and abs(exponent) % 2.0 == 1.0
    if exponent == 0.0 or base == 1.0:
        return 1.0
    if base != base or exponent != exponent:  # noqa: PLR0124 - whether they are numbers
        return base + exponent
    if abs(exponent) == INFINITE or abs(base) == INFINITE:
        return _pow(base, exponent)
    if base == 0.0:
        if exponent < 0.0:
            raise ZeroDivisionError("0.0 cannot be raised to a negative power")
        return base if odd else 0.0
    if base < 0.0 and exponent != math.floor(exponent):
        raise TypeError("a negative number with a fraction as its exponent is complex")
    result = _pow(abs(base), exponent)
    if result == INFINITE:
        raise OverflowError(34, "Numerical result out of range")
    return -result if base < 0.0 and odd else result


@register_jitable
def whole_power(base: Any, exponent: Any) -> Any:
    """Of ints."""
    if exponent < 0:
        raise ValueError("an int to a negative power is a float: write float(base) ** exponent")
    result = 1
    while True:
        if exponent & 1:
            result = times(result, base)
        exponent >>= 1
        if exponent == 0:
            return result
        base = times(base, base)


@register_jitable
def times(one: Any, other: Any) -> Any:
    """The product, if 64 bits hold it."""
    if abs(float(one) * float(other)) >= NEARLY:
        raise OverflowError(BEYOND)
    return one * other


def left(_value: object, _count: object) -> int:
    """`value << count`."""
    raise NotImplementedError


def right(_value: object, _count: object) -> int:
    """`value >> count`."""
    raise NotImplementedError


def _refuse_shift(value: Any, count: Any) -> None:
    for each in (value, count):
        if not isinstance(each, WHOLE):
            raise NumbaTypeError(f"{MARK}{shown(each)} cannot be shifted in compiled code; shift ints")


@implement(left)
def _left(value: Any, count: Any) -> Any:
    _refuse_shift(value, count)

    def shift(value: Any, count: Any) -> Any:
        number = int(value)
        if count < 0:
            raise ValueError("negative shift count")
        if number == 0:
            return 0
        if count > 62 or (number << count) >> count != number:
            raise OverflowError(BEYOND)
        return number << count

    return shift


@implement(right)
def _right(value: Any, count: Any) -> Any:
    _refuse_shift(value, count)

    def shift(value: Any, count: Any) -> Any:
        if count < 0:
            raise ValueError("negative shift count")
        return int(value) >> min(int(count), 63)

    return shift
