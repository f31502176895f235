"""Texts in compiled code: a text is its hash, so that comparing two of them is comparing two numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from triplebar.contracts.codes import EventKind, Moment, OrderKind, OrderStatus, Reason, Role, TimeInForce
from triplebar.contracts.random import fnv1a64


@lru_cache(maxsize=4096)
def text_hash(text: str) -> int:
    """The 64 bits that stand for a text.

    >>> text_hash("gtc") == text_hash("gtc") != text_hash("day")
    True
    """
    return fnv1a64(text.encode())


@cache
def engine_words() -> tuple[str, ...]:
    """The words that the engine says itself.

    >>> {"maker", "gtc", "filled"} <= set(engine_words())
    True
    """
    kinds = (OrderKind, TimeInForce, OrderStatus, EventKind, Moment, Role, Reason)
    return tuple(code.name.lower() for kind in kinds for code in kind)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as a constant of compiled code.

    >>> Text("gtc").hash == text_hash("gtc")
    True
    """

    text: str

    @property
    def hash(self) -> int:
        """The 64 bits that stand for it."""
        return text_hash(self.text)
