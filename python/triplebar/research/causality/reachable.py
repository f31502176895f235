"""What a strategy can read besides what it is shown: arrays, tables and markets in globals, closures and attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.data.market import Market
from triplebar.data.series import Series

DEPTH_MAX: Final = 3
"""So deep are lists, dicts and objects looked into."""
ITEMS_MAX: Final = 200
OURS: Final = "triplebar."


@dataclass(frozen=True)
class Place:
    """Something that holds data, and how to put other data there."""

    name: str
    value: Any
    put: Callable[[Any], None]


def places(strategy: Any) -> list[Place]:  # noqa: ANN401 - a strategy, its class, or a function that makes one
    """Find all data that the code of a strategy names, each place once."""
    found: dict[int, Place] = {}
    for place in _of_strategy(strategy):
        found.setdefault(id(place.value), place)
    return list(found.values())


def is_data(value: object) -> bool:
    """Whether it is a column, a table or a market: something with a row for each bar.

    >>> is_data(np.arange(3)), is_data([1.0, 2.0]), is_data("text"), is_data([])
    (True, True, False, False)
    """
    if isinstance(value, (list, tuple)):
        return len(value) > 0 and all(isinstance(each, (int, float)) for each in value)
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, (pa.Table, pa.ChunkedArray, pa.Array, Market, Series)) or _is_frame(value)


def _is_frame(value: object) -> bool:
    """A pandas or polars object, without importing either."""
    return type(value).__module__.partition(".")[0] in {"pandas", "polars"} and hasattr(value, "__len__")


def _of_strategy(strategy: Any) -> Iterator[Place]:  # noqa: ANN401 - see places
    if isinstance(strategy, FunctionType):
        yield from _of_function(strategy, set())
        return
    owner = strategy if isinstance(strategy, type) else type(strategy)
    seen: set[int] = set()
    for base in owner.__mro__:
        if base is object or base.__module__.startswith(OURS):
            continue
        for name, value in list(vars(base).items()):
            yield from _of_member(base, name, value, seen)
    if not isinstance(strategy, type):
        for name, value in list(vars(strategy).items()):
            yield from _within(f"self.{name}", value, _attribute(strategy, name), 0)


def _of_member(owner: type, name: str, value: Any, seen: set[int]) -> Iterator[Place]:  # noqa: ANN401 - any member
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    if isinstance(value, FunctionType):
        yield from _of_function(value, seen)
    elif not name.startswith("__"):
        yield from _within(f"{owner.__name__}.{name}", value, _attribute(owner, name), 0)


def _attribute(holder: Any, name: str) -> Callable[[Any], None]:  # noqa: ANN401 - any object
    if isinstance(holder, type):
        return lambda value: setattr(holder, name, value)
    return lambda value: object.__setattr__(holder, name, value)


def _of_function(function: FunctionType, seen: set[int]) -> Iterator[Place]:
    if id(function) in seen or function.__module__.startswith(OURS):
        return
    seen.add(id(function))
    module = function.__globals__
    names = _names(function.__code__)
    for name in sorted(names & set(module)):
        value = module[name]
        if isinstance(value, FunctionType):
            yield from _of_function(value, seen)
        elif isinstance(value, ModuleType):
            yield from _of_module(value, names)
        else:
            yield from _within(f"{name} (global)", value, _item(module, name), 0)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:  # not filled yet
            continue
        yield from _within(f"{name} (closure)", value, _cell(cell), 0)


def _names(code: CodeType) -> set[str]:
    found = set(code.co_names)
    for each in code.co_consts:
        if isinstance(each, CodeType):
            found |= _names(each)
    return found


def _of_module(module: ModuleType, names: set[str]) -> Iterator[Place]:
    """The data of a module of the user's that the code names."""
    if module.__name__.partition(".")[0] in {"triplebar", "numpy", "pyarrow", "pandas", "polars", "math"}:
        return
    for name in sorted(names & set(vars(module))):
        value = vars(module)[name]
        if not isinstance(value, (ModuleType, FunctionType, type)):
            yield from _within(f"{module.__name__}.{name}", value, _attribute(module, name), 0)


def _item(holder: Any, key: Any) -> Callable[[Any], None]:  # noqa: ANN401 - a dict or a list
    def put(value: Any) -> None:  # noqa: ANN401 - whatever was there
        holder[key] = value

    return put


def _cell(cell: Any) -> Callable[[Any], None]:  # noqa: ANN401 - CPython gives cells no public type
    def put(value: Any) -> None:  # noqa: ANN401 - whatever was there
        cell.cell_contents = value

    return put


def _within(name: str, value: Any, put: Callable[[Any], None], depth: int) -> Iterator[Place]:  # noqa: ANN401
    """The data in a value, or the value itself."""
    if is_data(value):
        yield Place(name, value, put)
    elif depth < DEPTH_MAX and isinstance(value, dict):
        for key in list(value)[:ITEMS_MAX]:
            yield from _within(f"{name}[{key!r}]", value[key], _item(value, key), depth + 1)
    elif depth < DEPTH_MAX and isinstance(value, list):
        for place, each in enumerate(value[:ITEMS_MAX]):
            yield from _within(f"{name}[{place}]", each, _item(value, place), depth + 1)
