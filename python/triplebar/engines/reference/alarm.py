"""A timer of a strategy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Alarm:
    """A timer that is set; one that repeats has `every_ns > 0`."""

    name: str
    due_ns: int
    every_ns: int

    def move_on(self, time_ns: int) -> None:
        """Be due at its first time after `time_ns`.

        >>> alarm = Alarm("rebalance", due_ns=10, every_ns=10)
        >>> alarm.move_on(35)
        >>> alarm.due_ns
        40
        """
        missed = (time_ns - self.due_ns) // self.every_ns
        self.due_ns += (missed + 1) * self.every_ns
