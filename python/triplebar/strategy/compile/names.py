"""What a name in a handler stands for, as far as that is known before it runs."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Iterable, Mapping
from types import FunctionType, ModuleType
from typing import Any, Final


class _Unknown:
    """Only the run knows."""


UNKNOWN: Final = _Unknown()


class Names:
    """The names of one function: its own, and those of its module.

    >>> tree = ast.parse("def f(x): return abs(x.sum())").body[0]
    >>> names = Names(tree)
    >>> names.value(ast.Name("abs")), names.value(ast.Name("x")) is UNKNOWN
    (<built-in function abs>, True)
    """

    def __init__(self, tree: ast.FunctionDef, outer: Mapping[str, Any] | None = None) -> None:
        """`outer` are globals and closure; builtins are always there."""
        arguments = [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]
        self.parameters = [each.arg for each in arguments]
        stored = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        self.own: Final = {*self.parameters, *stored}
        self.outer: Final = {**vars(builtins), **(outer or {})}

    def value(self, node: ast.AST) -> Any:  # noqa: ANN401 - whatever the name stands for
        """What an expression stands for: a name of the module, or `module.name`; else `UNKNOWN`."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return UNKNOWN if name in self.own else self.outer.get(name, UNKNOWN)
            case ast.Attribute(value=owner, attr=name):
                found = self.value(owner)
                return getattr(found, name, UNKNOWN) if isinstance(found, (ModuleType, type)) else UNKNOWN
        return UNKNOWN


def outer_names(function: FunctionType) -> dict[str, Any]:
    """The globals of a function and what it closes over."""
    closure = inspect.getclosurevars(function).nonlocals
    return {**function.__globals__, **closure}


def next_method(names: Names, name: str, owners: Iterable[type]) -> FunctionType | None:
    """What `super().name` is in a method; None if no class has it, or if that depends on whose method it is."""
    here = names.outer.get("__class__")
    if not isinstance(here, type):
        return None
    found = {_after(here, each, name) for each in (here, *owners) if here in each.__mro__}
    one = found.pop()
    return one if not found and isinstance(one, FunctionType) else None


def _after(here: type, owner: type, name: str) -> object:
    later = owner.__mro__[owner.__mro__.index(here) + 1 :]
    return next((vars(each)[name] for each in later if name in vars(each)), None)
