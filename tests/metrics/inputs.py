"""Metric inputs for tests: by hand, at random, and as plain lists for the oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.metrics.oracle import DAY, Plain
from triplebar.metrics.inputs import Activity, CashFlows, ClosedTrades, Curve, MetricInput

HOUR = DAY // 24


def curve_of(initial: float, values: list[float], *, step: int = DAY, cash: list[float] | None = None) -> Curve:
    """A curve with one point per step, the first a step after the start."""
    times = np.arange(1, len(values) + 1, dtype=np.int64) * step
    held = np.array(values if cash is None else cash, dtype=np.float64)
    equity = np.array(values, dtype=np.float64)
    return Curve(0, initial, times, equity, held, np.abs(equity - held))


def trades_of(profits: list[float], cost: float = 100.0, hours: int = 12) -> ClosedTrades:
    """Trades that each cost the same and lasted as long."""
    count = len(profits)
    opened = np.arange(count, dtype=np.int64) * DAY
    return ClosedTrades(
        np.array(profits, dtype=np.float64),
        np.full(count, cost),
        np.ones(count, dtype=np.int64),
        opened,
        opened + hours * HOUR,
    )


def input_of(curve: Curve, profits: list[float] | None = None, periods: float = 252.0, **activity: Any) -> MetricInput:
    return MetricInput(curve, trades_of(profits or []), Activity(**activity), periods)


def plain(data: MetricInput) -> Plain:
    """The same input as lists."""
    curve, trades, activity = data.curve, data.trades, data.activity
    assert curve.gross is not None
    return Plain(
        curve.start_ns,
        curve.initial,
        curve.time_ns.tolist(),
        curve.equity.tolist(),
        curve.cash.tolist(),
        curve.gross.tolist(),
        trades.profit.tolist(),
        trades.cost.tolist(),
        (trades.closed_ns - trades.opened_ns).tolist(),
        activity.traded,
        {
            "commission": activity.commission,
            "slippage": activity.spread + activity.slippage,
            "financing": activity.borrow,
        },
        activity.deposits,
        data.periods_per_year,
        data.risk_free_rate,
        list(zip(data.flows.time_ns.tolist(), data.flows.amount.tolist(), strict=True)),
        [] if data.benchmark is None else data.benchmark.tolist(),
    )


@st.composite
def metric_inputs(draw: st.DrawFn) -> MetricInput:
    """Curves of up to 60 bars some hours apart, trades, costs."""
    count = draw(st.integers(1, 60))
    money = st.floats(10.0, 1e6, allow_nan=False)
    equity = draw(st.lists(money, min_size=count, max_size=count))
    steps = draw(st.lists(st.integers(1, 40), min_size=count, max_size=count))
    cash = draw(st.lists(st.floats(-1e6, 1e6), min_size=count, max_size=count))
    profits = draw(st.lists(st.one_of(st.just(0.0), st.floats(-1e4, 1e4)), max_size=20))
    small = st.floats(0.0, 1e4)
    times = np.cumsum(np.array(steps, dtype=np.int64)) * HOUR
    values, held = np.array(equity), np.array(cash)
    curve = Curve(0, draw(money), times, values, held, np.abs(values - held))
    activity = Activity(
        traded=draw(small),
        commission=draw(small),
        spread=draw(small),
        slippage=draw(small),
        borrow=draw(small),
        deposits=draw(small),
    )
    free = draw(st.sampled_from((0.0, 0.02)))
    periods = draw(st.sampled_from((252.0, 365.0)))
    days = curve.daily.size
    benchmark = np.array(draw(st.lists(st.floats(10.0, 1e3), min_size=days, max_size=days)))
    paid = draw(st.lists(st.tuples(st.sampled_from(times.tolist()), st.floats(-1e3, 1e3)), max_size=3))
    flows = CashFlows(np.array([time for time, _ in paid], dtype=np.int64), np.array([amount for _, amount in paid]))
    return MetricInput(curve, trades_of(profits), activity, periods, free, flows, benchmark)
