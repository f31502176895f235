"""Which slot a value needs: by what it is, and by how it is annotated."""

from __future__ import annotations

import inspect
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Final

import numpy as np

from triplebar.contracts.random import RandomStream
from triplebar.strategy.compile.annotations import annotations_of
from triplebar.strategy.compile.owners import remember
from triplebar.strategy.compile.slots import (
    TUPLE_LONGEST,
    Array,
    Closed,
    Dice,
    Gauge,
    Many,
    Maybe,
    Nothing,
    Pack,
    Real,
    Row,
    Slot,
    Table,
    Thing,
    Truth,
    Whole,
    Word,
)
from triplebar.strategy.handlers import HANDLERS
from triplebar.strategy.wiring import PORT_NAMES

DTYPES: Final = {"<f8": "float64", "<i8": "int64", "|b1": "boolean"}
HIDDEN: Final = frozenset({*HANDLERS, "_made_from", "_parameters", "_handlers"})
PORT: Final = Closed("port, or an object under the name of one")
OWN: Final = (type(None), bool, int, float, str, tuple, list, dict, np.ndarray, np.generic, RandomStream)
VALUES: Final = (int, float, str, dict, list, np.ndarray, np.generic, RandomStream)
"""What is no object with attributes, of whatever kind it is."""
INT_MAX: Final = 2**63 - 1


def layout_of(thing: object, symbols: tuple[str, ...], annotations: Mapping[str, Slot]) -> Thing:
    """The layout of an object: a slot for each attribute, and for each plain constant of its class.

    >>> class Box:
    ...     def __init__(self):
    ...         self.count, self.name = 3, "x"
    >>> [slot.shown for _, slot in layout_of(Box(), (), {}).fields]
    ['int', 'str']
    """
    fields = []
    for name, value in {**_constants(type(thing)), **vars(thing)}.items():
        if name in HIDDEN:
            continue
        slot = PORT if name in PORT_NAMES and _is_port(thing, value) else slot_of(value, symbols)
        fields.append((name, fitting(slot, annotations[name]) if name in annotations else slot))
    return Thing(remember(type(thing)), tuple(sorted(fields, key=lambda field: field[0])))


def _is_port(thing: object, value: object) -> bool:
    """Whether an attribute with the name of a port may be one: a number or a container is the strategy's own."""
    return hasattr(type(thing), "wire") and not isinstance(value, OWN)


def _constants(owner: type) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in reversed(owner.__mro__):
        plain = {name: value for name, value in vars(each).items() if type(value) in (bool, int, float, str)}
        found.update({name: value for name, value in plain.items() if not name.startswith("__")})
    return found


def slot_of(value: Any, symbols: tuple[str, ...]) -> Slot:  # noqa: ANN401, C901, PLR0911 - one arm a kind
    """The slot for a value.

    >>> slot_of({"A": 1.0, "B": 2.0}, ("A", "B")).shown
    'dict[str, float]'
    """
    match value:
        case None:
            return Nothing()
        case bool() | np.bool_():
            return Truth()
        case int() | np.integer() if _is_plain(value, int, np.int64):
            return Whole() if abs(int(value)) <= INT_MAX else Closed("int beyond 64 bits")
        case float() if _is_plain(value, float, np.float64):
            return Real()
        case str() if _is_plain(value, str):
            return Word()
        case tuple():
            return Pack(tuple(slot_of(item, symbols) for item in value)) if value else Many(Nothing())
        case dict() if _is_plain(value, dict, OrderedDict, defaultdict):
            return _table(value, symbols)
        case list() if _is_plain(value, list):
            return _together("list", [slot_of(item, symbols) for item in value], Row)
        case np.ndarray() if _is_plain(value, np.ndarray, np.memmap):
            return _array(value)
        case RandomStream() if _is_plain(value, RandomStream):
            return Dice()
    kind = type(value)
    if kind.__module__ == "triplebar._native" and hasattr(kind, "_address"):
        return Gauge(kind.__name__)
    is_plain = not isinstance(value, VALUES) and not says_itself(kind, "__getattribute__")
    if is_plain and hasattr(value, "__dict__") and kind.__module__ != "builtins" and not callable(value):
        return layout_of(value, symbols, annotations_of(kind))
    return Closed(f"{kind.__module__}.{kind.__qualname__}")


def says_itself(kind: type, name: str) -> bool:
    """Whether a class has a special method of its own.

    >>> class Box: ...
    >>> says_itself(Box, "__setattr__")
    False
    """
    return inspect.getattr_static(kind, name) is not inspect.getattr_static(object, name)


def _is_plain(value: object, *kinds: type) -> bool:
    """Whether it is of one of the kinds itself: a kind derived from them may do something else. Enums do not."""
    return type(value) in kinds or isinstance(value, Enum)


def _table(value: dict[Any, Any], symbols: tuple[str, ...]) -> Slot:
    if set(value) != set(symbols):
        return Closed("dict whose keys are not the symbols of the market")
    found = _together("dict", [slot_of(value[symbol], symbols) for symbol in symbols], Table)
    return replace(found, in_order=tuple(value) == symbols) if isinstance(found, Table) else found


def _array(value: np.ndarray[Any, Any]) -> Slot:
    if value.dtype.str not in DTYPES or value.ndim not in (1, 2):
        return Closed(f"numpy.ndarray of {value.dtype} in {value.ndim} dimensions")
    if not (value.flags.c_contiguous and value.flags.aligned):
        return Closed("numpy.ndarray that is not contiguous")
    return Array(DTYPES[value.dtype.str], value.ndim, readonly=not value.flags.writeable)


def _together(kind: str, slots: list[Slot], container: type[Table | Row]) -> Slot:
    if not slots:
        return Closed(f"empty {kind}")
    common = slots[0]
    for slot in slots[1:]:
        found = unified(common, slot)
        if found is None:
            return Closed(f"{kind} of {common.shown} and {slot.shown}")
        common = found
    return container(common)


def unified(one: Slot, other: Slot) -> Slot | None:  # noqa: PLR0911 - one arm a pair
    """The slot that holds both, or None if there is none.

    >>> unified(Whole(), Real()), unified(Nothing(), Whole()), unified(Word(), Real())
    (Real(), Maybe(inner=Whole()), None)
    """
    if one == other:
        return one
    for left, right in ((one, other), (other, one)):
        match left, right:
            case Whole(), Real():
                return Real()
            case Nothing(), Maybe():
                return right
            case Nothing(), _:
                return Maybe(right)
            case Maybe(), Nothing():
                return left
            case Maybe(inner), _:
                found = unified(inner, right.inner if isinstance(right, Maybe) else right)
                return None if found is None else Maybe(found)
            case Many(item), Pack(items):
                return _tuple(item, items)
            case Many(item), Many(second):
                found = second if isinstance(item, Nothing) else unified(item, second)
                return None if found is None else Many(found)
    if isinstance(one, Pack) and isinstance(other, Pack):
        return _packs(one, other)
    if isinstance(one, Thing) and isinstance(other, Thing):
        return _things(one, other)
    return _containers(one, other)


def _containers(one: Slot, other: Slot) -> Table | Row | None:
    """Dicts or lists of items that go together."""
    match one, other:
        case (Table(first), Table(second)) | (Row(first), Row(second)):
            item = unified(first, second)
            return None if item is None else _of_items(one, other, item)
    return None


def _of_items(one: Slot, other: Slot, item: Slot) -> Table | Row:
    if isinstance(one, Table) and isinstance(other, Table):
        return Table(item, in_order=one.in_order and other.in_order)
    return Row(item)


def _things(one: Thing, other: Thing) -> Thing | None:
    """Objects of one class with the same attributes, of kinds that go together."""
    if one.owner != other.owner or [name for name, _ in one.fields] != [name for name, _ in other.fields]:
        return None
    pairs = [(name, unified(left, right)) for (name, left), (_, right) in zip(one.fields, other.fields, strict=True)]
    found = tuple((name, slot) for name, slot in pairs if slot is not None)
    return Thing(one.owner, found) if len(found) == len(pairs) else None


def _packs(one: Pack, other: Pack) -> Slot | None:
    if len(one.items) != len(other.items):
        start = _tuple(Nothing(), one.items)
        return unified(start, other) if start else None
    pairs = [unified(left, right) for left, right in zip(one.items, other.items, strict=True)]
    return Pack(tuple(pair for pair in pairs if pair)) if all(pairs) else None


def _tuple(item: Slot, items: tuple[Slot, ...]) -> Slot | None:
    if len(items) > TUPLE_LONGEST:
        return None
    for each in items:
        found = each if isinstance(item, Nothing) else unified(item, each)
        if found is None:
            return None
        item = found
    return Many(item)


def fitting(slot: Slot, annotated: Slot) -> Slot:
    """The slot for a value that is annotated as something wider; the annotation counts where the two go together."""
    return unified(slot, annotated) or slot
