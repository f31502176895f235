"""A limit on the time of one run: it ends even a handler that never returns."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

AGAIN_SECONDS: Final = 0.5
"""After this time the watchdog strikes again, if somebody has swallowed what it raised."""
PATIENT_STRIKES: Final = 2
"""After so many it raises what `except Exception` does not swallow."""

Outcome = TypeVar("Outcome")


class ItemTimeoutError(TimeoutError):
    """A run took longer than it may.

    >>> issubclass(ItemTimeoutError, TimeoutError)
    True
    """


class Enough(BaseException):
    """What is raised in code that swallows errors; it does not leave this module."""


def call_within(seconds: float | None, work: Callable[[TimeLimit], Outcome]) -> Outcome:
    """Call a function, and raise `ItemTimeoutError` in it when the time is up; give its limit to a run as `progress`.

    A watchdog raises it between two steps of Python code, so a loop that never ends is ended; code that waits outside
    of Python, such as a request to a server without a time-out of its own, is ended when it comes back. A run that went
    on nevertheless, because somebody swallowed the error, ends with it.

    >>> def stuck(limit):
    ...     while True:
    ...         pass
    >>> call_within(0.05, stuck)
    Traceback (most recent call last):
    triplebar.research.batches.limit.ItemTimeoutError
    """
    limit = TimeLimit(seconds)
    try:
        try:
            limit.start()
            found = work(limit)
        finally:
            limit.stop()
    except Enough:
        raise ItemTimeoutError from None
    finally:
        limit.stop()  # again: the first stop may itself have been struck, and the next strike is far
    if limit.hit:
        raise ItemTimeoutError  # what was swallowed on the way may have left something undone
    return found


class TimeLimit:
    """The watchdog of one call, in the thread that makes it.

    >>> limit = TimeLimit(60.0)
    >>> limit.start()
    >>> limit.stop()
    >>> limit.hit
    False
    """

    def __init__(self, seconds: float | None) -> None:
        """Begin nothing yet; None is no limit."""
        self.seconds = seconds
        self.hit = False
        self._over = False
        self._left = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.get_ident()
        self._ends_at = 0.0

    def start(self) -> None:
        """Begin to count."""
        if self.seconds is not None:
            self._ends_at = time.monotonic() + self.seconds
            threading.Thread(target=self._watch, args=(self.seconds,), daemon=True).start()

    def stop(self) -> None:
        """End: nothing is raised from now on; what is on its way is raised in here.

        It cannot be taken back: CPython 3.11 then looks for it in vain at every step, and for ever under a tracer.
        """
        self._over = True
        with self._lock:
            self._left.set()

    def __call__(self, done: int, total: int) -> None:
        """Hear of the progress of a run: a run without Python code of its own is ended from here."""
        del done, total
        if self.seconds is not None and time.monotonic() >= self._ends_at:
            self.hit = True
            raise ItemTimeoutError

    def _watch(self, seconds: float) -> None:
        strikes = 0
        while not self._left.wait(seconds):
            with self._lock:
                if self._over:
                    return
                self.hit = True
                self._raise(ItemTimeoutError if strikes < PATIENT_STRIKES else Enough)
            seconds, strikes = AGAIN_SECONDS, strikes + 1

    def _raise(self, kind: type[BaseException]) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(kind))
