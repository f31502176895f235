"""Workers that were told to give memory back at once keep it while they run a block, and not longer."""

import os
import subprocess
import sys
import threading

import pytest

from triplebar.research.sweeping import heap

FAULTS = """
import contextlib, resource
import numpy as np
from triplebar.research.sweeping.heap import heap_kept

def faults(times=200, floats=200_000):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        np.full(floats, 1.0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

outside = faults()
with heap_kept() as kept:
    faults()
    within = faults()
print(kept, outside, within, faults())
"""


def faults(trim_bytes: str | None) -> tuple[str, int, int, int]:
    """Whether memory was kept, and page faults of the same arrays before, within and after."""
    environment = {name: value for name, value in os.environ.items() if name != heap.TRIM_VARIABLE}
    if trim_bytes is not None:
        environment[heap.TRIM_VARIABLE] = trim_bytes
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True, env=environment, timeout=60
    )
    kept, *counts = done.stdout.split()
    outside, within, after = map(int, counts)
    return kept, outside, within, after


@pytest.mark.skipif(heap._glibc() is None, reason="only glibc is told by that variable")
def test_a_block_keeps_its_memory_and_gives_it_back() -> None:
    kept, outside, within, after = faults("65536")
    assert kept == "True"
    assert outside > 50_000  # every array is taken from the system anew
    assert within < outside / 20
    assert after > outside / 2


def test_whoever_says_nothing_is_left_alone() -> None:
    assert faults(None)[0] == "False"


@pytest.mark.skipif(heap._glibc() is None, reason="only glibc is told by that variable")
def test_the_last_block_of_a_process_gives_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(heap.TRIM_VARIABLE, "soon")  # no number: glibc's own
    begun, end = threading.Event(), threading.Event()

    def other() -> None:
        with heap.heap_kept():
            begun.set()
            end.wait(60)

    thread = threading.Thread(target=other)
    thread.start()
    assert begun.wait(60)
    with heap.heap_kept():
        assert heap._running == 2
    assert heap._running == 1
    end.set()
    thread.join()
    assert heap._running == 0
