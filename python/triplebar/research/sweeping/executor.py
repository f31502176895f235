"""What runs the blocks of a sweep: this process, others, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from triplebar.research.sweeping.found import Found, Stopped, Tell
from triplebar.research.sweeping.plan import Plan


@dataclass(frozen=True)
class Done:
    """A block that came back."""

    block: int
    found: Found
    seconds: float
    whole: bool = True
    """False for a block that was stopped on the way: its first sets are there."""


class Executor(Protocol):
    """Runs blocks, in any order."""

    name: str
    workers: int

    def run(self, plan: Plan, blocks: Iterable[int], tell: Callable[[int], Tell], stopped: Stopped) -> Iterator[Done]:
        """Give blocks as they come back; only a few are on their way at a time."""
        ...

    def close(self) -> None:
        """Leave nothing behind that was begun here."""
        ...
