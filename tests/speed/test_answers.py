"""The benches compare like with like: the engine and the hand-written loops agree on every fill and every bar."""

import dataclasses

import numpy as np
import pytest

from benches.contestants import DisagreementError, check, contestants, digest
from benches.limits import native_loop
from benches.markets import random_walk
from benches.workloads import PYTHON, WORKLOADS

BARS = {"W1": 20_000, "W2": 5_000, "W3": 5_000, "W4": 500}


@pytest.mark.feature("F-079")
@pytest.mark.parametrize("workload", WORKLOADS)
def test_all_contestants_of_a_workload_agree(workload: str) -> None:
    ticks = random_walk(BARS[workload], WORKLOADS[workload].width)
    answers = {one.name: one.answer(one.run()) for one in contestants(workload, ticks)}
    assert len(answers) >= 2
    assert answers[PYTHON].fills > BARS[workload] / 100
    check(workload, answers)


def test_a_different_answer_is_not_timed() -> None:
    answer = native_loop("W1", random_walk(1_000))()
    equity = answer.equity.copy()
    equity[700] += 1
    other = dataclasses.replace(answer, equity=equity)
    assert digest(other) != digest(answer)
    with pytest.raises(DisagreementError, match="equity differs first at bar 700"):
        check("W1", {"one": answer, "other": other})


def test_one_more_fill_is_not_timed() -> None:
    answer = native_loop("W2", random_walk(100))()
    assert np.count_nonzero(answer.equity) == 100
    with pytest.raises(DisagreementError, match="99 fills"):
        check("W2", {"one": answer, "other": dataclasses.replace(answer, fills=100)})
