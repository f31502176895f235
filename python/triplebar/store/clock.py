"""The time at which something was kept; the only clock of the stores."""

from __future__ import annotations

import time


def now_ns() -> int:
    """Nanoseconds since 1970.

    >>> now_ns() > 1_700_000_000_000_000_000
    True
    """
    return time.time_ns()
