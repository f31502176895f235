"""Column strategies: the same run as a strategy that writes the orders by hand, on every engine."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.costs import Commission, Slippage, Spread
from triplebar.contracts.time import to_text
from triplebar.strategy.context import Context

Case = tuple[tb.Market, dict[str, Any]]
TABLES = ("orders", "events", "fills", "flows", "equity", "positions", "trades", "postings")


class ByHand(tb.Strategy):
    """What the columns say, bar by bar."""

    columns: dict[str, Any] = {}  # noqa: RUF012 - a parameter
    first: int = 0

    def on_bar(self, ctx: Context, bar: tb.Bar) -> None:
        if bar.index >= self.first:
            ctx.target(bar.symbol, self.columns[bar.symbol][bar.index])


class Weighing(tb.Strategy):
    """Weights by the rule that stands in the documentation."""

    columns: dict[str, Any] = {}  # noqa: RUF012 - a parameter
    always: bool = False

    def on_bar(self, ctx: Context, bar: tb.Bar) -> None:
        column, row = self.columns[bar.symbol], bar.index
        if self.always or row == 0 or column[row] != column[row - 1]:
            ctx.target(bar.symbol, column[row] * ctx.equity / (bar.close * 1.0))


def equal(left: tb.RunResult, right: tb.RunResult) -> None:
    for name in TABLES:
        assert left.canonical(name).equals(right.canonical(name)), name


@st.composite
def configs(draw: st.DrawFn) -> tb.BacktestConfig:
    return tb.BacktestConfig(
        initial_cash=draw(st.sampled_from([100_000, 500])),
        account=draw(st.sampled_from(["margin", "cash"])),
        fill=draw(st.sampled_from(["next_open", "same_close"])),
        commission=Commission(bps=draw(st.sampled_from([0, 7.5])), fixed=draw(st.sampled_from([0, 1]))),
        slippage=Slippage(bps=draw(st.sampled_from([0, 3])), ticks=draw(st.sampled_from([0, 2]))),
        spread=Spread(half_bps=draw(st.sampled_from([0, 2]))),
        warmup_bars=draw(st.sampled_from([0, 0, 4])),
        close_at_end=draw(st.booleans()),
    )


@st.composite
def columned_markets(draw: st.DrawFn, low: float, high: float) -> Case:
    bars = draw(st.integers(2, 40))
    symbols = draw(st.sampled_from([("A",), ("A", "B"), ("A", "B", "C")]))
    market = tb.Market.synthetic(
        symbols=symbols, bars=bars, seed=draw(st.integers(0, 99)), missing_chance=draw(st.sampled_from([0.0, 0.2]))
    )
    value = st.one_of(st.sampled_from([0.0, high, low]), st.floats(low, high, allow_nan=False))
    lengths = {symbol: len(market.series(symbol)) for symbol in market.symbols}
    runs = st.lists(st.tuples(value, st.integers(1, 9)), min_size=1, max_size=12)

    def column(rows: int) -> list[float]:
        spread = [value for value, length in draw(runs) for _ in range(length)]
        return (spread + [0.0] * rows)[:rows]

    return market, {symbol: column(rows) for symbol, rows in lengths.items()}


@settings(max_examples=60, deadline=None)
@given(case=columned_markets(-7.0, 7.0), config=configs())
def test_targets_are_what_a_strategy_would_send(case: Case, config: tb.BacktestConfig) -> None:
    market, columns = case
    by_hand = tb.run(ByHand(columns=columns, first=config.warmup_bars), market, config)
    native = tb.run(tb.Signals(target=columns), market, config)
    equal(by_hand, native)
    equal(native, tb.run(tb.Signals(target=columns), market, config, engine="reference"))
    assert native.metadata.mode == "columns"


@settings(max_examples=40, deadline=None)
@given(case=columned_markets(-0.9, 0.9), config=configs(), always=st.booleans())
def test_weights_follow_their_rule(case: Case, config: tb.BacktestConfig, always: bool) -> None:
    market, columns = case
    config = config.replace(warmup_bars=0)
    by_hand = tb.run(Weighing(columns=columns, always=always), market, config)
    signals = tb.Signals(weights=columns, rebalance="always" if always else "change")
    equal(by_hand, tb.run(signals, market, config))
    equal(by_hand, tb.run(signals, market, config, engine="reference"))


def plan(market: tb.Market) -> pa.Table:
    series = market.series("A")
    close = series.close
    rows = [
        (1, 5.0, None, None, "gtc"),
        (3, -2.0, float(close[3]) + 0.05, None, "day"),
        (3, -1.0, None, float(close[3]) - 0.2, "gtc"),
        (9, 4.0, float(close[9]), float(close[9]) + 0.01, "gtc"),
        (2, 3.0, None, None, "ioc"),
    ]
    return pa.table(
        {
            "time": pa.array([int(series.time[row[0]]) for row in rows], pa.timestamp("ns", "UTC")),
            "symbol": ["A"] * len(rows),
            "quantity": [row[1] for row in rows],
            "limit": pa.array([row[2] for row in rows], pa.float64()),
            "stop": pa.array([row[3] for row in rows], pa.float64()),
            "tif": [row[4] for row in rows],
        }
    )


@pytest.mark.parametrize("fill", ["next_open", "same_close"])
def test_planned_orders_are_sent_by_both_engines(fill: Any) -> None:
    market = tb.Market.synthetic(symbols=("A", "B"), bars=40, seed=3)
    config = tb.BacktestConfig(fill=fill, commission_bps=1)
    native = tb.run(tb.Signals(orders=plan(market)), market, config)
    equal(native, tb.run(tb.Signals(orders=plan(market)), market, config, engine="reference"))
    assert native.orders.num_rows == 5
    assert native.fills.num_rows >= 3


def test_all_forms_of_a_column_are_one() -> None:
    market = tb.Market.synthetic(symbols=("A",), bars=6, seed=3)
    values = [0.0, 1.0, 1.0, -2.0, 0.0, 0.0]
    series = market.series("A")
    table = pa.table({"time": pa.array(series.time, pa.timestamp("ns", "UTC")), "symbol": ["A"] * 6, "value": values})
    forms = [
        values,
        np.array(values),
        pa.array(values),
        pa.chunked_array([values[:2], values[2:]]),
        {"A": values},
        table,
    ]
    forms.append({"time": series.time, "symbol": ["A"] * 6, "target": values})
    hashes = {tb.run(tb.Signals(target=form), market).result_hash for form in forms}
    assert len(hashes) == 1


def test_equal_columns_are_the_same_run_and_others_are_not() -> None:
    market = tb.Market.synthetic(bars=4, seed=3)
    first, again, other = (
        tb.run(tb.Signals(target=column), market) for column in ([0, 1, 1, 0], [0, 1, 1, 0], [1] * 4)
    )
    assert first.run_id == again.run_id != other.run_id


def test_a_run_of_signals_can_stop_and_go_on() -> None:
    market = tb.Market.synthetic(bars=30, seed=3)
    signals = tb.Signals(weights=[0.5 * ((row // 4) % 2) for row in range(30)])
    part = tb.run(signals, market, until=13)
    assert part.checkpoint is not None
    assert tb.resume(part.checkpoint, market).result_hash == tb.run(signals, market).result_hash


def test_a_window_leaves_the_columns_where_they_are() -> None:
    market = tb.Market.synthetic(bars=20, seed=3, interval="1h")
    column = [float(row % 3) for row in range(20)]
    clock = market.clock
    config = tb.BacktestConfig.from_mapping({"start": to_text(int(clock[5])), "end": to_text(int(clock[15]))})
    native = tb.run(tb.Signals(target=column), market, config)
    equal(native, tb.run(tb.Signals(target=column), market, config, engine="reference"))
    assert native.equity.num_rows == 10
