"""Three older shapes of a result, for code written against them; every number is that of the `RunResult`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.exits import exit_reasons
from triplebar.contracts.result_schema import SCHEMA_VERSION
from triplebar.contracts.time import from_ns, utc

if TYPE_CHECKING:
    from triplebar.contracts.result import RunResult

DAY_SECONDS: Final = 86_400.0
CANONICAL_METRICS: Final = {
    "starting_value": "starting_value",
    "ending_value": "ending_value",
    "roi": "total_return",
    "cagr": "cagr",
    "sharpe": "sharpe",
    "max_drawdown": "max_drawdown",
    "mean_cash_utilization": "mean_cash_utilization",
}
"""Keys of `BacktestRunResult.metrics`, and the metric each one is."""


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """One point of a curve."""

    timestamp: datetime
    equity: float
    cash: float


@dataclass(frozen=True, slots=True)
class TradeView:
    """A closed trade: `pnl = side * (exit - entry) * shares * multiplier - commission - slippage`.

    Prices are those of the fills, so that slippage is in them and `slippage` is 0.
    """

    symbol: str
    entry_date: datetime
    exit_date: datetime
    entry_price: float
    exit_price: float
    shares: float
    commission: float
    slippage: float
    pnl: float
    pnl_pct: float
    duration_days: float
    exit_reason: str
    side: int
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PositionView:
    """What is held at the end."""

    symbol: str
    quantity: float
    average_price: float | None


@dataclass(frozen=True, slots=True)
class PortfolioView:
    """The account at the end."""

    timestamp: datetime
    cash: float
    equity: float
    positions: Mapping[str, PositionView]


@dataclass(frozen=True, slots=True)
class ConfigView:
    """The settings that the older shapes know."""

    start_date: datetime
    end_date: datetime
    initial_capital: float
    base_currency: str
    commission_bps: float
    slippage_bps: float
    min_commission: float
    strategy_class: str
    symbols: tuple[str, ...]


# --------------------------------------------------------------------------------------------- config, portfolio, ...


@dataclass(frozen=True, slots=True)
class BacktestResults:
    """Config, portfolio and statistics; curve and trades beside them."""

    config: ConfigView
    portfolio: PortfolioView
    statistics: Mapping[str, float | int | None]
    equity_curve: tuple[EquityPoint, ...]
    trade_history: tuple[TradeView, ...]
    performance_metrics: Mapping[str, float | None]

    @classmethod
    def of(cls, result: RunResult) -> BacktestResults:
        """Take the numbers of a result."""
        names = ("total_return", "win_rate", "max_drawdown")
        chosen = {name: number(result, name) for name in names} | {"sharpe_ratio": number(result, "sharpe")}
        return cls(config_view(result), portfolio(result), _statistics(result), curve(result), trades(result), chosen)

    def summary(self) -> str:
        """The statistics as lines of text."""
        return "\n".join(f"{name:<24}{'-' if value is None else value}" for name, value in self.statistics.items())


def _statistics(result: RunResult) -> dict[str, float | int | None]:
    return {
        "final_portfolio_value": result.ending_value,
        "total_pnl": number(result, "total_profit"),
        "return_pct": _percent(number(result, "total_return")),
        "realized_pnl": number(result, "realised_profit"),
        "unrealized_pnl": number(result, "unrealised_profit"),
        "total_trades": number(result, "trades"),
        "winning_trades": number(result, "winning_trades"),
        "losing_trades": number(result, "losing_trades"),
        "win_rate": number(result, "win_rate"),
        "profit_factor": _factor(result, without_losses=math.inf),
        "sharpe_ratio": number(result, "sharpe"),
        "max_drawdown": number(result, "max_drawdown"),
        "max_drawdown_duration": number(result, "longest_drawdown_days"),
    }


# ----------------------------------------------------------------------------------------- metadata, metrics, costs


@dataclass(frozen=True, slots=True)
class BacktestRunMetadata:
    """Who ran what."""

    run_id: str
    engine_name: str
    engine_version: str
    strategy_name: str
    created_at: datetime
    config_hash: str
    data_snapshot_id: str | None
    random_seed: int | None


@dataclass(frozen=True, slots=True)
class CostEventView:
    """One cost that was paid; the amount is positive."""

    timestamp: datetime
    symbol: str | None
    type: str
    amount: float
    basis: str


@dataclass(frozen=True, slots=True)
class CostSummaryView:
    """Totals by type, and the payments; funding that was received lowers its total and is no payment."""

    commission: float
    spread: float
    slippage: float
    borrow: float
    market_impact: float
    funding: float
    total: float
    by_type: Mapping[str, float]
    by_symbol: Mapping[str, float]
    events: tuple[CostEventView, ...]


@dataclass(frozen=True, slots=True)
class BacktestRunResult:
    """Metadata and the canonical metrics."""

    metadata: BacktestRunMetadata
    metrics: Mapping[str, float | None]
    schema_version: str = SCHEMA_VERSION
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    costs: CostSummaryView | None = None

    @classmethod
    def of(cls, result: RunResult) -> BacktestRunResult:
        """Take the numbers of a result."""
        known = result.metadata
        metadata = BacktestRunMetadata(
            known.run_id,
            known.engine,
            known.engine_version,
            known.strategy,
            utc(known.created_at),
            known.config_hash,
            known.snapshot_id,
            known.seed,
        )
        metrics = {name: number(result, source) for name, source in CANONICAL_METRICS.items()}
        artifacts = {"result_hash": result.result_hash}
        return cls(metadata, metrics, SCHEMA_VERSION, result.assumptions, artifacts, result.warnings, _costs(result))


def _costs(result: RunResult) -> CostSummaryView:
    found = result.cost_summary
    events = tuple(
        CostEventView(row["time"], row["symbol"], row["type"], row["amount"], row["basis"])
        for row in rows(result.costs)
        if row["amount"] > 0
    )
    return CostSummaryView(
        found.commission,
        found.spread,
        found.slippage,
        found.borrow,
        found.market_impact,
        found.funding,
        found.total,
        found.by_type,
        found.by_symbol,
        events,
    )


# ------------------------------------------------------------------------------------- trades, curve, performance


@dataclass(frozen=True, slots=True)
class PerformanceMetrics:
    """The metrics of `BacktestResult`; what is not defined is 0, as that shape has it."""

    total_return: float
    annualized_return: float
    cagr: float
    win_rate: float
    profit_factor: float
    average_win: float
    average_loss: float
    max_drawdown: float
    max_drawdown_duration_days: float
    sharpe_ratio: float
    total_trades: int
    winning_trades: int
    losing_trades: int

    @classmethod
    def of(cls, result: RunResult) -> PerformanceMetrics:
        """Take the numbers of a result."""
        growth = number(result, "cagr") or 0.0
        return cls(
            total_return=number(result, "total_return") or 0.0,
            annualized_return=growth,
            cagr=growth,
            win_rate=number(result, "win_rate") or 0.0,
            profit_factor=_factor(result, without_losses=0.0) or 0.0,
            average_win=number(result, "average_win") or 0.0,
            average_loss=number(result, "average_loss") or 0.0,
            max_drawdown=min(1.0, number(result, "max_drawdown") or 0.0),
            max_drawdown_duration_days=number(result, "longest_drawdown_days") or 0.0,
            sharpe_ratio=number(result, "sharpe") or 0.0,
            total_trades=int(number(result, "trades") or 0),
            winning_trades=int(number(result, "winning_trades") or 0),
            losing_trades=int(number(result, "losing_trades") or 0),
        )


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """Config, sorted trades and curve, performance metrics."""

    config: ConfigView
    trades: tuple[TradeView, ...]
    equity_curve: tuple[EquityPoint, ...]
    metrics: PerformanceMetrics
    data_warnings: tuple[str, ...]
    execution_time: float
    completed_at: datetime

    @property
    def final_equity(self) -> float:
        """The last value of the curve."""
        return self.equity_curve[-1].equity

    @classmethod
    def of(cls, result: RunResult) -> BacktestResult:
        """Take the numbers of a result."""
        seconds = max(float(result.record.timings.get("total_seconds", 0.0)), 1e-9)
        return cls(
            config_view(result),
            trades(result),
            curve(result),
            PerformanceMetrics.of(result),
            result.data_warnings,
            seconds,
            utc(result.record.created_at),
        )


# --------------------------------------------------------------------------------------------------- common parts


def number(result: RunResult, name: str) -> Any:  # noqa: ANN401 - a number or None
    """One metric of the result."""
    return result.metrics[name]


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table as mappings, times as aware datetimes.

    >>> import pyarrow as pa
    >>> rows(pa.table({"price": [1.5]}))
    [{'price': 1.5}]
    """
    values = {name: _values(table.column(name)) for name in table.column_names}
    return [dict(zip(values, each, strict=True)) for each in zip(*values.values(), strict=True)]


def _values(column: pa.ChunkedArray) -> list[Any]:
    if not pa.types.is_timestamp(column.type):
        return list(column.to_pylist())
    none = to_numpy(column.is_null())
    return [None if null else from_ns(int(each)) for each, null in zip(to_numpy(column), none, strict=True)]


def curve(result: RunResult) -> tuple[EquityPoint, ...]:
    """The curve, with the initial capital as its first point."""
    start = EquityPoint(from_ns(result.start_ns), result.starting_value, result.starting_value)
    points = rows(result.equity.select(["time", "equity", "cash"]))
    return (start, *(EquityPoint(each["time"], each["equity"], each["cash"]) for each in points))


def trades(result: RunResult) -> tuple[TradeView, ...]:
    """The closed trades, in the order of closing."""
    found = zip(rows(result.trades), exit_reasons(result), strict=True)
    return tuple(_trade(row, reason) for row, reason in found)


def _trade(row: Mapping[str, Any], reason: str) -> TradeView:
    return TradeView(
        symbol=row["symbol"],
        entry_date=row["opened_time"],
        exit_date=row["closed_time"],
        entry_price=row["entry_price"],
        exit_price=row["exit_price"],
        shares=row["quantity"],
        commission=row["fees"],
        slippage=0.0,
        pnl=row["profit"],
        pnl_pct=row["profit"] / row["cost"] if row["cost"] else 0.0,
        duration_days=(row["closed_time"] - row["opened_time"]).total_seconds() / DAY_SECONDS,
        exit_reason=reason,
        side=1 if row["side"] == "long" else -1,
        metadata={name: row[name] for name in ("order", "tag", "currency", "multiplier")},
    )


def portfolio(result: RunResult) -> PortfolioView:
    """Cash, equity and positions at the end."""
    held: dict[str, PositionView] = {}
    for row in rows(result.positions.select(["symbol", "position", "average_price"])):
        held[row["symbol"]] = PositionView(row["symbol"], row["position"], row["average_price"])
    last = curve(result)[-1]
    open_now = {symbol: each for symbol, each in sorted(held.items()) if each.quantity}
    return PortfolioView(last.timestamp, last.cash, last.equity, open_now)


def config_view(result: RunResult) -> ConfigView:
    """The settings that the older shapes know."""
    config = result.record.config
    commission = config.get("commission") or {}
    times = result.canonical("equity").column("time")
    last = times[-1].value if len(times) else result.start_ns
    return ConfigView(
        start_date=from_ns(result.start_ns),
        end_date=utc(config["end"]) if config.get("end") else from_ns(last),
        initial_capital=result.starting_value,
        base_currency=result.settings.currencies[0],
        commission_bps=float(commission.get("bps", config.get("commission_bps", 0.0)) or 0.0),
        slippage_bps=float((config.get("slippage") or {}).get("bps", config.get("slippage_bps", 0.0)) or 0.0),
        min_commission=float(commission.get("minimum", 0.0) or 0.0),
        strategy_class=result.record.strategy,
        symbols=result.scales.symbols,
    )


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else fraction * 100.0


def _factor(result: RunResult, *, without_losses: float) -> float | None:
    """Profit factor as the older shapes have it: a number also when nothing was lost."""
    found: float | None = number(result, "profit_factor")
    if found is None and result.metric_reasons.get("profit_factor") == "no_losses":
        return without_losses
    return found
