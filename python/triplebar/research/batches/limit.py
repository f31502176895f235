"""A limit on the time of one run: it ends even a handler that never returns."""

from __future__ import annotations

import ctypes
import threading
import time
from types import TracebackType
from typing import Self


class ItemTimeoutError(TimeoutError):
    """A run took longer than it may.

    >>> issubclass(ItemTimeoutError, TimeoutError)
    True
    """


class TimeLimit:
    """Raises `ItemTimeoutError` in this thread when the time is up; give it to a run as `progress`, too.

    A watchdog raises it between two steps of Python code, so a loop that never ends is ended; code that waits outside
    of Python, such as a request to a server without a time-out of its own, is ended when it comes back. A run that went
    on nevertheless, because somebody swallowed the error, ends with it.

    >>> with TimeLimit(0.05):
    ...     while True:
    ...         pass
    Traceback (most recent call last):
    triplebar.research.batches.limit.ItemTimeoutError
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

    def __enter__(self) -> Self:
        if self.seconds is not None:
            self._ends_at = time.monotonic() + self.seconds
            threading.Thread(target=self._watch, args=(self.seconds,), daemon=True).start()
        return self

    def __call__(self, done: int, total: int) -> None:
        """Hear of the progress of a run: a run without Python code of its own is ended from here."""
        del done, total
        if self.seconds is not None and time.monotonic() >= self._ends_at:
            self.hit = True
            raise ItemTimeoutError

    def _watch(self, seconds: float) -> None:
        """Raise once when the time is up: a second time could hit whoever handles the first."""
        if self._left.wait(seconds):
            return
        with self._lock:
            if not self._over:
                self.hit = True
                self._raise(ItemTimeoutError)

    def _raise(self, kind: type[BaseException] | None) -> None:
        value = None if kind is None else ctypes.py_object(kind)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), value)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        with self._lock:
            self._left.set()
            if self.hit:
                self._raise(None)  # take back what is still on its way
        if self.hit and kind is None:
            raise ItemTimeoutError  # what was swallowed on the way may have left something undone
