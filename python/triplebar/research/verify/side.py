"""One side of a comparison: the exact tables of a run as arrays, and what its money is worth at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import Column
from triplebar.contracts.codes import FlowKind
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import BILLION
from triplebar.contracts.result_tables import columns
from triplebar.contracts.settings import Settings
from triplebar.data.market import Market

Columns = Mapping[str, Column]
OWN: Final = frozenset({"custom", "reference"})
"""Engines that follow our own rules, so that roles, moments and shares of costs mean the same."""
EXTERNAL: Final = (FlowKind.DEPOSIT, FlowKind.WITHDRAWAL)


@dataclass(frozen=True)
class Side:
    """A run as one side of a comparison.

    Amounts of money are whole minor units of the base currency, or, where the name ends in `ppb`, billionths of them,
    so that nothing is rounded before everything is added up.
    """

    name: str
    table: Callable[[str], pa.Table]
    settings: Settings
    market: Market
    labels: tuple[str, ...] = ()

    @classmethod
    def of(cls, result: RunResult) -> Side:
        """Take the side of a result, which still has its market."""
        return cls(result.record.engine, result.canonical, result.settings, result.market, tuple(result.labels))

    @property
    def own(self) -> bool:
        """Whether the engine follows our own rules."""
        return self.name in OWN

    @cached_property
    def orders(self) -> Columns:
        """The orders, one value each."""
        return columns(self.table("orders"))

    @cached_property
    def fills(self) -> Columns:
        """The fills."""
        return columns(self.table("fills"))

    @cached_property
    def flows(self) -> Columns:
        """The changes of cash that are no fills."""
        return columns(self.table("flows"))

    @cached_property
    def equity(self) -> Columns:
        """Equity and cash at each tick of the clock."""
        return columns(self.table("equity"))

    @cached_property
    def units(self) -> list[int]:
        """Minor units of one tick on one lot, by instrument."""
        return [each.unit for each in self.settings.instruments]

    @property
    def last_clock(self) -> int:
        """The last tick of the clock with a row of equity; -1 if there is none."""
        clock = self.equity["clock"]
        return int(clock[-1]) if clock.size else -1

    @cached_property
    def rates_ppb(self) -> list[int]:
        """What a minor unit of each currency is worth at the end."""
        time = int(self.market.clock[self.last_clock]) if self.last_clock >= 0 else int(self.market.clock[0])
        return [_rate_at(rows, time) for rows in self.settings.rates]

    @cached_property
    def worth_ppb(self) -> list[int]:
        """What a minor unit in the quote currency of each instrument is worth at the end."""
        return [self.rates_ppb[each.currency] for each in self.settings.instruments]

    @cached_property
    def marks(self) -> list[int]:
        """The last price of each instrument, in ticks; 0 before its first bar."""
        found = []
        for number in range(len(self.settings.instruments)):
            series = self.market.series(number)
            seen = int(np.searchsorted(series.clock_index, self.last_clock, side="right"))
            found.append(int(series.ticks.close[seen - 1]) if seen else 0)
        return found

    @cached_property
    def initial_minor(self) -> int:
        """The initial capital in the base currency, at the rates of the first tick."""
        time = int(self.market.clock[0])
        worth = [_rate_at(rows, time) for rows in self.settings.rates]
        return sum(_to_minor(cash * rate) for cash, rate in zip(self.settings.cash, worth, strict=True))

    @property
    def end_minor(self) -> int:
        """Equity at the last tick, as the engine wrote it."""
        equity = self.equity["equity"]
        return int(equity[-1]) if equity.size else self.initial_minor

    @cached_property
    def external_minor(self) -> int:
        """Deposits less withdrawals, each at the rate of its moment."""
        flows, total = self.flows, 0
        for row in np.flatnonzero(np.isin(flows["kind"], EXTERNAL)):
            time = int(self.market.clock[max(0, int(flows["clock"][row]))])
            total += _to_minor(int(flows["amount"][row]) * _rate_at(self.settings.rates[flows["currency"][row]], time))
        return total

    @property
    def profit_minor(self) -> int:
        """What the strategy has earned: equity at the end less capital and deposits."""
        return self.end_minor - self.initial_minor - self.external_minor

    def folded_ppb(self, marks: Sequence[int] | None = None) -> int:
        """Equity at the end as initial cash, fills and flows make it, at the rates and last prices of the end."""
        prices = self.marks if marks is None else marks
        total = sum(cash * rate for cash, rate in zip(self.settings.cash, self.rates_ppb, strict=True))
        fills, flows = self.fills, self.flows
        for row in range(fills["order"].size):
            number = int(fills["instrument"][row])
            gain = int(fills["side"][row]) * int(fills["quantity"][row]) * self.units[number]
            gain *= prices[number] - int(fills["price"][row])
            total += (gain - int(fills["fee"][row])) * self.worth_ppb[number]
        for row in range(flows["clock"].size):
            total += int(flows["amount"][row]) * self.rates_ppb[int(flows["currency"][row])]
        return total


def _rate_at(rows: tuple[tuple[int, int], ...], time_ns: int) -> int:
    """The last rate at or before a time; before the first one, the first (S-74)."""
    found = rows[0][1]
    for time, ppb in rows:
        if time > time_ns:
            break
        found = ppb
    return found


def _to_minor(amount_ppb: int) -> int:
    """To the nearest, half away from zero (S-01)."""
    whole = (abs(amount_ppb) + BILLION // 2) // BILLION
    return whole if amount_ppb >= 0 else -whole
