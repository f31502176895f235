"""The digest of a strategy: everything in its code that can change what it decides."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from decimal import Decimal
from types import CodeType, FunctionType
from typing import Any, Final

from triplebar.contracts.metadata import plain_values

PLAIN: Final = (bool, int, float, str, bytes, Decimal, type(None))
UNIMPORTANT: Final = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__qualname__", "__annotations__"})
"""Names in a class that do not say what it does; other names with two underscores are methods."""


def strategy_digest(strategy: type) -> str:
    """SHA-256 of a class and its bases: sources, defaults, closures, and the plain globals and functions they use.

    Where there is no source, the compiled code stands for it. What functions of other modules do is not followed.

    >>> class Quiet: ...
    >>> len(strategy_digest(Quiet))
    64
    """
    sha = hashlib.sha256()
    seen: set[int] = set()
    for owner in strategy.__mro__:
        if owner is not object and not _is_common_base(owner):
            sha.update(f"class {owner.__qualname__}\n".encode())
            for part in _class_parts(owner, seen):
                sha.update(part.encode() + b"\n")
    return sha.hexdigest()


def _is_common_base(owner: type) -> bool:
    """The base that every strategy shares: its version is that of the engine."""
    return owner.__module__ == "triplebar.strategy.base"


def _class_parts(owner: type, seen: set[int]) -> Iterator[str]:
    for name, value in sorted(vars(owner).items()):
        if name not in UNIMPORTANT and name not in {"_parameters", "_handlers"}:
            yield from _parts(name, value, seen)


def _parts(name: str, value: Any, seen: set[int]) -> Iterator[str]:  # noqa: ANN401 - whatever stands in a class
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, property):
        for each in (value.fget, value.fset):
            yield from _parts(name, each, seen)
    elif isinstance(value, FunctionType):
        yield from _function_parts(name, value, seen)
    elif _is_plain(value):
        yield f"{name} = {plain_values(value)!r}"


def _is_plain(value: object) -> bool:
    if isinstance(value, (tuple, list, set, frozenset)):
        return all(_is_plain(each) for each in value)
    if isinstance(value, dict):
        return all(_is_plain(each) for pair in value.items() for each in pair)
    return isinstance(value, PLAIN)


def _function_parts(name: str, function: FunctionType, seen: set[int]) -> Iterator[str]:
    if id(function) in seen:
        return
    seen.add(id(function))
    code = function.__code__
    yield f"def {name}\n{_source(function)}"
    for default in (function.__defaults__ or (), tuple(sorted((function.__kwdefaults__ or {}).items()))):
        yield from _parts("default", default, seen)
    for free, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
        yield from _parts(free, _content(cell), seen)
    for used in sorted(_names(code)):
        value = function.__globals__.get(used)
        if not isinstance(value, FunctionType) or value.__module__ == function.__module__:
            yield from _parts(used, value, seen)


def _content(cell: Any) -> Any:  # noqa: ANN401 - whatever a closure holds
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _names(code: CodeType) -> set[str]:
    """The global names that a piece of code uses, functions inside it included."""
    found = set(code.co_names)
    for each in code.co_consts:
        if isinstance(each, CodeType):
            found |= _names(each)
    return found


def _source(function: FunctionType) -> str:
    """The text of a function, found by its line; its code where the text is gone."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return _compiled(function.__code__)


def _compiled(code: CodeType) -> str:
    constants = [_compiled(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return f"{code.co_code.hex()} {','.join(constants)} {','.join(code.co_names)}"


def function_digest(function: object) -> str:
    """SHA-256 of a function, or of an object that can be called: as of a strategy.

    >>> function_digest(lambda p: p["fast"] < p["slow"]) == function_digest(lambda p: p["fast"] > p["slow"])
    False
    """
    if not isinstance(function, FunctionType):
        if isinstance(function, type):
            return strategy_digest(function)
        state = {name: plain_values(value) for name, value in sorted(getattr(function, "__dict__", {}).items())}
        return hashlib.sha256(f"{strategy_digest(type(function))}{state!r}".encode()).hexdigest()
    parts = [*_parts("function", function, set())]
    if function.__name__ == "<lambda>":  # two of them may stand on one line
        parts.append(_compiled(function.__code__))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
