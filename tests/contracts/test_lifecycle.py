"""The life of anything that runs: the table of what is possible."""

from itertools import product

import pytest

from triplebar.contracts.errors import IllegalTransition
from triplebar.contracts.lifecycle import TRANSITIONS, Lifecycle, LifecycleAction, LifecycleState

STATES = [state.text for state in LifecycleState]
#                     created    ready      running    paused     stopped  failed
TABLE = {
    "prepare": ["ready", None, None, None, None, None],
    "start": [None, "running", None, None, None, None],
    "pause": [None, None, "paused", None, None, None],
    "resume": [None, None, None, "running", None, None],
    "stop": ["stopped", "stopped", "stopped", "stopped", None, None],
    "fail": ["failed", "failed", "failed", "failed", None, None],
}
ROADS = {
    "created": [],
    "ready": ["prepare"],
    "running": ["prepare", "start"],
    "paused": ["prepare", "start", "pause"],
    "stopped": ["prepare", "start", "stop"],
    "failed": ["fail"],
}


@pytest.mark.feature("F-074")
@pytest.mark.parametrize(("state", "action"), list(product(STATES, TABLE)))
def test_each_action_in_each_state(state: str, action: str) -> None:
    life = Lifecycle("run")
    for step in ROADS[state]:
        life.do(LifecycleAction.from_text(step))
    assert life.state.text == state
    then = TABLE[action][STATES.index(state)]
    if then is None:
        with pytest.raises(IllegalTransition, match=f"run: '{action}' is not possible in state '{state}'"):
            life.do(LifecycleAction.from_text(action))
        assert life.state.text == state
    else:
        assert life.do(LifecycleAction.from_text(action)).text == then == life.history[-1].text


@pytest.mark.feature("F-074")
def test_the_table_is_total_and_only_ends_are_final() -> None:
    assert set(TRANSITIONS) == set(product(LifecycleState, LifecycleAction))
    for state in LifecycleState:
        assert state.final == all(TRANSITIONS[state, action] is None for action in LifecycleAction)
