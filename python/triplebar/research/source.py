"""The digest of a strategy: everything in its code that can change what it decides."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property, partial, reduce
from types import CodeType, FunctionType, MethodType
from typing import Any, Final

import numpy as np

from triplebar.contracts.metadata import plain_values
from triplebar.research.changing import Changed, changed_by, declared
from triplebar.strategy.base import Strategy

PLAIN: Final = (bool, int, float, str, bytes, Decimal, type(None))
UNIMPORTANT: Final = frozenset(
    {
        *("__dict__", "__weakref__", "__doc__", "__module__", "__qualname__", "__annotations__"),
        *("__firstlineno__", "__static_attributes__", "__annotations_cache__", "__conditional_annotations__"),
        *("__slotnames__", "_parameters", "_handlers"),  # which come when an object is copied, or first used
    }
)
"""Names in a class that do not say what it does; other names with two underscores are methods."""


def strategy_digest(strategy: type) -> str:
    """SHA-256 of a class and its bases: sources, defaults, closures, and what they use of their own file.

    That is plain globals, arrays, functions and classes; strategies count wherever they stand, what else other files do
    is not followed. Where there is no source, the compiled code stands for it. Variables that the code itself changes
    count as they are written: what runs leave in them makes no other strategy.

    >>> class Quiet: ...
    >>> len(strategy_digest(Quiet))
    64
    """
    owners = [each for each in strategy.__mro__ if each is not object and not _is_common_base(each)]
    return _digest(lambda walk: (part for owner in owners for part in walk.class_parts(owner)))


def function_digest(function: object) -> str:
    """SHA-256 of a function, or of an object that can be called: as of a strategy.

    >>> function_digest(lambda p: p["fast"] < p["slow"]) == function_digest(lambda p: p["fast"] > p["slow"])
    False
    """
    if isinstance(function, type):
        return strategy_digest(function)
    if isinstance(function, FunctionType) and function.__name__ == "<lambda>":  # two of them may stand on one line
        code = _compiled(function.__code__)
        return _digest(lambda walk: iter([*walk.parts("function", function), code]))
    if isinstance(function, (FunctionType, MethodType, partial)) or hasattr(function, "__wrapped__"):
        return _digest(lambda walk: walk.parts("function", function))
    return _digest(lambda walk: walk.object_parts("function", function))


def _digest(parts_of: Callable[[_Walk], Iterator[str]]) -> str:
    """Go through all parts twice: what the code changes is known after the first time."""
    first = _Walk(Changed())
    for _ in parts_of(first):
        pass
    second = _Walk(reduce(Changed.union, map(changed_by, first.texts.values()), Changed()), first.texts)
    sha = hashlib.sha256()
    for part in parts_of(second):
        sha.update(part.encode() + b"\n")
    return sha.hexdigest()


def _is_common_base(owner: type) -> bool:
    """The base that every strategy shares: its version is that of the engine."""
    return owner.__module__ == "triplebar.strategy.base"


class _Walk:
    """Goes through code, each function and class once, and gives what counts of it."""

    def __init__(self, changed: Changed, texts: dict[int, str] | None = None) -> None:
        self.changed = changed
        self.texts: dict[int, str] = {} if texts is None else texts
        """The sources of functions, by their addresses."""
        self.seen: set[int] = set()

    def class_parts(self, owner: type) -> Iterator[str]:
        """What stands in one class."""
        self.seen.add(id(owner))
        yield f"class {owner.__qualname__}"
        for name, value in sorted(vars(owner).items()):
            if name in UNIMPORTANT:
                continue
            if name in self.changed.attributes and _is_value(value):
                yield f"{name} begins as {_declared(owner, name)}"
            else:
                yield from self.parts(name, value)

    def parts(self, name: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever stands in a class
        """What counts of a value."""
        match value:
            case staticmethod() | classmethod():
                yield from self.parts(name, value.__func__)
            case property():
                for each in (value.fget, value.fset, value.fdel):
                    yield from self.parts(name, each)
            case cached_property():
                yield from self.parts(name, value.func)
            case FunctionType():
                yield from self._function_parts(name, value)
            case MethodType():
                yield from self.parts(name, value.__func__)
                yield from self.object_parts(name, value.__self__)
            case partial():
                for each in (value.func, *value.args, *(pair for pair in sorted(value.keywords.items()))):
                    yield from self.parts(f"{name}, given", each)
            case _ if callable(getattr(value, "__wrapped__", None)) and not isinstance(value, type):
                yield from self.parts(name, value.__wrapped__)
            case _:
                yield from self._value_parts(name, value)

    def _value_parts(self, name: str, value: Any) -> Iterator[str]:  # noqa: ANN401 - same
        if _is_plain(value):
            yield f"{name} = {plain_values(value)!r}"
        elif isinstance(value, np.ndarray) and value.dtype.kind in "biufcSUmM":
            content = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
            yield f"{name} = {value.dtype.str} {value.shape} {content}"
        elif isinstance(value, Enum):
            yield f"{name} = {type(value).__qualname__}.{value.name}"
        elif isinstance(value, (tuple, list)):
            for place, each in enumerate(value):
                yield from self.parts(f"{name}[{place}]", each)
        elif is_dataclass(value) and not isinstance(value, type) and id(value) not in self.seen:
            self.seen.add(id(value))
            yield f"{name} is a {type(value).__qualname__}"
            for field in fields(value):
                yield from self.parts(f"{name}.{field.name}", getattr(value, field.name, None))

    def object_parts(self, name: str, value: object) -> Iterator[str]:
        """An object with a method that is called: its class, and what it was given, but nothing that it counts up."""
        for owner in (value if isinstance(value, type) else type(value)).__mro__:
            if owner is not object and id(owner) not in self.seen and not _is_common_base(owner):
                yield from self.class_parts(owner)
        for key, each in (
            sorted(vars(value).items()) if not isinstance(value, type) and hasattr(value, "__dict__") else ()
        ):
            if key not in self.changed.own:
                yield from self.parts(f"{name}.{key}", each)

    def _function_parts(self, name: str, function: FunctionType) -> Iterator[str]:
        if id(function) in self.seen:
            return
        self.seen.add(id(function))
        code = function.__code__
        text = self.texts.get(id(function)) or _source(function)
        self.texts[id(function)] = text
        yield f"def {name}\n{text}"
        for default in (function.__defaults__ or (), tuple(sorted((function.__kwdefaults__ or {}).items()))):
            yield from self.parts("default", default)
        for free, cell in zip(code.co_freevars, function.__closure__ or (), strict=False):
            value = _content(cell)
            if not (free in self.changed.variables and _is_value(value)):
                yield from self._used(free, value, function) if isinstance(value, type) else self.parts(free, value)
        for used in sorted(_names(code)):
            value = function.__globals__.get(used)
            if used in self.changed.variables and _is_value(value):
                yield f"{used} begins as {declared(used, code)}"
            else:
                yield from self._used(used, value, function)

    def _used(self, name: str, value: Any, function: FunctionType) -> Iterator[str]:  # noqa: ANN401 - same
        """What a function uses; of functions and classes those of the same file, and strategies."""
        if isinstance(value, type):
            if value is not Strategy and (value.__module__ == function.__module__ or _is_strategy(value)):
                for owner in value.__mro__:
                    mine = owner.__module__ == function.__module__ or _is_strategy(owner)
                    if mine and id(owner) not in self.seen and not _is_common_base(owner):
                        yield from self.class_parts(owner)
        elif not isinstance(value, FunctionType) or value.__module__ == function.__module__:
            yield from self.parts(name, value)


def _is_strategy(owner: type) -> bool:
    """A strategy of the user's."""
    return issubclass(owner, Strategy) and not owner.__module__.startswith("triplebar.")


def _is_plain(value: object) -> bool:
    if isinstance(value, (tuple, list, set, frozenset)):
        return all(_is_plain(each) for each in value)
    if isinstance(value, dict):
        return all(_is_plain(each) for pair in value.items() for each in pair)
    return isinstance(value, (*PLAIN, np.generic))


def _is_value(value: object) -> bool:
    """Whether something holds a state rather than code."""
    return isinstance(value, (list, tuple, dict, set, frozenset, np.ndarray)) or _is_plain(value)


def _declared(owner: type, name: str) -> str | None:
    """What a class says one of its variables is."""
    methods = (getattr(each, "__func__", each) for each in vars(owner).values())
    code = next((each.__code__ for each in methods if isinstance(each, FunctionType)), None)
    return None if code is None else declared(name, code, owner)


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
