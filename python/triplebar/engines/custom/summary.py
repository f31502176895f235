"""What a sweep keeps of a run, computed by the core whichever engine ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import pyarrow as pa

from triplebar._native import summary as native_summary
from triplebar.metrics.annual import periods_per_year
from triplebar.metrics.inputs import DAY_NS

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market

SUMMARY: Final = pa.schema(
    [
        pa.field("final_equity", pa.float64(), nullable=False),
        pa.field("total_return", pa.float64()),
        pa.field("sharpe", pa.float64()),
        pa.field("sortino", pa.float64()),
        pa.field("max_drawdown", pa.float64()),
        pa.field("trades", pa.uint64(), nullable=False),
        pa.field("win_rate", pa.float64()),
        pa.field("turnover", pa.float64()),
        pa.field("total_costs", pa.float64(), nullable=False),
        pa.field("fills", pa.uint64(), nullable=False),
    ]
)
"""The columns of a summary. Definitions are those of the metrics registry."""


class Tables(Protocol):
    """Anything that has canonical tables: the facts of a run."""

    def table(self, name: str) -> pa.Table:
        """One canonical table."""


def summarise(facts: Tables, market: Market, settings: Settings) -> pa.RecordBatch:
    """Sum up the facts of a run in one row.

    >>> from triplebar.contracts.config import BacktestConfig
    >>> from triplebar.data.market import Market
    >>> from triplebar.engines.custom.engine import CustomEngine
    >>> from triplebar.engines.settings import resolve
    >>> from triplebar.strategy.samples import BuyAndHold
    >>> market = Market.synthetic(bars=50, seed=1)
    >>> settings = resolve(BacktestConfig(), market)
    >>> facts = CustomEngine().run(BuyAndHold(), market, settings)
    >>> summarise(facts, market, settings).column("fills").to_pylist()
    [1]
    """
    equity, fills, flows = (_batch(facts.table(name)) for name in ("equity", "fills", "flows"))
    year = days_per_year(market, settings)
    found = native_summary(market.native(), settings.to_json(), year, equity, fills, flows)
    return pa.RecordBatchReader.from_stream(found).read_next_batch()


def days_per_year(market: Market, settings: Settings) -> float:
    """How many daily returns of a run make a year."""
    days = market.days
    if settings.start_ns is not None:
        after = market.clock[np.searchsorted(market.clock, settings.start_ns) :][:1]
        days = days[np.searchsorted(days, (after[0] - 1) // DAY_NS) :] if after.size else days[:0]
    return periods_per_year(market.calendar.name, days)


def _batch(table: pa.Table) -> pa.RecordBatch:
    arrays = [column.combine_chunks() for column in table.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=table.schema)
