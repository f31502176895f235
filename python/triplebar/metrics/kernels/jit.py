"""Compile a kernel with Numba and keep what was compiled on disk, wherever that is possible.

A kernel calls only kernels of its own file: what is kept is renewed when that file changes. The constants that a file
takes from elsewhere are compiled in, too, so `CONSTANTS` says in each file what they were: when one changes elsewhere,
a test asks for the new fingerprint here, and with it the file has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

import numba
import numpy as np
import numpy.typing as npt

CodeArray: TypeAlias = npt.NDArray[np.int8]
PlaceArray: TypeAlias = npt.NDArray[np.int32]
Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def fingerprint(module: ModuleType) -> str:
    """Say in eight letters what the numbers are that the kernels of a module were compiled with.

    >>> import math
    >>> fingerprint(math) == fingerprint(math)
    True
    """
    kinds = (int, float, str, tuple, np.number)
    found = {name: value for name, value in vars(module).items() if isinstance(value, kinds) and name != "CONSTANTS"}
    numbers = sorted(f"{name}={value!s}" for name, value in found.items() if not name.startswith("_"))
    return hashlib.sha256("\n".join(numbers).encode()).hexdigest()[:8]


def kernel(function: Kernel) -> Kernel:
    """Compile at the first call; without the GIL, without exceptions for a division by zero.

    Numba keeps what it compiled beside the source, or in the user's cache folder where that cannot be written
    (`NUMBA_CACHE_DIR` names another). Where none can be written it is compiled anew in every process.

    >>> @kernel
    ... def double(x):
    ...     return 2 * x
    >>> double(4)
    8
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        compiled: Kernel = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # "cannot cache function": no folder to write to, or no source file
        compiled = numba.njit(**options)(function)
    return compiled
