"""Slots in compiled code: their Numba types, and how values are read from them and written to them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import NumbaTypeError

from triplebar.strategy.compile import kinds, slots
from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.types import (
    DICE,
    F64,
    I64,
    TEXT,
    ManyType,
    TableType,
    TextType,
    words,
)
from triplebar.strategy.compile.machine.words import lasting
from triplebar.strategy.compile.slots import Slot

Builder = Any
Value = Any


@lru_cache(maxsize=4096)
def type_of(slot: Slot) -> types.Type:
    """The Numba type of what a slot holds."""
    match slot:
        case slots.Whole():
            return types.int64
        case slots.Real():
            return types.float64
        case slots.Truth():
            return types.boolean
        case slots.Word():
            return TEXT
        case slots.Nothing():
            return types.none
        case slots.Maybe(inner):
            return types.Optional(type_of(inner))
        case slots.Pack(items):
            return types.Tuple(tuple(type_of(item) for item in items))
        case slots.Many(item):
            return ManyType(item, type_of(item))
        case slots.Table(item, in_order):
            return TableType(item, type_of(item), by_symbol=True, in_order=in_order)
        case slots.Row(item):
            return TableType(item, type_of(item), by_symbol=False)
        case slots.Array(dtype, dimensions, readonly):
            return types.Array(getattr(types, dtype), dimensions, "C", readonly=readonly)
        case slots.Gauge(kind):
            from triplebar.strategy.compile.machine.gauges import GAUGES

            return GAUGES[kind]
        case slots.Dice():
            return DICE
        case slots.Thing():
            from triplebar.strategy.compile.machine.things import thing_type

            return thing_type(slot)
    raise NumbaTypeError(f"{MARK}a {slot.shown} has no place in compiled code")


def slot_for(kind: types.Type) -> Slot | None:
    """The slot that could hold values of a Numba type."""
    match kind:
        case types.Boolean():
            return slots.Truth()
        case types.Integer():
            return slots.Whole()
        case types.Float():
            return slots.Real()
        case TextType():
            return slots.Word()
        case types.NoneType():
            return slots.Nothing()
        case types.Optional():
            inner = slot_for(kind.type)
            return None if inner is None else slots.Maybe(inner)
        case types.BaseTuple():
            items = [slot_for(item) for item in kind.types]
            if not items:
                return slots.Many(slots.Nothing())
            return slots.Pack(tuple(item for item in items if item)) if all(items) else None
        case ManyType():
            return slots.Many(kind.item)
    return None


def wider(slot: Slot, kind: types.Type) -> Slot | None:
    """The slot that also takes values of this type; the slot itself if it does, None if there is none."""
    given = slot_for(kind)
    return None if given is None else kinds.unified(slot, given)


# -------------------------------------------------------------------------------------------------------------- reading


def _at(builder: Builder, base: Value, offset_words: int) -> Value:
    """The address so many words on, as that of a word."""
    pointer = builder.bitcast(base, I64.as_pointer())
    return builder.gep(pointer, [ir.Constant(ir.IntType(32), offset_words)], inbounds=True)


def load(context: Any, builder: Builder, slot: Slot, base: Value, at: int = 0) -> Value:
    """The value in a slot, `at` so many words from an address.

    The addresses of arrays, indicators, tables and objects stay what they were when the run began.
    """
    place = _at(builder, base, at)
    match slot:
        case slots.Whole():
            return builder.load(place)
        case slots.Real():
            return builder.load(builder.bitcast(place, F64.as_pointer()))
        case slots.Truth():
            return builder.icmp_signed("!=", builder.load(place), ir.Constant(I64, 0))
        case slots.Word():
            return builder.load(builder.bitcast(place, words(2).as_pointer()))
        case slots.Nothing():
            return context.get_dummy_value()
        case slots.Maybe(inner):
            kind = type_of(slot)
            optional = context.make_helper(builder, kind)
            optional.valid = builder.icmp_signed("!=", builder.load(place), ir.Constant(I64, 0))
            optional.data = load(context, builder, inner, base, at + 1)
            return optional._getvalue()
        case slots.Pack(items):
            values = []
            for item in items:
                values.append(load(context, builder, item, base, at))
                at += item.words
            return context.make_tuple(builder, type_of(slot), values)
        case slots.Many():
            return builder.load(builder.bitcast(place, words(slot.words).as_pointer()))
        case slots.Array(dtype, dimensions):
            return _array(context, builder, slot, base, at, dtype, dimensions)
    return builder.inttoptr(lasting(builder, builder.load(place)), ir.IntType(8).as_pointer())


def _array(
    context: Any,
    builder: Builder,
    slot: Slot,
    base: Value,
    at: int,
    dtype: str,
    dimensions: int,
) -> Value:
    from numba.np.arrayobj import make_array, populate_array

    kind = type_of(slot)
    item = np.dtype({"boolean": "bool"}.get(dtype, dtype)).itemsize
    shape = [lasting(builder, builder.load(_at(builder, base, at + 1 + axis))) for axis in range(dimensions)]
    strides = [ir.Constant(I64, item)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    array = make_array(kind)(context, builder)
    data = builder.inttoptr(lasting(builder, builder.load(_at(builder, base, at))), array.data.type)
    populate_array(
        array,
        data=data,
        shape=cgutils.pack_array(builder, shape),
        strides=cgutils.pack_array(builder, strides),
        itemsize=ir.Constant(I64, item),
        meminfo=None,
    )
    return array._getvalue()


# -------------------------------------------------------------------------------------------------------------- writing


def store(
    context: Any,
    builder: Builder,
    slot: Slot,
    base: Value,
    at: int,
    value: Value,
    kind: types.Type,
) -> None:
    """Write a value of some Numba type into a slot that takes it."""
    place = _at(builder, base, at)
    match slot:
        case slots.Maybe(inner):
            _store_maybe(context, builder, inner, base, at, value, kind)
        case slots.Many(item) if isinstance(kind, types.BaseTuple):
            builder.store(ir.Constant(I64, len(kind)), place)
            for number, each in enumerate(kind.types):
                one = builder.extract_value(value, number)
                store(context, builder, item, base, at + 1 + number * item.words, one, each)
        case slots.Pack(items):
            for number, (item, each) in enumerate(zip(items, kind.types, strict=True)):
                store(context, builder, item, base, at, builder.extract_value(value, number), each)
                at += item.words
        case slots.Many() | slots.Word():
            builder.store(value, builder.bitcast(place, value.type.as_pointer()))
        case slots.Truth():
            builder.store(builder.zext(context.cast(builder, value, kind, types.boolean), I64), place)
        case slots.Real():
            builder.store(context.cast(builder, value, kind, types.float64), builder.bitcast(place, F64.as_pointer()))
        case slots.Whole():
            builder.store(context.cast(builder, value, kind, types.int64), place)


def _store_maybe(
    context: Any,
    builder: Builder,
    inner: Slot,
    base: Value,
    at: int,
    value: Value,
    kind: types.Type,
) -> None:
    place = _at(builder, base, at)
    if isinstance(kind, types.NoneType):
        builder.store(ir.Constant(I64, 0), place)
        return
    if isinstance(kind, types.Optional):
        optional = context.make_helper(builder, kind, value=value)
        valid = cgutils.as_bool_bit(builder, optional.valid)
        builder.store(builder.zext(valid, I64), place)
        with builder.if_then(valid):
            store(context, builder, inner, base, at + 1, optional.data, kind.type)
        return
    builder.store(ir.Constant(I64, 1), place)
    store(context, builder, inner, base, at + 1, value, kind)
