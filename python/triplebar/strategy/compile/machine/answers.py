"""What calls of the core have in common: symbols, texts and values that may be missing, and what it means to fail."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types
from numba.core.errors import NumbaTypeError
from numba.extending import intrinsic, register_jitable

from triplebar.contracts.errors import OrderError
from triplebar.strategy.compile.errors import MARK, Refused
from triplebar.strategy.compile.machine.define import implement
from triplebar.strategy.compile.machine.saying import fail
from triplebar.strategy.compile.machine.types import DESK, TextType, shown
from triplebar.strategy.compile.machine.words import (
    function,
    hash_part,
    text_part,
)
from triplebar.strategy.compile.saying import Joined, Recipe, Value

FAILED = -(2**63)
WHOLE, REAL, BITS_64 = types.int64, types.float64, types.uint64

_find = function("find", WHOLE, DESK, BITS_64)


def is_text(kind: Any) -> bool:
    """Whether a type is that of a text."""
    return isinstance(kind, TextType)


def is_none(kind: Any) -> bool:
    """Whether a type, or a default, is that of None."""
    return kind is None or isinstance(kind, (types.NoneType, types.Omitted))


@register_jitable(forceinline=True)
def answered(answer: Any) -> Any:
    """The answer of the core, if it is one."""
    if answer == FAILED:
        raise Refused
    return answer


def must_be_whole(what: str, kind: Any) -> None:
    """Refuse whatever is no whole number, or None where that may be given: the core would take its bits for one."""
    inner = kind.type if isinstance(kind, types.Optional) else kind
    if is_none(inner) or isinstance(inner, (int, types.Integer, types.Boolean)):
        return
    raise NumbaTypeError(f"{MARK}{what} must be a whole number, not {shown(kind)}: write int(...)")


def must_be_switch(what: str, kind: Any) -> None:
    """Refuse whatever is no bool; what is left out is none either, but has a default."""
    if not (kind is None or isinstance(kind, (bool, types.Boolean, types.Omitted))):
        raise NumbaTypeError(f"{MARK}{what} must be a bool, not {shown(kind)}: write True, False or a comparison")


def place_of(_desk: object, _text: object) -> int:
    """The place of a symbol."""
    raise NotImplementedError


@implement(place_of)
def _place_of(desk: Any, text: Any) -> Any:
    if isinstance(text, types.Optional):

        def choose(desk: Any, text: Any) -> Any:
            return answered(_find(desk, np.uint64(0))) if text is None else place_of(desk, unwrap(text))

        return choose
    if not is_text(text):
        raise NumbaTypeError(f"{MARK}a symbol is wanted here, not {shown(text)}")

    def place_of_text(desk: Any, text: Any) -> Any:
        place = text_part(text, 1)
        if place < 0:
            place = answered(_find(desk, hash_part(text, 0)))
        return place

    return place_of_text


def maybe_place(_desk: object, _text: object) -> int:
    """The place of a symbol, or -1 for None."""
    raise NotImplementedError


@implement(maybe_place)
def _maybe_place(desk: Any, text: Any) -> Any:
    if is_none(text):
        return lambda desk, text: -1
    if isinstance(text, types.Optional):

        def choose(desk: Any, text: Any) -> Any:
            return -1 if text is None else place_of(desk, unwrap(text))

        return choose
    return lambda desk, text: place_of(desk, text)


def hashed(_text: object) -> int:
    """The hash of a text, 0 for None."""
    raise NotImplementedError


@implement(hashed)
def _hashed(text: Any) -> Any:
    if is_none(text):
        return lambda text: np.uint64(0)
    if isinstance(text, types.Optional):

        def choose(text: Any) -> Any:
            return np.uint64(0) if text is None else hash_part(unwrap(text), 0)

        return choose
    if is_text(text):
        return lambda text: hash_part(text, 0)
    raise NumbaTypeError(f"{MARK}a text is wanted here, not {shown(text)}")


@intrinsic
def unwrap(typing: Any, value: Any) -> Any:
    """What an optional holds, when it is known to hold something."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_helper(builder, signature.args[0], value=arguments[0]).data

    return value.type(value), make


def numbered(_value: object) -> int:
    """The number of an order, also of an optional that must hold one."""
    raise NotImplementedError


@implement(numbered)
def _numbered(value: Any) -> Any:
    if is_none(value):
        raise NumbaTypeError(f"{MARK}None is not the number of an order: use what ctx.buy or ctx.sell returned")
    must_be_whole("the number of an order", value)
    if isinstance(value, types.Optional):

        def choose(value: Any) -> Any:
            if value is None:
                raise OrderError("order = None is not the number of an order; use what buy() or sell() returned")
            return order_number(NO_ORDER, int(unwrap(value)))

        return choose
    return lambda value: order_number(NO_ORDER, int(value))


def _no_order(what: str) -> Recipe:
    said = (f"{what} = ", Value(0, what), " is not the number of an order; use what buy() or sell() returned")
    return Recipe(OrderError, (Joined(said),), (), 1)


NO_ORDER: Final = _no_order("order")
NO_PARENT: Final = _no_order("parent")
ORDERS_MAX: Final = 2**32 - 1


@register_jitable(forceinline=True)
def order_number(recipe: Any, number: Any) -> Any:
    """A whole number that may be that of an order; the core keeps 32 bits of it."""
    if number < 0 or number > ORDERS_MAX:
        fail(recipe, (number,))
        raise OrderError
    return number


def sized(_value: object) -> float:
    """A size as a double, also of an optional that must hold one."""
    raise NotImplementedError


@implement(sized)
def _sized(value: Any) -> Any:
    if is_none(value):
        raise NumbaTypeError(f"{MARK}None is no quantity: give a number")
    if isinstance(value, types.Optional):

        def choose(value: Any) -> Any:
            if value is None:
                raise OrderError("quantity = None is not a number; give a plain number such as 1.5")
            return float(unwrap(value))

        return choose
    return lambda value: float(value)
