"""The workloads for pytest-benchmark, to keep a history: `pytest benches/test_benches.py --benchmark-autosave`.

Not part of the tests: nothing here asserts a time. All answers are checked against the hand-written loop first.
"""

from collections.abc import Callable
from typing import Any

import pytest

from benches import limits
from benches.contestants import check, contestants
from benches.markets import random_walk
from benches.workloads import CALLBACK, LOOP, PYTHON, RECORD, SAME, WORKLOADS

BARS = {"W1": 100_000, "W2": 20_000, "W3": 20_000, "W4": 1_000}
CASES = [
    *((workload, LOOP) for workload in WORKLOADS),
    *((workload, RECORD) for workload in limits.RECORDED),
    *((workload, CALLBACK) for workload in limits.STRATEGIES),
    *((workload, SAME) for workload in limits.SAME_STRATEGIES),
    *((workload, PYTHON) for workload in WORKLOADS),
]


@pytest.mark.parametrize(("workload", "name"), sorted(CASES))
def test_workload(benchmark: Callable[[Callable[[], Any]], Any], workload: str, name: str) -> None:
    everybody = {one.name: one for one in contestants(workload, random_walk(BARS[workload], WORKLOADS[workload].width))}
    check(workload, {one.name: one.answer(one.run()) for one in everybody.values()})
    benchmark(everybody[name].run)
