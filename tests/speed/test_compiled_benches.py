"""The benches of compiled strategies compare like with like, and print every ratio that is asked for."""

import pytest

from benches import compiled, compiled_start
from benches.contestants import DisagreementError, check
from benches.markets import random_walk
from benches.workloads import LOOP, WORKLOADS

BARS = {"W1": 2_000, "W2": 500, "W3": 500, "W4": 120}


@pytest.mark.parametrize("name", WORKLOADS)
def test_contestants_agree_before_they_are_timed(name: str) -> None:
    found = compiled.timed(name, random_walk(BARS[name], WORKLOADS[name].width), 1)
    assert len(found) == (5 if name == "W4" else 4)
    assert all(len(one.seconds) == 1 and one.seconds[0] > 0 for one in found.values())
    lines = compiled.goal_lines(name, found)
    assert len(lines) == (2 if name == "W4" else 1)
    assert all("met" in line or "missed" in line for line in lines)
    assert found[compiled.ALONE].times(found[LOOP]) > 0


def test_another_answer_is_refused() -> None:
    one, *_ = compiled.everybody("W2", random_walk(200))
    other, *_ = compiled.everybody("W2", random_walk(200, seed=8))
    with pytest.raises(DisagreementError):
        check("W2", {"one": one.run()[0], "other": other.run()[0]})


def test_a_warm_process_does_not_load_the_compiler(tmp_path: object) -> None:
    cold = compiled_start.start("Momentum", str(tmp_path))
    warm = compiled_start.start("Momentum", str(tmp_path))
    assert cold.compiler
    assert not warm.compiler
    assert warm.after_import > 0
