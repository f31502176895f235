"""From a strategy's attributes to memory that compiled code works on, and back."""

from __future__ import annotations

import ctypes
import math
import struct
from enum import Enum
from typing import Any, Final

from triplebar.contracts.random import MASK, RandomStream, stream_key
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.compile.program import ITEMS
from triplebar.strategy.compile.slots import (
    TABLE_HEAD,
    WORD,
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
from triplebar.strategy.compile.texts import engine_words, text_hash

INTEGER: Final = struct.Struct("<q")
UNSIGNED: Final = struct.Struct("<Q")
DOUBLE: Final = struct.Struct("<d")


def same(one: object, other: object) -> bool:
    """Whether two values are the same down to kind and sign.

    >>> same(0.0, 0.0), same(0.0, -0.0), same(1, 1.0), same("a", "a")
    (True, False, False, True)
    """
    return type(one) is type(other) and one == other and (one != 0.0 or repr(one) == repr(other))


class Memory:
    """The state of one strategy in one run.

    Arrays and indicators are not copied: compiled code works on the very objects, which are kept alive here. What is
    copied is copied once, however many names it has.
    """

    def __init__(
        self, strategy: object, layout: Thing, symbols: tuple[str, ...], drawn: RandomStream | None = None
    ) -> None:
        """Copy the attributes into slots; `drawn` is `ctx.random`, which the core keeps."""
        self.symbols = symbols
        self.places = {symbol: place for place, symbol in enumerate(symbols)}
        self.texts: dict[int, str] = {text_hash(symbol): symbol for symbol in symbols}
        self.others: tuple[str, ...] = ()
        """Texts that the state may have come to hold."""
        self.layout = layout
        self.strategy = strategy
        self.kept: list[tuple[str, Any]] = []
        """Arrays and indicators, which compiled code works on where they are, with their names."""
        self._places: dict[int, tuple[object, Slot, int, str]] = {}
        """Of each object its slot, its address, and the name under which it was found."""
        self._drawn = drawn
        self._at = "self"
        self._rooms: dict[int, bytearray] = {}
        self._symbol_views = self._freeze_symbols()
        self.address = self._freeze_thing(strategy, layout)

    def thaw(self) -> None:
        """Copy the slots back into the attributes."""
        self._thaw_thing(self.strategy, self.layout, self.address)

    def copied(self, writes: frozenset[str]) -> list[tuple[str, Any]]:
        """What was copied and may change: the lists, dicts, objects and dice, with their names."""

        def may_change(slot: Slot) -> bool:
            if isinstance(slot, Thing):
                return slot.owner in writes
            return isinstance(slot, Dice) or ITEMS in writes

        return [(name, value) for value, slot, _, name in self._places.values() if may_change(slot)]

    # ------------------------------------------------------------------------------------------------------ freeze

    def _room(self, words: int) -> tuple[bytearray, int]:
        """Memory that stays where it is: a buffer and its address."""
        room = bytearray(max(words, 1) * WORD)
        address = ctypes.addressof(ctypes.c_char.from_buffer(room))
        self._rooms[address] = room
        return room, address

    def _freeze_symbols(self) -> int:
        room, address = self._room(2 * len(self.symbols))
        self._put_all(room, 0, Word(), self.symbols)
        return address

    def _freeze_thing(self, thing: object, layout: Thing) -> int:
        room, address = self._room(layout.size_words)
        above = self._at
        for name, (offset, slot) in layout.offsets().items():
            if not isinstance(slot, Closed):
                self._at = f"{above}.{name}"
                self._put(room, offset, slot, getattr(thing, name))
        self._at = above
        return address

    def _address_of(self, value: Any, slot: Slot) -> int:  # noqa: ANN401 - any object
        """Where an object lies: whatever has two names has one place."""
        if id(value) not in self._places:
            name = self._at
            self._places[id(value)] = (value, slot, self._frozen(value, slot), name)
        _, known, address, name = self._places[id(value)]
        if known != slot:
            raise CompileError(
                f"{name} and {self._at} are one object, but do not hold the same kinds of values",
                where=type(self.strategy).__name__,
                fix="keep it under one name, or begin both with values of one kind",
            )
        return address

    def _frozen(self, value: Any, slot: Slot) -> int:  # noqa: ANN401 - any object
        match slot:
            case Table(item) | Row(item):
                values = [value[symbol] for symbol in self.symbols] if isinstance(slot, Table) else value
                room, address = self._room(TABLE_HEAD + len(values) * item.words)
                INTEGER.pack_into(room, 0, len(values))
                INTEGER.pack_into(room, WORD, self._symbol_views)
                self._put_all(room, TABLE_HEAD * WORD, item, values)
                return address
            case Dice():
                if value is self._drawn:
                    raise CompileError(
                        f"{self._at} is ctx.random",
                        where=type(self.strategy).__name__,
                        fix="write ctx.random each time",
                    )
                room, address = self._room(2)
                UNSIGNED.pack_into(room, 0, stream_key(value.seed, value.name) & MASK)
                UNSIGNED.pack_into(room, WORD, value.counter)
                return address
            case Thing():
                return self._freeze_thing(value, slot)
        raise TypeError(f"a {slot.shown} lies in its slot")

    def _put(self, room: bytearray, at: int, slot: Slot, value: Any) -> None:  # noqa: ANN401, C901, PLR0912 - one arm a kind
        match slot:
            case Whole():
                INTEGER.pack_into(room, at, value)
            case Real():
                DOUBLE.pack_into(room, at, value)
            case Truth():
                INTEGER.pack_into(room, at, bool(value))
            case Word():
                self.texts.setdefault(text_hash(value), value)
                UNSIGNED.pack_into(room, at, text_hash(value))
                INTEGER.pack_into(room, at + WORD, self.places.get(value, -1))
            case Maybe(inner):
                INTEGER.pack_into(room, at, value is not None)
                if value is not None:
                    self._put(room, at + WORD, inner, value)
            case Pack(items):
                for item, one in zip(items, value, strict=True):
                    self._put(room, at, item, one)
                    at += WORD * item.words
            case Many(item):
                INTEGER.pack_into(room, at, len(value))
                self._put_all(room, at + WORD, item, value)
            case Array():
                self.kept.append((self._at, value))
                for place, number in enumerate((value.ctypes.data, *value.shape)):
                    INTEGER.pack_into(room, at + place * WORD, number)
            case Gauge():
                self.kept.append((self._at, value))
                INTEGER.pack_into(room, at, value._address())  # noqa: SLF001 - made for this
            case Table() | Row() | Dice() | Thing():
                INTEGER.pack_into(room, at, self._address_of(value, slot))

    def _put_all(self, room: bytearray, at: int, item: Slot, values: Any) -> None:  # noqa: ANN401 - any values
        for value in values:
            self._put(room, at, item, value)
            at += WORD * item.words

    # -------------------------------------------------------------------------------------------------------- thaw

    def _thaw_thing(self, thing: Any, layout: Thing, address: int) -> None:  # noqa: ANN401 - any object
        room = self._rooms[address]
        for name, (offset, slot) in layout.offsets().items():
            if isinstance(slot, (Closed, Nothing, Array, Gauge)):
                continue
            before = getattr(thing, name)
            after = self._take(room, offset, slot, before)
            if after is not before and not same(after, before):
                object.__setattr__(thing, name, after)

    def _take(self, room: bytearray, at: int, slot: Slot, before: Any) -> Any:  # noqa: ANN401, PLR0911 - one arm a kind
        match slot:
            case Whole():
                return _kept(before, INTEGER.unpack_from(room, at)[0])
            case Real():
                value = DOUBLE.unpack_from(room, at)[0]
                return before if value == before and math.copysign(1.0, value) == math.copysign(1.0, before) else value
            case Truth():
                return bool(INTEGER.unpack_from(room, at)[0])
            case Word():
                return _kept(before, self.text(UNSIGNED.unpack_from(room, at)[0]))
            case Maybe(inner):
                return self._take(room, at + WORD, inner, before) if INTEGER.unpack_from(room, at)[0] else None
            case Pack(items):
                return _together(before, self._take_all(room, at, items, before if isinstance(before, tuple) else ()))
            case Many(item):
                count = INTEGER.unpack_from(room, at)[0]
                return _together(before, self._take_all(room, at + WORD, (item,) * count, ()))
            case Table(item) | Row(item):
                values_room = self._rooms[INTEGER.unpack_from(room, at)[0]]
                old = [before[symbol] for symbol in self.symbols] if isinstance(slot, Table) else before
                values = self._take_all(values_room, TABLE_HEAD * WORD, (item,) * len(old), old)
                # In place: what else knows this list or dict sees what has become of it, as it does interpreted.
                for key, after in zip(
                    self.symbols if isinstance(slot, Table) else range(len(old)), values, strict=True
                ):
                    before[key] = after
            case Dice():
                dice_room = self._rooms[INTEGER.unpack_from(room, at)[0]]
                before.counter = UNSIGNED.unpack_from(dice_room, WORD)[0]
            case Thing():
                self._thaw_thing(before, slot, INTEGER.unpack_from(room, at)[0])
        return before

    def text(self, number: int) -> str:
        """The text that a number stands for."""
        if number not in self.texts:
            self.texts.update({text_hash(text): text for text in (*engine_words(), *self.others)})
        return self.texts.get(number, "?")

    def _take_all(self, room: bytearray, at: int, items: tuple[Slot, ...], before: Any) -> list[Any]:  # noqa: ANN401
        values = []
        for place, item in enumerate(items):
            values.append(self._take(room, at, item, before[place] if place < len(before) else None))
            at += WORD * item.words
        return values


def _together(before: Any, values: list[Any]) -> Any:  # noqa: ANN401 - any values
    """The tuple that there was, if it has these values; if it had names, the new one has them too."""
    if not isinstance(before, tuple) or len(before) != len(values):
        return tuple(values)
    if all(map(same, before, values)):
        return before
    return type(before)(*values) if hasattr(before, "_fields") else tuple(values)


def _kept(before: Any, after: Any) -> Any:  # noqa: ANN401 - any value
    """The value that there was, if it is a member of an enum with the value that there is."""
    return before if isinstance(before, Enum) and before == after else after
