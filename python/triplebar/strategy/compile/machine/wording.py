"""Texts in compiled code: they are compared and passed on; what takes them apart is refused."""

from __future__ import annotations

import operator
from typing import Any, Final

import numpy as np
from numba import types
from numba.core.errors import NumbaTypeError

from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.machine.answers import hashed, unwrap
from triplebar.strategy.compile.machine.define import implement
from triplebar.strategy.compile.machine.types import TextType
from triplebar.strategy.compile.machine.words import hash_part
from triplebar.strategy.compile.texts import text_hash

EMPTY: Final = np.uint64(text_hash(""))
WHOLE: Final = "texts are compared (== and !=) and passed on, but not taken apart"


@implement(bool)
def _bool(thing: Any) -> Any:
    if isinstance(thing, TextType):
        return lambda thing: hash_part(thing, 0) != EMPTY
    if isinstance(thing, types.Optional):

        def known(thing: Any) -> bool:
            return False if thing is None else bool(unwrap(thing))

        return known
    return None


@implement(len)
def _len(thing: Any) -> Any:
    if isinstance(thing, TextType):
        raise NumbaTypeError(f"{MARK}the length of a text cannot be compiled; {WHOLE}")


@implement(operator.getitem)
def _part(thing: Any, place: Any) -> Any:
    if isinstance(thing, TextType):
        raise NumbaTypeError(f"{MARK}a part of a text cannot be compiled; {WHOLE}")


@implement(operator.contains)
def _contains(thing: Any, wanted: Any) -> Any:
    if isinstance(thing, TextType):
        raise NumbaTypeError(f"{MARK}in of a text cannot be compiled; {WHOLE}")


def _refuse_texts(operation: Any, written: str) -> None:
    def choose(one: Any, other: Any) -> None:
        if isinstance(one, TextType) or (isinstance(other, TextType) and written == "+"):
            raise NumbaTypeError(f"{MARK}{written} of texts cannot be compiled; {WHOLE}")

    implement(operation)(choose)


for _operation, _written in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.add, "+"),
    (operator.mod, "%"),
):
    _refuse_texts(_operation, _written)


def _may_be_text(kind: types.Type) -> bool:
    inner = kind.type if isinstance(kind, types.Optional) else kind
    return isinstance(inner, (TextType, types.NoneType))


@implement(operator.eq)
def _eq(one: Any, other: Any) -> Any:
    if isinstance(one, TextType) and isinstance(other, TextType):
        return lambda one, other: hash_part(one, 0) == hash_part(other, 0)
    if _may_be_text(one) and _may_be_text(other):
        # None has the hash 0, which no text has.
        return lambda one, other: hashed(one) == hashed(other)
    return None


@implement(operator.ne)
def _ne(one: Any, other: Any) -> Any:
    if isinstance(one, TextType) and isinstance(other, TextType):
        return lambda one, other: hash_part(one, 0) != hash_part(other, 0)
    if _may_be_text(one) and _may_be_text(other):
        return lambda one, other: hashed(one) != hashed(other)
    return None
