"""What can be gone over, counted and looked up: symbols, slices, tables, lists of orders, tuples, windows."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import NumbaTypeError
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic, register_jitable

from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.define import implement, method
from triplebar.strategy.compile.machine.mathematics import whole
from triplebar.strategy.compile.machine.saying import added, missing
from triplebar.strategy.compile.machine.slots import load, store, type_of, wider
from triplebar.strategy.compile.machine.types import (
    I64,
    ORDERS,
    SLICE,
    TEXT,
    WINDOW,
    AboutType,
    ItemsType,
    KeptType,
    ManyType,
    OrdersType,
    SymbolsType,
    TableType,
    TextType,
    WindowType,
    shown,
)
from triplebar.strategy.compile.machine.words import (
    FETCHED_AHEAD,
    SOURCE_WORDS,
    bar_from,
    fetch_ahead,
    hash_part,
    id_of,
    many_count,
    orders_part,
    text_at,
    text_part,
    whole_at,
    window_desk,
    window_part,
    word_address,
    words_at,
)
from triplebar.strategy.compile.slots import TABLE_HEAD, TUPLE_LONGEST
from triplebar.strategy.compile.views import places, size_of

SYMBOLS_AT = places("DeskView")["symbols"][0]
INSTRUMENTS_AT = places("DeskView")["instruments"][0]
SOURCES_AT = places("DeskView")["sources"][0]
ROW_AT, SPOTS_AT = places("SliceView")["row"][0], places("SliceView")["spots"][0]
SLICE_SOURCES_AT = places("SliceView")["sources"][0]
ONE_KIND = "write the items as one kind, e.g. 1.0 beside 2.5"
BY_PLACE = "go over it, or take items by place: of a window also its columns, e.g. window.close[-3:]"
SPOT_WORDS = size_of("SpotView")


# -------------------------------------------------------------------------------------------------------- going over


@intrinsic
def over(typing: Any, thing: Any) -> Any:
    """What a loop goes over; made in the function that the loop is in, whose stack it may stand on."""
    if (isinstance(thing, TableType) and thing.by_symbol) or isinstance(thing, AboutType):
        return _items_made(thing, "keys")
    if isinstance(thing, ManyType):
        return _kept_made(thing)

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return impl_ret_borrowed(context, builder, signature.return_type, arguments[0])

    return thing(thing), make


def count(_thing: object) -> int:
    """How many items it has."""
    raise NotImplementedError


def item(_thing: object, _place: int) -> Any:
    """The item at a place."""
    raise NotImplementedError


@implement(count)
def _count(thing: Any) -> Any:
    return lambda thing: len(thing)


@implement(item)
def _item(thing: Any, place: Any) -> Any:
    if isinstance(thing, types.Tuple):
        raise NumbaTypeError(f"{MARK}a loop over several kinds ({shown(thing)}) cannot be compiled; {ONE_KIND}")
    return lambda thing, place: thing[place]


def fits(_thing: object, _length: int) -> None:
    """Whether there are as many items as names for them."""
    raise NotImplementedError


@implement(fits)
def _fits(thing: Any, length: Any) -> Any:
    def check(thing: Any, length: Any) -> None:
        if len(thing) < length:
            raise ValueError("not enough values to unpack")
        if len(thing) > length:
            raise ValueError("too many values to unpack")

    return check


@implement(len)
def _len(thing: Any) -> Any:
    match thing:
        case SymbolsType():
            return lambda thing: whole_at(thing, INSTRUMENTS_AT)
        case OrdersType():
            return lambda thing: orders_part(thing, 0)
        case WindowType():
            return lambda thing: window_part(thing, 3) - window_part(thing, 2)
        case ManyType():
            return lambda thing: many_count(thing)
        case TableType() | AboutType() | KeptType():
            return lambda thing: whole_at(thing, 0)
        case ItemsType():
            return lambda thing: len(inside(thing))
    return None


@implement(bool)
def _bool(thing: Any) -> Any:
    if isinstance(thing, (OrdersType, ManyType, TableType, AboutType, WindowType, SymbolsType)):
        return lambda thing: len(thing) > 0
    return None


@implement(operator.not_)
def _not(thing: Any) -> Any:
    if isinstance(thing, (OrdersType, ManyType, TableType, AboutType, WindowType, SymbolsType)):
        return lambda thing: len(thing) == 0
    return None


@register_jitable(forceinline=True)
def checked(place: Any, length: Any) -> Any:
    """A place that exists, counted from the end if below zero."""
    if place < 0:
        place += length
    if place < 0 or place >= length:
        raise IndexError("index out of range")
    return place


@intrinsic
def inside(typing: Any, items: Any) -> Any:
    """What the items are of."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_helper(builder, items, value=arguments[0]).over

    return items.over(items), make


def _items(what: str) -> Any:
    @intrinsic
    def items_of(typing: Any, thing: Any) -> Any:
        return _items_made(thing, what)

    return items_of


def _check_order(thing: Any) -> None:
    """Refuse to go over a dict that is in another order than the symbols: compiled code knows theirs alone."""
    if isinstance(thing, TableType) and not thing.in_order:
        raise NumbaTypeError(
            f"{MARK}a dict is gone over that is not in the order of ctx.symbols: write it in that order, "
            "e.g. {symbol: ... for symbol in ctx.symbols}"
        )


def _items_made(thing: Any, what: str) -> Any:
    _check_order(thing)
    kind = ItemsType(thing, what)

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        helper = context.make_helper(builder, kind)
        helper.over = arguments[0]
        return helper._getvalue()

    return kind(thing), make


_keys_of, _values_of, _pairs_of = _items("keys"), _items("values"), _items("items")

for _kind in (TableType, AboutType):
    method(_kind, "keys")(lambda thing: lambda thing: _keys_of(thing))
    method(_kind, "values")(lambda thing: lambda thing: _values_of(thing))
    method(_kind, "items")(lambda thing: lambda thing: _pairs_of(thing))


# --------------------------------------------------------------------------------------------------------- looking up


@implement(operator.getitem)
def _getitem(thing: Any, place: Any) -> Any:
    match thing, place:
        case SymbolsType(), types.Integer():
            return lambda thing, place: text_at(
                words_at(thing, SYMBOLS_AT), 2 * checked(place, whole_at(thing, INSTRUMENTS_AT))
            )
        case OrdersType(), types.Integer():
            return lambda thing, place: id_of(thing, checked(place, len(thing)))
        case ManyType(), types.Integer():
            return lambda thing, place: kept_item(kept(thing), checked(place, len(thing)))
        case KeptType(), types.Integer():
            return lambda thing, place: kept_item(thing, place)
        case TableType(by_symbol=False), types.Integer():
            return lambda thing, place: table_item(thing, checked(place, len(thing)))
        case TableType(by_symbol=True), TextType():
            return lambda thing, place: table_item(thing, place_to_read(thing, place))
        case AboutType(), TextType():
            return lambda thing, place: bar_of(thing, place)
        case WindowType(), types.Integer():
            return lambda thing, place: bar_of_window(thing, checked(place, len(thing)))
        case ItemsType(), types.Integer():
            return _getitem_of_items(thing)
        case OrdersType() | ManyType() | TableType() | WindowType() | SymbolsType(), types.SliceType():
            raise NumbaTypeError(f"{MARK}a slice of {shown(thing)} cannot be compiled; {BY_PLACE}")
    return None


def _getitem_of_items(thing: ItemsType) -> Any:
    if isinstance(thing.over, TableType):
        return {
            "keys": lambda thing, place: symbol_at(inside(thing), place),
            "values": lambda thing, place: table_item(inside(thing), place),
            "items": lambda thing, place: (symbol_at(inside(thing), place), table_item(inside(thing), place)),
        }[thing.what]
    return {
        "keys": lambda thing, place: next_bar_at(inside(thing), place).symbol,
        "values": lambda thing, place: next_bar_at(inside(thing), place),
        "items": lambda thing, place: (bar_at(inside(thing), place).symbol, next_bar_at(inside(thing), place)),
    }[thing.what]


@register_jitable(forceinline=True)
def symbol_at(table: Any, place: Any) -> Any:
    """The symbol at a place of a table."""
    return text_at(words_at(table, 1), 2 * place)


@register_jitable(forceinline=True)
def table_place(table: Any, text: Any) -> Any:
    """The place of a symbol in a table; -1 if it is none."""
    place = text_part(text, 1)
    if place >= 0:
        return place
    wanted = hash_part(text, 0)
    for at in range(whole_at(table, 0)):
        if hash_part(symbol_at(table, at), 0) == wanted:
            return at
    return -1


@register_jitable(forceinline=True)
def place_to_read(table: Any, text: Any) -> Any:
    """The same of one that must be there."""
    place = table_place(table, text)
    if place < 0:
        missing(text)
    return place


@register_jitable(forceinline=True)
def place_to_write(table: Any, text: Any) -> Any:
    """The same: a dict would grow, a table does not."""
    place = table_place(table, text)
    if place < 0:
        added(text)
    return place


@register_jitable(forceinline=True)
def next_bar_at(bars: Any, place: Any) -> Any:
    """The bar at a place of a slice, for whoever goes over all of them: the columns lie far apart in memory."""
    row = whole_at(bars, ROW_AT)
    if row >= 0:
        sources = words_at(bars, SLICE_SOURCES_AT)
        fetch_ahead(word_address(sources, SOURCE_WORDS * (place + FETCHED_AHEAD)), row)
    return bar_at(bars, place)


@register_jitable(forceinline=True)
def bar_at(bars: Any, place: Any) -> Any:
    """The bar at a place of a slice."""
    row = whole_at(bars, ROW_AT)
    if row >= 0:
        return bar_from(word_address(words_at(bars, SLICE_SOURCES_AT), SOURCE_WORDS * place), row)
    spot = word_address(words_at(bars, SPOTS_AT), SPOT_WORDS * place)
    return bar_from(words_at(spot, 0), whole_at(spot, 1))


@register_jitable(forceinline=True)
def source_of(desk: Any, place: Any) -> Any:
    """Where the columns of an instrument begin."""
    return word_address(words_at(desk, SOURCES_AT), SOURCE_WORDS * place)


@register_jitable(forceinline=True)
def slice_place(bars: Any, text: Any) -> Any:
    """The place of a symbol in a slice; -1 if it has no bar."""
    wanted = hash_part(text, 0)
    guess = text_part(text, 1)
    length = whole_at(bars, 0)
    if 0 <= guess < length and hash_part(bar_at(bars, guess).symbol, 0) == wanted:
        return guess
    for at in range(length):
        if hash_part(bar_at(bars, at).symbol, 0) == wanted:
            return at
    return -1


@register_jitable(forceinline=True)
def bar_of_window(window: Any, place: Any) -> Any:
    """The bar at a place of a window; the place exists."""
    return bar_from(source_of(window_desk(window, 0), window_part(window, 1)), window_part(window, 2) + place)


@register_jitable(forceinline=True)
def bar_of(bars: Any, text: Any) -> Any:
    """The bar of a symbol in a slice."""
    place = slice_place(bars, text)
    if place < 0:
        missing(text)
    return bar_at(bars, place)


@intrinsic
def table_item(typing: Any, table: Any, place: Any) -> Any:
    """The value at a place of a table; the place exists."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return load(context, builder, table.item, _value_address(builder, table, arguments))

    return table.dtype(table, types.int64), make


def _value_address(builder: Any, table: Any, arguments: Any) -> Any:
    words = builder.mul(arguments[1], ir.Constant(I64, table.item.words))
    pointer = builder.bitcast(arguments[0], I64.as_pointer())
    return builder.gep(pointer, [builder.add(words, ir.Constant(I64, TABLE_HEAD))])


@intrinsic
def put_table_item(typing: Any, table: Any, place: Any, value: Any) -> Any:
    """Write the value at a place of a table; the place exists."""
    value = types.unliteral(value)
    if wider(table.item, value) != table.item:
        raise NumbaTypeError(
            f"{MARK}the values are {table.item.shown}, and cannot become {shown(value)}: begin them with such a value"
        )

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _value_address(builder, table, arguments)
        store(context, builder, table.item, address, 0, arguments[2], signature.args[2])
        return context.get_dummy_value()

    return types.void(table, types.int64, value), make


@implement(operator.setitem)
def _setitem(thing: Any, place: Any, value: Any) -> Any:
    match thing, place:
        case TableType(by_symbol=True), TextType():

            def by_symbol(thing: Any, place: Any, value: Any) -> None:
                put_table_item(thing, place_to_write(thing, place), value)

            return by_symbol
        case TableType(by_symbol=False), types.Integer():

            def by_place(thing: Any, place: Any, value: Any) -> None:
                put_table_item(thing, checked(place, len(thing)), value)

            return by_place
        case types.Array(), types.Integer() if isinstance(thing.dtype, types.Integer) and isinstance(
            value, types.Float
        ):

            def cut(thing: Any, place: Any, value: Any) -> None:
                thing[place] = whole(np.trunc(value))

            return cut
    return None


@intrinsic
def kept(typing: Any, many: Any) -> Any:
    """A tuple whose length changes, on the stack of the function that asks: its items can be found by their places."""
    return _kept_made(many)


def _kept_made(many: ManyType) -> Any:
    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(cgutils.alloca_once_value(builder, arguments[0]), ir.IntType(8).as_pointer())

    return KeptType(many)(many), make


@intrinsic
def kept_item(typing: Any, kept: Any, place: Any) -> Any:
    """The item at a place of it; the place exists."""
    item = kept.many.item

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = builder.mul(arguments[1], ir.Constant(I64, item.words))
        pointer = builder.gep(builder.bitcast(arguments[0], I64.as_pointer()), [words])
        return load(context, builder, item, pointer, 1)

    return type_of(item)(kept, types.int64), make


@implement(operator.contains)
def _contains(thing: Any, wanted: Any) -> Any:
    match thing, wanted:
        case ((OrdersType() | ManyType() | TableType(by_symbol=False)), types.Number()) if _is_of_numbers(thing):

            def among(thing: Any, wanted: Any) -> bool:
                for place in range(len(thing)):
                    if thing[place] == wanted:
                        return True
                return False

            return among
        case AboutType(), TextType():
            return lambda thing, wanted: slice_place(thing, wanted) >= 0
        case TableType(by_symbol=True), TextType():
            return lambda thing, wanted: table_place(thing, wanted) >= 0
        case SymbolsType(), TextType():

            def known(thing: Any, wanted: Any) -> bool:
                for place in range(len(thing)):
                    if thing[place] == wanted:
                        return True
                return False

            return known
    return None


def _is_of_numbers(thing: Any) -> bool:
    return isinstance(thing, OrdersType) or isinstance(thing.dtype, types.Number)


__all__ = ["ORDERS", "SLICE", "TEXT", "TUPLE_LONGEST", "WINDOW", "count", "item", "over"]
