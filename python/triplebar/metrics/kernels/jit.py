"""Compile a kernel with Numba and keep what was compiled on disk, wherever that is possible.

A kernel calls only kernels of its own file: what is kept is renewed when that file changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numba
import numpy as np
import numpy.typing as npt

CodeArray: TypeAlias = npt.NDArray[np.int8]
PlaceArray: TypeAlias = npt.NDArray[np.int32]
Kernel = TypeVar("Kernel", bound=Callable[..., Any])


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
