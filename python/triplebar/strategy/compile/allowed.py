"""Functions of Python, `math` and NumPy that do the same compiled; of those that are not here nobody knows.

A test compares each with Python on random numbers and arrays.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

import numpy as np

CHECKED: Final[dict[str, bool]] = {
    "acos": False,
    "acosh": False,
    "asin": False,
    "asinh": False,
    "atan": False,
    "atanh": False,
    "cos": False,
    "cosh": True,
    "erf": False,
    "erfc": False,
    "exp": True,
    "expm1": True,
    "log": False,
    "log10": False,
    "log1p": False,
    "log2": False,
    "sin": False,
    "sinh": True,
    "sqrt": False,
    "tan": False,
    "tanh": False,
}
"""Functions of `math` of one number that are the C library's, and raise what Python raises: which can overflow."""
PAIRS: Final = ("atan2", "fmod", "pow")
"""Those of two numbers."""
WHOLE: Final = ("ceil", "floor", "trunc")
"""Those that give whole numbers."""
AS_THEY_ARE: Final = ("copysign", "degrees", "fabs", "gcd", "isfinite", "isinf", "isnan", "radians")
"""Those that Numba does by itself."""
REPLACED: Final[dict[Any, str]] = {
    **{getattr(math, name): f"__math_{name}__" for name in (*CHECKED, *PAIRS, *WHOLE)},
    int: "__int__",
    round: "__round__",
    pow: "__power__",
}
"""What is called instead."""
BUILTINS: Final = ("abs", "bool", "divmod", "enumerate", "float", "len", "max", "min", "range", "zip")
NUMPY: Final = (
    "abs",
    "absolute",
    "argmax",
    "argmin",
    "ceil",
    "copysign",
    "diff",
    "empty",
    "empty_like",
    "fabs",
    "floor",
    "float64",
    "full",
    "isfinite",
    "isinf",
    "isnan",
    "max",
    "maximum",
    "min",
    "minimum",
    "ones",
    "ones_like",
    "sqrt",
    "trunc",
    "where",
    "zeros",
    "zeros_like",
)
ARRAY_METHODS: Final = ("argmax", "argmin", "copy", "fill", "max", "min")
"""What a NumPy array may be asked."""
ALLOWED: Final = {
    *REPLACED,
    *(getattr(math, name) for name in AS_THEY_ARE),
    *(getattr(builtins, name) for name in BUILTINS),
    *(getattr(np, name) for name in NUMPY),
}
ORDERED: Final = frozenset({
    "average", "cumsum", "dot", "mean", "median", "nanmean", "nanstd", "nansum", "nanvar", "prod", "std", "sum", "var",
})  # fmt: skip
"""What NumPy adds up in an order of its own: compiled code would add in another one, and the last bit would differ."""


def is_librarys(found: object) -> bool:
    """Whether something that is called is a library's, not the user's.

    >>> is_librarys(math.gamma), is_librarys(np.mean), is_librarys(is_librarys)
    (True, True, False)
    """
    module = str(getattr(found, "__module__", None) or "").partition(".")[0]
    if module in {"numpy", "math", "cmath", "random", "operator", "time", "statistics", "_operator", "builtins"}:
        return True
    return callable(found) and isinstance(found, (type(len), np.ufunc, type([].append), type(Callable)))


def instead_of(found: object) -> str:
    """What to write for a function that is not allowed."""
    name, module = getattr(found, "__name__", ""), type(getattr(found, "__self__", None)).__name__
    if name in ORDERED:
        return "use an indicator, or add in a loop: NumPy adds in an order of its own"
    if isinstance(found, np.ufunc) and getattr(math, name, None) in REPLACED:
        return f"use math.{name}, whose last bit is the same compiled and interpreted"
    if module in {"Random", "RandomState", "Generator"} or "random" in str(getattr(found, "__module__", "")):
        return "use ctx.random"
    if isinstance(found, np.ufunc) or "numpy" in str(getattr(found, "__module__", "")):
        return "write a loop: what NumPy does and what the compiled code would do may differ"
    if isinstance(found, FunctionType):
        return "write it out"
    return "write it with what the page lists (docs/how-to/compile.md): the two may differ"
