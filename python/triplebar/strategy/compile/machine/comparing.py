"""Where Numba does something else than Python: `==` and `!=` with None, `~` of bools, `range` over fractions."""

from __future__ import annotations

import operator
from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import NumbaTypeError
from numba.extending import intrinsic

from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.define import as_numba, implement

NUMBERS: Final = (types.Number, types.Boolean)
YES: Final = ir.Constant(ir.IntType(1), 1)
NO: Final = ir.Constant(ir.IntType(1), 0)


def _may_be_none(kind: types.Type) -> bool:
    return isinstance(kind, types.NoneType) or (isinstance(kind, types.Optional) and isinstance(kind.type, NUMBERS))


def _compared(operation: Any, when_one_is_none: ir.Constant, when_both_are: ir.Constant) -> Any:
    """The operation, also of numbers that may be None."""

    @intrinsic
    def compare(typing: Any, one: Any, other: Any) -> Any:
        kinds = types.unliteral(one), types.unliteral(other)
        if any(map(_may_be_none, kinds)) and all(_may_be_none(kind) or isinstance(kind, NUMBERS) for kind in kinds):
            return types.boolean(*kinds), _careful(typing, operation, kinds, when_one_is_none, when_both_are)
        return as_numba(typing, operation, (one, other))

    return compare


def _careful(
    typing: Any, operation: Any, kinds: tuple[types.Type, ...], when_one_is_none: Any, when_both_are: Any
) -> Any:
    """What compares two numbers of which one or both may be None."""
    inner = [kind.type if isinstance(kind, types.Optional) else kind for kind in kinds]
    numbers = all(isinstance(kind, NUMBERS) for kind in inner)
    signature = typing.resolve_function_type(operation, tuple(inner), {}) if numbers else None

    def compare(context: Any, builder: Any, found: Any, arguments: Any) -> Any:
        pairs = [_apart(context, builder, *pair) for pair in zip(found.args, arguments, strict=True)]
        valid = [pair[0] for pair in pairs]
        result = builder.select(builder.or_(*valid), when_one_is_none, when_both_are)
        if signature is None:
            return result
        wanted = zip(pairs, inner, signature.args, strict=True)
        values = [context.cast(builder, number, kind, to) for (_, number), kind, to in wanted]
        return builder.select(builder.and_(*valid), context.get_function(operation, signature)(builder, values), result)

    return compare


def _apart(context: Any, builder: Any, kind: types.Type, value: Any) -> tuple[Any, Any]:
    """Whether there is a number, and the number."""
    if isinstance(kind, types.NoneType):
        return NO, None
    if not isinstance(kind, types.Optional):
        return YES, value
    optional = context.make_helper(builder, kind, value=value)
    return cgutils.as_bool_bit(builder, optional.valid), optional.data


equal = _compared(operator.eq, NO, YES)
unequal = _compared(operator.ne, YES, NO)


def inverted(_value: object) -> Any:
    """`~value`."""
    raise NotImplementedError


@implement(inverted)
def _inverted(value: Any) -> Any:
    if isinstance(value, types.Boolean):
        raise NumbaTypeError(f"{MARK}~ of a bool cannot be compiled: Python makes a whole number of it; write not")
    return lambda value: ~value


def counted(_value: object) -> int:
    """What `range` is given."""
    raise NotImplementedError


@implement(counted)
def _counted(value: Any) -> Any:
    if isinstance(value, (types.Integer, types.Boolean)):
        return lambda value: value
    raise NumbaTypeError(f"{MARK}range goes over whole numbers: write int(...)")


HELPERS: Final = {"__equal__": equal, "__unequal__": unequal, "__inverted__": inverted, "__counted__": counted}
"""What the rewritten code calls."""
