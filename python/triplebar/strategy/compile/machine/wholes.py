"""`+`, `-` and `*` of whole numbers in compiled code: in 64 bits, or they raise, where Python's would grow."""

from __future__ import annotations

import operator
from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from triplebar.strategy.compile.machine.define import as_numba
from triplebar.strategy.compile.machine.powers import BEYOND
from triplebar.strategy.compile.machine.types import I64

CHECKED: Final = {
    operator.add: "llvm.sadd.with.overflow",
    operator.sub: "llvm.ssub.with.overflow",
    operator.mul: "llvm.smul.with.overflow",
}
"""The processor says whether the result fits."""
PLACES: Final = {operator.iadd: operator.add, operator.isub: operator.sub, operator.imul: operator.mul}
"""Those that arrays do in place."""


def _is_whole(kind: types.Type) -> bool:
    return isinstance(kind, types.Boolean) or (isinstance(kind, types.Integer) and kind.signed)


def _calculated(operation: Any) -> Any:
    checked = CHECKED[PLACES.get(operation, operation)]

    @intrinsic
    def calculate(typing: Any, one: Any, other: Any) -> Any:
        kinds = types.unliteral(one), types.unliteral(other)
        if all(map(_is_whole, kinds)):
            return types.int64(*kinds), _checked(checked)
        return as_numba(typing, operation, (one, other))

    return calculate


def _checked(name: str) -> Any:
    def calculate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = [
            context.cast(builder, value, kind, types.int64)
            for value, kind in zip(arguments, signature.args, strict=True)
        ]
        result = ir.LiteralStructType([I64, ir.IntType(1)])
        calculation = builder.module.declare_intrinsic(name, [I64], ir.FunctionType(result, [I64, I64]))
        both = builder.call(calculation, values)
        with builder.if_then(builder.extract_value(both, 1), likely=False):
            context.call_conv.return_user_exc(builder, OverflowError, (BEYOND,))
        return builder.extract_value(both, 0)

    return calculate


HELPERS: Final = {
    "__plus__": _calculated(operator.add),
    "__minus__": _calculated(operator.sub),
    "__times__": _calculated(operator.mul),
    "__more__": _calculated(operator.iadd),
    "__less__": _calculated(operator.isub),
    "__multiplied__": _calculated(operator.imul),
}
"""What the rewritten code calls."""
