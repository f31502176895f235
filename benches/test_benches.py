"""The workloads for pytest-benchmark, to keep a history: `pytest benches/test_benches.py --benchmark-autosave`.

Not part of the tests: nothing here asserts a time. Each answer is checked against the hand-written loop first.
"""

from collections.abc import Callable
from typing import Any

import pytest

from benches.contestants import check, contestants
from benches.markets import random_walk
from benches.workloads import WORKLOADS

BARS = {"W1": 100_000, "W2": 20_000, "W3": 20_000, "W4": 1_000}


@pytest.mark.parametrize("number", range(3), ids=["loop", "callback-or-python", "python"])
@pytest.mark.parametrize("workload", WORKLOADS)
def test_workload(benchmark: Callable[[Callable[[], Any]], Any], workload: str, number: int) -> None:
    everybody = contestants(workload, random_walk(BARS[workload], WORKLOADS[workload].width))
    if number >= len(everybody):
        pytest.skip("this workload has no callback of its own")
    check(workload, {one.name: one.answer(one.run()) for one in everybody})
    benchmark(everybody[number].run)
