"""`ctx.log` in compiled code: a call that begins a line, and one a field; the core keeps them as words."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.errors import NumbaTypeError
from numba.extending import intrinsic

from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.answers import hashed, is_none, is_text, unwrap
from triplebar.strategy.compile.machine.define import implement
from triplebar.strategy.compile.machine.types import DESK, DeskType, shown
from triplebar.strategy.compile.machine.words import function

WHOLE, TRUTH, REAL, TEXT = range(4)
"""What a field is: the numbers of `rust/py/src/compiled/notes.rs`; None is a text without one."""
NOTHING: Final = np.uint64(0)

_note = function("note", types.int64, DESK, types.uint64, types.int64)
_field = function("note_field", types.int64, DESK, types.uint64, types.int64, types.uint64)


@intrinsic
def bits(typing: Any, number: Any) -> Any:
    """The word that a number is."""
    kind = types.float64 if isinstance(number, types.Float) else types.int64

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.uint64(kind), make


def note(_desk: object, _message: object, _fields: int) -> None:
    """Begin a line."""
    raise NotImplementedError


def field(_desk: object, _name: object, _value: object) -> None:
    """Add a field to it."""
    raise NotImplementedError


@implement(note)
def _begin(desk: Any, message: Any, fields: Any) -> Any:
    if not isinstance(desk, DeskType):
        raise NumbaTypeError(f"{MARK}.log of {shown(desk)} cannot be compiled: it is ctx that logs")

    def begin(desk: Any, message: Any, fields: Any) -> None:
        _note(desk, hashed(message), fields)

    return begin


@implement(field)
def _add(desk: Any, name: Any, value: Any) -> Any:
    if is_none(value):

        def nothing(desk: Any, name: Any, value: Any) -> None:
            _field(desk, hashed(name), TEXT, NOTHING)

        return nothing
    if isinstance(value, types.Optional):

        def choose(desk: Any, name: Any, value: Any) -> None:
            if value is None:
                _field(desk, hashed(name), TEXT, NOTHING)
            else:
                field(desk, name, unwrap(value))

        return choose
    return _adder(value)


def _adder(value: Any) -> Any:
    if is_text(value):

        def text(desk: Any, name: Any, value: Any) -> None:
            _field(desk, hashed(name), TEXT, hashed(value))

        return text
    if isinstance(value, types.Boolean):

        def truth(desk: Any, name: Any, value: Any) -> None:
            _field(desk, hashed(name), TRUTH, bits(int(value)))

        return truth
    if isinstance(value, types.Float):

        def real(desk: Any, name: Any, value: Any) -> None:
            _field(desk, hashed(name), REAL, bits(float(value)))

        return real
    if isinstance(value, types.Integer):

        def whole(desk: Any, name: Any, value: Any) -> None:
            _field(desk, hashed(name), WHOLE, bits(value))

        return whole
    raise NumbaTypeError(f"{MARK}a {shown(value)} cannot be logged in compiled code: log numbers, texts, bools or None")
