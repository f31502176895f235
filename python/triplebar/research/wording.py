"""One order's numbers and properties in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from triplebar.contracts import rules
from triplebar.contracts.codes import Moment, OrderFlag, OrderKind, TimeInForce
from triplebar.contracts.result import RunResult
from triplebar.contracts.settings import InstrumentSettings
from triplebar.contracts.time import to_text

MOMENTS: Final = {
    Moment.BEFORE: "before the open of",
    Moment.OPEN: "at the open of",
    Moment.PATH: "on the path of",
    Moment.CLOSE: "at the close of",
    Moment.DECISION: "at the decision after",
}


@dataclass(frozen=True, slots=True)
class OrderWords:
    """Writes what is known of an order the way people say it."""

    result: RunResult
    row: Mapping[str, int]

    @property
    def instrument(self) -> InstrumentSettings:
        """The grid of the order's instrument."""
        return self.result.settings.instruments[self.row["instrument"]]

    def price(self, ticks: int) -> str:
        """Ticks as a price, with all its decimals."""
        precision = self.instrument.price_precision
        return f"{ticks / 10**precision:.{precision}f}"

    def size(self, lots: int) -> str:
        """Lots as a size."""
        return f"{lots / 10**self.instrument.size_precision:g}"

    def money(self, minor: int) -> str:
        """Minor units as money."""
        return f"{minor / 10**self.result.settings.cash_precision:g}"

    def bar(self, clock: int) -> str:
        """A tick of the clock, with its time."""
        return f"bar {clock} ({to_text(int(self.result.clock[clock]))})"

    def where(self, clock: int, moment: Moment) -> str:
        """The part of a tick of the clock in which something happened."""
        return f"{MOMENTS[moment]} {self.bar(clock)}" if clock >= 0 else "before the first bar"

    def described(self) -> str:
        """The whole order: side, size, kind, time in force and flags."""
        row = self.row
        side = "buy" if row["side"] > 0 else "sell"
        parts = [f"{side} {self.size(row['quantity'])} {self.instrument.symbol} {self.kind()}"]
        parts.append(rules.TIMES_IN_FORCE[TimeInForce(row["tif"])].sentence)
        for flag, words in ((OrderFlag.POST_ONLY, "post-only"), (OrderFlag.REDUCE_ONLY, "reduce-only")):
            if row["flags"] & flag:
                parts.append(words)
        if row["flags"] & OrderFlag.VENUE:
            parts.append("by the venue")
        if row["parent"]:
            parts.append(f"child of order {row['parent']}")
        if row["group"]:
            parts.append(f"in the group {self.result.labels[row['group'] - 1]!r}")
        return ", ".join(parts)

    def kind(self) -> str:
        """The kind of the order with its prices."""
        limit, trigger = self.price(self.row["limit"]), self.price(self.row["trigger"])
        texts = {
            OrderKind.MARKET: "at market",
            OrderKind.LIMIT: f"at the limit {limit}",
            OrderKind.STOP: f"at the stop {trigger}",
            OrderKind.STOP_LIMIT: f"at the stop {trigger} with the limit {limit}",
            OrderKind.TRAILING_STOP: f"by a trailing stop of {self.trail()}",
            OrderKind.MARKET_IF_TOUCHED: f"if {trigger} is touched",
        }
        return texts[OrderKind(self.row["kind"])]

    def trail(self) -> str:
        """How far a trailing stop's trigger stays away."""
        if self.row["flags"] & OrderFlag.TRAIL_IS_PPB:
            return f"{self.row['trail'] / 1e7:g} %"
        return self.price(self.row["trail"])
