"""Orders in compiled code: sent, found, changed and canceled."""

from __future__ import annotations

from typing import Any

from numba import types

from triplebar.strategy.compile.machine.answers import (
    answered,
    hashed,
    is_none,
    maybe_place,
    must_be_switch,
    must_be_whole,
    numbered,
    place_of,
    sized,
)
from triplebar.strategy.compile.machine.define import implement, method
from triplebar.strategy.compile.machine.form import (
    AT_GIVEN,
    AT_LIMIT,
    AT_QUANTITY,
    AT_STOP,
    AT_TOUCH,
    AT_TRAIL,
    AT_TRAIL_PERCENT,
    BIT_LIMIT,
    BIT_QUANTITY,
    BIT_STOP,
    BIT_TOUCH,
    BIT_TRAIL,
    BIT_TRAIL_PERCENT,
    WISH_WORDS,
    filled_in,
    given,
)
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
from triplebar.strategy.compile.views import size_of

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

ORDER_WORDS = size_of("OrderView")

_read_order = view_reader(ORDER)


def must_fit(expire: Any, parent: Any, post_only: Any, reduce_only: Any) -> None:
    """Refuse keywords of a kind that the core would misread."""
    for what, kind in (("expire", expire), ("parent", parent)):
        must_be_whole(what, kind)
    for what, kind in (("post_only", post_only), ("reduce_only", reduce_only)):
        must_be_switch(what, kind)


def sent(*_everything: object) -> int:
    """Send an order, by the shortest way that its keywords allow."""
    raise NotImplementedError


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
        filled_in(
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
        must_fit(expire, parent, post_only, reduce_only)

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
    must_fit(expire, parent, post_only, reduce_only)

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
        filled_in(
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
    return lambda desk, order: answered(_cancel(desk, numbered(order))) != 0


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
        return answered(_modify(desk, numbered(order), terms)) != 0

    return modify


@method(DeskType, "order")
def _order_of(desk: object, id: object) -> Any:
    def look(desk: Any, id: Any) -> Any:
        result = room(ORDER_WORDS)
        answered(_order(desk, numbered(id), result))
        return _read_order(result, 0)

    return look


@method(DeskType, "open_orders")
def _open_orders_of(desk: object, symbol: object = None) -> Any:
    def look(desk: Any, symbol: Any = None) -> Any:
        result = room(1)
        count = answered(_open_orders(desk, maybe_place(desk, symbol), result))
        return pack_orders(count, whole_at(result, 0))

    return look
