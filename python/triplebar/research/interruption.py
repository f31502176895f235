"""Ctrl-C ends a run early, and what was done until then is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a wish to stop; the second one is a `KeyboardInterrupt` as usual.

    Gives a function that says whether the wish was heard. Outside the main thread Ctrl-C stays what it is.

    >>> with stoppable() as stopped:
    ...     stopped()
    False
    """
    heard = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield heard.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def hear(number: int, frame: FrameType | None) -> None:
        del number, frame
        if heard.is_set():
            raise KeyboardInterrupt
        heard.set()

    if before is not signal.default_int_handler:  # somebody else listens: leave it alone
        yield heard.is_set
        return
    signal.signal(signal.SIGINT, hear)
    try:
        yield heard.is_set
    finally:
        signal.signal(signal.SIGINT, before)
