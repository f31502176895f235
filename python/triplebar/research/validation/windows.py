"""Windows to choose in and windows to look at afterwards: rolling on, or anchored at the beginning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from triplebar.contracts.errors import ConfigError, InsufficientDataError
from triplebar.contracts.time import to_ns, to_text
from triplebar.data.intervals import interval_text
from triplebar.data.market import Market
from triplebar.research.validation.spans import Span, span_ns


@dataclass(frozen=True, slots=True)
class Window:
    """Where one choice is made, `[train_start, train_end)`, and where it is looked at, `[test_start, test_end)`.

    Times are nanoseconds since 1970, of the closes of bars.
    """

    number: int
    train_start: int
    train_end: int
    test_start: int
    test_end: int

    def __str__(self) -> str:
        """Both parts, in days and hours."""
        train, test = (
            f"{to_text(start)} to {to_text(end)}"
            for start, end in ((self.train_start, self.train_end), (self.test_start, self.test_end))
        )
        return f"window {self.number}: {train}, then {test}"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long the parts of a window are, and how far it is to the next one."""

    train_ns: int
    test_ns: int
    step_ns: int
    embargo_ns: int = 0
    anchored: bool = False

    @classmethod
    def of(
        cls, train: Span, test: Span, *, step: Span | None = None, embargo: Span = 0, anchored: bool = False
    ) -> Plan:
        """Check lengths as people write them; a step is as long as a test if nothing is said.

        >>> Plan.of("180d", "30d", embargo="1d").step_ns == 30 * 86_400 * 10**9
        True
        """
        test_ns = span_ns("test", test)
        step_ns = test_ns if step is None else span_ns("step", step)
        if step_ns < test_ns:
            problem = f"is shorter than a test of {interval_text(test_ns)}, so that some bars would count twice"
            raise ConfigError.of("step", step, problem, fix="leave it out")
        gap_ns = span_ns("embargo", embargo, may_be_nothing=True)
        return cls(span_ns("train", train), test_ns, step_ns, gap_ns, bool(anchored))

    @property
    def length_ns(self) -> int:
        """From the beginning of the first window to the end of its test."""
        return self.train_ns + self.embargo_ns + self.test_ns

    def window(self, number: int, start_ns: int) -> Window:
        """Lay a window, the first of which begins at `start_ns`."""
        moved = start_ns + number * self.step_ns
        train_end = moved + self.train_ns
        test_start = train_end + self.embargo_ns
        return Window(number, start_ns if self.anchored else moved, train_end, test_start, test_start + self.test_ns)


def common_span(market: Market, start: object = None, end: object = None) -> tuple[int, int]:
    """From when and until when (not included) all instruments have bars: the latest first bar, the earliest last one.

    A last bar counts as long as its interval: bars at 1:00, 2:00 and 3:00 reach from 1:00 to before 4:00, three hours.

    >>> market = Market.synthetic(bars=24, seed=1, interval="1h")
    >>> first, last = common_span(market)
    >>> (last - first) // 3_600_000_000_000
    24
    """
    series = [market.series(symbol) for symbol in market.symbols]
    first = max(int(each.time[0]) for each in series)
    last = min(int(each.time[-1]) + each.interval_ns for each in series)
    return (
        first if start is None else max(first, to_ns(start)),
        last if end is None else min(last, to_ns(end)),
    )


def windows_of(market: Market, plan: Plan, *, start: object = None, end: object = None) -> tuple[Window, ...]:
    """Lay windows over a market; the last one that fits exactly is among them.

    A window whose train or test part has no bar is left out, so numbers may be missing.

    >>> market = Market.synthetic(bars=10, seed=1, interval="1d")
    >>> [each.number for each in windows_of(market, Plan.of("4d", "2d"))]
    [0, 1, 2]
    """
    first, last = common_span(market, start, end)
    count = (last - first - plan.length_ns) // plan.step_ns + 1
    if count < 1:
        needed, there = interval_text(plan.length_ns), interval_text(max(last - first, 0))
        error = InsufficientDataError(
            f"a window takes {needed}, the market has {there}",
            where="windows",
            fix="load more data, or shorten train, embargo or test",
        )
        error.needed, error.available = plan.length_ns, max(last - first, 0)
        raise error
    laid = (plan.window(number, first) for number in range(count))
    return tuple(each for each in laid if _has_bars(market, each))


def _has_bars(market: Market, window: Window) -> bool:
    bounds = (window.train_start, window.train_end, window.test_start, window.test_end)
    places = np.searchsorted(market.clock, bounds)
    return bool(places[0] < places[1] and places[2] < places[3])
