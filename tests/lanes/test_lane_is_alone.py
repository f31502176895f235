"""A lane is the run of its set alone, bit for bit: random markets, rules, grids and costs."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from triplebar import signals
from triplebar._native import Lanes
from triplebar.contracts.costs import Commission, Slippage, Spread
from triplebar.engines.custom.lanes import LaneRunner
from triplebar.engines.custom.summary import SUMMARY, summarise
from triplebar.engines.settings import resolve
from triplebar.research.preparation import prepared_market
from triplebar.research.sweeping.space import grid

LEVELS = Lanes.levels()
PERIODS = st.integers(1, 12)


COMMISSIONS = [
    Commission(),
    Commission(bps=7.5),
    Commission(bps=7.5, fixed=2, minimum=3),
    Commission(per_unit=0.01, maximum_percent=1),
    Commission(tiers=((0, 1, 2), (5_000, 0, 1))),
]


@st.composite
def markets(draw: st.DrawFn) -> tb.Market:
    return tb.Market.synthetic(
        symbols=draw(st.sampled_from([("A",), ("A",), ("A", "B"), ("A", "B", "C")])),
        bars=draw(st.sampled_from([2, 40, 256, 300, 700])),
        seed=draw(st.integers(0, 999)),
        interval=draw(st.sampled_from(["1m", "1h", "1d"])),
        volatility=draw(st.sampled_from([0.001, 0.02])),
        missing_chance=draw(st.sampled_from([0.0, 0.0, 0.3])),
        price_precision=draw(st.sampled_from([0, 2])),
    )


@st.composite
def configs(draw: st.DrawFn, market: tb.Market) -> tb.BacktestConfig:
    plain = st.sampled_from([0, 0, 2])
    start = draw(st.sampled_from([None, None, 0.3]))
    account = draw(st.sampled_from(["margin", "margin", "cash"]))
    return tb.BacktestConfig(
        initial_cash=draw(st.sampled_from([100_000, 100_000, 700])),
        leverage=1 if account == "cash" else draw(st.sampled_from([1, 2])),
        account=account,
        fill=draw(st.sampled_from(["next_open", "same_close"])),
        commission=draw(st.sampled_from(COMMISSIONS)),
        slippage=Slippage(bps=draw(plain), ticks=draw(plain), impact=draw(st.sampled_from([0, 0, 0.1]))),
        spread=Spread(half_bps=draw(plain), half_ticks=draw(plain)),
        warmup_bars=draw(st.sampled_from([0, 0, 5])),
        start=None if start is None else _moment(market, start),
        borrow_rate=draw(st.sampled_from([0, 0, 0, 0.05])),
    )


def _moment(market: tb.Market, share: float) -> Any:
    from triplebar.contracts.time import from_ns

    return from_ns(int(market.clock[int(share * len(market))]))


@st.composite
def rules(draw: st.DrawFn) -> tuple[signals.Rule, dict[str, list[Any]]]:
    size: Any = draw(st.sampled_from([1.0, 3.0, "size"]))
    position: Any = draw(st.sampled_from(["long", "long_short"]))
    axes: dict[str, Any]
    axis = st.lists(PERIODS, min_size=1, max_size=3)
    level = st.lists(st.sampled_from([20.0, 45.0, 50.0, 60.0]), min_size=1, max_size=2)
    kind = draw(st.sampled_from(["cross", "price", "reversal", "joined", "enter"]))
    if kind == "cross":
        lines: Any = {name: draw(st.sampled_from(["SMA", "EMA", "WMA"])) for name in ("fast", "slow")}
        rule = signals.crossover(position=position, size=size, **lines)
        axes = {"fast": draw(axis), "slow": draw(axis)}
    elif kind == "price":
        rule = signals.price_above(position=position, size=size, window="SMA")
        axes = {"window": draw(axis)}
    elif kind == "reversal":
        rule = signals.reversal(position=position, size=size, period="RSI")
        axes = {"low": draw(level), "period": draw(axis), "high": draw(level)}
    elif kind == "joined":
        rsi, channel = signals.indicator("RSI", "period"), signals.indicator("Donchian", "window", line="middle")
        long = (signals.price() >= channel) & (rsi <= signals.number("high")) | (rsi < 25)
        short = (signals.price("high") < channel) if position == "long_short" else None
        rule = signals.hold(long=long, short=short, size=size)
        axes = {"period": draw(axis), "window": draw(axis), "high": draw(level)}
    else:
        mean = signals.indicator("SMA", "window")
        rule = signals.enter(
            long=signals.price() > mean,
            exit=signals.price("low") < mean,
            short=signals.price("open") < mean,
            cover=signals.price("high") > mean,
            size=size,
        )
        axes = {"window": draw(axis)}
    return rule, {**axes, "size": [1.0, 2.5, 7.0]} if size == "size" else axes


def runner(rule: signals.Rule, market: tb.Market, config: tb.BacktestConfig, **more: Any) -> LaneRunner:
    market, _ = prepared_market(market, config)
    return LaneRunner(rule, market, resolve(config, market), **{"threads": 2, **more})


def rows(lanes: LaneRunner, axes: dict[str, list[Any]]) -> pa.RecordBatch:
    found, problems = lanes.run(grid(axes).sets(range(len(grid(axes)))))
    assert not problems
    return found


def alone(rule: signals.Rule, values: dict[str, Any], market: tb.Market, config: tb.BacktestConfig) -> pa.RecordBatch:
    result = tb.run(rule(**values), market, config)
    return summarise(result.facts, result.market, result.settings)


@settings(max_examples=120, deadline=None)
@given(data=st.data(), market=markets(), drawn=rules())
def test_a_lane_is_the_run_alone(data: st.DataObject, market: tb.Market, drawn: Any) -> None:
    rule, axes = drawn
    config = data.draw(configs(market))
    space = grid(axes)
    found = {level: rows(runner(rule, market, config, level=level), axes) for level in LEVELS}
    assert all(each.equals(found["baseline"]) for each in found.values())
    assert rows(runner(rule, market, config, by_engine=True, threads=1), axes).equals(found["baseline"])
    in_parts = runner(rule, market, config, column_bytes_max=20 * market.rows)
    assert rows(in_parts, axes).equals(found["baseline"])
    number = data.draw(st.integers(0, len(space) - 1))
    assert alone(rule, space[number], market, config).equals(found["baseline"].slice(number, 1))


def test_most_sets_really_run_in_lanes() -> None:
    market = tb.Market.synthetic(symbols=("A", "B"), bars=600, seed=4)
    rule = signals.crossover(fast="SMA", slow="EMA", position="long_short")
    axes = {"fast": list(range(2, 12)), "slow": list(range(20, 30))}
    lanes = runner(rule, market, tb.BacktestConfig(commission_bps=1))
    table = rows(lanes, axes)
    assert lanes.doubts == {}
    assert table.schema.names == SUMMARY.names
    assert min(table.column("trades").to_pylist()) > 5


REASONS: dict[str, tb.BacktestConfig] = {
    "latency": tb.BacktestConfig(latency=tb.Latency.FAST),
    "borrow": tb.BacktestConfig(borrow_rate=0.1),
    "close_at_end": tb.BacktestConfig(close_at_end=True),
    "isolated margin": tb.BacktestConfig(account="isolated"),
    "maintenance margin": tb.BacktestConfig(maintenance_margin=0.1),
    "participation": tb.BacktestConfig(participation=0.5),
    "risk limits": tb.BacktestConfig(risk=tb.RiskLimits(drawdown_total=0.5)),
    "an order that is refused": tb.BacktestConfig(initial_cash=50),
    "numbers above 2^53": tb.BacktestConfig(initial_cash=9_000_000_000),
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_lanes_do_not_know_the_engine_runs(reason: str) -> None:
    config = REASONS[reason]
    market = tb.Market.synthetic(bars=400, seed=4)
    rule = signals.crossover(fast="SMA", slow="SMA", position="long_short")
    axes = {"fast": [2, 3], "slow": [9]}
    lanes = runner(rule, market, config)
    table = rows(lanes, axes)
    assert lanes.doubts == {reason: 2}
    assert alone(rule, {"fast": 3, "slow": 9}, market, config).equals(table.slice(1, 1))


def test_an_interpreted_strategy_with_streaming_indicators_is_the_same_run() -> None:
    class Cross(tb.Strategy):
        fast: int = 3
        slow: int = 9

        def on_start(self, ctx: Any) -> None:
            self.lines = tb.indicators.SMA(self.fast), tb.indicators.SMA(self.slow)

        def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
            quick, calm = (line.update(bar.close) for line in self.lines)
            ctx.target(bar.symbol, 1.0 if quick > calm else 0.0)

    market = tb.Market.synthetic(bars=500, seed=2)
    rule = signals.crossover(fast="SMA", slow="SMA")
    table = tb.sweep(rule, market, {"fast": [3, 5], "slow": [9, 20]}).table
    assert table.equals(tb.sweep(Cross, market, {"fast": [3, 5], "slow": [9, 20]}).table)


def test_days_that_lie_far_apart_and_long_markets() -> None:
    bars = 5_000
    market = tb.Market.synthetic(bars=bars, seed=9, interval="1d", volatility=0.01, drift=0.001)
    rule = signals.price_above(window="SMA")
    axes = {"window": [5, 50, 500]}
    lanes = runner(rule, market, tb.BacktestConfig(initial_cash=1_000))
    table = rows(lanes, axes)
    assert table.equals(rows(runner(rule, market, tb.BacktestConfig(initial_cash=1_000), by_engine=True), axes))
    assert np.isfinite(table.column("sharpe").to_pylist()).all()
