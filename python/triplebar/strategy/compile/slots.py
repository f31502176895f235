"""How a strategy's state lies in memory: each attribute has a slot, and a slot has a size and knows its kind.

Everything is a multiple of eight bytes. What can differ in length from run to run (arrays, tables by symbol, lists)
lies elsewhere and its slot holds the address, so that the layout depends on kinds alone, not on parameters or markets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

WORD: Final = 8
"""Bytes."""
TABLE_HEAD: Final = 2
"""Words before the values of a table: their count, and the address of the symbols."""
TUPLE_LONGEST: Final = 8
"""Items that a tuple of changing length can have in compiled code."""


class Slot:
    """A place of some kind of value."""

    @property
    def words(self) -> int:
        """Its size in words of eight bytes."""
        return 1

    @property
    def shown(self) -> str:
        """What a user would call it."""
        return type(self).__name__.lower()


@dataclass(frozen=True)
class Whole(Slot):
    """An `int`, 64 bits."""

    shown = "int"


@dataclass(frozen=True)
class Real(Slot):
    """A `float`."""

    shown = "float"


@dataclass(frozen=True)
class Truth(Slot):
    """A `bool`."""

    shown = "bool"


@dataclass(frozen=True)
class Word(Slot):
    """A `str`: its hash, and its place among the symbols or -1."""

    words = 2
    shown = "str"


@dataclass(frozen=True)
class Nothing(Slot):
    """None, of which nobody has said yet what else it may be."""

    shown = "None"


@dataclass(frozen=True)
class Maybe(Slot):
    """A value or None: a word that says which, then the value."""

    inner: Slot

    @property
    def words(self) -> int:
        """One more than the value's."""
        return 1 + self.inner.words

    @property
    def shown(self) -> str:
        """With `| None`."""
        return f"{self.inner.shown} | None"


@dataclass(frozen=True)
class Pack(Slot):
    """A tuple of fixed length."""

    items: tuple[Slot, ...]

    @property
    def words(self) -> int:
        """Those of its items."""
        return sum(item.words for item in self.items)

    @property
    def shown(self) -> str:
        """As annotated."""
        return f"tuple[{', '.join(item.shown for item in self.items)}]"


@dataclass(frozen=True)
class Many(Slot):
    """A tuple whose length changes, up to `TUPLE_LONGEST`: a count, then the items."""

    item: Slot

    @property
    def words(self) -> int:
        """Room for the longest."""
        return 1 + TUPLE_LONGEST * self.item.words

    @property
    def shown(self) -> str:
        """As annotated."""
        return f"tuple[{self.item.shown}, ...]"


@dataclass(frozen=True)
class Table(Slot):
    """A dict with one value a symbol: an address of a count and the values, in the order of the symbols."""

    item: Slot
    in_order: bool = True
    """Whether the dict itself is in the order of the symbols, so that it can be gone over."""

    @property
    def shown(self) -> str:
        """As annotated."""
        return f"dict[str, {self.item.shown}]"


@dataclass(frozen=True)
class Row(Slot):
    """A list that keeps its length: an address of a count and the items."""

    item: Slot

    @property
    def shown(self) -> str:
        """As annotated."""
        return f"list[{self.item.shown}]"


@dataclass(frozen=True)
class Array(Slot):
    """A NumPy array: its address and its shape; the memory is the array's own."""

    dtype: str
    dimensions: int
    readonly: bool = False

    @property
    def words(self) -> int:
        """An address and one number a dimension."""
        return 1 + self.dimensions

    shown = "numpy.ndarray"


@dataclass(frozen=True)
class Gauge(Slot):
    """An indicator: the address of the very object."""

    kind: str

    @property
    def shown(self) -> str:
        """The name of its class."""
        return self.kind


@dataclass(frozen=True)
class Dice(Slot):
    """A stream of random numbers: the address of its key and counter."""

    shown = "RandomStream"


@dataclass(frozen=True)
class Thing(Slot):
    """An object with attributes of its own: the address of its slots."""

    owner: str
    """Module and name of the class."""
    fields: tuple[tuple[str, Slot], ...]

    @property
    def shown(self) -> str:
        """The name of its class."""
        return self.owner.rpartition(".")[2]

    @property
    def size_words(self) -> int:
        """Those of all fields."""
        return sum(slot.words for _, slot in self.fields)

    def offsets(self) -> dict[str, tuple[int, Slot]]:
        """Where each field lies, in bytes, and what it is."""
        found, at = {}, 0
        for name, slot in self.fields:
            found[name] = (at, slot)
            at += WORD * slot.words
        return found

    def with_field(self, name: str, slot: Slot) -> Thing:
        """The same with another kind of field."""
        return Thing(self.owner, tuple((each, slot if each == name else old) for each, old in self.fields))


def parts(slot: Slot) -> tuple[Slot, ...]:
    """The slots that a slot is made of.

    >>> [part.shown for part in parts(Pack((Whole(), Maybe(Real()))))]
    ['int', 'float | None']
    """
    match slot:
        case Thing(fields=fields):
            return tuple(inner for _, inner in fields)
        case Pack(items=items):
            return items
        case Maybe(inner=inner):
            return (inner,)
        case Many(item=item) | Table(item=item) | Row(item=item):
            return (item,)
    return ()


def all_slots(slot: Slot) -> Iterator[Slot]:
    """A slot and all that it is made of, however deep.

    >>> [each.shown for each in all_slots(Table(Maybe(Real())))]
    ['dict[str, float | None]', 'float | None', 'float']
    """
    yield slot
    for part in parts(slot):
        yield from all_slots(part)


@dataclass(frozen=True)
class Closed(Slot):
    """Something that compiled code cannot hold; using it is an error that says why."""

    kind: str

    words = 0

    @property
    def shown(self) -> str:
        """The name of its class."""
        return self.kind
