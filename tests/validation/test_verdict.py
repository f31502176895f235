"""The verdict: what it says, from which numbers, and how often it errs (U-07)."""

import json
import math
import os
from typing import Any

import numpy as np
import pytest

from benches.noise import SHAPES, measure, measure_sweeps, study
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.metrics.statistics.overfitting import overfitting_probability
from triplebar.metrics.statistics.sharpe import (
    SharpeRatio,
    TrackRecord,
    deflated_sharpe,
    deviation_of_trials,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
)
from triplebar.metrics.statistics.trials import effective_trials
from triplebar.research.validation.verdict import BLOCKS, LEVEL, Tried, judge

YEAR = 252.0
STUDIES = int(os.environ.get("TRIPLEBAR_NOISE_STUDIES", "25"))
"""Studies of each shape; 2000 is the full run, also done by `python -m benches.noise`."""


def noise(periods: int = 500, trials: int = 30, seed: int = 1) -> Any:
    return np.random.default_rng(seed).normal(0, 0.01, (periods, trials))


def skilled(edge: float = 0.003, **options: Any) -> Any:
    returns = noise(**options)
    returns[:, 3] += edge
    return returns


@pytest.mark.feature("U-07")
def test_numbers_are_those_of_the_statistics() -> None:
    returns = skilled()
    verdict = judge(returns, periods_per_year=YEAR)
    record = TrackRecord.of(returns[:, 3], periods_per_year=YEAR)
    ratios = [TrackRecord.of(each, periods_per_year=YEAR).sharpe for each in returns.T]
    worth = effective_trials(returns)
    luck = SharpeRatio(math.sqrt((1 - (worth - 30) / -29) / 499), YEAR)  # a planted edge spreads them farther than that
    assert verdict.correlation == pytest.approx((worth - 30) / -29)
    assert deviation_of_trials(ratios).per_period > luck.per_period
    deviation = luck
    assert verdict.trials == 30
    assert verdict.effective_trials == pytest.approx(worth)
    assert verdict.sharpe == pytest.approx(record.sharpe.per_year)
    assert verdict.deflated == pytest.approx(deflated_sharpe(record, trials=worth, deviation=deviation))
    assert verdict.overfitting == overfitting_probability(returns, blocks=BLOCKS).probability
    assert verdict.p_value == pytest.approx(1 - probabilistic_sharpe(record) ** worth)
    assert verdict.bar is not None
    bar = SharpeRatio.annual(verdict.bar, periods_per_year=YEAR)
    assert verdict.periods_needed == pytest.approx(minimum_track_record(record, bar))
    assert verdict.kind == "edge"
    assert bool(verdict)
    assert json.loads(json.dumps(verdict.to_mapping()))["kind"] == "edge"
    assert str(verdict).splitlines()[0] == "edge"
    assert all(each.startswith("yes: ") for each in verdict.reasons)


@pytest.mark.feature("U-07")
def test_more_trials_make_it_harder() -> None:
    returns = skilled(0.0026)
    words: list[str] = []
    chances: list[Any] = []
    bars: list[Any] = []
    for trials in (30, 1_000, 1_000_000):
        verdict = judge(returns, periods_per_year=YEAR, tried=Tried(trials))
        words.append(verdict.kind)
        chances.append(verdict.p_value)
        bars.append(verdict.bar)
    assert words[0] == "edge" != words[-1]
    assert chances == sorted(chances)
    assert bars == sorted(bars)
    elsewhere = judge(returns, periods_per_year=YEAR, tried=Tried(30, elsewhere=1_000_000))
    assert elsewhere.effective_trials > 1_000_000
    assert not elsewhere


@pytest.mark.feature("U-07")
def test_ratios_nearer_than_luck_lower_the_bar_and_farther_ones_do_not_raise_it() -> None:
    returns = skilled()
    plain, near, far = (
        judge(returns, periods_per_year=YEAR, tried=Tried(30, deviation)) for deviation in (None, 0.2, 9.0)
    )
    assert plain.bar == far.bar
    assert near.bar is not None
    assert near.bar == pytest.approx(expected_maximum_sharpe(near.effective_trials, SharpeRatio(0.2, 1.0)).per_period)
    mirrored = np.hstack([returns, -returns])
    assert judge(mirrored, periods_per_year=YEAR).kind == "edge"


@pytest.mark.feature("U-07")
def test_a_sample_is_not_flattered_by_the_best_of_all() -> None:
    """The best of a thousand trials is the best of most halves: overfitting is that of the sample without it."""
    returns = noise(trials=1_000)
    best = int(np.argmax(returns.mean(axis=0) / returns.std(axis=0)))
    sample = returns[:, [best, *(each for each in range(0, 1_000, 20) if each != best)]]
    verdict = judge(sample, periods_per_year=YEAR, best=0, tried=Tried(1_000))
    assert verdict.overfitting == overfitting_probability(sample[:, 1:], blocks=BLOCKS).probability
    assert verdict.overfitting > overfitting_probability(sample, blocks=BLOCKS).probability
    assert [each.split(":")[0] for each in verdict.reasons[:3]] == ["no", "no", "not asked"]


@pytest.mark.feature("U-07")
def test_what_is_needed_is_what_it_takes() -> None:
    """Returns whose ratio is just above the one needed are an edge; just below they are not."""
    returns = noise(trials=1, periods=1_000)
    needed = judge(returns, periods_per_year=YEAR).needed
    assert needed is not None
    for share, word in ((1.03, "edge"), (0.97, "no edge shown")):
        moved = returns - returns.mean() + share * needed / math.sqrt(YEAR) * returns.std(ddof=1)
        moved = moved.repeat(1, axis=1)
        assert judge(moved, periods_per_year=YEAR).kind == word


@pytest.mark.feature("U-07")
def test_too_little_data_is_not_no_edge() -> None:
    short = judge(skilled(periods=59), periods_per_year=YEAR)
    assert short.kind == "too little data"
    assert short.reasons == ("59 daily returns; nothing can be said about fewer than 60",)
    still = np.zeros((500, 2))
    assert judge(still, periods_per_year=YEAR).reasons == ("the best trial never gained or lost anything",)
    half_a_year = judge(noise(periods=120), periods_per_year=YEAR)
    assert half_a_year.kind == "too little data"
    assert half_a_year.needed is not None
    assert half_a_year.needed > 3
    assert "only a ratio above" in half_a_year.reasons[-1]
    assert judge(noise(periods=1_500), periods_per_year=YEAR).kind == "no edge shown"


def test_columns_that_never_move_do_not_count_as_like_the_others() -> None:
    returns = skilled()
    with_still = np.hstack([returns, np.zeros((500, 5))])
    plain, more = (judge(each, periods_per_year=YEAR, tried=Tried(30)) for each in (returns, with_still))
    assert plain == more


def test_the_best_can_be_named() -> None:
    verdict = judge(skilled(), periods_per_year=YEAR, best=4)
    assert verdict.sharpe == pytest.approx(TrackRecord.of(skilled()[:, 4], periods_per_year=YEAR).sharpe.per_year)
    with pytest.raises(DataError, match="best: there is no column 30; give 0 to 29"):
        judge(noise(), periods_per_year=YEAR, best=30)


@pytest.mark.parametrize(("options", "message"), [({"level": 1.0}, "level = 1.0"), ({"level": True}, "level = True")])
def test_bad_levels(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        judge(noise(), periods_per_year=YEAR, **options)


def test_bad_counts() -> None:
    with pytest.raises(ConfigError, match="trials = 0: must be at least 1"):
        Tried(0)
    with pytest.raises(ConfigError, match="elsewhere = -1"):
        Tried(1, elsewhere=-1)


@pytest.mark.feature("U-07")
def test_noise_is_called_an_edge_no_more_often_than_the_level_says() -> None:
    """All shapes together, and each: at most the nominal rate and what chance adds to it in so many studies."""
    found = [measure(shape, STUDIES) for shape in SHAPES]
    assert len(found) == 9
    nominal = 1 - LEVEL
    for each in found:
        chance = 3.5 * math.sqrt(nominal * (1 - nominal) / each.studies)  # one false alarm in four thousand
        assert each.rate <= nominal + (0.01 if each.studies >= 2_000 else chance), each
    edges, studies = sum(each.edges for each in found), sum(each.studies for each in found)
    assert edges / studies <= nominal + (0.01 if STUDIES >= 2_000 else 3 * math.sqrt(nominal * (1 - nominal) / studies))


@pytest.mark.feature("U-07")
def test_real_sweeps_of_random_walks_show_no_edge() -> None:
    found = measure_sweeps(max(4, STUDIES // 10))
    nominal = 1 - LEVEL
    assert found.rate <= nominal + (0.01 if found.studies >= 2_000 else 4 * math.sqrt(nominal / found.studies))
    assert found.too_little < found.studies


@pytest.mark.feature("U-07")
def test_a_single_trial_is_judged_at_the_level_itself() -> None:
    """Nothing was chosen, so the rate is the nominal one: neither more nor much less."""
    rng = np.random.default_rng(7)
    edges = [judge(rng.normal(0, 0.01, (250, 1)), periods_per_year=YEAR).kind == "edge" for _ in range(1_500)]
    assert 0.03 < np.mean(edges) < 0.07


@pytest.mark.feature("U-07")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_planted_edge_is_found(shape: str) -> None:
    """One of twenty trials over four years has a true ratio of 4 a year; sizes come in turn, the fifth is that."""
    found = [study(shape, number, edge=4.0).kind for number in (4, 10, 16, 22)]
    assert found.count("edge") >= 3
