"""Reading words from memory and from values: the few instructions that everything else is made of."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import NumbaAttributeError
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic

from triplebar._native import COMPILED_LAYOUT_VERSION
from triplebar.strategy.compile.machine.types import (
    BAR,
    DESK,
    F64,
    I64,
    ORDERS,
    TEXT,
    WINDOW,
    AboutType,
    ManyType,
    ViewType,
    words,
)
from triplebar.strategy.compile.views import places, size_of

WORDS = types.CPointer(types.int64)


def function(name: str, result: types.Type, *arguments: types.Type) -> types.ExternalFunction:
    """A function of the core, by its name."""
    return types.ExternalFunction(symbol(name), result(*arguments))


def symbol(name: str) -> str:
    """What the linker calls a function of the core.

    >>> symbol("send").endswith("_send")
    True
    """
    return f"triplebar{COMPILED_LAYOUT_VERSION}_{name}"


@intrinsic(prefer_literal=True)
def room(typing: Any, count: Any) -> Any:
    """So many words on the stack, for the length of the function."""
    size = count.literal_value

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(cgutils.alloca_once(builder, words(size)), I64.as_pointer())

    return WORDS(count), make


@intrinsic
def put_word(typing: Any, base: Any, at: Any, value: Any) -> Any:
    """Write a number, whole or not, at a word."""
    kind = types.float64 if isinstance(value, types.Float) else types.int64

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.bitcast(arguments[0], I64.as_pointer())
        pointer = builder.gep(pointer, [arguments[1]])
        if kind is types.float64:
            pointer = builder.bitcast(pointer, F64.as_pointer())
        builder.store(arguments[2], pointer)
        return context.get_dummy_value()

    return types.void(base, types.int64, kind), make


def lasting(builder: Any, loaded: Any) -> Any:
    """What was loaded, said to be there and the same for as long as the handler runs: it need not be loaded again."""
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


PLACES = 2**16
"""A market has fewer instruments."""


def _a_place(builder: Any, loaded: Any) -> Any:
    """What was loaded, said to be the place of an instrument."""
    loaded.set_metadata("range", builder.module.add_metadata([ir.Constant(I64, 0), ir.Constant(I64, PLACES)]))
    return loaded


def _reader(kind: types.Type, pointed: ir.Type, *, lasts: bool = False) -> Any:
    @intrinsic
    def read(typing: Any, base: Any, at: Any) -> Any:
        def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = builder.bitcast(arguments[0], I64.as_pointer())
            pointer = builder.gep(pointer, [arguments[1]])
            loaded = builder.load(builder.bitcast(pointer, pointed.as_pointer()))
            return lasting(builder, loaded) if lasts else loaded

        return kind(base, types.int64), make

    return read


whole_at = _reader(types.int64, I64)
real_at = _reader(types.float64, F64)
lasting_real_at = _reader(types.float64, F64, lasts=True)
text_at = _reader(TEXT, words(2), lasts=True)
"""The texts that have addresses are the symbols."""
words_at = _reader(WORDS, I64.as_pointer(), lasts=True)
reals_at = _reader(types.CPointer(types.float64), F64.as_pointer(), lasts=True)
"""What a handler is given stays where it is while it runs."""


def view_reader(kind: ViewType) -> Any:
    """Reads a whole view from an address."""
    return _reader(kind, words(size_of(kind.view)))


SOURCE = places("SourceView")
SOURCE_WORDS = size_of("SourceView")
FETCHED_AHEAD = 8
"""Instruments; the core has so many sources more than there are instruments."""
COLUMNS = {"time_ns": "times", **{name: name for name in ("open", "high", "low", "close", "volume")}}
"""The fields of a bar that stand in columns, and what its source calls them."""


def _word(builder: Any, source: Any, at: int) -> Any:
    return lasting(builder, builder.load(builder.gep(source, [ir.Constant(I64, at)])))


def _bar(builder: Any, source: Any, place: Any, row: Any) -> Any:
    value = ir.Constant(words(size_of("BarView")), ir.Undefined)
    bar = places("BarView")
    value = builder.insert_value(value, _word(builder, source, 0), 0)
    value = builder.insert_value(value, place, 1)
    value = builder.insert_value(value, row, bar["index"][0])
    for name, column in COLUMNS.items():
        first = builder.inttoptr(_word(builder, source, SOURCE[column][0]), I64.as_pointer())
        number = lasting(builder, builder.load(builder.gep(first, [row])))
        value = builder.insert_value(value, number, bar[name][0])
    return value


@intrinsic
def place_at(typing: Any, base: Any, at: Any) -> Any:
    """The place of an instrument, which is the same for as long as the handler runs."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.bitcast(arguments[0], I64.as_pointer())
        return _a_place(builder, lasting(builder, builder.load(builder.gep(pointer, [arguments[1]]))))

    return types.int64(base, types.int64), make


@intrinsic
def bar_from(typing: Any, source: Any, row: Any) -> Any:
    """The bar in a row of an instrument: what nobody looks at is not read."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, row = arguments
        return _bar(builder, source, _a_place(builder, _word(builder, source, 1)), row)

    return BAR(WORDS, types.int64), make


@intrinsic
def bar_of(typing: Any, sources: Any, place: Any, row: Any) -> Any:
    """The same of the instrument at a place, which is among the symbols."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        sources, place, row = arguments
        builder.assume(builder.icmp_signed(">=", place, ir.Constant(I64, 0)))
        source = builder.gep(sources, [builder.mul(place, ir.Constant(I64, SOURCE_WORDS))])
        return _bar(builder, source, place, row)

    return BAR(WORDS, types.int64, types.int64), make


@intrinsic
def fetch_ahead(typing: Any, source: Any, row: Any) -> Any:
    """Ask memory for the closing price in a row of an instrument, which is wanted soon."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source, row = arguments
        first = builder.load(builder.gep(source, [ir.Constant(I64, SOURCE["close"][0])]))
        wanted = builder.gep(builder.inttoptr(first, I64.as_pointer()), [row])
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        prefetch = builder.module.declare_intrinsic(
            "llvm.prefetch", [byte], ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        )
        # To read, to be kept, data.
        builder.call(prefetch, [builder.bitcast(wanted, byte), *(ir.Constant(number, each) for each in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(WORDS, types.int64), make


@intrinsic
def word_address(typing: Any, base: Any, at: Any) -> Any:
    """The address so many words on."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.bitcast(arguments[0], I64.as_pointer())
        return builder.gep(pointer, [arguments[1]])

    return WORDS(base, types.int64), make


@intrinsic
def id_of(typing: Any, orders: Any, at: Any) -> Any:
    """The number of an order in a list of them."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = builder.extract_value(arguments[0], 1)
        pointer = builder.inttoptr(address, ir.IntType(32).as_pointer())
        return builder.zext(builder.load(builder.gep(pointer, [arguments[1]])), I64)

    return types.int64(ORDERS, types.int64), make


def _packer(kind: types.Type, count: int) -> Any:
    """Makes a value of so many whole words."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = ir.Constant(words(count), ir.Undefined)
        for at, argument in enumerate(arguments):
            if isinstance(argument.type, ir.PointerType):
                argument = builder.ptrtoint(argument, I64)
            value = builder.insert_value(value, argument, at)
        return value

    if count == 2:

        @intrinsic
        def pack2(typing: Any, one: Any, two: Any) -> Any:
            return kind(one, two), make

        return pack2

    @intrinsic
    def pack4(typing: Any, one: Any, two: Any, three: Any, four: Any) -> Any:
        return kind(one, two, three, four), make

    return pack4


pack_text = _packer(TEXT, 2)
pack_orders = _packer(ORDERS, 2)
pack_window = _packer(WINDOW, 4)


def _part(kind: types.Type, result: types.Type) -> Any:
    @intrinsic(prefer_literal=True)
    def part(typing: Any, value: Any, at: Any) -> Any:
        place = at.literal_value

        def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            word = builder.extract_value(arguments[0], place)
            return word if result is not DESK else builder.inttoptr(word, ir.IntType(8).as_pointer())

        return result(kind, at), make

    return part


text_part = _part(TEXT, types.int64)
hash_part = _part(TEXT, types.uint64)
orders_part = _part(ORDERS, types.int64)
window_part = _part(WINDOW, types.int64)
window_desk = _part(WINDOW, DESK)


@intrinsic
def many_count(typing: Any, many: Any) -> Any:
    """The length of a tuple whose length changes."""
    if not isinstance(many, ManyType):
        raise NumbaAttributeError(f"{many} has no length of this kind")

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.extract_value(arguments[0], 0)

    return types.int64(many), make


# ------------------------------------------------------------------------------------------------------ fields of views


@infer_getattr
class _Fields(AttributeTemplate):
    """Fields by name."""

    key = ViewType

    def generic_resolve(self, view: ViewType, name: str) -> types.Type | None:
        """The type of a field."""
        found = places(view.view).get(name)
        if found is None:
            return None
        kinds = {"int": types.int64, "float": types.float64, "text": TEXT}
        kind = found[1]
        plain = kinds.get(kind.removesuffix("?"))
        return types.Optional(plain) if kind.endswith("?") else plain


@lower_getattr_generic(ViewType)
def _field(context: Any, builder: Any, view: ViewType, value: Any, name: str) -> Any:
    at, kind = places(view.view)[name]
    word = builder.extract_value(value, at)
    match kind:
        case "int":
            return word
        case "float":
            number = builder.bitcast(word, F64)
            return finite(builder, number) if view.view == "BarView" else number
        case "float?":
            number = builder.bitcast(word, F64)
            return _optional(context, builder, types.float64, number, builder.fcmp_ordered("ord", number, number))
    text = ir.Constant(words(2), ir.Undefined)
    text = builder.insert_value(text, word, 0)
    text = builder.insert_value(text, builder.extract_value(value, at + 1), 1)
    if kind == "text":
        return text
    return _optional(context, builder, TEXT, text, builder.icmp_signed("!=", word, ir.Constant(I64, 0)))


def finite(builder: Any, number: Any) -> Any:
    """The number, said to be one: prices and volumes of a market are."""
    size = builder.call(builder.module.declare_intrinsic("llvm.fabs", [F64]), [number])
    builder.assume(builder.fcmp_ordered("<", size, ir.Constant(F64, float("inf"))))
    return number


def _optional(context: Any, builder: Any, kind: types.Type, value: Any, valid: Any) -> Any:
    optional = context.make_helper(builder, types.Optional(kind))
    optional.valid = valid
    optional.data = value
    return optional._getvalue()


def about_reader(view: str) -> tuple[AboutType, Any]:
    """The type of a handler's last argument, and what reads it."""
    kind = AboutType(view)
    return kind, view_reader(ViewType(view))
