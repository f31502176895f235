"""The form of an order in compiled code: its keywords, filled in as the core reads them."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import register_jitable

from triplebar.strategy.compile.machine.answers import NO_PARENT, hashed, is_none, order_number, place_of, sized, unwrap
from triplebar.strategy.compile.machine.define import implement
from triplebar.strategy.compile.machine.words import put_word
from triplebar.strategy.compile.views import GIVEN, places

WISH = {name: at for name, (at, _) in places("WishView").items()}
WISH_WORDS = len(WISH)
BITS = {name: 1 << bit for bit, name in enumerate(GIVEN)}
AT_SIDE = WISH["side"]
AT_PLACE = WISH["place"]
AT_QUANTITY = WISH["quantity"]
AT_GIVEN = WISH["given"]
AT_LIMIT = WISH["limit"]
AT_STOP = WISH["stop"]
AT_TRAIL = WISH["trail"]
AT_TRAIL_PERCENT = WISH["trail_percent"]
AT_TOUCH = WISH["touch"]
AT_TAKE_PROFIT = WISH["take_profit"]
AT_STOP_LOSS = WISH["stop_loss"]
AT_PARENT = WISH["parent"]
AT_POST_ONLY = WISH["post_only"]
AT_REDUCE_ONLY = WISH["reduce_only"]
AT_TIF = WISH["tif"]
AT_TAG = WISH["tag"]
AT_ID = WISH["id"]
AT_OCO = WISH["oco"]
AT_EXPIRE = WISH["expire_ns"]
BIT_LIMIT = BITS["limit"]
BIT_STOP = BITS["stop"]
BIT_TRAIL = BITS["trail"]
BIT_TRAIL_PERCENT = BITS["trail_percent"]
BIT_TOUCH = BITS["touch"]
BIT_TAKE_PROFIT = BITS["take_profit"]
BIT_STOP_LOSS = BITS["stop_loss"]
BIT_EXPIRE = BITS["expire"]
BIT_QUANTITY = BITS["quantity"]


def given(_wish: object, _at: int, _value: object, _bit: int) -> int:
    """Write a number of an order, and say by its bit that it is there."""
    raise NotImplementedError


@implement(given)
def _given(wish: Any, at: Any, value: Any, bit: Any) -> Any:
    if is_none(value):
        return lambda wish, at, value, bit: 0
    if isinstance(value, types.Optional):

        def choose(wish: Any, at: Any, value: Any, bit: Any) -> Any:
            if value is None:
                return 0
            put_word(wish, at, float(unwrap(value)))
            return bit

        return choose

    def write(wish: Any, at: Any, value: Any, bit: Any) -> Any:
        put_word(wish, at, float(value))
        return bit

    return write


@register_jitable
def filled_in(
    desk: Any,
    wish: Any,
    side: Any,
    symbol: Any,
    quantity: Any,
    limit: Any,
    stop: Any,
    trail: Any,
    trail_percent: Any,
    touch: Any,
    tif: Any,
    expire: Any,
    post_only: Any,
    reduce_only: Any,
    tag: Any,
    id: Any,
    oco: Any,
    parent: Any,
    take_profit: Any,
    stop_loss: Any,
) -> None:
    """Write all of it."""
    put_word(wish, AT_SIDE, side)
    put_word(wish, AT_PLACE, place_of(desk, symbol))
    put_word(wish, AT_QUANTITY, sized(quantity))
    bits = given(wish, AT_LIMIT, limit, BIT_LIMIT)
    bits |= given(wish, AT_STOP, stop, BIT_STOP)
    bits |= given(wish, AT_TRAIL, trail, BIT_TRAIL)
    bits |= given(wish, AT_TRAIL_PERCENT, trail_percent, BIT_TRAIL_PERCENT)
    bits |= given(wish, AT_TOUCH, touch, BIT_TOUCH)
    bits |= given(wish, AT_TAKE_PROFIT, take_profit, BIT_TAKE_PROFIT)
    bits |= given(wish, AT_STOP_LOSS, stop_loss, BIT_STOP_LOSS)
    bits |= whole_given(wish, AT_EXPIRE, expire, BIT_EXPIRE)
    parent_given(wish, parent)
    put_word(wish, AT_GIVEN, bits)
    put_word(wish, AT_POST_ONLY, switched(post_only))
    put_word(wish, AT_REDUCE_ONLY, switched(reduce_only))
    put_word(wish, AT_TIF, hashed(tif))
    put_word(wish, AT_TAG, hashed(tag))
    put_word(wish, AT_ID, hashed(id))
    put_word(wish, AT_OCO, hashed(oco))


def whole_given(_wish: object, _at: int, _value: object, _bit: int) -> int:
    """The same for a whole number; 0 stands for none."""
    raise NotImplementedError


@implement(whole_given)
def _whole_given(wish: Any, at: Any, value: Any, bit: Any) -> Any:
    if is_none(value):

        def nothing(wish: Any, at: Any, value: Any, bit: Any) -> Any:
            put_word(wish, at, 0)
            return 0

        return nothing
    if isinstance(value, types.Optional):

        def choose(wish: Any, at: Any, value: Any, bit: Any) -> Any:
            if value is None:
                put_word(wish, at, 0)
                return 0
            put_word(wish, at, unwrap(value))
            return bit

        return choose

    def write(wish: Any, at: Any, value: Any, bit: Any) -> Any:
        put_word(wish, at, value)
        return bit

    return write


def parent_given(_wish: object, _value: object) -> None:
    """Write the number of the order that comes before; 0 stands for none."""
    raise NotImplementedError


@implement(parent_given)
def _parent_given(wish: Any, value: Any) -> Any:
    if is_none(value):
        return lambda wish, value: put_word(wish, AT_PARENT, 0)
    if isinstance(value, types.Optional):

        def choose(wish: Any, value: Any) -> None:
            put_word(wish, AT_PARENT, 0 if value is None else order_number(NO_PARENT, unwrap(value)))

        return choose
    return lambda wish, value: put_word(wish, AT_PARENT, order_number(NO_PARENT, value))


def switched(_value: object) -> int:
    """A switch as a number; None is off."""
    raise NotImplementedError


@implement(switched)
def _switched(value: Any) -> Any:
    return (lambda value: 0) if is_none(value) else (lambda value: int(value))
