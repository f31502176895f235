"""What a function takes from outside of itself: the constants, modules and functions that its names stand for.

Machine code has them frozen in it. So two programs are the same only if all of them are, and what cannot be told by its
value cannot be compiled.
"""

from __future__ import annotations

import dis
import hashlib
import sys
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from triplebar.strategy.compile.errors import CompileError

NAMES: Final = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF"})
ATTRIBUTES: Final = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
BETWEEN: Final = frozenset({"EXTENDED_ARG", "PUSH_NULL", "CACHE"})
LIBRARIES: Final = frozenset({"numpy", "numba"})
"""Their versions are part of every fingerprint, as that of Python is, so that their functions are known by name."""


class Use(NamedTuple):
    """A name in a function, with what follows its dots, and the line."""

    root: str
    attributes: tuple[str, ...]
    line: int


class Outside(NamedTuple):
    """What a function takes from outside."""

    name: str
    value: Any
    line: int


def outside(function: FunctionType) -> Iterator[Outside]:
    """What the names of a function stand for; modules and classes are gone into as far as the code does.

    >>> import math
    >>> def area(radius):
    ...     return math.pi * radius**2
    >>> [(each.name, each.value) for each in outside(area)]
    [('math.pi', 3.141592653589793)]
    """
    for use in _uses(function.__code__):
        try:
            value, name = _rooted(function, use.root), use.root
            for attribute in use.attributes:
                if not isinstance(value, (ModuleType, type)):
                    break
                value, name = getattr(value, attribute), f"{name}.{attribute}"
        except (AttributeError, LookupError, ValueError):
            continue  # not there, or not yet: whoever calls it will hear
        yield Outside(name, value, use.line)


def python_function(value: Any) -> FunctionType | None:  # noqa: ANN401 - whatever a name stands for
    """The function of the user's that a value is, or that Numba has made it of.

    >>> python_function(len) is None
    True
    """
    inner = getattr(value, "py_func", None) if type(value).__module__.startswith("numba.") else value
    if not isinstance(inner, FunctionType) or _is_of_library(inner):
        return None
    return inner


def told(value: Any) -> str | None:  # noqa: ANN401, PLR0911 - one arm a kind
    """A text that differs if the value does; None if there is none.

    >>> told(1), told(1.0), told(len), told([])
    ('int 1', 'float 1.0', 'function builtins.len', None)
    """
    match value:
        case Enum():
            return _put_together(f"{_path(type(value))}.{value.name}", [told(value.value)])
        case np.generic() | np.ndarray():
            return _numbers(np.asarray(value), type(value).__name__)
        case None | bool() | int() | float() | complex() | str() | bytes() | np.dtype():
            return f"{type(value).__name__} {value!r}"
        case tuple():
            name = f"{_path(type(value))} {getattr(value, '_fields', '')}"
            return _put_together(name, [told(item) for item in value])
        case ModuleType():
            return f"module {value.__name__}"
        case np.ufunc():
            name = str(value).removeprefix("<ufunc '").removesuffix("'>")
            return f"numpy {name}" if getattr(np, name, None) is value else None
        case type() if issubclass(value, Enum):
            return _put_together(_path(value), [told(member) for member in value])
        case type():
            return None if hasattr(value, "class_type") else f"class {_path(value)}"
        case FunctionType() | BuiltinFunctionType():
            return f"function {_path(value)}" if _is_of_library(value) else None
    kind = type(value).__module__
    if kind.startswith("numpy") and callable(value):
        return f"function {_path(value)}"
    return f"type {value}" if kind.startswith("numba.core.types") else None


def refuse_untold(function: FunctionType, file: str, seen: set[FunctionType] | None = None) -> None:
    """Refuse a function that takes something from outside whose value cannot be told.

    Raises `CompileError`.
    """
    seen = set() if seen is None else seen
    seen.add(function)
    for name, value, line in outside(function):
        inner = python_function(value)
        if inner is not None:
            if inner is not value and inner not in seen:
                refuse_untold(inner, inner.__code__.co_filename, seen)
        elif told(value) is None:
            raise CompileError(
                f"{name} is a {type(value).__name__} outside of the strategy, which cannot be compiled",
                where=f"{file}, line {line}, {function.__name__}",
                fix="keep it on self in on_start, or write it as a number, a tuple or a NumPy array",
            )


@lru_cache(maxsize=4096)
def _uses(code: CodeType) -> tuple[Use, ...]:
    found: list[Use] = []
    line, is_open = code.co_firstlineno, False
    for step in dis.get_instructions(code):
        line = _line(step) or line
        if step.opname in NAMES:
            found.append(Use(str(step.argval), (), line))
            is_open = True
        elif step.opname in ATTRIBUTES and is_open:
            found[-1] = Use(found[-1].root, (*found[-1].attributes, str(step.argval)), found[-1].line)
        elif step.opname not in BETWEEN:
            is_open = False
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found += _uses(inner)
    return tuple(dict.fromkeys(found))


def _line(step: dis.Instruction) -> int | None:
    positions = getattr(step, "positions", None)
    return None if positions is None else positions.lineno


def _rooted(function: FunctionType, name: str) -> Any:  # noqa: ANN401 - whatever a name stands for
    if name in function.__code__.co_freevars:
        cells = function.__closure__ or ()
        return cells[function.__code__.co_freevars.index(name)].cell_contents
    if name in function.__globals__:
        return function.__globals__[name]
    return getattr(__import__("builtins"), name)


def _numbers(array: np.ndarray[Any, Any], kind: str) -> str | None:
    if array.dtype.hasobject:
        return None
    digest = hashlib.sha256(array.tobytes()).hexdigest()
    return f"{kind} {array.dtype.descr} {array.shape} {array.strides} {digest}"


def _put_together(name: str, items: list[str | None]) -> str | None:
    found = [item for item in items if item is not None]
    return f"{name}({', '.join(found)})" if len(found) == len(items) else None


def _path(value: Any) -> str:  # noqa: ANN401 - a class or a function
    return f"{value.__module__}.{getattr(value, '__qualname__', value.__name__)}"


def _is_of_library(function: FunctionType | BuiltinFunctionType) -> bool:
    root = (function.__module__ or "").partition(".")[0]
    return root in LIBRARIES or (isinstance(function, BuiltinFunctionType) and root in sys.stdlib_module_names)
