"""A result from tables made by hand, without an engine and without a market."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_arrow
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.metadata import RunIdentity, RunRecord
from triplebar.contracts.result import RunResult, StoredMetrics
from triplebar.contracts.result_storage import StoredFacts
from triplebar.contracts.settings import (
    BEGINNING_NS,
    AccountSettings,
    CommissionSettings,
    InstrumentSettings,
    RiskSettings,
    Settings,
)
from triplebar.contracts.tables import SCHEMAS

MINUTE = 60 * 10**9

INSTRUMENT = InstrumentSettings(
    symbol="X", price_precision=2, size_precision=0, price_step=1, size_step=1, unit=10**6, currency=0,
    quantity_min=0, quantity_max=None, notional_min=0, participation_ppb=None, half_spread_ticks=0,
    half_spread_ppb=0, slippage_ticks=0, slippage_ppb=0, impact_ppb=0, root_coefficient=0.0, root_free=0.0,
    commission=CommissionSettings(0, 0, 0, 0, 0, None, ()), funding=(), borrow_ppb=0, position_limit_lots=None,
    position_limit_minor=None, interval_ns=MINUTE,
)  # fmt: skip

SETTINGS = Settings(
    rules_version=1, seed=0, fill="next_open", path="open_high_low_close", off_grid="round", start_ns=None,
    warmup_bars=0, close_at_end=False, cash_precision=8, currencies=("USD",), cash=(1000 * 10**8,),
    rates=(((BEGINNING_NS, 10**9),),), account=AccountSettings("margin", 1000, 0), latency_min_ns=0, latency_max_ns=0,
    miss_ppb=0, partial_ppb=0, partial_low_ppb=0, partial_high_ppb=0, risk=RiskSettings(True, None, None, None, None),
    instruments=(INSTRUMENT,),
)  # fmt: skip

CLOCK = np.arange(1, 4, dtype=np.int64) * MINUTE


def table(name: str, *rows: tuple[Any, ...]) -> pa.Table:
    """A canonical table from rows."""
    schema = SCHEMAS[name]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [
        to_arrow(np.array(values, dtype=_dtype(field.type)), kind=field.type)
        for values, field in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _dtype(kind: pa.DataType) -> Any:
    return np.int64 if pa.types.is_timestamp(kind) else kind.to_pandas_dtype()


TABLES = {
    "equity": table(
        "equity",
        (0, int(CLOCK[0]), 1000 * 10**8, 1000 * 10**8, False),
        (1, int(CLOCK[1]), 1005 * 10**8, 900 * 10**8, False),
        (2, int(CLOCK[2]), 1010 * 10**8, 1010 * 10**8, True),
    ),
    "orders": table(
        "orders",
        (1, 0, 1, 0, 0, 0, 10, 10, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 4, 0),
        (2, 0, -1, 1, 2, 0, 10, 10, 1100, 0, 0, int(CLOCK[2]), 0, 1, 0, 2, 0, 1, 2, 4, 0),
        (3, 0, 1, 4, 0, 8, 5, 0, 0, 0, 10**7, 0, 0, 0, 0, 0, -1, -1, 2, 7, 11),
    ),
    "fills": table("fills", (1, 1, 1, 0, 0, 0, 1, 1000, 10, 0, 0, 0), (2, 2, 2, 1, 2, 0, -1, 1100, 10, 0, 0, 0)),
    "events": table("events", (1, 1, 2, 1, 0, 0), (1, 1, 0, 2, 0, 1000), (2, 2, 2, 2, 0, 1), (2, 4, 6, 3, 11, 0)),
    "flows": table("flows", (2, 0, 65535, 0, 5 * 10**8)),
    "positions": table("positions", (1, 0, 10, 10**10, 0), (2, 0, 0, 0, 10**9)),
    "trades": table("trades", (0, 1, 10, 1, 2, 10**10, 11 * 10**9, 0, 10**9, 2)),
    "postings": table("postings", (0, 0, 0, 0, 0, -(10**10)), (0, 0, 1, 0, 0, 10**10)),
    "refusals": table("refusals", (3, 2, 1, 3, 10, 15)),
}


def result_of(tables: dict[str, pa.Table] | None = None, labels: tuple[str, ...] = ("in", "mine")) -> RunResult:
    """A result with these tables."""
    record = RunRecord(
        engine="hand",
        engine_version="1",
        requested_engine="hand",
        mode="interpreted",
        strategy="Hand",
        parameters={},
        config=BacktestConfig(initial_cash=1000).to_mapping(),
        data={"symbols": ["X"], "rows": 3, "ticks": 3, "first": "", "last": ""},
        calendar="24/7",
        created_at="2024-01-01T00:00:00Z",
    )
    return RunResult(
        facts=StoredFacts(TABLES | (tables or {}), labels),
        settings=SETTINGS,
        clock=CLOCK,
        record=record,
        identify=lambda: RunIdentity("s", {}, "c", "d", "hand", 1, 0),
        measure=StoredMetrics({"total_profit": 10.0, "sharpe": None, "max_drawdown": 0.0}, {"sharpe": "by hand"}),
    )


def read_everything() -> None:
    """Touch all tables and the hash."""
    result = result_of()
    for name in ("equity", "orders", "fills", "trades", "positions", "postings", "events", "flows", "costs"):
        getattr(result, name)
    _ = result.result_hash, result.cost_summary, result.position_per_bar("X")
