"""The three older shapes have their keys, their types, and the numbers of the result."""

import math
from datetime import timedelta
from typing import Any

import pytest

import triplebar as tb
from tests.results.runs import MARKET, quiet_run, random_run, rich_run
from triplebar.contracts.exits import EXIT_REASONS, exit_reasons
from triplebar.contracts.result import RunResult
from triplebar.contracts.trades import Trade

STATISTICS = {
    "final_portfolio_value", "total_pnl", "return_pct", "realized_pnl", "unrealized_pnl", "total_trades",
    "winning_trades", "losing_trades", "win_rate", "profit_factor", "sharpe_ratio", "max_drawdown",
    "max_drawdown_duration",
}  # fmt: skip
CANONICAL = {"starting_value", "ending_value", "roi", "cagr", "sharpe", "max_drawdown", "mean_cash_utilization"}
RESULTS = [rich_run(), quiet_run(), *map(random_run, range(12))]


def script_run(*steps: Any, **config: Any) -> RunResult:
    return tb.run(tb.Script(steps), MARKET, tb.BacktestConfig(initial_cash=100_000, **config))


@pytest.mark.feature("F-091")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_first_shape(result: RunResult) -> None:
    view, metrics = result.as_backtest_results(), result.metrics
    assert set(view.statistics) == STATISTICS
    assert set(view.performance_metrics) == {"total_return", "sharpe_ratio", "max_drawdown", "win_rate"}
    assert view.statistics["final_portfolio_value"] == metrics["ending_value"] == view.portfolio.equity
    assert view.statistics["total_pnl"] == metrics["total_profit"]
    assert view.statistics["sharpe_ratio"] == metrics["sharpe"] == view.performance_metrics["sharpe_ratio"]
    assert view.statistics["max_drawdown"] == metrics["max_drawdown"]
    assert view.statistics["total_trades"] == metrics["trades"] == len(view.trade_history)
    assert view.config.initial_capital == result.starting_value
    assert view.config.base_currency == "USD"
    assert all(name in view.summary() for name in STATISTICS)


@pytest.mark.feature("F-091")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_second_shape(result: RunResult) -> None:
    view = result.as_backtest_run_result()
    assert set(view.metrics) == CANONICAL
    assert view.metrics["roi"] == result.metrics["total_return"]
    assert all(view.metrics[name] == result.metrics[name] for name in CANONICAL - {"roi"})
    assert view.metadata.run_id == result.run_id
    assert view.metadata.engine_name == result.metadata.engine
    assert view.metadata.config_hash == result.metadata.config_hash
    assert view.metadata.random_seed == result.settings.seed
    assert view.metadata.created_at.utcoffset() == timedelta(0)
    assert view.schema_version == "1.0.0"
    assert view.warnings == result.warnings
    assert view.assumptions == result.assumptions
    assert view.costs is not None
    assert view.costs.total == result.cost_summary.total
    assert all(event.amount > 0 and event.basis for event in view.costs.events)


@pytest.mark.feature("F-091")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_third_shape(result: RunResult) -> None:
    view, metrics = result.as_backtest_result(), result.metrics
    assert view.metrics.total_trades == metrics["trades"] == len(view.trades)
    assert view.metrics.total_trades >= view.metrics.winning_trades + view.metrics.losing_trades
    assert view.metrics.total_return == metrics["total_return"]
    assert view.metrics.sharpe_ratio == (metrics["sharpe"] or 0.0)
    assert 0.0 <= view.metrics.win_rate <= 1.0
    assert 0.0 <= view.metrics.max_drawdown <= 1.0
    assert view.metrics.profit_factor >= 0.0
    assert math.isfinite(view.metrics.profit_factor)
    assert view.execution_time > 0
    assert view.completed_at.utcoffset() == timedelta(0)
    assert view.final_equity == result.ending_value
    assert view.data_warnings == result.data_warnings
    assert [trade.exit_date for trade in view.trades] == sorted(trade.exit_date for trade in view.trades)


@pytest.mark.feature("F-091", "F-009")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_trades_satisfy_their_identities(result: RunResult) -> None:
    for each in result.as_backtest_result().trades:
        Trade(
            symbol=each.symbol,
            side=each.side,
            quantity=each.shares,
            entry_price=each.entry_price,
            exit_price=each.exit_price,
            entry_time_ns=round(each.entry_date.timestamp() * 1e9),
            exit_time_ns=round(each.exit_date.timestamp() * 1e9),
            fees=each.commission + each.slippage,
            multiplier=each.metadata["multiplier"],
            profit=each.pnl,
            profit_share=each.pnl_pct,
            exit_reason=each.exit_reason,
        )
        assert each.exit_reason in EXIT_REASONS
        assert each.duration_days == pytest.approx((each.exit_date - each.entry_date) / timedelta(days=1))


@pytest.mark.feature("F-094")
@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_the_curve_begins_with_the_capital_and_ends_with_the_final_value(result: RunResult) -> None:
    for points in (result.as_backtest_results().equity_curve, result.as_backtest_result().equity_curve):
        assert points[0].equity == result.metrics["starting_value"] == result.starting_value
        assert points[-1].equity == result.metrics["ending_value"] == result.ending_value
        assert len(points) == result.equity.num_rows + 1
        assert all(point.timestamp.utcoffset() == timedelta(0) for point in points)
        times = [point.timestamp for point in points]
        assert times == sorted(times)


@pytest.mark.feature("F-094")
def test_the_first_point_lies_a_bar_before_the_first_close_or_at_the_start() -> None:
    first = quiet_run().as_backtest_result().equity_curve
    assert first[1].timestamp - first[0].timestamp == timedelta(hours=1)
    start = first[100].timestamp - timedelta(minutes=10)
    later = script_run(start=start).as_backtest_result().equity_curve
    assert later[0].timestamp == start
    assert later[1].timestamp == first[100].timestamp


@pytest.mark.feature("F-091", "F-082")
def test_no_losses_is_infinite_in_one_shape_and_0_in_another() -> None:
    up = tb.Market.synthetic(symbols=("AA",), bars=60, drift=0.01, volatility=0.0001, seed=1)
    result = tb.run(tb.Script([(0, "buy", {"symbol": "AA", "quantity": 10}), (50, "close", {"symbol": "AA"})]), up)
    assert result.metrics["profit_factor"] is None
    assert result.metric_reasons["profit_factor"] == "no_losses"
    assert result.as_backtest_results().statistics["profit_factor"] == math.inf
    assert result.as_backtest_result().metrics.profit_factor == 0.0


@pytest.mark.feature("F-082")
def test_a_run_without_trades_is_flat_and_its_metrics_are_defined_or_none() -> None:
    result = quiet_run()
    assert set(result.equity["equity"].to_pylist()) == {5_000.0}
    assert result.metrics["total_return"] == 0.0
    assert result.metrics["trades"] == 0
    assert result.metrics["sharpe"] is None
    assert result.metric_reasons["sharpe"] == "zero variance of returns"
    assert result.as_backtest_results().trade_history == ()


@pytest.mark.feature("F-091")
def test_exit_reasons() -> None:
    price = float(MARKET.series("AA").close[0])
    wide = {"take_profit": round(price * 1.005, 2), "stop_loss": round(price * 0.995, 2)}
    reasons = {
        exit_reasons(script_run((0, "buy", {"symbol": "AA", "quantity": 10, **wide})))[0],
        exit_reasons(script_run((0, "sell", {"symbol": "AA", "quantity": 10, "stop_loss": wide["take_profit"]})))[0],
        exit_reasons(script_run((0, "buy", {"symbol": "AA", "quantity": 10}), (9, "close", {"symbol": "AA"})))[0],
        exit_reasons(script_run((0, "buy", {"symbol": "AA", "quantity": 10}), close_at_end=True))[0],
    }
    assert reasons >= {"stop_loss", "strategy_signal", "end_of_data"}
    everything = {reason for seed in range(60) for reason in exit_reasons(random_run(seed))}
    assert everything == set(EXIT_REASONS)


@pytest.mark.feature("F-091")
def test_the_settings_that_older_shapes_know() -> None:
    config = script_run(commission=tb.Commission(bps=3, minimum=1), slippage_bps=2).as_backtest_result().config
    assert (config.commission_bps, config.min_commission, config.slippage_bps) == (3.0, 1.0, 2.0)
    assert config.symbols == ("AA", "BB")
    assert config.start_date < config.end_date
    assert config.strategy_class == "Script"


@pytest.mark.feature("F-091")
def test_open_positions_stand_in_the_portfolio() -> None:
    view = script_run((0, "buy", {"symbol": "BB", "quantity": 10})).as_backtest_results().portfolio
    assert set(view.positions) == {"BB"}
    assert view.positions["BB"].quantity == 10.0
    assert view.equity == pytest.approx(view.cash + 10 * float(MARKET.series("BB").close[-1]))
