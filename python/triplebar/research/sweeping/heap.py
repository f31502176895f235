"""Memory that is kept while a block is run, in workers that were told to give every page back at once.

Dask begins its workers with `MALLOC_TRIM_THRESHOLD_=65536`, so that they do not hold what they no longer use. With it
glibc takes the arrays of every single run from the system anew, page by page: a third of the time of a compiled sweep.
Here a block keeps its memory to its end, and then gives it back.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

TRIM_VARIABLE: Final = "MALLOC_TRIM_THRESHOLD_"
TRIM_OPTION: Final = -1
MMAP_OPTION: Final = -3
"""The numbers of two options in `malloc.h` of glibc."""
TRIM_BYTES: Final = 1 << 28
MMAP_BYTES: Final = 1 << 25
"""While a block is run; the second is the most that glibc takes."""
MMAP_USUAL_BYTES: Final = 1 << 17

_lock = threading.Lock()
_running = 0


@contextmanager
def heap_kept() -> Iterator[bool]:
    """Keep freed memory until the end, if the environment says not to; whether it did.

    >>> import os
    >>> with heap_kept() as kept:
    ...     kept == (TRIM_VARIABLE in os.environ)
    True
    """
    system = _glibc()
    if system is None or TRIM_VARIABLE not in os.environ:
        yield False
        return
    _enter(system)
    try:
        yield True
    finally:
        _leave(system, os.environ[TRIM_VARIABLE])


def _enter(system: Any) -> None:  # noqa: ANN401 - a library of ctypes
    global _running  # noqa: PLW0603 - the heap is one for all threads of the process
    with _lock:
        _running += 1
        if _running == 1:
            system.mallopt(MMAP_OPTION, MMAP_BYTES)
            system.mallopt(TRIM_OPTION, TRIM_BYTES)


def _leave(system: Any, told: str) -> None:  # noqa: ANN401 - a library of ctypes
    global _running  # noqa: PLW0603 - as above
    with _lock:
        _running -= 1
        if _running == 0:
            system.mallopt(MMAP_OPTION, MMAP_USUAL_BYTES)
            system.mallopt(TRIM_OPTION, int(told) if told.isdecimal() else MMAP_USUAL_BYTES)
            system.malloc_trim(0)


@cache
def _glibc() -> Any:  # noqa: ANN401 - a library of ctypes, or nothing
    """The library of C, if it is the one that reads that variable."""
    try:
        found = ctypes.CDLL(None)
        return found if all(hasattr(found, name) for name in ("mallopt", "malloc_trim")) else None
    except (OSError, TypeError):  # Windows
        return None
