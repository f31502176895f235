"""One clock for many instruments: the sorted set of all bar times (rule S-10)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triplebar.contracts.different import different
from triplebar.data.arrays import IndexArray, IntArray, frozen


def common_clock(times: Sequence[IntArray]) -> tuple[IntArray, list[IndexArray | None]]:
    """Return the clock and the place of each bar on it; None where bar `i` stands at tick `i`.

    >>> clock, places = common_clock([np.array([10, 30]), np.array([20, 30])])
    >>> clock.tolist(), [each.tolist() for each in places if each is not None]
    ([10, 20, 30], [[0, 2], [1, 2]])
    """
    first = times[0]
    if all(_equal(first, time) for time in times[1:]):
        return first, [None] * len(times)
    clock: IntArray = different(np.concatenate(times), sorted_runs=True)
    return frozen(clock), [_places(clock, time) for time in times]


def _equal(first: IntArray, time: IntArray) -> bool:
    return len(first) == len(time) and bool(np.array_equal(first, time))


def _places(clock: IntArray, time: IntArray) -> IndexArray | None:
    if len(time) == len(clock):
        return None
    return frozen(np.searchsorted(clock, time).astype(np.int32))
