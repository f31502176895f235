"""What one may ask about a run: its worst drawdowns, excursions of trades, a benchmark, windows."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from tests.metrics.oracle import DAY
from tests.metrics.test_many import walks
from triplebar.contracts.errors import ConfigError, DataError, InsufficientDataError
from triplebar.metrics.headlines import HEADLINES


def market_of(rows: list[tuple[float, float, float, float]]) -> tb.Market:
    """Daily bars of one instrument."""
    columns = dict(zip(("open", "high", "low", "close"), np.array(rows).T, strict=True))
    times = np.arange(1, len(rows) + 1) * DAY
    table = {"time": times, **columns, "volume": np.ones(len(rows))}
    return tb.Market.from_table(table, instruments=[tb.Instrument("X", price_precision=2)])


class Plan(tb.Strategy):
    """Trades so much at the close of each bar."""

    plan: tuple[float, ...] = ()

    def on_bar(self, ctx: Any, bar: Any) -> None:
        size = self.plan[bar.index] if bar.index < len(self.plan) else 0.0
        if size > 0:
            ctx.buy("X", size)
        elif size < 0:
            ctx.sell("X", -size)


BARS = [
    (100.0, 101.0, 99.0, 100.0),
    (100.0, 112.0, 97.0, 105.0),  # in at 100
    (105.0, 120.0, 104.0, 110.0),
    (110.0, 111.0, 90.0, 100.0),  # out at 110
    (100.0, 100.0, 100.0, 100.0),
]


@pytest.mark.feature("F-267")
@pytest.mark.parametrize(("sign", "adverse", "favourable"), [(1, 0.10, 0.20), (-1, 0.20, 0.10)])
def test_excursions_by_hand(sign: int, adverse: float, favourable: float) -> None:
    result = tb.run(Plan(plan=(sign * 2.0, 0.0, -sign * 2.0)), market_of(BARS))
    table = tb.metrics.excursions(result)
    assert table["adverse"].to_pylist() == pytest.approx([adverse])
    assert table["favourable"].to_pylist() == pytest.approx([favourable])
    values = tb.metrics.evaluate(result).values
    assert values["worst_adverse_excursion"] == pytest.approx(adverse)
    assert values["average_favourable_excursion"] == pytest.approx(favourable)


@pytest.mark.feature("F-267")
def test_excursions_of_a_loaded_result_want_its_market(tmp_path: Any) -> None:
    market = market_of(BARS)
    result = tb.run(Plan(plan=(2.0, 0.0, -2.0)), market)
    result.save(tmp_path / "run")
    loaded = tb.RunResult.load(tmp_path / "run")
    with pytest.raises(DataError, match="loaded, so it has no bars"):
        tb.metrics.excursions(loaded)
    assert tb.metrics.excursions(loaded, market=market).equals(tb.metrics.excursions(result))
    assert "worst_adverse_excursion" not in tb.metrics.evaluate(loaded).values


@pytest.mark.feature("F-267")
def test_excursions_of_random_runs_equal_a_loop_over_bars() -> None:
    market = tb.Market.synthetic(symbols=("A", "B"), bars=300, seed=4, interval="1d")
    result = tb.run(tb.samples.MovingAverageCross(fast=2, slow=7), market)
    table, trades = tb.metrics.excursions(result), result.canonical("trades").to_pylist()
    assert len(trades) >= 10
    for row, trade in zip(table.to_pylist(), trades, strict=True):
        setting = result.settings.instruments[trade["instrument"]]
        series = market.series(setting.symbol)
        entry = trade["cost"] / trade["quantity"] / setting.unit / 10**setting.price_precision
        bars = [at for at, tick in enumerate(series.clock_index) if trade["opened"] <= tick <= trade["closed"]]
        up = max(series.high[at] for at in bars) / entry - 1.0
        down = 1.0 - min(series.low[at] for at in bars) / entry
        against, towards = (down, up) if trade["side"] > 0 else (up, down)
        assert row["adverse"] == pytest.approx(max(against, 0.0), abs=1e-12)
        assert row["favourable"] == pytest.approx(max(towards, 0.0), abs=1e-12)


@pytest.mark.feature("F-267")
def test_drawdowns_by_hand() -> None:
    closes = [100.0, 90.0, 100.0, 110.0, 66.0, 88.0, 110.0, 121.0, 99.0]
    result = tb.run(
        Plan(plan=(1.0,)), market_of([(close,) * 4 for close in closes]), tb.BacktestConfig(initial_cash=90)
    )
    # in at 90: equity 90 90 100 110 66 88 110 121 99
    table = tb.metrics.drawdowns(result).to_pylist()
    assert [round(row["depth"], 9) for row in table] == [0.4, round(22 / 121, 9)]
    assert [row["days"] for row in table] == [3.0, 1.0]
    assert [row["days_to_recovery"] for row in table] == [2.0, None]
    assert [row["days_to_trough"] for row in table] == [1.0, 1.0]
    assert table[1]["recovery"] is None
    assert table[0]["peak"].isoformat() == "1970-01-05T00:00:00+00:00"
    assert tb.metrics.drawdowns(result, worst=1).num_rows == 1
    with pytest.raises(ConfigError, match="worst = 0"):
        tb.metrics.drawdowns(result, worst=0)


@pytest.mark.feature("F-267")
@pytest.mark.parametrize("seed", range(5))
def test_the_first_drawdown_is_the_deepest_and_the_longest_is_among_all(seed: int) -> None:
    result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=200, seed=seed, interval="1d"))
    table = tb.metrics.drawdowns(result, worst=1_000).to_pylist()
    assert table[0]["depth"] == result.metrics["max_drawdown"]
    assert table[0]["days"] == result.metrics["max_drawdown_days"]
    assert max(row["days"] for row in table) == pytest.approx(result.metrics["longest_drawdown_days"])


@pytest.mark.feature("F-267")
def test_a_run_beside_a_benchmark() -> None:
    market = tb.Market.synthetic(bars=300, seed=6, interval="1d")
    held = tb.run(tb.samples.BuyAndHold(), market)
    traded = tb.run(tb.samples.MovingAverageCross(fast=3, slow=21), market)
    report = tb.metrics.evaluate(traded, benchmark=held, risk_free_rate=0.01)
    table = tb.metrics.many([traded], benchmark=held, risk_free_rate=0.01, path="numba").to_pylist()[0]
    for name in ("alpha", "beta", "correlation", "tracking_error", "information_ratio", "up_capture", "sharpe"):
        assert report.values[name] == pytest.approx(table[name], rel=1e-9)
    assert "beta" not in traded.metrics


@pytest.mark.feature("F-267")
def test_deposits_and_withdrawals_are_no_return() -> None:
    class Saver(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if bar.index == 9:
                ctx.deposit(50_000.0)
            if bar.index == 19:
                ctx.withdraw(20_000.0)

    result = tb.run(Saver(), market_of([(100.0,) * 4] * 30))
    assert result.metrics["total_return"] == pytest.approx(0.3)
    assert result.metrics["time_weighted_return"] == pytest.approx(0.0, abs=1e-12)
    assert result.metrics["money_weighted_return"] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.feature("F-267")
def test_money_and_time_weighted_returns_by_hand() -> None:
    """100 doubles, 200 is added, 400 loses a quarter: the unit made 50 %, the money g with 100g² + 200g = 300."""
    prices = [10.0, 10.0, *[10.0] * 8, *[20.0] * 10, *[15.0] * 10]

    class Adder(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if bar.index == 0:
                ctx.buy("X", 10)
            if bar.index == 13:
                ctx.deposit(200.0)
                ctx.buy("X", 10)

    bars = [(price,) * 4 for price in prices]
    result = tb.run(Adder(), market_of(bars), tb.BacktestConfig(initial_cash=100))
    assert result.ending_value == pytest.approx(300.0)
    assert result.metrics["time_weighted_return"] == pytest.approx(2.0 * 0.75 - 1.0)
    days, since = 30.0, 16.0  # the deposit is made at the close of day 14
    yearly = result.metrics["money_weighted_return"]
    assert isinstance(yearly, float)
    grown = 100 * (1 + yearly) ** (days / 365.25) + 200 * (1 + yearly) ** (since / 365.25)
    assert grown == pytest.approx(300.0, rel=1e-9)


@pytest.mark.feature("F-093")
def test_headline_gives_what_the_result_has() -> None:
    result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=60, seed=1, interval="1d"))
    found = tb.metrics.headline(result)
    assert list(found) == list(HEADLINES)
    assert all(found[name] == result.metrics[name] for name in found)
    assert set(HEADLINES) <= set(tb.metrics.registry)


# ------------------------------------------------------------------------------------------------------- windows


@pytest.mark.feature("F-267")
@settings(max_examples=60)
@given(st.integers(2, 12), st.integers(0, 10_000))
def test_windows_equal_the_metrics_of_the_cut_curve(window: int, seed: int) -> None:
    curve, base = walks(2, 14, seed=seed, spread=0.02)
    curve[5:9] = curve[5]  # a flat stretch must not look like a risk
    options: dict[str, Any] = {"periods_per_year": 252, "risk_free_rate": 0.01}
    table = tb.metrics.rolling(curve[None, :], window, benchmark=base, **options).to_pylist()
    assert len(table) == 14 - window
    for row in table:
        cut = slice(row["point"] - window, row["point"] + 1)
        whole = tb.metrics.many(curve[None, cut], path="numpy", benchmark=base[cut], **options).to_pylist()[0]
        for name in ("total_return", "volatility", "sharpe", "sortino", "max_drawdown", "beta"):
            assert (row[name] is None) == (whole[name] is None), name
            assert row[name] is None or row[name] == pytest.approx(whole[name], rel=1e-9, abs=1e-12), name


@pytest.mark.feature("F-267")
def test_windows_of_results_and_of_several_curves() -> None:
    result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=40, seed=1, interval="1d"))
    table = tb.metrics.rolling(result, 20)
    assert table.num_rows == 21
    assert table["curve"].to_pylist() == [result.run_id] * 21
    assert table["time"].to_pylist()[-1] == result.equity["time"].to_pylist()[-1]
    two = tb.metrics.rolling(walks(2, 30), 20, periods_per_year=365)
    assert two["curve"].to_pylist() == [0] * 10 + [1] * 10


@pytest.mark.feature("F-267")
def test_windows_that_cannot_be_measured() -> None:
    with pytest.raises(InsufficientDataError, match="curve 0: 31 bars are needed, 20 are available"):
        tb.metrics.rolling(walks(1, 20), 30, periods_per_year=252)
    with pytest.raises(ConfigError, match="window = 1"):
        tb.metrics.rolling(walks(1, 20), 1, periods_per_year=252)
    with pytest.raises(DataError, match="curve 'a': reached zero or below"):
        tb.metrics.rolling({"a": [1.0, 0.0, 1.0]}, 2, periods_per_year=252)


# ------------------------------------------------------------------------------------------------------- registry


def test_the_registry_is_a_table_and_a_list() -> None:
    table = tb.metrics.registry.table()
    assert table.num_rows == len(tb.metrics.registry) >= 70
    assert isinstance(table, pa.Table)
    assert all(table[name].null_count == 0 for name in ("name", "unit", "definition", "formula", "inputs"))
    assert {"curve_nb", "trades_nb", "relative_nb", "flows_nb", None} == set(table["kernel"].to_pylist())
    assert "Sharpe" not in repr(tb.metrics.registry)[:20]
    assert repr(tb.metrics.registry).count("\n") == len(tb.metrics.registry) - 1


def test_unknown_names_of_the_module_are_refused() -> None:
    assert dir(tb.metrics) == tb.metrics.__all__
    with pytest.raises(AttributeError, match="no attribute 'sharp'"):
        _ = tb.metrics.sharp
