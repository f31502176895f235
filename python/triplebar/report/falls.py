"""The worst drawdowns of a curve, with their dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from triplebar.metrics.inputs import DAY_NS, Curve


@dataclass(frozen=True, slots=True)
class Fall:
    """From a peak to the value at which the curve was there again; `recovered_ns` is None while it is not."""

    depth: float
    peak_ns: int
    trough_ns: int
    recovered_ns: int | None
    days: float
    """From the peak to the recovery, or to the end."""


def worst_falls(curve: Curve, most: int = 10) -> list[Fall]:
    """Find the deepest drawdowns, each between two peaks, the deepest first.

    >>> values = np.array([120.0, 90.0, 130.0, 125.0, 140.0, 70.0])
    >>> curve = Curve(0, 100.0, np.arange(1, 7) * DAY_NS, values, np.zeros(6))
    >>> [(each.depth, each.days, each.recovered_ns is None) for each in worst_falls(curve, 2)]
    [(0.5, 1.0, True), (0.25, 2.0, False)]
    """
    values, times = curve.values, curve.times
    highest = np.maximum.accumulate(values)
    if values.size < 2 or highest[0] <= 0:
        return []
    below = values < highest
    starts = np.flatnonzero(below & ~np.concatenate([[False], below[:-1]]))  # the first points below a peak
    ends = np.flatnonzero(~below & np.concatenate([[False], below[:-1]]))  # the first that are back
    if starts.size == 0:
        return []
    depth = np.maximum.reduceat(1.0 - values / highest, starts)
    found = []
    for number in np.argsort(-depth, kind="stable")[:most].tolist():
        first = int(starts[number])
        end = int(ends[number]) if number < ends.size else None
        trough = first + int(np.argmin(values[first : end or values.size]))
        over = times[-1] if end is None else times[end]
        peak = int(times[first - 1])
        recovered = None if end is None else int(times[end])
        found.append(Fall(float(depth[number]), peak, int(times[trough]), recovered, float(over - peak) / DAY_NS))
    return found
