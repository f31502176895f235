"""Methods that call each other in a circle: Numba has no end to them, so that they are found before it sees them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from types import FunctionType

from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.source import Source


def refuse_circle(function: FunctionType, owners: Iterable[type]) -> None:
    """Refuse a method that its own calls on `self` lead back to; `owners` are the classes whose methods are compiled.

    Raises `CompileError`.
    """
    for owner in owners:
        if getattr(owner, function.__name__, None) is function:
            path = _path(function, owner, [function], set())
            if path:
                raise recursive(path)


def recursive(circle: list[FunctionType]) -> CompileError:
    """What is said of functions that call each other, the last one the first."""
    first = circle[0].__code__
    where = f"{first.co_filename}, line {first.co_firstlineno}, {circle[0].__name__}"
    if len(circle) == 1:
        return CompileError("a function that calls itself cannot be compiled", where=where, fix="write a loop")
    calls = ", which calls ".join(each.__name__ for each in (*circle[1:], circle[0]))
    return CompileError(
        f"a function that calls itself cannot be compiled: {circle[0].__name__} calls {calls}",
        where=where,
        fix="write a loop in one of them",
    )


def _path(start: FunctionType, owner: type, path: list[FunctionType], seen: set[str]) -> list[FunctionType] | None:
    """The methods from the last of a path back to where it began; None if there is no way."""
    for name in _called_on_self(path[-1]):
        found = getattr(owner, name, None)
        if found is start:
            return path
        if isinstance(found, FunctionType) and name not in seen:
            seen.add(name)
            whole = _path(start, owner, [*path, found], seen)
            if whole:
                return whole
    return None


def _called_on_self(method: FunctionType) -> list[str]:
    """The names of the methods that a method calls on its own object."""
    try:
        tree = Source(method).tree
    except CompileError:  # whoever compiles it says why
        return []
    me = tree.args.args[0].arg if tree.args.args else None
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if owner == me:
                found.append(name)
    return found
