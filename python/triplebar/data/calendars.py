"""Which sessions a market has: round the clock, weekdays, or those of an exchange.

A session is a day of trading. It has a number, the day of its date since 1970, and one or two stretches of time (two
if there is a break at noon) during which bars can close.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol, runtime_checkable

import numpy as np

from triplebar.contracts.errors import ConfigError, DataError
from triplebar.data.arrays import IndexArray, IntArray
from triplebar.data.exchanges import check_exchange, exchange_stretches
from triplebar.data.intervals import DAY_NS
from triplebar.data.stretches import Stretches
from triplebar.data.times import Instant, from_ns, instant_ns, to_text

ROUND_THE_CLOCK: Final = "24/7"
WEEKDAYS: Final = "weekdays"
EPOCH_WEEKDAY: Final = 3
"""1 January 1970 was a Thursday; Monday is 0."""


@runtime_checkable
class Calendar(Protocol):
    """What the rest of triplebar asks a calendar."""

    @property
    def name(self) -> str:
        """The name by which `calendar` finds it."""

    def sessions(self, time_ns: IntArray) -> IndexArray:
        """Return the session number of each bar that closes at these times."""

    def stretches(self, start_ns: int, end_ns: int) -> Stretches:
        """Return the stretches that touch `[start, end]`."""


@dataclass(frozen=True, slots=True)
class RoundTheClock:
    """Always open; a session is a day in UTC, and a bar that closes at midnight belongs to the day before."""

    name: str = ROUND_THE_CLOCK

    def sessions(self, time_ns: IntArray) -> IndexArray:
        """Return the day, in UTC, of the nanosecond before each time."""
        return ((time_ns - 1) // DAY_NS).astype(np.int32)

    def stretches(self, start_ns: int, end_ns: int) -> Stretches:
        """Return whole days."""
        days = np.arange((start_ns - 1) // DAY_NS, end_ns // DAY_NS + 1, dtype=np.int64)
        return Stretches(days * DAY_NS, (days + 1) * DAY_NS, days.astype(np.int32))


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Monday to Friday, whole days in UTC, less the holidays given."""

    name: str = WEEKDAYS
    holidays: frozenset[date] = frozenset()

    def sessions(self, time_ns: IntArray) -> IndexArray:
        """Return the day of each bar; one outside of all sessions belongs to the next."""
        if len(time_ns) == 0:
            return np.empty(0, dtype=np.int32)
        return _sessions_of(self.stretches(int(time_ns.min()), int(time_ns.max()) + 30 * DAY_NS), time_ns)

    def stretches(self, start_ns: int, end_ns: int) -> Stretches:
        """Return whole days."""
        days = np.arange((start_ns - 1) // DAY_NS, end_ns // DAY_NS + 1, dtype=np.int64)
        closed = [(each - date(1970, 1, 1)).days for each in self.holidays]
        days = days[((days + EPOCH_WEEKDAY) % 7 < 5) & ~np.isin(days, closed)]
        return Stretches(days * DAY_NS, (days + 1) * DAY_NS, days.astype(np.int32))


@dataclass(frozen=True)
class Exchange:
    """The sessions of an exchange as the `exchange_calendars` library knows them (`XNYS`, `XLON`, ...)."""

    name: str

    def sessions(self, time_ns: IntArray) -> IndexArray:
        """Return the session of each bar; one outside of all sessions belongs to the next."""
        if len(time_ns) == 0:
            return np.empty(0, dtype=np.int32)
        return _sessions_of(self.stretches(int(time_ns.min()), int(time_ns.max()) + 30 * DAY_NS), time_ns)

    def stretches(self, start_ns: int, end_ns: int) -> Stretches:
        """Return the sessions; one with a break at noon is two stretches."""
        every = exchange_stretches(self.name, from_ns(start_ns).year - 1, from_ns(end_ns).year + 1)
        first = int(np.searchsorted(every.closes, start_ns))
        last = int(np.searchsorted(every.opens, end_ns, side="right"))
        return Stretches(every.opens[first:last], every.closes[first:last], every.sessions[first:last])


def calendar(name: str | Calendar) -> Calendar:
    """Return a calendar: `24/7`, `weekdays`, or the code of an exchange such as `XNYS`.

    >>> calendar("24/7").sessions(np.array([1, 86_400_000_000_000, 86_400_000_000_001])).tolist()
    [0, 0, 1]
    """
    if not isinstance(name, str):
        return name
    if name == ROUND_THE_CLOCK:
        return RoundTheClock()
    if name == WEEKDAYS:
        return Weekdays()
    check_exchange(name, (ROUND_THE_CLOCK, WEEKDAYS))
    return Exchange(name)


def next_market_open(name: str | Calendar, after: Instant) -> datetime:
    """Return the first instant after `after` at which the market opens; a market that is always open: a new day.

    >>> from datetime import UTC
    >>> next_market_open("weekdays", datetime(2024, 1, 5, 12, tzinfo=UTC)).isoformat()
    '2024-01-08T00:00:00+00:00'
    """
    after_ns = instant_ns(after, "after")
    stretches = calendar(name).stretches(after_ns, after_ns + 30 * DAY_NS)
    later = np.flatnonzero(stretches.opens > after_ns)
    if len(later) == 0:
        raise ConfigError.of("after", from_ns(after_ns).isoformat(), "no session follows within 30 days")
    return from_ns(int(stretches.opens[later[0]]))


def is_open(name: str | Calendar, at: Instant) -> bool:
    """Tell whether the market is open at an instant (at the open: yes, at the close: no).

    >>> from datetime import UTC
    >>> is_open("weekdays", datetime(2024, 1, 6, 12, tzinfo=UTC))
    False
    """
    at_ns = instant_ns(at, "at")
    stretches = calendar(name).stretches(at_ns, at_ns)
    return bool(((stretches.opens <= at_ns) & (at_ns < stretches.closes)).any())


def _sessions_of(stretches: Stretches, time_ns: IntArray) -> IndexArray:
    places = np.searchsorted(stretches.closes, time_ns)
    if len(places) and places.max() >= len(stretches.closes):
        last = to_text(int(time_ns.max()))
        raise DataError("the calendar has no session for this time", where=last, fix="use the calendar '24/7'")
    return stretches.sessions[places]
