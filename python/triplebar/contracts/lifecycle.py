"""The states of anything that runs, as one total table."""

from __future__ import annotations

from typing import Final

from triplebar.contracts.codes import Code
from triplebar.contracts.errors import IllegalTransition


class LifecycleState(Code):
    """Where a run or a component is in its life."""

    CREATED = 0
    READY = 1
    RUNNING = 2
    PAUSED = 3
    STOPPED = 4
    FAILED = 5

    @property
    def final(self) -> bool:
        """Whether nothing can follow.

        >>> LifecycleState.STOPPED.final
        True
        """
        return self in {LifecycleState.STOPPED, LifecycleState.FAILED}


class LifecycleAction(Code):
    """What can be done with it."""

    PREPARE = 0
    START = 1
    PAUSE = 2
    RESUME = 3
    STOP = 4
    FAIL = 5


_STATE: Final = LifecycleState
_ACTION: Final = LifecycleAction
_LEGAL: Final[dict[tuple[LifecycleState, LifecycleAction], LifecycleState]] = {
    (_STATE.CREATED, _ACTION.PREPARE): _STATE.READY,
    (_STATE.CREATED, _ACTION.STOP): _STATE.STOPPED,
    (_STATE.CREATED, _ACTION.FAIL): _STATE.FAILED,
    (_STATE.READY, _ACTION.START): _STATE.RUNNING,
    (_STATE.READY, _ACTION.STOP): _STATE.STOPPED,
    (_STATE.READY, _ACTION.FAIL): _STATE.FAILED,
    (_STATE.RUNNING, _ACTION.PAUSE): _STATE.PAUSED,
    (_STATE.RUNNING, _ACTION.STOP): _STATE.STOPPED,
    (_STATE.RUNNING, _ACTION.FAIL): _STATE.FAILED,
    (_STATE.PAUSED, _ACTION.RESUME): _STATE.RUNNING,
    (_STATE.PAUSED, _ACTION.STOP): _STATE.STOPPED,
    (_STATE.PAUSED, _ACTION.FAIL): _STATE.FAILED,
}

TRANSITIONS: Final[dict[tuple[LifecycleState, LifecycleAction], LifecycleState | None]] = {
    (state, action): _LEGAL.get((state, action)) for state in LifecycleState for action in LifecycleAction
}
"""The state after each action in each state; None is illegal."""


class Lifecycle:
    """One life, with its history.

    >>> life = Lifecycle("run")
    >>> life.do(LifecycleAction.PREPARE).text, life.do(LifecycleAction.START).text
    ('ready', 'running')
    >>> life.do(LifecycleAction.RESUME)
    Traceback (most recent call last):
    triplebar.contracts.errors.IllegalTransition: run: 'resume' is not possible in state 'running'
    """

    def __init__(self, name: str) -> None:
        """Begin as created; the name stands in errors."""
        self.name = name
        self.history: list[LifecycleState] = [LifecycleState.CREATED]

    @property
    def state(self) -> LifecycleState:
        """The state now."""
        return self.history[-1]

    def do(self, action: LifecycleAction) -> LifecycleState:
        """Take an action; an illegal one raises `IllegalTransition` and changes nothing."""
        found = TRANSITIONS[self.state, action]
        if found is None:
            raise IllegalTransition.of(self.name, self.state.text, action.text)
        self.history.append(found)
        return found
