"""A run as a dated folder: what was run, the trades, the days, the statistics, the logs, and the result itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts import atomic, result_storage
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.result import RunResult
from triplebar.contracts.time import utc
from triplebar.contracts.views import TradeView, rows
from triplebar.contracts.views import trades as trade_views
from triplebar.report.daily import daily_table
from triplebar.report.files import csv_text

EVENTS_LOGGED_MAX: Final = 10_000
"""More events than this are not written out one by one: they are in the tables."""

FILES: Final = (
    "backtest_metadata.json",
    "trade_log.csv",
    "enriched_trade_log.csv",
    "daily_pnl.csv",
    "statistics.json",
    "backtest.log",
    "engine.log",
    "runner_overrides.json",
)
"""What stands in every run folder, beside `result.json` and `tables`."""


def write_run_folder(result: RunResult, root: str | Path) -> Path:
    """Write `root/YYYYMMDD/HHMMSS/<Strategy>_backtest`, whole or not at all, and give its path."""
    place = _free(Path(root), result)
    with atomic.new_folder(place) as fresh:
        result_storage.write_into(result, fresh)
        for name, text in _texts(result):
            (fresh / name).write_text(text, encoding="utf-8")
    return place


def _free(root: Path, result: RunResult) -> Path:
    """A folder that is not there yet."""
    created = utc(_to_seconds(result.record.created_at))
    base = root / created.strftime("%Y%m%d") / created.strftime("%H%M%S")
    name = f"{result.record.strategy}_backtest"
    place, count = base / name, 1
    while place.exists():
        count += 1
        place = base / f"{name}_{count}"
    return place


def _to_seconds(time: str) -> str:
    return time.split(".", maxsplit=1)[0].removesuffix("Z") + "Z"


def _texts(result: RunResult) -> Iterator[tuple[str, str]]:
    trades = trade_views(result)
    yield "backtest_metadata.json", _json(_metadata(result))
    yield "trade_log.csv", csv_text(_trade_log(trades))
    yield "enriched_trade_log.csv", csv_text(_enriched(result, trades))
    yield "daily_pnl.csv", csv_text(daily_table(result))
    yield "statistics.json", _json(_statistics(result, trades))
    yield "backtest.log", _lines(_run_log(result))
    yield "engine.log", _lines(_engine_log(result))
    yield "runner_overrides.json", _json(_overrides(result))


def _json(values: Mapping[str, Any]) -> str:
    return result_storage.dump(values, indent=2) + "\n"


def _lines(entries: Iterator[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(each, ensure_ascii=False, default=str) + "\n" for each in entries)


def _metadata(result: RunResult) -> dict[str, Any]:
    known = result.metadata
    return {
        "backtest_run": {
            "run_id": known.run_id,
            "timestamp": known.created_at,
            "name": known.strategy,
            "duration": known.timings.get("total_seconds"),
            "status": known.status,
            "error_message": known.error,
            "framework": known.engine,
        },
        "data_source": {**known.data, "data_digest": known.data_digest, "snapshot_id": known.snapshot_id},
        "configuration": {
            "config_version": result.schema_version,
            "config_hash": known.config_hash,
            "parameters": known.parameters,
            "config": known.config,
        },
        "performance": {"execution": known.timings, "peak_memory_bytes": known.peak_memory_bytes},
        "system_environment": known.system,
        "results_summary": {"result_hash": known.result_hash, **result.metrics},
    }


def _trade_log(trades: Sequence[TradeView]) -> pa.Table:
    names = ("symbol", "entry_date", "exit_date", "entry_price", "exit_price", "commission", "exit_reason")
    values: dict[str, Any] = {name: [getattr(each, name) for each in trades] for name in names}
    values |= {
        "side": ["long" if each.side > 0 else "short" for each in trades],
        "quantity": [each.shares for each in trades],
        "profit": [each.pnl for each in trades],
        "order": [each.metadata["order"] for each in trades],
        "tag": [each.metadata["tag"] for each in trades],
    }
    return pa.table({name: pa.array(column, _TYPES.get(name)) for name, column in values.items()})


_TYPES: Final = {
    "symbol": pa.string(),
    "entry_date": pa.timestamp("us", "UTC"),
    "exit_date": pa.timestamp("us", "UTC"),
    "entry_price": pa.float64(),
    "exit_price": pa.float64(),
    "commission": pa.float64(),
    "exit_reason": pa.string(),
    "side": pa.string(),
    "quantity": pa.float64(),
    "profit": pa.float64(),
    "order": pa.int64(),
    "tag": pa.string(),
}


def _enriched(result: RunResult, trades: Sequence[TradeView]) -> pa.Table:
    table = _trade_log(trades)
    profit = np.array([each.pnl for each in trades], dtype=np.float64)
    more = {
        "profit_pct": [100.0 * each.pnl_pct for each in trades],
        "duration_days": [each.duration_days for each in trades],
        "cumulative_profit": np.cumsum(profit),
        "multiplier": [each.metadata["multiplier"] for each in trades],
    }
    for name, column in more.items():
        table = table.append_column(name, pa.array(column, pa.float64()))
    table = table.append_column("currency", pa.array([each.metadata["currency"] for each in trades], pa.string()))
    return table.append_column("strategy_id", pa.array([result.record.strategy] * len(trades), pa.string()))


def _statistics(result: RunResult, trades: Sequence[TradeView]) -> dict[str, Any]:
    orders = result.orders.column("status").to_pylist()
    return {
        "summary": dict(result.metrics),
        "by_direction": _grouped(trades, lambda each: "long" if each.side > 0 else "short"),
        "by_exit_reason": _grouped(trades, lambda each: each.exit_reason),
        "execution": {
            "orders": len(orders),
            "fills": result.canonical("fills").num_rows,
            "orders_by_status": {status: orders.count(status) for status in sorted(set(orders))},
            "costs": {**result.cost_summary.by_type, "total": result.cost_summary.total},
        },
    }


def _grouped(trades: Sequence[TradeView], key: Any) -> dict[str, Any]:  # noqa: ANN401 - a function of a trade
    groups: dict[str, list[float]] = {}
    for each in trades:
        groups.setdefault(key(each), []).append(each.pnl)
    return {
        name: {"trades": len(found), "winning_trades": sum(each > 0 for each in found), "profit": sum(found)}
        for name, found in sorted(groups.items())
    }


def _run_log(result: RunResult) -> Iterator[Mapping[str, Any]]:
    known = result.metadata
    yield {"ts": known.created_at, "level": "INFO", "event": "run_started", "run_id": known.run_id}
    for each in result.logs:
        yield {"ts": each.get("time"), "level": "INFO", "event": "strategy_log", **each}
    for text in (*result.warnings, *result.data_warnings):
        yield {"ts": known.created_at, "level": "WARNING", "event": "warning", "message": text}
    yield {"ts": known.created_at, "level": "INFO", "event": f"run_{known.status}", "result_hash": known.result_hash}


def _engine_log(result: RunResult) -> Iterator[Mapping[str, Any]]:
    table = result.events.slice(0, EVENTS_LOGGED_MAX)
    for row in rows(table.drop_columns(["fill"])):
        time = row.pop("time")
        kept = {name: value for name, value in row.items() if value is not None and value != "none"}
        yield {"ts": None if time is None else time.isoformat(), "level": "INFO", "event": "order", **kept}
    left_out = result.canonical("events").num_rows - table.num_rows
    if left_out:
        yield {"ts": result.record.created_at, "level": "INFO", "event": "left_out", "events": left_out}


def _overrides(result: RunResult) -> dict[str, Any]:
    """What differs from the defaults."""
    defaults = BacktestConfig().to_mapping()
    config = {name: value for name, value in result.record.config.items() if value != defaults.get(name)}
    known = result.record
    return {"engine": known.engine, "mode": known.mode, "parameters": known.parameters, "config": config}
