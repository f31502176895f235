"""What a run was made on, and how much memory the process has used at most."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any


@cache
def versions() -> dict[str, str]:
    """The versions of everything that computes.

    >>> sorted(versions())
    ['numpy', 'pyarrow', 'python', 'triplebar']
    """
    import numpy as np
    import pyarrow as pa

    import triplebar

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "triplebar": triplebar.__version__,
    }


@cache
def system() -> dict[str, Any]:
    """The machine and the versions, as plain values.

    >>> system()["versions"] == versions()
    True
    """
    return {
        "platform": sys.platform,
        "machine": platform.machine(),
        "release": platform.release(),
        "processors": os.cpu_count(),
        "versions": versions(),
    }


def peak_memory_bytes() -> int | None:
    """The most memory this process has held at once; None where the system does not say.

    >>> peak_memory_bytes() is None or peak_memory_bytes() > 0
    True
    """
    told = Path("/proc/self/status")
    if told.exists():  # on Linux; `ru_maxrss` remembers the process that this one was forked from
        lines = told.read_text(encoding="ascii", errors="replace").splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), None)
    try:
        import resource
    except ImportError:  # there is no such module on Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
