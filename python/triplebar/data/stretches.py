"""Stretches of time in which a market is open."""

from __future__ import annotations

from dataclasses import dataclass

from triplebar.data.arrays import IndexArray, IntArray


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of open market in order of time: `opens[i]` to `closes[i]`, part of the session `sessions[i]`."""

    opens: IntArray
    closes: IntArray
    sessions: IndexArray
