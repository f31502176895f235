"""What a guest changes for the whole process, and what puts it back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def own_event_loops() -> Iterator[None]:
    """Keep the process's kind of event loop: NautilusTrader chooses another one for everybody when it is loaded.

    >>> before = asyncio.get_event_loop_policy()
    >>> with own_event_loops():
    ...     asyncio.set_event_loop_policy(None)
    >>> asyncio.get_event_loop_policy() is before
    True
    """
    before = asyncio.get_event_loop_policy()
    try:
        yield
    finally:
        asyncio.set_event_loop_policy(before)


@contextmanager
def own_dice() -> Iterator[None]:
    """Keep the process's dice: every fill model of NautilusTrader seeds them anew when it is made.

    >>> before = random.getstate()
    >>> with own_dice():
    ...     random.seed(1)
    >>> random.getstate() == before
    True
    """
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
