"""What a handler says when it raises: the message is put together in Python, of values that compiled code left."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from triplebar.contracts.time import from_ns

WHOLE, TRUTH, REAL, TEXT, UNTOLD, MOMENT = range(6)
"""What a value is. None is a text without a number; what is untold is shown as it is written."""
PACKAGE: Final = Path(__file__).parent
VALUES_AT: Final = 64
"""Bytes from the beginning of what compiled code leaves to its values."""
VALUE: Final = struct.Struct("<qq")
CONVERSIONS: Final[dict[str, Callable[[object], str]]] = {"r": repr, "s": str, "a": ascii}


@dataclass(frozen=True)
class Value:
    """A value that the handler knew: its place among them, how it is written, and how it is shown."""

    place: int
    source: str
    conversion: str = ""
    format: str = ""


@dataclass(frozen=True)
class Joined:
    """A text that is put together: an f-string."""

    parts: tuple[str | Value, ...]


@dataclass(frozen=True)
class Known:
    """A constant."""

    value: object


@dataclass(frozen=True)
class Recipe:
    """How an exception is made."""

    kind: type[Exception]
    arguments: tuple[Known | Value | Joined, ...]
    keywords: tuple[tuple[str, Known | Value | Joined], ...] = ()
    count: int = 0
    """How many values it takes."""
    file: str = ""
    line: int = 0
    """Where it is raised, if that is the user's code."""


class UnsaidError(Exception):
    """An exception that is not put together yet: nobody here knows the texts."""

    def __init__(self, recipe: Recipe, address: int) -> None:
        """Read the values at an address, before anything else is done there."""
        super().__init__(recipe)
        self.recipe = recipe
        left = ctypes.string_at(address + VALUES_AT, VALUE.size * recipe.count)
        self.values = list(VALUE.iter_unpack(left)) if left else []

    def said(self, text_of: Callable[[int], str]) -> Exception:
        """The exception that the interpreted strategy raises; `text_of` says which text a number stands for."""
        return placed(self._made([_told(kind, word, text_of) for kind, word in self.values]), *self.place)

    @property
    def place(self) -> tuple[str, int]:
        """The file and the line."""
        return self.recipe.file, self.recipe.line

    def _made(self, told: list[object]) -> Exception:
        try:
            arguments = [_shown(each, told) for each in self.recipe.arguments]
            keywords = {name: _shown(each, told) for name, each in self.recipe.keywords}
            return self.recipe.kind(*arguments, **keywords)
        except Exception as problem:  # noqa: BLE001 - what the interpreted strategy would have raised instead
            return problem


_UNTOLD: Final = object()


def placed(problem: Exception, file: str, line: int) -> Exception:
    """The exception, with a traceback that shows the line of the user's code; ours are not shown.

    >>> placed(ValueError("no"), "cross.py", 12).__traceback__.tb_lineno
    12
    """
    if file and PACKAGE not in Path(file).parents and "numba" not in Path(file).parts:
        code = compile(f"{chr(10) * (line - 1)}raise problem", file, "exec")
        try:
            exec(code, {"problem": problem})  # noqa: S102 - one line of our own, at the user's place
        except Exception as raised:  # noqa: BLE001 - it is the problem itself
            if raised.__traceback__ is not None:
                raised.__traceback__ = raised.__traceback__.tb_next
    return problem


def _told(kind: int, word: int, text_of: Callable[[int], str]) -> object:
    if kind == TEXT:
        return None if word == 0 else text_of(word & (2**64 - 1))
    return _UNTOLD if kind == UNTOLD else READERS[kind](word)


def _real(word: int) -> float:
    found: float = struct.unpack("<d", struct.pack("<q", word))[0]
    return found


READERS: Final[dict[int, Callable[[int], object]]] = {WHOLE: int, TRUTH: bool, REAL: _real, MOMENT: from_ns}
"""How a word becomes a value."""


def _shown(part: Known | Value | Joined, told: list[object]) -> object:
    if isinstance(part, Known):
        return part.value
    if isinstance(part, Value):
        value = told[part.place]
        return part.source if value is _UNTOLD else value
    return "".join(each if isinstance(each, str) else _formatted(each, told[each.place]) for each in part.parts)


def _formatted(part: Value, value: object) -> str:
    return f"{{{part.source}}}" if value is _UNTOLD else formatted(value, part.conversion, part.format)


def formatted(value: object, conversion: str, wanted: str) -> str:
    """A value in an f-string.

    >>> formatted(2.5, "", ".2f"), formatted("a", "r", "")
    ('2.50', "'a'")
    """
    return format(CONVERSIONS[conversion](value) if conversion else value, wanted)
