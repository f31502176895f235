"""Orders in compiled code: the keywords of `buy` and `sell`, filled into the form that the core reads."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import register_jitable

from triplebar.strategy.compile.machine.answers import (
    answered,
    hashed,
    held,
    is_none,
    maybe_place,
    place_of,
    sized,
    unwrap,
)
from triplebar.strategy.compile.machine.define import implement, method
from triplebar.strategy.compile.machine.types import DESK, ORDER, DeskType
from triplebar.strategy.compile.machine.words import (
    WORDS,
    function,
    pack_orders,
    put_word,
    room,
    view_reader,
    whole_at,
)
from triplebar.strategy.compile.views import GIVEN, places, size_of

WHOLE, REAL, BITS_64 = types.int64, types.float64, types.uint64

_send = function("send", WHOLE, DESK, WORDS)
_send_market = function("send_market", WHOLE, DESK, WHOLE, WHOLE, REAL, BITS_64)
_send_limit = function("send_limit", WHOLE, DESK, WHOLE, WHOLE, REAL, REAL, BITS_64)
_target = function("target", WHOLE, DESK, WORDS)
_close = function("close", WHOLE, DESK, WHOLE, BITS_64)
_cancel = function("cancel", WHOLE, DESK, WHOLE)
_cancel_all = function("cancel_all", WHOLE, DESK, WHOLE)
_modify = function("modify", WHOLE, DESK, WHOLE, WORDS)
_order = function("order", WHOLE, DESK, WHOLE, WORDS)
_open_orders = function("open_orders", WHOLE, DESK, WHOLE, WORDS)

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
ORDER_WORDS = size_of("OrderView")

_read_order = view_reader(ORDER)


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


# --------------------------------------------------------------------------------------------------------------- orders


@register_jitable
def _filled_in(
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
    whole_given(wish, AT_PARENT, parent, 0)
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


def sent(*_everything: object) -> int:
    """Send an order, by the shortest way that its keywords allow."""
    raise NotImplementedError


def switched(_value: object) -> int:
    """A switch as a number; None is off."""
    raise NotImplementedError


@implement(switched)
def _switched(value: Any) -> Any:
    return (lambda value: 0) if is_none(value) else (lambda value: int(value))


@implement(sent)
def _sent(
    desk,
    side,
    symbol,
    quantity,
    limit,
    stop,
    trail,
    trail_percent,
    touch,
    tif,
    expire,
    post_only,
    reduce_only,
    tag,
    id,
    oco,
    parent,
    take_profit,
    stop_loss,
) -> Any:
    others = (stop, trail, trail_percent, touch, tif, expire, post_only, reduce_only, id, oco, parent, take_profit)
    simple = all(is_none(each) for each in (*others, stop_loss))

    def at_market(
        desk,
        side,
        symbol,
        quantity,
        limit,
        stop,
        trail,
        trail_percent,
        touch,
        tif,
        expire,
        post_only,
        reduce_only,
        tag,
        id,
        oco,
        parent,
        take_profit,
        stop_loss,
    ):
        return _send_market(desk, place_of(desk, symbol), side, sized(quantity), hashed(tag))

    def at_limit(
        desk,
        side,
        symbol,
        quantity,
        limit,
        stop,
        trail,
        trail_percent,
        touch,
        tif,
        expire,
        post_only,
        reduce_only,
        tag,
        id,
        oco,
        parent,
        take_profit,
        stop_loss,
    ):
        return _send_limit(desk, place_of(desk, symbol), side, sized(quantity), float(limit), hashed(tag))

    def at_length(
        desk,
        side,
        symbol,
        quantity,
        limit,
        stop,
        trail,
        trail_percent,
        touch,
        tif,
        expire,
        post_only,
        reduce_only,
        tag,
        id,
        oco,
        parent,
        take_profit,
        stop_loss,
    ):
        wish = room(WISH_WORDS)
        _filled_in(
            desk,
            wish,
            side,
            symbol,
            quantity,
            limit,
            stop,
            trail,
            trail_percent,
            touch,
            tif,
            expire,
            post_only,
            reduce_only,
            tag,
            id,
            oco,
            parent,
            take_profit,
            stop_loss,
        )
        return _send(desk, wish)

    if simple and is_none(limit):
        return at_market
    return at_limit if simple and isinstance(limit, types.Number) else at_length


def _sender(name: str, side: int) -> None:
    def choose(
        desk,
        symbol,
        quantity,
        limit=None,
        stop=None,
        trail=None,
        trail_percent=None,
        touch=None,
        tif=None,
        expire=None,
        post_only=None,
        reduce_only=None,
        tag=None,
        id=None,
        oco=None,
        parent=None,
        take_profit=None,
        stop_loss=None,
    ):
        def send(
            desk,
            symbol,
            quantity,
            limit=None,
            stop=None,
            trail=None,
            trail_percent=None,
            touch=None,
            tif=None,
            expire=None,
            post_only=None,
            reduce_only=None,
            tag=None,
            id=None,
            oco=None,
            parent=None,
            take_profit=None,
            stop_loss=None,
        ):
            return answered(
                sent(
                    desk,
                    side,
                    symbol,
                    quantity,
                    limit,
                    stop,
                    trail,
                    trail_percent,
                    touch,
                    tif,
                    expire,
                    post_only,
                    reduce_only,
                    tag,
                    id,
                    oco,
                    parent,
                    take_profit,
                    stop_loss,
                )
            )

        return send

    method(DeskType, name)(choose)


_sender("buy", 1)
_sender("sell", -1)


@method(DeskType, "target")
def _target_it(
    desk,
    symbol,
    quantity,
    limit=None,
    stop=None,
    trail=None,
    trail_percent=None,
    touch=None,
    tif=None,
    expire=None,
    post_only=None,
    reduce_only=None,
    tag=None,
    id=None,
    oco=None,
    parent=None,
    take_profit=None,
    stop_loss=None,
) -> Any:
    def aim(
        desk,
        symbol,
        quantity,
        limit=None,
        stop=None,
        trail=None,
        trail_percent=None,
        touch=None,
        tif=None,
        expire=None,
        post_only=None,
        reduce_only=None,
        tag=None,
        id=None,
        oco=None,
        parent=None,
        take_profit=None,
        stop_loss=None,
    ):
        wish = room(WISH_WORDS)
        _filled_in(
            desk,
            wish,
            1,
            symbol,
            quantity,
            limit,
            stop,
            trail,
            trail_percent,
            touch,
            tif,
            expire,
            post_only,
            reduce_only,
            tag,
            id,
            oco,
            parent,
            take_profit,
            stop_loss,
        )
        order = answered(_target(desk, wish))
        return None if order == 0 else order

    return aim


@method(DeskType, "close")
def _close_it(desk: object, symbol: object, tag: object = None) -> Any:
    def close(desk: Any, symbol: Any, tag: Any = None) -> Any:
        order = answered(_close(desk, place_of(desk, symbol), hashed(tag)))
        return None if order == 0 else order

    return close


@method(DeskType, "cancel")
def _cancel_it(desk: object, order: object) -> Any:
    return lambda desk, order: answered(_cancel(desk, int(held(order)))) != 0


@method(DeskType, "cancel_all")
def _cancel_them(desk: object, symbol: object = None) -> Any:
    return lambda desk, symbol=None: answered(_cancel_all(desk, maybe_place(desk, symbol)))


@method(DeskType, "modify")
def _modify_it(
    desk,
    order,
    quantity=None,
    limit=None,
    stop=None,
    trail=None,
    trail_percent=None,
    touch=None,
) -> Any:
    def modify(
        desk,
        order,
        quantity=None,
        limit=None,
        stop=None,
        trail=None,
        trail_percent=None,
        touch=None,
    ) -> Any:
        terms = room(WISH_WORDS)
        bits = given(terms, AT_QUANTITY, quantity, BIT_QUANTITY)
        bits |= given(terms, AT_LIMIT, limit, BIT_LIMIT)
        bits |= given(terms, AT_STOP, stop, BIT_STOP)
        bits |= given(terms, AT_TRAIL, trail, BIT_TRAIL)
        bits |= given(terms, AT_TRAIL_PERCENT, trail_percent, BIT_TRAIL_PERCENT)
        bits |= given(terms, AT_TOUCH, touch, BIT_TOUCH)
        put_word(terms, AT_GIVEN, bits)
        return answered(_modify(desk, int(held(order)), terms)) != 0

    return modify


@method(DeskType, "order")
def _order_of(desk: object, id: object) -> Any:
    def look(desk: Any, id: Any) -> Any:
        result = room(ORDER_WORDS)
        answered(_order(desk, int(held(id)), result))
        return _read_order(result, 0)

    return look


@method(DeskType, "open_orders")
def _open_orders_of(desk: object, symbol: object = None) -> Any:
    def look(desk: Any, symbol: Any = None) -> Any:
        result = room(1)
        count = answered(_open_orders(desk, maybe_place(desk, symbol), result))
        return pack_orders(count, whole_at(result, 0))

    return look
