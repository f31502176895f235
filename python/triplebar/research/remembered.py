"""What two runs of a strategy remember, held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from triplebar.strategy.compile.kinds import HIDDEN


def remembered(strategy: object) -> dict[str, Any]:
    """What a strategy keeps, by name; what belongs to the run is left out.

    >>> class Box:
    ...     def __init__(self):
    ...         self.count = 3
    >>> remembered(Box())
    {'count': 3}
    """
    return {name: value for name, value in sorted(vars(strategy).items()) if name not in HIDDEN}


def first_unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """The first name whose values differ, or that only one of them has.

    >>> first_unlike({"a": 1, "b": [2.0]}, {"a": 1.0, "b": [2.5]})
    'b'
    """
    for name in sorted({*one, *other}):
        if name not in one or name not in other or not alike(one[name], other[name]):
            return name
    return None


def alike(one: Any, other: Any, seen: frozenset[int] = frozenset()) -> bool:  # noqa: ANN401, PLR0911 - one arm a kind
    """Whether two values are the same to who reads them; numbers are, whatever holds them.

    What compiled code cannot hold, a file or a date, is not looked into.

    >>> alike((1, None, {"x": float("nan")}), (1.0, None, {"x": np.float64("nan")}))
    True
    >>> alike([0.5], [0.5, 0.5]), alike("a", 1), alike(np.zeros(2), np.ones(2))
    (False, False, False)
    """
    match one, other:
        case ((bool() | int() | float() | np.generic()), (bool() | int() | float() | np.generic())):
            return bool(one == other or (one != one and other != other))  # noqa: PLR0124 - NaN is not itself
        case ((None | str()), _):
            return bool(one == other)
        case np.ndarray(), np.ndarray():
            return one.shape == other.shape and all(map(alike, one.ravel().tolist(), other.ravel().tolist()))
        case (tuple(), tuple()) | (list(), list()):
            return len(one) == len(other) and all(alike(*pair, seen) for pair in zip(one, other, strict=True))
        case Mapping(), Mapping():
            return one.keys() == other.keys() and all(alike(one[key], other[key], seen) for key in one)
    if type(one) is not type(other):
        return False
    if hasattr(one, "_address"):
        return repr(one) == repr(other)
    if id(one) in seen or not hasattr(one, "__dict__"):
        return True
    return alike(remembered(one), remembered(other), seen | {id(one)})
