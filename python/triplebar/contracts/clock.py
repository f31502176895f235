"""A clock that stands still until it is told to move: time for simulations and tests."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from triplebar.contracts.codes import Code
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.time import from_ns, to_ns

Callback = Callable[[datetime], object]
"""What a clock calls; it is given the time at which it was due."""
NextOpen = Callable[[str, datetime], datetime]
"""When a calendar's market opens next, at or after a time."""


class ClockMode(Code):
    """Where a clock's time comes from."""

    REALTIME = 0
    SIMULATED = 1
    REPLAY = 2


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that is due, as a strategy sees it.

    >>> Timer("rebalance", 0).time.year
    1970
    """

    name: str
    time_ns: int

    @property
    def time(self) -> datetime:
        """When it was due."""
        return from_ns(self.time_ns)


@dataclass(order=True, slots=True)
class _Entry:
    due_ns: int
    number: int
    callback: Callback = field(compare=False)
    every_ns: int = field(compare=False, default=0)


class SimulatedClock:
    """A `ClockPort` that moves only by `advance_to`; callbacks run in order of time, then of setting.

    >>> clock = SimulatedClock("2024-01-01T00:00:00Z")
    >>> seen = []
    >>> _ = clock.schedule_once(timedelta(minutes=2), lambda now: seen.append(now.minute))
    >>> _ = clock.schedule_interval(timedelta(minutes=1), lambda now: seen.append(-now.minute))
    >>> clock.advance_to("2024-01-01T00:02:30Z")
    >>> seen
    [-1, 2, -2]
    """

    def __init__(
        self, start: datetime | str | int, *, mode: ClockMode = ClockMode.SIMULATED, next_open: NextOpen | None = None
    ) -> None:
        """`next_open` knows the calendars; without one only "24/7" is known."""
        self._now_ns = to_ns(start)
        self._mode = mode
        self._next_open = next_open
        self._numbers = count(1)
        self._queue: list[_Entry] = []
        self._live: set[int] = set()

    @property
    def mode(self) -> ClockMode:
        """Where the time comes from."""
        return self._mode

    @property
    def now_ns(self) -> int:
        """The time in nanoseconds since 1970."""
        return self._now_ns

    def now(self) -> datetime:
        """The time, UTC-aware."""
        return from_ns(self._now_ns)

    def schedule_once(self, delay: timedelta, callback: Callback) -> int:
        """Call once after a delay; returns the id of the schedule."""
        return self._add(self._now_ns + _duration_ns("delay", delay, least=0), callback)

    def schedule_interval(self, every: timedelta, callback: Callback) -> int:
        """Call again and again; the first time after one interval."""
        every_ns = _duration_ns("every", every, least=1)
        return self._add(self._now_ns + every_ns, callback, every_ns)

    def schedule_at(self, when: datetime | str | int, callback: Callback) -> int:
        """Call once at a time; `ValueError` if it is past."""
        due_ns = to_ns(when)
        if due_ns < self._now_ns:
            raise ValueError(f"{when} is before now, {self.now()}; schedule a later time")
        return self._add(due_ns, callback)

    def cancel_schedule(self, schedule: int) -> bool:
        """Forget a schedule; False if it is not there (any more)."""
        if schedule not in self._live:
            return False
        self._live.remove(schedule)
        return True

    def next_market_open(self, calendar: str) -> datetime:
        """When the market of a calendar opens next, at or after now."""
        if self._next_open is not None:
            return self._next_open(calendar, self.now())
        if calendar != "24/7":
            raise ConfigError.of("calendar", calendar, "this clock knows no calendars", fix="give it next_open")
        return self.now()

    def advance_to(self, when: datetime | str | int) -> None:
        """Move forward and make all calls that fall due on the way; `ValueError` for a step back."""
        target_ns = to_ns(when)
        if target_ns < self._now_ns:
            raise ValueError(f"{when} is before now, {self.now()}; a clock does not go back")
        while self._queue and self._queue[0].due_ns <= target_ns:
            entry = heapq.heappop(self._queue)
            if entry.number in self._live:
                self._fire(entry)
        self._now_ns = max(self._now_ns, target_ns)

    def _fire(self, entry: _Entry) -> None:
        self._now_ns = max(self._now_ns, entry.due_ns)
        if entry.every_ns:
            entry.due_ns += entry.every_ns
            heapq.heappush(self._queue, entry)
            entry.callback(from_ns(entry.due_ns - entry.every_ns))
        else:
            self._live.remove(entry.number)
            entry.callback(from_ns(entry.due_ns))

    def _add(self, due_ns: int, callback: Callback, every_ns: int = 0) -> int:
        if not callable(callback):
            raise ValueError(f"{callback!r} cannot be called; give a function of the time")  # noqa: TRY004
        number = next(self._numbers)
        heapq.heappush(self._queue, _Entry(due_ns, number, callback, every_ns))
        self._live.add(number)
        return number


def _duration_ns(name: str, duration: timedelta, *, least: int) -> int:
    nanoseconds = duration // timedelta(microseconds=1) * 1_000
    if nanoseconds < least:
        raise ValueError(f"{name} = {duration} is not possible; give a time that is still to come")
    return nanoseconds
