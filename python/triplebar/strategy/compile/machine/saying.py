"""`raise` in compiled code: the values of the message are left where Python finds them, with what is raised."""

from __future__ import annotations

from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.callconv import RETCODE_USEREXC
from numba.core.errors import NumbaAttributeError, NumbaError
from numba.core.imputils import lower_constant
from numba.extending import intrinsic, models, register_jitable, register_model, typeof_impl

from triplebar.strategy.compile.machine.slots import load, type_of
from triplebar.strategy.compile.machine.types import I64, DeskType, TextType, ThingType, ViewType
from triplebar.strategy.compile.machine.words import symbol
from triplebar.strategy.compile.owners import owner_of
from triplebar.strategy.compile.saying import (
    MOMENT,
    REAL,
    TEXT,
    TRUTH,
    UNTOLD,
    VALUE,
    VALUES_AT,
    WHOLE,
    Joined,
    Recipe,
    Value,
)
from triplebar.strategy.compile.slots import WORD, Closed

BYTE: Final = ir.IntType(8).as_pointer()


class RecipeType(types.Type):
    """How an exception is made, as a constant."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        super().__init__(name=f"triplebar.Recipe({recipe!r}, {id(recipe.kind)})")


class UntoldType(types.Type):
    """Something that cannot be told."""

    def __init__(self) -> None:
        super().__init__(name="triplebar.Untold")


class MomentType(types.Type):
    """A time in nanoseconds, which Python shows as a datetime."""

    def __init__(self) -> None:
        super().__init__(name="triplebar.Moment")


UNKNOWN, TIME = UntoldType(), MomentType()

for _kind in (RecipeType, UntoldType):
    register_model(_kind)(models.OpaqueModel)


@register_model(MomentType)
class _MomentModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: MomentType) -> None:
        super().__init__(manager, kind, I64)


@typeof_impl.register(Recipe)
def _typeof_recipe(value: Recipe, context: object) -> RecipeType:
    return RecipeType(value)


@lower_constant(RecipeType)
def _constant_recipe(context: Any, builder: Any, kind: object, value: Recipe) -> Any:
    return context.get_dummy_value()


@intrinsic(prefer_literal=True)
def peek(typing: Any, thing: Any, name: Any) -> Any:
    """An attribute, or something that cannot be told if there is none that compiled code has."""
    if not isinstance(name, types.StringLiteral):
        return None
    wanted = name.literal_value
    if isinstance(thing, ThingType):
        at, slot = thing.layout.offsets().get(wanted, (0, Closed("")))
        if not isinstance(slot, Closed):
            return type_of(slot)(thing, name), _reader(at, slot)
        if wanted not in thing.layout.offsets() and not hasattr(owner_of(thing.layout.owner), wanted):
            raise NumbaAttributeError(f"Unknown attribute '{wanted}'")
        return UNKNOWN(thing, name), _nothing
    is_time = wanted == "time" and isinstance(thing, (ViewType, DeskType))
    wanted = "time_ns" if is_time else wanted
    try:
        found = typing.resolve_getattr(thing, wanted)
    except NumbaError:
        found = None
    if found is None:
        return UNKNOWN(thing, name), _nothing

    def look(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        get = context.get_getattr(thing, wanted)
        return get(context, builder, thing, arguments[0], wanted)

    return (TIME if is_time else found)(thing, name), look


def _reader(at: int, slot: Any) -> Any:
    def look(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return load(context, builder, slot, arguments[0], at // WORD)

    return look


def _nothing(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return context.get_dummy_value()


@intrinsic
def fail(typing: Any, recipe: Any, values: Any) -> Any:
    """Leave the function as `raise` does, with the values beside what says how the exception is made."""
    made = recipe.recipe

    def leave(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = [
            (kind, builder.extract_value(arguments[1], place)) for place, kind in enumerate(signature.args[1].types)
        ]
        told = [_told(context, builder, *each) for each in given]
        with builder.if_then(ir.Constant(ir.IntType(1), 1)):
            context.call_conv.set_static_user_exc(builder, made.kind, (made,))
            where = context.call_conv._get_excinfo_argument(builder.function)
            plain = builder.load(where)
            size = ir.Constant(I64, VALUES_AT + VALUE.size * max(1, len(told)))
            allocate = cgutils.get_or_insert_function(builder.module, ir.FunctionType(BYTE, [I64]), symbol("allocate"))
            left = builder.call(allocate, [size])
            builder.store(builder.load(plain), builder.bitcast(left, plain.type))
            words = builder.bitcast(builder.gep(left, [ir.Constant(I64, VALUES_AT)]), I64.as_pointer())
            for place, word in enumerate(word for pair in told for word in pair):
                builder.store(word, builder.gep(words, [ir.Constant(I64, place)]))
            store = builder.store(builder.bitcast(left, plain.type), where)
            store.set_metadata("numba_exception_output", builder.module.add_metadata([ir.IntType(1)(1)]))
            context.call_conv._return_errcode_raw(builder, RETCODE_USEREXC)
        return context.get_dummy_value()

    return types.none(recipe, values), leave


def _told(context: Any, builder: Any, kind: types.Type, value: Any) -> tuple[Any, Any]:
    """What a value is, and its word."""

    def of(what: int, word: Any) -> tuple[Any, Any]:
        return ir.Constant(I64, what), word

    match kind:
        case types.Optional():
            optional = context.make_helper(builder, kind, value=value)
            what, word = _told(context, builder, kind.type, optional.data)
            valid, nothing = cgutils.as_bool_bit(builder, optional.valid), ir.Constant(I64, 0)
            return builder.select(valid, what, ir.Constant(I64, TEXT)), builder.select(valid, word, nothing)
        case types.NoneType():
            return of(TEXT, ir.Constant(I64, 0))
        case types.Boolean():
            return of(TRUTH, builder.zext(context.cast(builder, value, kind, types.boolean), I64))
        case types.Integer():
            return of(WHOLE, context.cast(builder, value, kind, types.int64))
        case types.Float():
            return of(REAL, builder.bitcast(context.cast(builder, value, kind, types.float64), I64))
        case TextType():
            return of(TEXT, builder.extract_value(value, 0))
        case MomentType():
            return of(MOMENT, value)
    return of(UNTOLD, ir.Constant(I64, 0))


MISSING: Final = Recipe(KeyError, (Value(0, "symbol"),), (), 1)


@register_jitable
def missing(key: Any) -> None:
    """Say that a dict has no such key."""
    fail(MISSING, (key,))
    raise KeyError


ADDED: Final = Recipe(
    KeyError,
    (Joined(("compiled code adds no key to a dict, and ", Value(0, "key", "r"), " is none of its symbols")),),
    (),
    1,
)


@register_jitable
def added(key: Any) -> None:
    """Say that a dict would have to grow."""
    fail(ADDED, (key,))
    raise KeyError


HELPERS: Final = {"__fail__": fail, "__peek__": peek}
"""What the rewritten code calls."""
