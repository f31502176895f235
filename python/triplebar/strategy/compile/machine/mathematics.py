"""`math` and whole numbers in compiled code: the C library's functions, and what Python raises."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numba import types
from numba.core.errors import NumbaTypeError

from triplebar.strategy.compile.allowed import CHECKED, WHOLE
from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.answers import unwrap
from triplebar.strategy.compile.machine.define import implement
from triplebar.strategy.compile.machine.types import shown
from triplebar.strategy.compile.machine.words import function

REAL: Final = types.float64
INFINITE: Final = float("inf")
TOP: Final = 2.0**63
"""The first number beyond 64 bits."""


def sure(_value: object) -> Any:
    """A number, also of an optional that must hold one."""
    raise NotImplementedError


@implement(sure)
def _sure(value: Any) -> Any:
    if isinstance(value, types.Optional):

        def held(value: Any) -> Any:
            if value is None:
                raise TypeError("must be real number, not NoneType")
            return unwrap(value)

        return held
    if isinstance(value, (types.Integer, types.Float, types.Boolean)):
        return lambda value: value
    raise NumbaTypeError(f"{MARK}a number is wanted here, not {shown(value)}")


def _named(name: str) -> Callable[..., Any]:
    """A name for something that only compiled code does."""

    def target(*_arguments: object) -> Any:
        raise NotImplementedError

    target.__name__ = name
    return target


def _checked(name: str, overflows: bool) -> Callable[..., Any]:
    target = _named(name)
    call = math.sqrt if name == "sqrt" else function(f"libm_{name}", REAL, REAL)

    def choose(x: Any) -> Any:
        def get(x: Any) -> Any:
            value = float(sure(x))
            result = call(value)
            if result != result and value == value:  # noqa: PLR0124 - whether it is a number
                raise ValueError("math domain error")
            if abs(result) == INFINITE and abs(value) < INFINITE:
                if overflows:
                    raise OverflowError("math range error")
                raise ValueError("math domain error")
            return result

        return get

    implement(target)(choose)
    return target


def _squares(name: str) -> Callable[..., Any]:
    target = _named(name)

    def choose(x: Any) -> Any:
        def get(x: Any) -> Any:
            value = float(sure(x))
            if value < 0.0:
                raise ValueError("math domain error")
            return math.sqrt(value)

        return get

    implement(target)(choose)
    return target


def whole(_value: object) -> int:
    """A float without a fraction as an int, if it is one of 64 bits."""
    raise NotImplementedError


@implement(whole)
def _whole(value: Any) -> Any:
    def get(value: Any) -> Any:
        if not (-TOP <= value < TOP):
            if value != value:  # noqa: PLR0124 - whether it is a number
                raise ValueError("cannot convert float NaN to integer")
            if abs(value) == INFINITE:
                raise OverflowError("cannot convert float infinity to integer")
            raise OverflowError("a whole number beyond 64 bits")
        return int(value)

    return get


def _rounder(name: str, rounded: Callable[[float], Any]) -> Callable[..., Any]:
    target = _named(name)

    def choose(x: Any) -> Any:
        if isinstance(x, types.Optional):
            return lambda x: target(sure(x))
        if isinstance(x, (types.Integer, types.Boolean)):
            return lambda x: int(x)
        if isinstance(x, types.Float):
            return lambda x: whole(rounded(x))
        raise NumbaTypeError(f"{MARK}a number is wanted here, not {shown(x)}")

    implement(target)(choose)
    return target


log_base = _named("log_base")
"""`math.log(x, base)`."""


@implement(log_base)
def _log_base(x: Any, base: Any) -> Any:
    log = CHECKS["log"]

    def get(x: Any, base: Any) -> Any:
        above = log(x)
        below = log(base)
        if below == 0.0:
            raise ZeroDivisionError("float division by zero")
        return above / below

    return get


_atan2 = function("libm_atan2", REAL, REAL, REAL)
_fmod = function("libm_fmod", REAL, REAL, REAL)
_pow = function("libm_pow", REAL, REAL, REAL)
atan2, fmod, pow_ = _named("atan2"), _named("fmod"), _named("pow")


@implement(atan2)
def _choose_atan2(y: Any, x: Any) -> Any:
    return lambda y, x: _atan2(float(sure(y)), float(sure(x)))


@implement(fmod)
def _choose_fmod(x: Any, y: Any) -> Any:
    def get(x: Any, y: Any) -> Any:
        one, other = float(sure(x)), float(sure(y))
        result = _fmod(one, other)
        if result != result and one == one and other == other:  # noqa: PLR0124 - whether it is a number
            raise ValueError("math domain error")
        return result

    return get


@implement(pow_)
def _choose_pow(x: Any, y: Any) -> Any:
    def get(x: Any, y: Any) -> Any:
        one, other = float(sure(x)), float(sure(y))
        result = _pow(one, other)
        if abs(one) < INFINITE and abs(other) < INFINITE:
            if result != result:  # noqa: PLR0124 - whether it is a number
                raise ValueError("math domain error")
            if abs(result) == INFINITE:
                if one == 0.0:
                    raise ValueError("math domain error")
                raise OverflowError("math range error")
        return result

    return get


CHECKS: Final = {name: _checked(name, overflows) for name, overflows in CHECKED.items() if name != "sqrt"}
CHECKS["sqrt"] = _squares("sqrt")
_ROUNDED: Final = {"ceil": np.ceil, "floor": np.floor, "trunc": np.trunc}
HELPERS: Final = {
    **{f"__math_{name}__": target for name, target in CHECKS.items()},
    **{f"__math_{name}__": _rounder(name, _ROUNDED[name]) for name in WHOLE},
    "__int__": _rounder("int", np.trunc),
    "__math_log_base__": log_base,
    "__math_atan2__": atan2,
    "__math_fmod__": fmod,
    "__math_pow__": pow_,
}
"""What the rewritten code calls."""
