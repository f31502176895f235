"""Sharpe ratios and luck: figures of the published papers, properties, refusals."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.metrics import SharpeRatio, TrackRecord

MONTHLY = SharpeRatio(0.458, periods_per_year=12)


# ------------------------------------------------------------------------------------------- published examples


def test_the_probabilistic_sharpe_ratio_of_the_paper() -> None:
    """ "The Sharpe Ratio Efficient Frontier": two years of months, 0.458 a month, skew -2.448, kurtosis 10.164."""
    fat = TrackRecord(MONTHLY, 24, skew=-2.448, excess_kurtosis=10.164 - 3)
    assert tb.metrics.probabilistic_sharpe(fat) == pytest.approx(0.913, abs=5e-4)
    assert tb.metrics.probabilistic_sharpe(TrackRecord(MONTHLY, 24)) == pytest.approx(0.982, abs=5e-4)
    assert MONTHLY.per_year == pytest.approx(1.59, abs=5e-3)


@pytest.mark.parametrize(("periods", "years"), [(252, 2.73), (52, 2.83), (12, 3.24)])
def test_minimum_track_records_of_the_paper(periods: int, years: float) -> None:
    """A yearly ratio of 2 is above 1 with a confidence of 95 % after so many years of normal returns."""
    record = TrackRecord(SharpeRatio.annual(2.0, periods_per_year=periods), 100)
    needed = tb.metrics.minimum_track_record(record, SharpeRatio.annual(1.0, periods_per_year=periods))
    assert needed is not None
    assert needed / periods == pytest.approx(years, abs=6e-3)


def test_the_minimum_track_record_of_a_hedge_fund_of_the_paper() -> None:
    """With the skew of -0.72 and the kurtosis of 5.78 of a typical fund it is 4.99 years of months."""
    record = TrackRecord(SharpeRatio.annual(2.0, periods_per_year=12), 100, skew=-0.72, excess_kurtosis=2.78)
    needed = tb.metrics.minimum_track_record(record, SharpeRatio.annual(1.0, periods_per_year=12))
    assert needed is not None
    assert needed / 12 == pytest.approx(4.99, abs=6e-3)


def test_the_deflated_sharpe_ratio_of_the_paper() -> None:
    """ "The Deflated Sharpe Ratio": 2.5 a year over five years, the best of 100 (or 46, or 88) that vary by 1/2."""
    spread = SharpeRatio.annual(math.sqrt(0.5), periods_per_year=250)
    record = TrackRecord(SharpeRatio.annual(2.5, periods_per_year=250), 1250, skew=-3.0, excess_kurtosis=7.0)
    best = tb.metrics.expected_maximum_sharpe(100, spread)
    assert best.per_period == pytest.approx(0.1132, abs=5e-5)
    assert tb.metrics.deflated_sharpe(record, trials=100, deviation=spread) == pytest.approx(0.9004, abs=5e-5)
    assert tb.metrics.deflated_sharpe(record, trials=46, deviation=spread) == pytest.approx(0.9505, abs=5e-5)
    normal = TrackRecord(record.sharpe, 1250)
    assert tb.metrics.deflated_sharpe(normal, trials=88, deviation=spread) == pytest.approx(0.9505, abs=5e-4)


# --------------------------------------------------------------------------------------------------- properties


def test_the_expected_maximum_is_that_of_simulated_trials() -> None:
    random = np.random.default_rng(5)
    for trials in (10, 100):
        best = random.normal(0.0, 0.05, (4_000, trials)).max(axis=1).mean()
        found = tb.metrics.expected_maximum_sharpe(trials, SharpeRatio(0.05, periods_per_year=252))
        assert found.per_period == pytest.approx(best, rel=0.03)


def test_the_probabilistic_ratio_is_right_as_often_as_it_says() -> None:
    """Of many records of skewless noise about one in twenty says 95 %."""
    random = np.random.default_rng(6)
    said = [
        tb.metrics.probabilistic_sharpe(TrackRecord.of(random.normal(0.0, 0.01, 250), periods_per_year=252)) > 0.95
        for _ in range(800)
    ]
    assert 0.03 < np.mean(said) < 0.07


@settings(max_examples=100)
@given(st.floats(0.01, 0.3), st.floats(-2, 2), st.floats(0, 9), st.floats(0.6, 0.99))
def test_the_minimum_track_record_is_where_the_probability_reaches_the_confidence(
    ratio: float, skew: float, more: float, confidence: float
) -> None:
    record = TrackRecord(SharpeRatio(ratio, 252), 2, skew, skew**2 - 2 + more + 0.1)
    needed = tb.metrics.minimum_track_record(record, confidence=confidence)
    assert needed is not None
    at = TrackRecord(record.sharpe, math.ceil(needed) + 2, skew, record.excess_kurtosis)
    assert tb.metrics.probabilistic_sharpe(at) >= confidence - 1e-9
    if needed > 4:
        before = TrackRecord(record.sharpe, math.floor(needed) - 1, skew, record.excess_kurtosis)
        assert tb.metrics.probabilistic_sharpe(before) <= confidence + 1e-9


def test_no_record_is_long_enough_for_what_is_not_above() -> None:
    record = TrackRecord(SharpeRatio(0.05, 252), 100)
    assert tb.metrics.minimum_track_record(record, SharpeRatio(0.05, 252)) is None


def test_one_trial_needs_no_deflation_and_more_trials_need_more() -> None:
    record, spread = TrackRecord(SharpeRatio(0.1, 252), 500), SharpeRatio(0.05, 252)
    found = [tb.metrics.deflated_sharpe(record, trials=trials, deviation=spread) for trials in (1, 2, 10, 1000)]
    assert found[0] == tb.metrics.probabilistic_sharpe(record)
    assert found == sorted(found, reverse=True)


def test_a_ratio_without_error_is_sure() -> None:
    """Two-valued returns with this ratio leave no doubt: the variance of the estimate vanishes."""
    record = TrackRecord(SharpeRatio(1.0, 252), 10, skew=2.0, excess_kurtosis=2.0)
    assert record.variance == 0.0
    assert tb.metrics.probabilistic_sharpe(record) == 1.0
    assert tb.metrics.probabilistic_sharpe(record, SharpeRatio(1.0, 252)) == 0.5
    assert tb.metrics.probabilistic_sharpe(record, SharpeRatio(1.1, 252)) == 0.0


def test_a_record_of_returns_has_the_figures_of_the_registry() -> None:
    returns = np.random.default_rng(3).standard_t(5, 300) / 100
    record = TrackRecord.of(returns, periods_per_year=252, risk_free_rate=0.02)
    curve = 100 * np.concatenate([[1.0], np.cumprod(1 + returns)])
    row = tb.metrics.many(curve[None, :], periods_per_year=252, risk_free_rate=0.02).to_pylist()[0]
    assert record.sharpe.per_year == pytest.approx(row["sharpe"], rel=1e-9)
    assert record.skew == pytest.approx(row["skew"], rel=1e-9)
    assert record.excess_kurtosis == pytest.approx(row["kurtosis"], rel=1e-9)


# --------------------------------------------------------------------------------------------- effective trials


@pytest.mark.feature("F-263")
def test_correlated_trials_count_less() -> None:
    random = np.random.default_rng(4)
    own, common = random.normal(size=(3_000, 10)), random.normal(size=(3_000, 1))
    assert tb.metrics.effective_trials(own) == pytest.approx(10.0, abs=0.5)
    assert tb.metrics.effective_trials(common + 0.0 * own) == pytest.approx(1.0)
    half = tb.metrics.effective_trials(own + common)  # correlation 1/2: 0.5 + 0.5 · 10
    assert half == pytest.approx(5.5, abs=0.3)
    assert tb.metrics.effective_trials(own[:, :1]) == 1.0
    opposite = np.hstack([common, -common])
    assert tb.metrics.effective_trials(opposite) == pytest.approx(2.0)


def test_correlations_are_symmetric_and_equal_to_numpy() -> None:
    values = np.random.default_rng(4).normal(size=(50, 4))
    found = tb.metrics.correlations(values)
    np.testing.assert_allclose(found, np.corrcoef(values.T), atol=1e-12)
    assert np.array_equal(found, found.T)
    assert np.diag(found).tolist() == [1.0] * 4
    flat = np.column_stack([values[:, 0], np.ones(50)])
    assert tb.metrics.correlations(flat).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_the_deviation_of_trials() -> None:
    ratios = [SharpeRatio.annual(value, periods_per_year=252) for value in (1.0, 2.0, 3.0)]
    assert tb.metrics.deviation_of_trials(ratios).per_year == pytest.approx(1.0)


# -------------------------------------------------------------------------------------------------- overfitting


def by_hand(returns: Any, blocks: int) -> list[float]:
    """The logits, split by split, from the returns themselves."""
    length = len(returns) // blocks
    parts = np.split(returns[len(returns) - length * blocks :], blocks)
    found = []
    for chosen in itertools.combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[block] for block in chosen])
        outside = np.concatenate([parts[block] for block in range(blocks) if block not in chosen])
        first, second = (half.mean(axis=0) / half.std(axis=0, ddof=1) for half in (inside, outside))
        rank = 1 + sum(second < second[np.argmax(first)])
        share = rank / (returns.shape[1] + 1)
        found.append(math.log(share / (1 - share)))
    return found


@pytest.mark.parametrize(("periods", "blocks"), [(40, 4), (43, 4), (60, 6), (24, 2)])
def test_splits_equal_those_taken_by_hand(periods: int, blocks: int) -> None:
    returns = np.random.default_rng(periods).normal(0.001, 0.01, (periods, 7))
    found = tb.metrics.overfitting_probability(returns, blocks=blocks)
    assert found.logits.tolist() == pytest.approx(by_hand(returns, blocks))
    assert found.periods_left_out == periods % blocks
    assert found.probability == np.mean(np.array(by_hand(returns, blocks)) <= 0)


def test_sixteen_blocks_are_12870_splits() -> None:
    """The number of the paper: 16 over 8."""
    random = np.random.default_rng(1)
    found = tb.metrics.overfitting_probability(random.normal(size=(320, 5)))
    assert len(found.logits) == 12_870


def test_a_skilled_trial_is_no_overfitting_and_noise_is() -> None:
    random = np.random.default_rng(2)
    noise = [tb.metrics.overfitting_probability(random.normal(size=(240, 30)), blocks=8).probability for _ in range(30)]
    assert 0.4 < np.mean(noise) < 0.65
    skilled = random.normal(size=(240, 30))
    skilled[:, 3] += 0.8
    found = tb.metrics.overfitting_probability(skilled, blocks=8)
    assert found.probability < 0.01
    assert found.probability_of_loss == 0.0
    assert found.degradation is not None


def test_equal_trials_are_neither() -> None:
    same = np.repeat(np.random.default_rng(1).normal(size=(40, 1)), 3, axis=1)
    assert set(tb.metrics.overfitting_probability(same, blocks=4).logits.tolist()) == {0.0}
    flat = tb.metrics.overfitting_probability(np.full((40, 3), 0.1), blocks=4)
    assert flat.chosen.tolist() == [0.0] * 6
    assert flat.degradation is None


# ------------------------------------------------------------------------------------------------------ refusals

RECORD = TrackRecord(SharpeRatio(0.1, 252), 100)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: SharpeRatio(math.nan, 252), ConfigError, "per_period = nan: is not a number"),
        (lambda: SharpeRatio(0.1, 0), ConfigError, "must be above 0"),
        (lambda: SharpeRatio.annual("2", periods_per_year=252), ConfigError, "per_year = '2'"),  # type: ignore[arg-type]
        (lambda: TrackRecord(0.1, 100), ConfigError, "does not say whether it is per period or per year"),  # type: ignore[arg-type]
        (lambda: TrackRecord(SharpeRatio(0.1, 252), 1), ConfigError, "observations = 1"),
        (lambda: TrackRecord(SharpeRatio(0.1, 252), 9, 3.0, 0.0), ConfigError, "cannot go with a skew of 3.0"),
        (lambda: TrackRecord.of(np.zeros(9), periods_per_year=252), DataError, "zero variance"),
        (lambda: TrackRecord.of(np.array([math.nan, 1]), periods_per_year=252), DataError, "two finite returns"),
        (lambda: tb.metrics.probabilistic_sharpe(RECORD, 0.1), ConfigError, "benchmark = 0.1: does not say"),  # type: ignore[arg-type]
        (lambda: tb.metrics.probabilistic_sharpe(RECORD, SharpeRatio(0.1, 12)), ConfigError, "of other periods"),
        (lambda: tb.metrics.minimum_track_record(RECORD, confidence=95), ConfigError, "confidence = 95"),
        (lambda: tb.metrics.expected_maximum_sharpe(0, RECORD.sharpe), ConfigError, "trials = 0"),
        (lambda: tb.metrics.deflated_sharpe(RECORD, trials=5, deviation=0.1), ConfigError, "deviation = 0.1"),  # type: ignore[arg-type]
        (lambda: tb.metrics.deviation_of_trials([RECORD.sharpe]), ConfigError, "1 ratios of 1 kinds"),
        (
            lambda: tb.metrics.deviation_of_trials([RECORD.sharpe, SharpeRatio(0.1, 12)]),
            ConfigError,
            "2 ratios of 2 kinds of period",
        ),
        (lambda: tb.metrics.effective_trials(np.zeros(3)), DataError, "is not periods by trials"),
        (lambda: tb.metrics.effective_trials(np.array([[1, math.nan], [1, 2]])), DataError, "row 0, column 1: nan"),
        (lambda: tb.metrics.overfitting_probability(np.zeros((40, 3)), blocks=3), ConfigError, "must be even"),
        (lambda: tb.metrics.overfitting_probability(np.zeros((40, 3)), blocks=40), ConfigError, "blocks = 40"),
        (lambda: tb.metrics.overfitting_probability(np.zeros((40, 1))), DataError, "one trial is no choice"),
        (lambda: tb.metrics.overfitting_probability(np.zeros((20, 2))), DataError, "20 periods do not fill 16 blocks"),
    ],
)
def test_what_cannot_be_judged_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
