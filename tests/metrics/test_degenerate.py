"""What has no value is None with a reason: never an exception, NaN or infinity."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.inputs import HOUR, curve_of, input_of
from triplebar.metrics.inputs import Activity, ClosedTrades, Curve, MetricInput
from triplebar.metrics.measure import measure, ordered
from triplebar.metrics.registry import Metric

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
    "too short for a year": (input_of(curve_of(100.0, [110.0], step=HOUR)), {"cagr": "shorter than one week"}),
}


def check(data: MetricInput) -> None:
    report = measure(data)
    json.dumps(dict(report.values), allow_nan=False)
    assert set(report.values) == {each.name for each in ordered()}
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
    check(MetricInput(curve, ClosedTrades(profits, costs, zeros, zeros, zeros), activity, 252.0))


@pytest.mark.feature("F-095")
def test_a_metric_that_gives_infinity_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from triplebar.metrics import registry, returns

    compute = returns.total_return
    bad = Metric("bad", "ratio", "Bad.", lambda _: math.inf)
    monkeypatch.setattr(bad.compute, "__module__", compute.__module__)
    monkeypatch.setitem(registry.REGISTRY, "bad", bad)
    report = measure(CASES["one point"][0])
    assert report.values["bad"] is None
    assert report.reasons["bad"] == "not a finite number"
