"""Compiled handlers: the machine code, what it expects in memory, and the texts that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from triplebar.strategy.compile.slots import Thing

ITEMS: Final = "[]"
"""Items of lists, dicts and arrays."""


@dataclass(frozen=True, eq=False)
class Program:
    """What a compilation leaves; it can be stored and linked by another process on the same kind of machine.

    One program is another than the next, even if their functions have the same names: names count anew in each process.
    """

    layout: Thing
    """The state, as the code expects it."""
    symbols: Mapping[str, str]
    """The function of each handler, by the handler's name."""
    objects: tuple[bytes, ...]
    """Object files."""
    texts: tuple[str, ...]
    """Every text that stands in the code."""
    writes: frozenset[str]
    """What the code may change in place: the classes of objects by name, and `ITEMS`."""
    needs_numba: bool
    """Whether functions of Numba's runtime are called: then Numba has to be loaded to link it."""
