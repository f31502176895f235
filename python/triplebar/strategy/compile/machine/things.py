"""Strategies and the objects that they keep: attributes are slots, methods are compiled with them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from types import FunctionType
from typing import Any, Final

from numba import types
from numba.core.errors import NumbaAttributeError, NumbaTypeError
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
)

from triplebar.strategy.compile.errors import MARK
from triplebar.strategy.compile.kinds import says_itself
from triplebar.strategy.compile.machine.define import method
from triplebar.strategy.compile.machine.slots import load, store, type_of, wider
from triplebar.strategy.compile.machine.types import ThingType, shown
from triplebar.strategy.compile.owners import owner_of
from triplebar.strategy.compile.slots import WORD, Closed, Slot, Thing, all_slots
from triplebar.strategy.compile.texts import Text

LISTS: Final = "keep a NumPy array and a count on self"
OTHERS: Final[tuple[tuple[type | tuple[type, ...], str, str], ...]] = (
    ((property, functools.cached_property), "a property", "write a method"),
    ((staticmethod, classmethod), "no plain method", "write a function of the module, or a method"),
    ((tuple, list, dict, set), "kept on the class", "put it on self in on_start"),
)
"""What a class may have that compiled code has not."""


class Wishes:
    """Attributes that need a wider slot than they have: found while typing, granted by the next attempt."""

    def __init__(self) -> None:
        """Begin without."""
        self.found: dict[tuple[str, str], Slot] = {}
        self.written: set[str] = set()
        """The classes of the objects whose attributes are assigned to."""


WISHES: ContextVar[Wishes] = ContextVar("WISHES")
METHODS: ContextVar[Callable[[FunctionType], Any]] = ContextVar("METHODS")
"""Makes the compiled form of a method."""

_types: dict[str, type[ThingType]] = {}


def thing_type(layout: Thing) -> ThingType:
    """The type of objects of this layout; each class has a type of its own, with its methods."""
    if layout.owner not in _types:
        _types[layout.owner] = _made(layout.owner)
    return _types[layout.owner](layout)


def renew(layout: Thing) -> None:
    """Let its class and those of the objects in it be compiled anew: their sources may have changed.

    Their types are made here, all of them: what is made while Numba decides on types comes too late for it.
    """
    for slot in all_slots(layout):
        if isinstance(slot, Thing):
            _types.pop(slot.owner, None)
    type_of.cache_clear()
    for slot in all_slots(layout):
        if isinstance(slot, Thing):
            thing_type(slot)


def _made(owner: str) -> type[ThingType]:
    kind = type(owner.rpartition(".")[2] + "Thing", (ThingType,), {})
    register_model(kind)(models.OpaqueModel)
    infer_getattr(type("Attributes", (_Attributes,), {"key": kind}))
    lower_getattr_generic(kind)(_get)
    for name, function in _methods(owner_of(owner)).items():
        method(kind, name)(_overload(function))
    return kind


def _methods(owner: type) -> dict[str, FunctionType]:
    found: dict[str, FunctionType] = {}
    for each in reversed(owner.__mro__):
        if each.__module__ != "triplebar.strategy.base":
            found.update({name: value for name, value in vars(each).items() if isinstance(value, FunctionType)})
    return {name: value for name, value in found.items() if not name.startswith("__")}


def _overload(function: FunctionType) -> Callable[..., Any]:
    """What Numba asks for the implementation: a function of the method's own signature."""

    def choose(*_arguments: Any, **_keywords: Any) -> Any:
        return METHODS.get()(function)

    signature = inspect.signature(function, follow_wrapped=False)
    parameters = [
        each.replace(default=Text(each.default)) if isinstance(each.default, str) else each
        for each in signature.parameters.values()
    ]
    choose.__signature__ = signature.replace(parameters=parameters)
    return choose


class _Attributes(AttributeTemplate):
    """Finds the slot of an attribute."""

    def generic_resolve(self, thing: ThingType, name: str) -> types.Type | None:
        """The type of what the slot holds."""
        found = thing.layout.offsets().get(name)
        if found is None:
            _refuse_other(thing, name)
            return None
        slot = found[1]
        if isinstance(slot, Closed):
            article = "an" if slot.kind[0] in "aeio" else "a"
            instead = f"; {LISTS}" if "list" in slot.kind or "deque" in slot.kind else ""
            raise NumbaTypeError(
                f"{MARK}{thing.layout.shown}.{name} is {article} {slot.kind}, which compiled code cannot hold{instead}"
            )
        return type_of(slot)


def _refuse_other(thing: ThingType, name: str) -> None:
    """What a class has besides methods and plain constants."""
    try:
        value = inspect.getattr_static(owner_of(thing.layout.owner), name)
    except AttributeError:
        value = None
    kinds = [(what, instead) for kind, what, instead in OTHERS if isinstance(value, kind)]
    if kinds:
        raise NumbaTypeError(
            f"{MARK}{thing.layout.shown}.{name} is {kinds[0][0]}, which does not compile; {kinds[0][1]}"
        )


def _get(context: Any, builder: Any, thing: ThingType, value: Any, name: str) -> Any:
    offset, slot = thing.layout.offsets()[name]
    return load(context, builder, slot, value, offset // WORD)


@intrinsic(prefer_literal=True)
def put(typing: Any, thing: Any, name: Any, value: Any) -> Any:
    """`thing.name = value`, if the slot takes it."""
    if not isinstance(thing, ThingType) or not isinstance(name, types.StringLiteral):
        raise NumbaTypeError(f"{MARK}attributes of {shown(thing)} cannot be changed")
    attribute = name.literal_value
    found = thing.layout.offsets().get(attribute)
    value = types.unliteral(value)
    if found is None:
        raise NumbaAttributeError(
            f"{MARK}{thing.layout.shown}.{attribute} is not begun in on_start (or not with a value): assign it there"
        )
    if says_itself(owner_of(thing.layout.owner), "__setattr__"):
        raise NumbaTypeError(
            f"{MARK}{thing.layout.shown} says itself what becomes of its attributes (__setattr__), also "
            "if it is frozen; keep what changes on self"
        )
    WISHES.get().written.add(thing.layout.owner)
    offset, slot = found
    grown = wider(slot, value)
    if grown is None:
        raise NumbaTypeError(
            f"{MARK}{thing.layout.shown}.{attribute} is {slot.shown}, and cannot become {shown(value)}"
        )
    if grown != slot:
        WISHES.get().found[thing.layout.owner, attribute] = grown
        raise NumbaTypeError(f"{MARK}{thing.layout.shown}.{attribute} must be able to be {grown.shown}")

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        store(context, builder, slot, arguments[0], offset // WORD, arguments[2], signature.args[2])
        return context.get_dummy_value()

    return types.void(thing, name, value), write
