"""Memory does not grow with the space.

`TRIPLEBAR_SWEEP_POINTS=10000000 pytest tests/sweep/test_memory.py` for ten million sets (some minutes).
"""

import os

import pytest

from benches.sweeping import resident

POINTS = int(os.environ.get("TRIPLEBAR_SWEEP_POINTS", "100000"))


@pytest.mark.feature("F-109")
def test_resident_memory_is_flat() -> None:
    small, large = resident(10_000), resident(POINTS)
    assert small > 50 * 2**20
    assert large < 1.05 * small
