"""What has no value is None with a reason: never an exception, NaN or infinity."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.inputs import HOUR, curve_of, input_of
from tests.metrics.oracle import DAY
from triplebar.metrics.definitions import Metric
from triplebar.metrics.inputs import Activity, CashFlows, ClosedTrades, Curve, Excursions, MetricInput
from triplebar.metrics.measure import measure, ordered

EMPTY = Curve(0, 100.0, np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0), np.zeros(0))

CASES = {
    "no bars": (input_of(EMPTY), {"sharpe": "no day has a value", "exposure": "no bars"}),
    "one point": (input_of(curve_of(100.0, [101.0])), {"sharpe": "fewer than two daily returns"}),
    "zero variance": (input_of(curve_of(100.0, [100.0] * 20)), {"sharpe": "zero variance of returns"}),
    "constant growth": (
        input_of(curve_of(100.0, [100.0 * 1.01**day for day in range(1, 30)])),
        {"sharpe": "zero variance of returns", "sortino": "no return below the risk-free rate"},
    ),
    "no trades": (input_of(curve_of(100.0, [100.0, 100.0])), {"win_rate": "no trades", "profit_factor": "no trades"}),
    "no losses": (input_of(curve_of(100.0, [110.0, 120.0]), [10.0, 10.0]), {"profit_factor": "no_losses"}),
    "only losses": (input_of(curve_of(100.0, [90.0, 80.0]), [-10.0]), {"average_win": "no winning trades"}),
    "total loss": (
        input_of(curve_of(100.0, [50.0, 0.0])),
        {"exposure": "equity reached zero or below"},
    ),
    "below zero and back": (
        input_of(curve_of(100.0, [-5.0, 0.0, 10.0] * 5)),
        {"sharpe": "equity reached zero or below, so returns are not defined"},
    ),
    "ended below zero": (input_of(curve_of(100.0, [-1.0] * 10)), {"cagr": "the account ended below zero"}),
    "no capital": (
        input_of(curve_of(0.0, [0.0, 0.0])),
        {"total_return": "the initial capital is not positive", "max_drawdown": "the initial capital is not positive"},
    ),
    "huge growth": (input_of(curve_of(1e-9, [1e200] * 8)), {"cagr": "too large to write down"}),
    "no drawdown": (
        input_of(curve_of(100.0, [101.0, 103.0])),
        {"recovery_factor": "no drawdown", "recovery_days": "the account never fell below a peak"},
    ),
    "still below": (input_of(curve_of(100.0, [90.0, 95.0])), {"recovery_days": "not recovered by the end"}),
    "no tail": (
        input_of(curve_of(100.0, [100.0] * 30 + [101.0])),
        {"tail_ratio": "the 5 % quantile of returns is zero", "omega": "no return below the risk-free rate"},
    ),
    "a flat benchmark": (
        replace(input_of(curve_of(100.0, [110.0, 99.0])), benchmark=np.ones(3)),
        {"beta": "the benchmark does not vary", "up_capture": "the benchmark has no day of that kind"},
    ),
    "a ruined benchmark": (
        replace(input_of(curve_of(100.0, [110.0, 99.0])), benchmark=np.array([1.0, 0.0, 1.0])),
        {"alpha": "the benchmark reached zero or below", "benchmark_return": "the benchmark reached zero or below"},
    ),
    "the benchmark itself": (
        replace(input_of(curve_of(100.0, [110.0, 99.0])), benchmark=np.array([10.0, 11.0, 9.9])),
        {"information_ratio": "the curve does not differ from the benchmark"},
    ),
    "one day beside a benchmark": (
        replace(input_of(curve_of(100.0, [110.0])), benchmark=np.ones(2)),
        {"beta": "fewer than two daily returns"},
    ),
    "a flat curve beside a benchmark": (
        replace(input_of(curve_of(100.0, [100.0, 100.0])), benchmark=np.array([10.0, 11.0, 9.9])),
        {"correlation": "zero variance of returns"},
    ),
    "excursions without trades": (
        replace(input_of(curve_of(100.0, [100.0])), excursions=Excursions(np.zeros(0), np.zeros(0))),
        {"worst_adverse_excursion": "no trades"},
    ),
    "paid out more than there was": (
        replace(input_of(curve_of(100.0, [50.0] * 8)), flows=CashFlows(np.array([DAY * 2]), np.array([-1e6]))),
        {"money_weighted_return": "no rate fits"},
    ),
    "several rates": (
        replace(
            input_of(curve_of(100.0, [100.0] * 9 + [0.001])),
            flows=CashFlows(np.array([DAY * 5, DAY * 10]), np.array([-230.0, 132.001])),
        ),
        {"money_weighted_return": "several rates fit"},
    ),
    "too short for a year": (input_of(curve_of(100.0, [110.0], step=HOUR)), {"cagr": "shorter than one week"}),
}


def check(data: MetricInput) -> None:
    report = measure(data)
    json.dumps(dict(report.values), allow_nan=False)
    assert set(report.values) == {each.name for each in ordered() if data.has(each.inputs)}
    assert len(report.values) >= 60
    for name, value in report.values.items():
        assert (value is None) == (name in report.reasons)
        assert not isinstance(value, float) or math.isfinite(value)


@pytest.mark.feature("F-095", "F-082")
@pytest.mark.parametrize("name", CASES)
def test_degenerate_input(name: str) -> None:
    data, reasons = CASES[name]
    check(data)
    found = measure(data).reasons
    assert {metric: found.get(metric) for metric in reasons} == reasons


@pytest.mark.feature("F-095")
def test_a_total_loss_has_a_full_drawdown() -> None:
    values = measure(CASES["total loss"][0]).values
    assert values["max_drawdown"] == 1.0
    assert values["total_return"] == -1.0


ANY = st.one_of(st.just(0.0), st.floats(-1e300, 1e300), st.floats(-1e-300, 1e-300))


@pytest.mark.feature("F-095")
@settings(max_examples=300)
@given(
    st.lists(st.tuples(ANY, ANY, st.integers(0, 100)), max_size=12),
    ANY,
    st.lists(st.tuples(ANY, ANY), max_size=6),
    st.lists(ANY, min_size=4, max_size=4),
    st.booleans(),
)
def test_no_input_gives_nan_or_an_exception(
    bars: list[tuple[float, float, int]],
    initial: float,
    trades: list[tuple[float, float]],
    sums: list[float],
    gross_known: bool,
) -> None:
    columns = [np.array([bar[place] for bar in bars], dtype=np.float64) for place in (0, 1)]
    times = np.cumsum(np.array([bar[2] for bar in bars], dtype=np.int64)) * HOUR
    curve = Curve(0, initial, times, columns[0], columns[1], np.abs(columns[0]) if gross_known else None)
    profits, costs = (np.array([trade[place] for trade in trades], dtype=np.float64) for place in (0, 1))
    zeros = np.zeros(len(trades), dtype=np.int64)
    activity = Activity(traded=sums[0], commission=sums[1], funding=sums[2], deposits=sums[3])
    closed = ClosedTrades(profits, costs, zeros, zeros, zeros)
    flows = CashFlows(times[:2], columns[1][:2])
    benchmark = np.concatenate([[1.0], columns[1][curve.day_last]])
    moves = Excursions(np.abs(profits), np.abs(costs))
    check(MetricInput(curve, closed, activity, 252.0, 0.0, flows, benchmark, moves))


@pytest.mark.feature("F-095")
def test_a_metric_that_gives_infinity_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from triplebar.metrics import definitions

    bad = Metric("bad", "ratio", "Bad.", "inf", "curve", lambda _: math.inf)
    monkeypatch.setitem(definitions.REGISTRY.entries, "bad", bad)
    report = measure(CASES["one point"][0])
    assert report.values["bad"] is None
    assert report.reasons["bad"] == "not a finite number"
