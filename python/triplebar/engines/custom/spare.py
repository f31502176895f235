"""Memory of columns that nobody has any more, for the next sweep of this process.

To clear new memory takes the system longer than the columns themselves.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.float64]

KEPT_BYTES_MAX: Final = 96 << 20
"""What is kept at most."""


class _Lease(np.ndarray[Any, np.dtype[np.float64]]):
    """Memory that is lent: of an array of another kind NumPy lets no view refer past the view that it is taken of."""


class Spare:
    """Cells that are lent to one at a time, and stay when he is done.

    >>> spare = Spare()
    >>> cells = spare.lend(100)
    >>> cells[:] = 7.0
    >>> spare.lend(10).base is None  # somebody has them
    True
    >>> part = cells[3:5]
    >>> del cells
    >>> spare.lend(10).base is None  # a part of them is enough
    True
    >>> del part
    >>> spare.lend(10).tolist()[:1]
    [7.0]
    """

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._cells = _memory(0)
        self._lent: weakref.ref[Cells] | None = None
        self._lock = threading.Lock()

    def lend(self, count: int) -> Cells:
        """So many numbers, whatever they are now; they are free again when nobody refers to them any more."""
        with self._lock:
            in_use = self._lent is not None and self._lent() is not None
            if in_use or 8 * count > KEPT_BYTES_MAX:
                return np.empty(count)  # in one piece, of which the system may make large pages
            if self._cells.size < count:
                self._cells = _memory(0)  # what was there goes before there is more, which there may not be
                self._cells = _memory(count)
            found: Cells = np.asarray(self._cells[:count])
            self._lent = weakref.ref(found)
            return found


def _memory(count: int) -> _Lease:
    return np.empty(count).view(_Lease)


COLUMNS: Final = Spare()
