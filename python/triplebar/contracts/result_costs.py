"""What a run cost, by type and by symbol: commission, spread, slippage, market impact, funding and borrow.

Spread, slippage and impact are in the prices already; commission, funding and borrow left cash as such.
Together they are what the curve lost to costs. Amounts are positive when paid; funding that was received
is negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from triplebar.contracts import codes
from triplebar.contracts.arrow import Column, to_table
from triplebar.contracts.different import different
from triplebar.contracts.result_numbers import IntArray, product_share
from triplebar.contracts.result_scales import Scales, words
from triplebar.contracts.result_tables import columns
from triplebar.contracts.tables import NO_INSTRUMENT

COST_TYPES: Final = ("commission", "spread", "slippage", "market_impact", "funding", "borrow")
BASES: Final = (
    "fee of a fill (S-53)",
    "half spread of a fill times its size (S-51)",
    "fixed and proportional slippage of a fill times its size (S-52)",
    "volume and root slippage of a fill times its size (S-52)",
    "funding of a position (S-72)",
    "borrow of a short position (S-73)",
)


@dataclass(frozen=True, slots=True)
class CostSummary:
    """Totals in the base currency, exact in minor units and as numbers.

    >>> CostSummary.of_minor({"commission": 150}, {"X": 150}, cash_precision=2).commission
    1.5
    """

    commission: float
    spread: float
    slippage: float
    market_impact: float
    funding: float
    borrow: float
    total: float
    by_type: Mapping[str, float]
    by_symbol: Mapping[str, float]
    total_minor: int

    @classmethod
    def of_minor(cls, by_type: Mapping[str, int], by_symbol: Mapping[str, int], *, cash_precision: int) -> CostSummary:
        """Build the summary from exact sums."""
        power = 10**cash_precision
        numbers = {kind: by_type.get(kind, 0) / power for kind in COST_TYPES}
        total = sum(by_type.values())
        symbols = {symbol: amount / power for symbol, amount in by_symbol.items()}
        return cls(**numbers, total=total / power, by_type=numbers, by_symbol=symbols, total_minor=total)


@dataclass(frozen=True, slots=True)
class CostRows:
    """Cost events as arrays, in the order of time; amounts in minor units of the base currency."""

    clock: IntArray
    kind: IntArray
    instrument: IntArray
    amount: IntArray

    def to_table(self, scales: Scales) -> pa.Table:
        """One row per cost: time, bar, symbol, type, amount, basis."""
        return to_table(
            {
                "time": scales.times(self.clock),
                "bar": self.clock.astype(np.int32),
                "symbol": scales.symbol_texts(self.instrument),
                "type": words(COST_TYPES, self.kind),
                "amount": scales.money(self.amount),
                "basis": words(BASES, self.kind),
            }
        )

    def summary(self, scales: Scales) -> CostSummary:
        """Sum up by type and by symbol."""
        by_type = {kind: int(self.amount[self.kind == place].sum()) for place, kind in enumerate(COST_TYPES)}
        by_symbol = {
            scales.symbols[number]: int(self.amount[self.instrument == number].sum())
            for number in different(self.instrument)
            if number != NO_INSTRUMENT
        }
        return CostSummary.of_minor(by_type, by_symbol, cash_precision=scales.settings.cash_precision)


def cost_rows(scales: Scales, fills: pa.Table, flows: pa.Table) -> CostRows:
    """Find every cost in the fills and flows of a run."""
    parts = [*_of_fills(scales, columns(fills)), *_of_flows(scales, columns(flows))]
    joined = [np.concatenate([part[place] for part in parts]) for place in range(4)]
    keep = joined[3] != 0
    clock, kind, instrument, amount = (each[keep] for each in joined)
    order = np.argsort(clock, kind="stable")
    return CostRows(clock[order], kind[order], instrument[order], amount[order])


def slippage_parts(scales: Scales, raw: Mapping[str, Column]) -> tuple[IntArray, IntArray]:
    """Split the slippage of each fill, in ticks: fixed and proportional, and caused by the size of the fill."""
    paid = raw["slippage"].astype(np.int64)
    met = raw["price"] - raw["side"] * (raw["half_spread"].astype(np.int64) + paid)
    own = np.zeros_like(paid)
    for number, each in enumerate(scales.settings.instruments):
        rows = np.flatnonzero(raw["instrument"] == number)
        own[rows] = each.slippage_ticks + product_share(np.maximum(met[rows], 0), each.slippage_ppb)
    fixed = np.minimum(own, paid)
    return fixed, paid - fixed


def _of_fills(scales: Scales, raw: Mapping[str, Column]) -> list[tuple[IntArray, IntArray, IntArray, IntArray]]:
    instrument = raw["instrument"].astype(np.int64)
    clock = raw["clock"].astype(np.int64)
    worth = raw["quantity"] * scales.unit[instrument]
    fixed, impact = slippage_parts(scales, raw)
    amounts = (raw["fee"], raw["half_spread"].astype(np.int64) * worth, fixed * worth, impact * worth)
    time_ns = scales.clock[clock]
    return [
        (clock, np.full_like(clock, kind), instrument, scales.to_base(minor, scales.currency[instrument], time_ns))
        for kind, minor in enumerate(amounts)
    ]


def _of_flows(scales: Scales, raw: Mapping[str, Column]) -> list[tuple[IntArray, IntArray, IntArray, IntArray]]:
    found = []
    for kind, code in ((4, codes.FlowKind.FUNDING), (5, codes.FlowKind.BORROW)):
        rows = np.flatnonzero(raw["kind"] == code)
        clock = raw["clock"][rows].astype(np.int64)
        paid = scales.to_base(-raw["amount"][rows], raw["currency"][rows], scales.clock[clock])
        found.append((clock, np.full_like(clock, kind), raw["instrument"][rows].astype(np.int64), paid))
    return found
