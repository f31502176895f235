"""The states of a batch as one total table."""

from __future__ import annotations

from typing import Final

from triplebar.contracts.codes import Code
from triplebar.contracts.errors import ConfigError, IllegalTransition


class BatchStatus(Code):
    """Where a batch is."""

    PENDING = 0
    RUNNING = 1
    COMPLETED = 2
    """All items succeeded."""
    PARTIAL = 3
    """Some failed, or were never run."""
    FAILED = 4
    """None succeeded."""
    CANCELLED = 5

    @property
    def final(self) -> bool:
        """Whether nothing can follow.

        >>> BatchStatus.PARTIAL.final, BatchStatus.RUNNING.final
        (True, False)
        """
        return self not in {BatchStatus.PENDING, BatchStatus.RUNNING}

    @classmethod
    def of(cls, value: object) -> BatchStatus:
        """Read a state, or its name in any case.

        >>> BatchStatus.of("COMPLETED").text
        'completed'
        """
        if isinstance(value, BatchStatus):
            return value
        try:
            return cls.from_text(value.lower() if isinstance(value, str) else value)
        except ValueError:
            known = ", ".join(cls.texts())
            raise ConfigError.of("status", value, "is no state of a batch", fix=f"known: {known}") from None


_LEGAL: Final = {
    BatchStatus.PENDING: {BatchStatus.RUNNING, BatchStatus.CANCELLED},
    BatchStatus.RUNNING: {BatchStatus.COMPLETED, BatchStatus.PARTIAL, BatchStatus.FAILED, BatchStatus.CANCELLED},
}

TRANSITIONS: Final[dict[tuple[BatchStatus, BatchStatus], bool]] = {
    (state, wanted): wanted in _LEGAL.get(state, set()) for state in BatchStatus for wanted in BatchStatus
}
"""Whether a state can follow another one."""


def check_step(batch_id: str, state: BatchStatus, wanted: BatchStatus) -> None:
    """Raise `IllegalTransition` if a state cannot follow.

    >>> check_step("batch-0", BatchStatus.CANCELLED, BatchStatus.RUNNING)
    Traceback (most recent call last):
    triplebar.contracts.errors.IllegalTransition: batch-0: 'running' is not possible in state 'cancelled'
    """
    if not TRANSITIONS[state, wanted]:
        raise IllegalTransition.of(batch_id, state.text, wanted.text)


def outcome(succeeded: int, total: int) -> BatchStatus:
    """How a batch has ended.

    >>> [outcome(number, 2).text for number in range(3)]
    ['failed', 'partial', 'completed']
    """
    if not succeeded:
        return BatchStatus.FAILED
    return BatchStatus.COMPLETED if succeeded == total else BatchStatus.PARTIAL
