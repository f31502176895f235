"""Fewer points for pictures, with no peak lost."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from triplebar.contracts.different import different

POINTS_MAX: Final = 4_000
"""More points than a wide screen has columns cannot be seen."""


def thinned(values: npt.NDArray[np.float64], most: int = POINTS_MAX) -> npt.NDArray[Any]:
    """Choose at most about `most` rows: the first, last, lowest and highest of each stretch.

    >>> thinned(np.array([1.0, 2.0, 3.0])).tolist()
    [0, 1, 2]
    >>> 999 in thinned(np.where(np.arange(10_000) == 999, 5.0, 0.0), 100)
    True
    """
    if values.size <= most:
        return np.arange(values.size)
    edges = np.linspace(0, values.size, max(1, most // 4) + 1).astype(np.int64)
    chosen = [edges[:-1], edges[1:] - 1]
    for first, last in pairwise(edges.tolist()):
        part = values[first:last]
        chosen.append(np.array([first + int(np.argmin(part)), first + int(np.argmax(part))]))
    return different(np.concatenate(chosen))
