"""Texts in compiled code: a text is its hash, so that comparing two of them is comparing two numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from triplebar.contracts.random import fnv1a64


@lru_cache(maxsize=4096)
def text_hash(text: str) -> int:
    """The 64 bits that stand for a text.

    >>> text_hash("gtc") == text_hash("gtc") != text_hash("day")
    True
    """
    return fnv1a64(text.encode())


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
