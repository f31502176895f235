"""Kernels over many curves give what the definitions give for each; the forms curves may come in; what is refused."""

import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from tests.metrics.inputs import HOUR, curve_of, metric_inputs, trades_of
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.metrics import batch as batches
from triplebar.metrics import curves as measuring
from triplebar.metrics.inputs import Activity, FloatArray, MetricInput
from triplebar.metrics.kernels import slots

DAY = 24 * HOUR


def agree(left: pa.Table, right: pa.Table) -> int:
    """Compare two tables of metrics; give how many numbers were compared."""
    assert left.column_names == right.column_names
    assert left["undefined"].to_pylist() == right["undefined"].to_pylist()
    count = 0
    for name in left.column_names[:-1]:
        for one, other in zip(left[name].to_pylist(), right[name].to_pylist(), strict=True):
            if isinstance(one, float) and isinstance(other, float):
                assert one == pytest.approx(other, rel=1e-9, abs=1e-9), name
            else:
                assert one == other, name
            count += one is not None
    return count


def both(curves: Any, **options: Any) -> int:
    return agree(*(tb.metrics.many(curves, path=path, **options) for path in ("numba", "numpy")))


def walks(count: int, points: int, seed: int = 1, spread: float = 0.01) -> FloatArray:
    random = np.random.default_rng(seed)
    return np.asarray(100.0 * np.exp(np.cumsum(random.normal(0.0003, spread, (count, points)), axis=1)))


@pytest.mark.feature("F-093", "F-267")
@pytest.mark.parametrize("points", [2, 3, 4, 5, 20, 21, 22, 41, 60, 61, 300])
def test_kernels_equal_the_definitions_on_random_walks(points: int) -> None:
    found = both(walks(20, points), periods_per_year=252, risk_free_rate=0.02, benchmark=walks(1, points, seed=2)[0])
    assert found > 20 * 14


@pytest.mark.feature("F-093")
@settings(max_examples=150)
@given(st.lists(metric_inputs(), min_size=1, max_size=4))
def test_kernels_equal_the_definitions_on_curves_of_different_lengths(inputs: list[MetricInput]) -> None:
    batch = batches.of_inputs(inputs, [str(row) for row in range(len(inputs))])
    beside = np.concatenate([np.linspace(10.0, 11.0, each.curve.values.size) for each in inputs])
    names = slots.CURVE_SLOTS + slots.RELATIVE_SLOTS + slots.FLOW_SLOTS + slots.TRADE_SLOTS
    assert names == measuring._names(batch, beside)
    compiled = measuring._table(batch, names, *measuring._compiled(batch, beside, names, 1))
    plain = measuring._table(batch, names, *measuring._plain(batch, beside, names))
    assert agree(compiled, plain) > len(inputs)


DEGENERATE = {
    "flat": [100.0] * 12,
    "growing": [100.0 * 1.01**day for day in range(12)],
    "ruined": [100.0, 50.0, 0.0, 10.0, 20.0, 30.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    "ends in ruin": [100.0, *[90.0] * 10, 0.0],
    "below zero": [100.0, *[90.0] * 10, -5.0],
    "no capital": [0.0, *[90.0] * 11],
    "huge": [1e-9, *[1e200] * 11],
    "overflows": [1e-300, *[1e300] * 11],
    "one jump": [*[100.0] * 11, 101.0],
    "one fall": [*[100.0] * 11, 99.0],
}


@pytest.mark.feature("F-095")
def test_degenerate_curves_have_the_same_reasons_on_both_paths() -> None:
    curves = {name: np.array(values) for name, values in DEGENERATE.items()}
    assert both(curves, periods_per_year=252) > 50
    paid = np.zeros((len(curves), 12))
    paid[:, 4], paid[:, 9] = 50.0, -90.0
    assert both(curves, periods_per_year=252, flows=paid) > 50
    several = np.zeros((1, 12))
    several[0, 5], several[0, 11] = -230.0, 132.001
    assert both({"a": [*[100.0] * 11, 0.001]}, periods_per_year=252, flows=several) > 10
    for base in ([1.0] * 12, [1.0] * 11 + [0.0], [0.0] + [1.0] * 11, [2.0, 1.0] * 6):
        assert both(curves, periods_per_year=252, benchmark=np.array(base)) > 50


@pytest.mark.feature("F-095")
@pytest.mark.parametrize("points", [1, 2])
def test_a_curve_of_one_or_two_points(points: int) -> None:
    both(np.full((2, points), 100.0), periods_per_year=252, benchmark=np.ones(points))


@pytest.mark.feature("F-095")
@settings(max_examples=200)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=12))
def test_no_curve_gives_nan_or_infinity(values: list[float]) -> None:
    table = tb.metrics.many(np.array([values]), periods_per_year=252, path="numba", benchmark=np.abs(values))
    row = table.to_pylist()[0]
    reasons = dict(row.pop("undefined"))
    for name, value in row.items():
        assert (value is None) == (name in reasons), name
        assert not isinstance(value, float) or math.isfinite(value)


def test_every_reason_of_the_definitions_is_known_to_the_kernels() -> None:
    """`_plain` looks every reason up in the list of the kernels: one that is missing would raise."""
    assert len(set(slots.REASONS)) == len(slots.REASONS) >= 20


@pytest.mark.feature("F-093")
def test_trades_of_results_are_measured_too() -> None:
    market = tb.Market.synthetic(bars=400, seed=3, interval="1d")
    results = [tb.run(tb.samples.MovingAverageCross(fast=fast, slow=21), market) for fast in (3, 5, 8)]
    table = tb.metrics.many(results, path="numba")
    agree(table, tb.metrics.many(results, path="numpy"))
    assert sum(table["trades"].to_pylist()) > 3
    for row, result in zip(table.to_pylist(), results, strict=True):
        assert row["curve"] == result.run_id
        assert row["sharpe"] == pytest.approx(result.metrics["sharpe"], rel=1e-9)
        assert row["win_rate"] == pytest.approx(result.metrics["win_rate"], rel=1e-9)
        assert row["max_drawdown"] == pytest.approx(result.metrics["max_drawdown"], rel=1e-9)
        assert row["money_weighted_return"] == pytest.approx(result.metrics["money_weighted_return"], rel=1e-9)


TRADES = st.one_of(st.just(0.0), st.floats(-1e4, 1e4))


@pytest.mark.feature("F-093")
@settings(max_examples=200)
@given(st.lists(st.lists(TRADES, max_size=12), min_size=1, max_size=4), st.sampled_from((100.0, 0.0)))
def test_the_kernel_of_trades_equals_the_definitions(profits: list[list[float]], cost: float) -> None:
    curve = curve_of(100.0, [101.0])
    inputs = [MetricInput(curve, trades_of(each, cost), Activity(), 252.0) for each in profits]
    batch = batches.of_inputs(inputs, [str(row) for row in range(len(inputs))])
    names = slots.CURVE_SLOTS + slots.FLOW_SLOTS + slots.TRADE_SLOTS
    compiled, why = measuring._compiled(batch, None, names, 1)
    plain, expected = measuring._plain(batch, None, names)
    assert why.tolist() == expected.tolist()
    np.testing.assert_allclose(compiled[why == 0], plain[why == 0], rtol=1e-9, atol=1e-9)


@pytest.mark.feature("F-077")
def test_threads_and_the_form_of_the_curves_change_nothing() -> None:
    curves = walks(7, 50)
    times = np.arange(50) * DAY
    plain = tb.metrics.many(curves, times=times, periods_per_year=365, path="numba")
    threaded = tb.metrics.many(curves, times=times, periods_per_year=365, path="numba", threads=3)
    assert plain.equals(threaded)
    named = {f"c{row}": values for row, values in enumerate(curves)}
    table = pa.table({"time": pa.array(times, pa.timestamp("ns", "UTC")), **named})
    expected = tb.metrics.many(named, times=times, periods_per_year=365, path="numba")
    assert tb.metrics.many(table, periods_per_year=365, path="numba").equals(expected)
    assert expected.drop(["curve"]).equals(plain.drop(["curve"]))


def test_points_within_a_day_count_as_one_return() -> None:
    times = np.arange(0, 49) * HOUR
    both(walks(3, 49), times=times, periods_per_year=365)
    table = tb.metrics.many(walks(3, 49), times=times, periods_per_year=365)
    assert all("fewer than two" not in reason for _, reason in table["undefined"].to_pylist()[0])
    assert pa.types.is_timestamp(table["max_drawdown_peak"].type)


def test_a_benchmark_may_be_a_table_or_a_result() -> None:
    curves, times = walks(3, 50), np.arange(50) * DAY
    base = walks(1, 50, seed=9)[0]
    array = tb.metrics.many(curves, times=times, periods_per_year=365, benchmark=base)
    table = pa.table({"time": pa.array(times // 1_000, pa.timestamp("us", "UTC")), "close": base})
    assert tb.metrics.many(curves, times=times, periods_per_year=365, benchmark=table).equals(array)
    market = tb.Market.synthetic(bars=60, seed=3, interval="1d")
    own = tb.run(tb.samples.BuyAndHold(), market)
    row = tb.metrics.many([own], benchmark=own).to_pylist()[0]
    assert row["beta"] == pytest.approx(1.0)
    assert dict(row["undefined"])["information_ratio"] == "the curve does not differ from the benchmark"


GOOD = np.full((2, 3), 100.0)
REFUSED: dict[str, tuple[Any, dict[str, Any], type[Exception], str]] = {
    "no periods": (GOOD, {"periods_per_year": None}, ConfigError, "periods_per_year is missing"),
    "bad periods": (GOOD, {"periods_per_year": 0}, ConfigError, "periods_per_year = 0"),
    "bad rate": (GOOD, {"risk_free_rate": -1.0}, ConfigError, "risk_free_rate = -1.0"),
    "bad path": (GOOD, {"path": "fast"}, ConfigError, "path = 'fast'"),
    "bad threads": (GOOD, {"threads": 0}, ConfigError, "threads = 0"),
    "one dimension": (np.ones(3), {}, DataError, r"shape \(3,\)"),
    "no points": (np.ones((2, 0)), {}, DataError, "is not curves by points"),
    "no curves": ({}, {}, DataError, "dict is not curves"),
    "a table of times": (pa.table({"time": pa.array([1])}), {}, DataError, "there is no curve"),
    "texts": ({"a": ["x", "y"]}, {}, DataError, "curve 'a': is not numbers"),
    "times of another name": (
        pa.table({"index": pa.array([0, 1], pa.timestamp("ns")), "a": [1.0, 2.0]}),
        {},
        DataError,
        "curve 'index': is times, no curve; call the column of times 'time'",
    ),
    "texts in a table": (pa.table({"a": ["x", "y"]}), {}, DataError, "curve 'a': string is not numbers"),
    "different lengths": ({"a": [1.0, 2.0], "b": [1.0]}, {}, DataError, "curve 'b': has 1 points, the first has 2"),
    "nulls": (pa.table({"a": pa.array([1.0, None])}), {}, DataError, "curve 'a': has 1 nulls"),
    "nan": ({"a": [1.0, math.nan]}, {}, DataError, "curve 'a', row 1: nan is not a number"),
    "infinity": ({"a": [1.0, math.inf]}, {}, DataError, "curve 'a', row 1: inf is not a number"),
    "times too few": (GOOD, {"times": np.arange(2)}, DataError, "2 times for 3 points"),
    "times backwards": (GOOD, {"times": np.array([0, 2, 1])}, DataError, "row 2: is not after the one before"),
    "times no times": (GOOD, {"times": np.ones(3)}, DataError, "float64 is not a time"),
    "benchmark short": (GOOD, {"benchmark": np.ones(2)}, DataError, "2 values for 3 points"),
    "benchmark nan": (GOOD, {"benchmark": [1.0, math.nan, 1.0]}, DataError, "nan is not a number"),
    "benchmark timeless": (GOOD, {"benchmark": pa.table({"x": [1.0]})}, DataError, "1 columns of values"),
    "benchmark with times": (
        GOOD,
        {"benchmark": pa.table({"time": [1], "x": [1.0]})},
        DataError,
        "has times, the curves have none",
    ),
    "flows of another shape": (GOOD, {"flows": np.ones(3)}, DataError, r"shape \(3,\) for curves of \(2, 3\)"),
    "flows of nan": (GOOD, {"flows": GOOD * math.nan}, DataError, "nan is not a number"),
    "benchmark late": (
        GOOD,
        {"times": np.arange(3), "benchmark": pa.table({"time": [1], "x": [1.0]})},
        DataError,
        "begins after the curve",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_measured_is_refused(name: str) -> None:
    curves, options, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        tb.metrics.many(curves, **{"periods_per_year": 252, **options})


WITHOUT_COMPILING = """
import numpy as np, triplebar as tb
from tests.metrics.test_many import both, walks
assert both(walks(3, 30), periods_per_year=252, benchmark=walks(1, 30, seed=2)[0]) > 60
market = tb.Market.synthetic(bars=200, seed=3)
assert both([tb.run(tb.samples.MovingAverageCross(fast=3, slow=21), market)]) > 30
from tests.metrics.test_many import test_degenerate_curves_have_the_same_reasons_on_both_paths as degenerate
degenerate()
both(np.full((2, 1), 100.0), periods_per_year=252, benchmark=np.ones(1))
from tests.metrics.test_scoring import test_random_traders_equal_the_oracle as traders
from tests.metrics.test_scoring_refusals import TRADES, test_bad_trades_are_refused as refused
for seed in range(3):
    traders(seed)
for name in TRADES:
    refused(name)
with np.errstate(over="ignore"):
    curve = 100 * np.cumprod(1 + np.random.default_rng(1).normal(0.001, 0.01, 40))
    table = tb.metrics.confidence(curve, periods_per_year=252, draws=100)
    assert table["low"][3].as_py() < table["high"][3].as_py()
    tb.metrics.compare_variants(np.stack([curve, curve[::-1]]), periods_per_year=252, draws=100)
print(tb.metrics.rolling(walks(1, 30), 5, periods_per_year=252, benchmark=walks(1, 30, seed=2)[0]).num_rows)
"""


def test_kernels_are_plain_python_too() -> None:
    """Uncompiled they give the same: what the kernel says is what runs, and the coverage of the tests can see it."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_COMPILING],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "25"


@pytest.mark.feature("F-095")
def test_a_single_run_never_loads_numba() -> None:
    code = (
        "import sys, triplebar as tb\n"
        "result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1))\n"
        "assert len(result.metrics) > 60 and tb.metrics.headline(result)['trades'] == 0\n"
        "tb.metrics.many([result])\n"
        "import numpy as np\n"
        "tb.metrics.many(np.ones((2, 5)), periods_per_year=252)\n"
        "assert 'numba' not in sys.modules and 'pandas' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("count", "points", "compiled"), [(10, 300, False), (1_100, 300, True)])
def test_the_path_follows_from_the_amount_of_work_alone(count: int, points: int, compiled: bool) -> None:
    curves = walks(count, points)
    forced = tb.metrics.many(curves, periods_per_year=252, path="numba" if compiled else "numpy")
    assert tb.metrics.many(curves, periods_per_year=252).equals(forced)
