"""Compile the handlers of a strategy, and take the machine code out."""

from __future__ import annotations

import ast
from dataclasses import replace
from types import FunctionType
from typing import Any

import numba
from numba.core import errors as numba_errors
from numba.core import types

from triplebar.strategy.compile.circles import recursive, refuse_circle
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.kinds import unified
from triplebar.strategy.compile.machine import (  # noqa: F401 - they define ctx and the rest
    comparing,
    containers,
    desk,
    dice,
    gauges,
    mathematics,
    notes,
    orders,
    owned,
    powers,
    rounding,
    saying,
    wholes,
    windows,
    wording,
)
from triplebar.strategy.compile.machine.entries import entry_of
from triplebar.strategy.compile.machine.things import METHODS, WISHES, Wishes, put, renew, thing_type
from triplebar.strategy.compile.machine.told import told, unfinished
from triplebar.strategy.compile.machine.types import DESK
from triplebar.strategy.compile.outside import refuse_untold
from triplebar.strategy.compile.owners import owner_of
from triplebar.strategy.compile.program import ITEMS, Program
from triplebar.strategy.compile.rewrite import rewritten
from triplebar.strategy.compile.slots import Many, Maybe, Pack, Row, Slot, Table, Thing, all_slots
from triplebar.strategy.compile.source import Source
from triplebar.strategy.compile.texts import Text

OPTIONS = {"error_model": "python", "boundscheck": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""As Python does it: dividing by zero and reading past an end raise."""
HELPERS = {
    "__put__": put,
    "__over__": containers.over,
    "__count__": containers.count,
    "__item__": containers.item,
    "__fits__": containers.fits,
    "__owned__": owned.owned,
    "__by_name__": owned.by_name,
    **comparing.HELPERS,
    **saying.HELPERS,
    **wholes.HELPERS,
    "__power__": powers.power,
    "__left__": powers.left,
    "__right__": powers.right,
    **mathematics.HELPERS,
    **rounding.HELPERS,
    "__note__": notes.note,
    "__field__": notes.field,
}
ATTEMPTS = 24


def build(owner: type, layout: Thing, handlers: tuple[str, ...]) -> Program:
    """Compile; the layout grows until every assignment finds a slot that takes it."""
    kept = [owner_of(slot.owner) for slot in all_slots(layout) if isinstance(slot, Thing) and slot is not layout]
    workshop = _Workshop((owner, *kept))
    refusal = CompileError("its attributes change their kinds over and over", where=owner.__name__)
    for _ in range(ATTEMPTS):
        renew(layout)
        wishes = Wishes()
        tokens = WISHES.set(wishes), METHODS.set(workshop.plain)
        try:
            program = workshop.program(owner, layout, handlers)
            return replace(program, writes=program.writes | wishes.written)
        except numba_errors.NumbaError as problem:
            before, layout = layout, _granted(layout, wishes.found)
            refusal = told(problem, owner)
            if layout == before:
                raise refusal from problem
        except CompileError:
            raise
        except Exception as problem:
            raise unfinished(problem, workshop.place or owner.__name__) from problem
        finally:
            WISHES.reset(tokens[0])
            METHODS.reset(tokens[1])
    raise refusal


def _granted(layout: Thing, wishes: dict[tuple[str, str], Slot]) -> Thing:
    """The layout with wider slots, in the objects that the strategy keeps as well."""

    def grown(name: str, slot: Slot) -> Slot:
        inner = granted(slot)
        wish = wishes.get((layout.owner, name))
        return inner if wish is None else unified(inner, wish) or inner

    def granted(slot: Slot) -> Slot:
        match slot:
            case Thing():
                return _granted(slot, wishes)
            case Maybe(inner):
                return Maybe(granted(inner))
            case Pack(items):
                return Pack(tuple(granted(item) for item in items))
            case Many(item) | Table(item) | Row(item):
                return replace(slot, item=granted(item))
        return slot

    return Thing(layout.owner, tuple((name, grown(name, slot)) for name, slot in layout.fields))


class _Workshop:
    """Rewrites functions once, and compiles them."""

    def __init__(self, owners: tuple[type, ...] = ()) -> None:
        self.owners = owners
        self.made: dict[FunctionType, FunctionType] = {}
        self.jitted: dict[FunctionType, Any] = {}
        self.texts: set[str] = set()
        self.writes: set[str] = set()
        self.open: list[FunctionType] = []
        self.place: str | None = None
        """The handler that is being compiled."""

    def plain(self, function: FunctionType) -> FunctionType:
        """A function as Numba shall see it."""
        if function in self.open:
            raise recursive(self.open[self.open.index(function) :])
        if function not in self.made:
            source = Source(function)
            refuse_circle(function, self.owners)
            self.open.append(function)
            try:
                made = rewritten(source, self.compiled, HELPERS, self.owners)
            finally:
                self.open.pop()
            refuse_untold(function, source.file)
            self.writes |= {ITEMS} if _writes_items(source.tree) else set()
            self.made[function] = made
            known = (*made.__globals__.values(), *(made.__defaults__ or ()))
            self.texts |= {value.text for value in known if isinstance(value, Text)}
        return self.made[function]

    def compiled(self, function: FunctionType) -> Any:
        """A function of the user's module, to be called by others."""
        if function not in self.jitted:
            self.jitted[function] = numba.njit(**OPTIONS)(self.plain(function))
        return self.jitted[function]

    def program(self, owner: type, layout: Thing, handlers: tuple[str, ...]) -> Program:
        """All handlers as one program."""
        thing = thing_type(layout)
        symbols, objects, needs_numba = {}, [], False
        for name in handlers:
            self.place = _place(getattr(owner, name))
            result = self._compiled_handler(thing, getattr(owner, name), name)
            library = result.library
            symbols[name] = result.fndesc.llvm_func_name
            objects.append(library._get_compiled_object())
            needs_numba |= any(_is_numbas(each) for each in library._final_module.functions if each.is_declaration)
        texts, writes = tuple(sorted(self.texts)), frozenset(self.writes)
        return Program(layout, symbols, tuple(objects), texts, writes, needs_numba=needs_numba)

    def _compiled_handler(self, thing: types.Type, method: FunctionType, name: str) -> Any:
        handler = numba.njit(forceinline=True, **OPTIONS)(self.plain(method))
        about, entry = entry_of(name, handler)
        chosen = numba.njit(**OPTIONS)(entry)
        arguments = (thing, DESK, about)
        chosen.compile(arguments)
        return chosen.overloads[arguments]


def _is_numbas(function: Any) -> bool:
    return function.name.startswith(("NRT_", "numba_"))


def _writes_items(tree: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) for node in ast.walk(tree))


def _place(function: FunctionType) -> str:
    code = function.__code__
    return f"{code.co_filename}, line {code.co_firstlineno}, {function.__name__}"
