"""One instrument while a run goes on: its bars, and what is fixed for the bar of this tick."""

from __future__ import annotations

from typing import Any

from triplebar.contracts.codes import PathRule
from triplebar.contracts.settings import InstrumentSettings
from triplebar.engines.reference.costs import half_spread
from triplebar.engines.reference.units import PPB


class Listing:
    """The bars of one instrument as plain lists, and the row that the clock has come to."""

    def __init__(self, index: int, instrument: InstrumentSettings, series: Any, sessions: list[int]) -> None:  # noqa: ANN401
        """Read a `Series` of the market once."""
        self.index = index
        self.instrument = instrument
        self.time: list[int] = series.time.tolist()
        self.open: list[int] = series.ticks.open.tolist()
        self.high: list[int] = series.ticks.high.tolist()
        self.low: list[int] = series.ticks.low.tolist()
        self.close: list[int] = series.ticks.close.tolist()
        self.volume: list[int] = series.lots.tolist()
        self.clock: list[int] = series.clock_index.tolist()
        self.session = [sessions[tick] for tick in self.clock]
        self.seen = 0
        """Bars that have begun."""
        self.has_bar = False
        self.half_spread = 0
        self.budget: int | None = None
        self.traded = 0
        """Notional traded so far, in minor units (S-53)."""

    @property
    def row(self) -> int:
        """The bar of this tick, or the last one before it."""
        return self.seen - 1

    def begin(self, tick: int) -> None:
        """See whether there is a bar at this tick of the clock."""
        self.has_bar = self.seen < len(self.clock) and self.clock[self.seen] == tick
        self.seen += self.has_bar

    def open_bar(self) -> None:
        """S-51 and S-55: what is fixed at O."""
        self.half_spread = half_spread(self.instrument, self.open[self.row])
        share = self.instrument.participation_ppb
        self.budget = None if share is None else self.volume[self.row] * share // PPB

    @property
    def first_of_session(self) -> bool:
        """S-42: whether this bar is the first of its session."""
        return self.row == 0 or self.session[self.row - 1] != self.session[self.row]

    @property
    def last_of_session(self) -> bool:
        """S-43: whether this bar is the last of its session."""
        return self.last or self.session[self.row + 1] != self.session[self.row]

    @property
    def last(self) -> bool:
        """Whether this bar is the instrument's last."""
        return self.row + 1 == len(self.clock)

    def path(self, rule: PathRule, held: int, resting_sides: set[int]) -> list[int]:
        """S-11: O, first extreme, second extreme, C."""
        row = self.row
        low_first = abs(self.low[row] - self.open[row]) <= abs(self.high[row] - self.open[row])
        if rule is PathRule.OPEN_HIGH_LOW_CLOSE:
            low_first = False
        elif rule is PathRule.OPEN_LOW_HIGH_CLOSE:
            low_first = True
        elif rule is PathRule.PESSIMISTIC and held:
            low_first = held > 0
        elif rule is PathRule.PESSIMISTIC and len(resting_sides) == 1:
            low_first = resting_sides == {-1}
        extremes = [self.low[row], self.high[row]] if low_first else [self.high[row], self.low[row]]
        return [self.open[row], *extremes, self.close[row]]
