"""The mathematics of the C library, which Python calls: compiled code calls the very same functions."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

NAMES: Final = (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "erf", "erfc", "exp", "expm1", "fmod",
    "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "tan", "tanh",
)  # fmt: skip


def addresses() -> dict[str, int]:
    """Where each of them is, as the linker shall know it: a name of our own, so that no optimiser knows better.

    With them what gives memory, for the values that a failing handler leaves.

    >>> sorted(addresses())[:3]
    ['allocate', 'libm_acos', 'libm_acosh']
    """
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    found = {name: ctypes.cast(getattr(library, name), ctypes.c_void_p).value for name in NAMES}
    found["allocate"] = ctypes.cast(library.malloc, ctypes.c_void_p).value
    named = {name if name == "allocate" else f"libm_{name}": address for name, address in found.items()}
    return {name: address for name, address in named.items() if address is not None}
