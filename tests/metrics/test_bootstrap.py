"""Intervals from resampling: the draws, their coverage on simulated data, refusals; and tests between variants."""

from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError, DataError, InsufficientDataError
from triplebar.contracts.random import draw, stream_key
from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.metrics.statistics import bootstrap_nb as nb
from triplebar.metrics.statistics.confidence import RETURN_METRICS, TRADE_METRICS


def curve_of(returns: FloatArray) -> FloatArray:
    return np.concatenate([[100.0], 100.0 * np.cumprod(1.0 + returns)])


def rows_of(table: Any) -> dict[str, Any]:
    return {row["metric"]: row for row in table.to_pylist()}


def places_of(seed: int, number: int, block: float, size: int) -> IntArray:
    places = np.zeros(size, dtype=np.int64)
    nb.places_nb(np.uint64(stream_key(seed, "bootstrap days")), number, block, places)
    return places


# --------------------------------------------------------------------------------------------------------- draws


@pytest.mark.feature("F-016")
@pytest.mark.rule("S-56")
def test_places_come_from_the_named_stream() -> None:
    """The kernel draws the numbers that `contracts.random` defines."""
    size, block, number = 50, 4.0, 3
    expected, place = [], 0
    for step in range(size):
        at = 2 * (number * size + step)
        if step == 0 or (draw(9, "bootstrap days", at) >> 11) * 2.0**-53 < 1 / block:
            place = draw(9, "bootstrap days", at + 1) % size
        else:
            place = (place + 1) % size
        expected.append(place)
    assert places_of(9, number, block, size).tolist() == expected
    uncompiled = np.zeros(size, dtype=np.int64)
    with np.errstate(over="ignore"):  # 64 bits wrap
        plain: Any = nb.places_nb
        plain.py_func(np.uint64(stream_key(9, "bootstrap days")), number, block, uncompiled)
    assert uncompiled.tolist() == expected


def test_blocks_have_the_length_asked_for_and_all_places_are_as_likely() -> None:
    size, block = 400, 5.0
    drawn = np.array([places_of(1, number, block, size) for number in range(200)])
    begins = (np.diff(drawn, axis=1) % size != 1).mean()
    assert begins == pytest.approx(1 / block, rel=0.03)
    counts = np.bincount(drawn.reshape(-1), minlength=size)
    assert counts.min() > 100
    assert counts.max() < 330


# -------------------------------------------------------------------------------------------------------- intervals


def test_the_same_seed_gives_the_same_table() -> None:
    curve = curve_of(np.random.default_rng(1).normal(0.001, 0.01, 200))
    first, second, other = (
        tb.metrics.confidence(curve, periods_per_year=252, draws=150, seed=seed) for seed in (1, 1, 2)
    )
    assert first.equals(second)
    assert not first.equals(other)
    assert first["value"].equals(other["value"])


@pytest.mark.feature("F-263")
@pytest.mark.feature("U-08")
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """120 records of a known ratio: an interval of 90 % has it in about 90 % of them."""
    random = np.random.default_rng(8)
    truth = {"sharpe": 0.05 * np.sqrt(252), "volatility": 0.01 * np.sqrt(252)}
    held = dict.fromkeys(truth, 0)
    for seed in range(120):
        curve = curve_of(random.normal(0.0005, 0.01, 300))
        rows = rows_of(tb.metrics.confidence(curve, periods_per_year=252, level=0.9, draws=200, seed=seed))
        for name, exact in truth.items():
            held[name] += rows[name]["low"] <= exact <= rows[name]["high"]
    assert 0.80 * 120 < held["sharpe"] < 0.98 * 120
    assert 0.75 * 120 < held["volatility"] < 0.98 * 120


@pytest.mark.feature("U-08")
def test_blocks_matter_where_returns_follow_on_each_other() -> None:
    random = np.random.default_rng(3)
    noise = random.normal(0.0, 0.01, 1_500)
    trending = np.convolve(noise, np.ones(15) / 4, mode="valid")
    widths = []
    for block in (1.0, 40.0):
        row = rows_of(tb.metrics.confidence(curve_of(trending), periods_per_year=252, draws=300, block=block))
        widths.append(row["total_return"]["high"] - row["total_return"]["low"])
    assert widths[1] > 1.8 * widths[0]


def test_a_result_has_intervals_of_returns_and_of_trades() -> None:
    market = tb.Market.synthetic(bars=400, seed=3, interval="1d")
    result = tb.run(tb.samples.MovingAverageCross(fast=2, slow=5), market)
    rows = rows_of(tb.metrics.confidence(result, draws=200))
    assert list(rows) == [*RETURN_METRICS, *TRADE_METRICS]
    for name in ("sharpe", "volatility", "win_rate", "average_trade", "total_return"):
        assert rows[name]["value"] == pytest.approx(result.metrics[name], rel=1e-9)
        assert rows[name]["low"] <= rows[name]["value"] <= rows[name]["high"]
        assert rows[name]["reason"] is None
    yearly = {name for name, row in rows.items() if row["per_year"]}
    assert yearly == {"cagr", "volatility", "sharpe", "sortino", "calmar"}
    units = {name: tb.metrics.registry[name].unit for name in rows}
    assert {name for name, unit in units.items() if "per year" in unit} <= yearly


def test_what_has_no_interval_says_why() -> None:
    held = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=60, seed=1, interval="1d"))
    rows = rows_of(tb.metrics.confidence(held, draws=100))
    assert rows["win_rate"]["reason"] == "fewer than 10 trades"
    rising = rows_of(tb.metrics.confidence(curve_of(np.full(30, 0.01)), periods_per_year=252, draws=100))
    assert rising["sharpe"]["reason"] == "zero variance of returns"
    assert rising["total_return"]["low"] == pytest.approx(rising["total_return"]["high"])
    rarely = np.full(30, 0.01)
    rarely[7] = -0.02
    row = rows_of(tb.metrics.confidence(curve_of(rarely), periods_per_year=252, draws=300, block=1.0))["calmar"]
    assert (row["low"], row["reason"]) == (None, "too many resamplings have no value")
    assert 0.5 < row["defined"] < 0.9


GOOD = curve_of(np.full(30, 0.01))


@pytest.mark.parametrize(
    ("curve", "options", "error", "message"),
    [
        (GOOD, {"level": 95}, ConfigError, "level = 95"),
        (GOOD, {"draws": 10}, ConfigError, "draws = 10"),
        (GOOD, {"seed": -1}, ConfigError, "seed = -1"),
        (GOOD, {"block": 0.5}, ConfigError, "block = 0.5"),
        (GOOD[:5], {}, InsufficientDataError, "11 bars are needed, 5 are available"),
        (np.append(GOOD, [0.0, 1.0]), {}, ConfigError, "reached zero or below"),
        (GOOD, {"periods_per_year": None}, ConfigError, "periods_per_year is missing"),
    ],
)
def test_what_cannot_be_resampled_is_refused(
    curve: FloatArray, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        tb.metrics.confidence(curve, **{"periods_per_year": 252, "draws": 100, **options})


# -------------------------------------------------------------------------------------------------------- variants


@pytest.mark.feature("F-263")
def test_noise_raises_as_many_false_alarms_as_it_says_and_an_edge_is_seen() -> None:
    """150 pairs of noise at 10 %, then the same with an edge of a fifth of the deviation."""
    random = np.random.default_rng(11)
    alarms = seen = 0
    for seed in range(150):
        returns = random.normal(0.0, 0.01, (3, 250))
        returns[2] += 0.004
        table = tb.metrics.compare_variants(
            np.stack([curve_of(each) for each in returns]), periods_per_year=252, draws=200, seed=seed
        )
        noise, edge = table["p_value"].to_pylist()
        alarms += noise < 0.10
        seen += edge < 0.10
    assert 0.05 * 150 < alarms < 0.17 * 150
    assert seen > 0.95 * 150


@pytest.mark.feature("F-263")
def test_many_variants_of_noise_raise_no_alarm_together() -> None:
    random = np.random.default_rng(12)
    alarms = 0
    for seed in range(40):
        curves = np.stack([curve_of(each) for each in random.normal(0.0, 0.01, (11, 200))])
        table = tb.metrics.compare_variants(curves, periods_per_year=252, draws=400, seed=seed)
        alarms += min(table["p_value_adjusted"].to_pylist()) < 0.10
        assert all(
            one <= two for one, two in zip(*(table[name].to_pylist() for name in table.column_names[-2:]), strict=True)
        )
    assert alarms < 0.2 * 40


@pytest.mark.feature("F-263")
def test_results_are_compared_by_what_differs() -> None:
    market = tb.Market.synthetic(bars=120, seed=3, interval="1d")
    cheap, dear = (tb.run(tb.samples.BuyAndHold(), market, tb.BacktestConfig(commission_bps=bps)) for bps in (0, 50))
    table = tb.metrics.compare_variants([cheap, dear], baseline=cheap.run_id, draws=200).to_pylist()[0]
    assert table["curve"] == dear.run_id
    assert table["difference_per_year"] < 0
    assert table["low_per_year"] <= table["difference_per_year"] <= table["high_per_year"]


@pytest.mark.parametrize(
    ("curves", "options", "error", "message"),
    [
        (np.stack([GOOD]), {}, DataError, "baseline = 0 is not there"),
        (np.stack([GOOD, GOOD]), {"baseline": "x"}, DataError, "baseline = 'x' is not there"),
        (np.stack([GOOD, GOOD]), {"baseline": 2}, DataError, "baseline = 2 is not there"),
        (np.stack([GOOD, GOOD])[:, :5], {}, InsufficientDataError, "11 bars are needed"),
        (np.stack([GOOD, GOOD - GOOD[3]]), {}, DataError, "curve 1: reached zero or below"),
    ],
)
def test_variants_that_cannot_be_compared(
    curves: FloatArray, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        tb.metrics.compare_variants(curves, **{"periods_per_year": 252, **options})


def test_daily_returns_of_results_stand_in_columns() -> None:
    market = tb.Market.synthetic(bars=60, seed=3, interval="1d")
    results = [tb.run(tb.samples.MovingAverageCross(fast=fast, slow=9), market) for fast in (2, 3, 4)]
    returns = tb.metrics.daily_returns(results)
    assert returns.shape == (60, 3)
    for column, result in enumerate(results):
        record = tb.metrics.TrackRecord.of(returns[:, column], periods_per_year=365)
        assert record.sharpe.per_year == pytest.approx(result.metrics["sharpe"], rel=1e-9)
    assert 1.0 <= tb.metrics.effective_trials(returns) <= 3.0


def test_variants_of_other_days_are_refused() -> None:
    results = [
        tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=bars, seed=3, interval="1d")) for bars in (60, 61)
    ]
    with pytest.raises(DataError, match="has other days than the first"):
        tb.metrics.compare_variants(results)
