"""A plain answer to the question whether the best of many trials shows an edge, or luck.

The rule, and what it is worth on studies without any edge, are told in docs/decisions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from triplebar.contracts.errors import ConfigError, DataError
from triplebar.metrics.inputs import FloatArray
from triplebar.metrics.returns import DEVIATION_MIN
from triplebar.metrics.statistics.overfitting import overfitting_probability
from triplebar.metrics.statistics.sharpe import (
    NORMAL,
    SharpeRatio,
    TrackRecord,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
)
from triplebar.metrics.statistics.trials import correlations, matrix_of

EDGE: Final = "edge"
NO_EDGE: Final = "no edge shown"
TOO_LITTLE: Final = "too little data"
LEVEL: Final = 0.95
"""The default verdict says "edge" where there is none in at most 5 of 100 studies."""
PERIODS_MIN: Final = 60
"""With fewer returns no ratio is near enough to normal to be judged."""
SHARPE_PLAUSIBLE: Final = 3.0
"""Data that could show no edge smaller than this, per year, are too little."""
OVERFITTING_MAX: Final = 0.5
"""Above this, what was best in one half of the days was mostly worse than the middle in the other."""
BLOCKS: Final = 10
"""Blocks of the days: 252 ways to halve them."""


@dataclass(frozen=True)
class Verdict:
    """Whether the best of many trials shows an edge: a word, the reasons, and the numbers behind them.

    Ratios are per year. `bar` is the ratio that luck alone gives the best of so many; `deflated` the probability that
    the true ratio is above it; `p_value` how often so many trials without an edge have a best one as good;
    `overfitting` the probability that choosing the best chooses badly; `needed` the ratio that it would have taken;
    `periods_needed` how many returns, with this ratio.

    >>> noise = np.random.default_rng(1).normal(0, 0.01, (500, 20))
    >>> print(judge(noise, periods_per_year=252).kind)
    no edge shown
    """

    kind: str
    reasons: tuple[str, ...]
    level: float
    trials: int
    effective_trials: float
    periods: int
    periods_per_year: float
    sharpe: float | None = None
    sharpe_low: float | None = None
    sharpe_high: float | None = None
    bar: float | None = None
    needed: float | None = None
    deflated: float | None = None
    p_value: float | None = None
    overfitting: float | None = None
    periods_needed: float | None = None
    correlation: float | None = None
    """The mean correlation of the returns of two trials, at least zero."""
    set: int | None = None
    """The set of a study that was judged: the one with the highest Sharpe ratio."""

    def __bool__(self) -> bool:
        """Whether there is an edge."""
        return self.kind == EDGE

    def __str__(self) -> str:
        """The word, what was counted, then each reason on a line."""
        return "\n".join([self.kind, f"  {self.counts}", *(f"  {each}" for each in self.reasons)])

    @property
    def counts(self) -> str:
        """A sentence: how much was tried, over how many days, and how sure the ratio of the best is by itself."""
        trials = f"{self.trials:,} trial{'s' * (self.trials != 1)}, worth {self.effective_trials:,.1f} independent"
        told = f"{trials}, over {self.periods:,} daily returns"
        if self.sharpe is not None and self.bar is not None:
            whose = "" if self.set is None else f"set {self.set}: "
            told += f"; {whose}Sharpe ratio {self.sharpe:.2f} a year, luck gives the best {self.bar:.2f}"
        if self.sharpe_low is not None and self.sharpe_high is not None:
            told += f"; {self.level:.0%} of resamplings lie from {self.sharpe_low:.2f} to {self.sharpe_high:.2f}"
        return told

    def to_mapping(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**found, "reasons": list(self.reasons)}


@dataclass(frozen=True)
class Tried:
    """How much was tried: so many trials, like those whose returns are known, and others known by number alone.

    `deviation` is that of the Sharpe ratios per year of all trials, if it is known better than from the sample;
    `elsewhere` the effective number of trials on the same data by other strategies or in other studies.
    """

    trials: int
    deviation: float | None = None
    elsewhere: float = 0.0

    def __post_init__(self) -> None:
        """Check the counts."""
        if isinstance(self.trials, bool) or self.trials < 1:
            raise ConfigError.of("trials", self.trials, "must be at least 1", fix="count every set that was tried")
        if not (math.isfinite(self.elsewhere) and self.elsewhere >= 0):
            raise ConfigError.of("elsewhere", self.elsewhere, "must be 0 or more", fix="leave it out")


def judge(
    returns: FloatArray,
    *,
    periods_per_year: float,
    best: int | None = None,
    tried: Tried | None = None,
    level: float = LEVEL,
    interval: tuple[float, float] | None = None,
) -> Verdict:
    """Judge the best of several trials by its returns, knowing how many there were.

    - `returns`: one row per period, one column per trial. `best`: the column to judge, by default the one with the
      highest Sharpe ratio. `tried`: if there were more than the columns.
    - `interval`: that of the Sharpe ratio of the best, to be shown.

    >>> noise = np.random.default_rng(1).normal(0, 0.01, (1_000, 20))
    >>> noise[:, 7] += 0.002
    >>> verdict = judge(noise, periods_per_year=252)
    >>> verdict.kind, verdict.trials, verdict.effective_trials > 19
    ('edge', 20, True)
    """
    if isinstance(level, bool) or not 0.5 < level < 1:
        raise ConfigError.of("level", level, "must be between 0.5 and 1", fix="write 0.95 for 95 %")
    values = matrix_of(returns, least=1)
    moves = values.std(axis=0) > DEVIATION_MIN
    column = _best(values, moves) if best is None else best
    if not 0 <= column < values.shape[1]:
        raise DataError(f"there is no column {column}", where="best", fix=f"give 0 to {values.shape[1] - 1}")
    asked = tried or Tried(values.shape[1])
    if len(values) < PERIODS_MIN or not moves[column]:
        return _nothing_to_judge(values, asked, level, periods_per_year)
    return _judged(values, column, moves, asked, level, periods_per_year, interval)


def _best(values: FloatArray, moves: FloatArray) -> int:
    with np.errstate(all="ignore"):
        ratios = np.where(moves, values.mean(axis=0) / values.std(axis=0), -np.inf)
    return int(np.argmax(ratios))


def _nothing_to_judge(values: FloatArray, tried: Tried, level: float, year: float) -> Verdict:
    few = f"{len(values)} daily returns; nothing can be said about fewer than {PERIODS_MIN}"
    reason = few if len(values) < PERIODS_MIN else "the best trial never gained or lost anything"
    effective = float(tried.trials) + tried.elsewhere
    return Verdict(TOO_LITTLE, (reason,), level, tried.trials, effective, len(values), year)


def _judged(
    values: FloatArray,
    column: int,
    moves: FloatArray,
    tried: Tried,
    level: float,
    year: float,
    interval: tuple[float, float] | None,
) -> Verdict:
    record = TrackRecord.of(values[:, column], periods_per_year=year)
    moving = values[:, np.flatnonzero(moves)]
    correlation = mean_correlation(moving)
    effective = effective_of(tried.trials, correlation) + tried.elsewhere
    sampled = tried.trials > values.shape[1]
    bar = expected_maximum_sharpe(effective, _deviation(moving, tried, correlation, year))
    chance = _chance(record, effective)
    numbers: dict[str, Any] = {
        "sharpe": record.sharpe.per_year,
        "sharpe_low": None if interval is None else interval[0],
        "sharpe_high": None if interval is None else interval[1],
        "bar": bar.per_year,
        "needed": _needed(record, bar, effective, level).per_year,
        "deflated": probabilistic_sharpe(record, bar),
        "p_value": chance,
        "overfitting": _overfitting(values, column, moves, sampled=sampled),
        "periods_needed": minimum_track_record(record, bar, confidence=level),
        "correlation": correlation,
    }
    kind, reasons = _decided(numbers, level, len(values), sampled=sampled)
    return Verdict(kind, reasons, level, tried.trials, effective, len(values), year, **numbers)


def mean_correlation(returns: FloatArray) -> float:
    """The mean correlation of all pairs of columns, at least zero; 0 for a single column.

    >>> mean_correlation(np.array([[1.0, 2.0], [2.0, 4.0], [4.0, 8.0]]))
    1.0
    """
    found = correlations(returns)
    count = len(found)
    if count < 2:
        return 0.0
    return min(max(float((found.sum() - count) / (count * (count - 1))), 0.0), 1.0)


def effective_of(trials: float, correlation: float) -> float:
    """How many independent trials so many correlated ones are worth.

    >>> effective_of(100, 0.9)
    10.9
    """
    return round(correlation + (1.0 - correlation) * trials, 9) if trials >= 1 else 0.0


def _deviation(moving: FloatArray, tried: Tried, correlation: float, year: float) -> SharpeRatio:
    """How far luck spreads the ratios of the trials: as far as they do, but no farther than without any edge.

    Trials that are really good and really bad spread farther than luck does, and would raise the bar for each other.
    """
    luck = math.sqrt((1.0 - correlation) / (len(moving) - 1))
    if tried.deviation is not None:
        return SharpeRatio(min(luck, tried.deviation / math.sqrt(year)), year)
    if moving.shape[1] < 2:
        return SharpeRatio(luck, year)
    ratios = moving.mean(axis=0) / moving.std(axis=0, ddof=1)
    return SharpeRatio(min(luck, float(np.std(ratios, ddof=1))), year)


def _chance(record: TrackRecord, effective: float) -> float:
    """How often the best of so many independent trials without an edge is as good (Šidák)."""
    single = 1.0 - probabilistic_sharpe(record)
    if single >= 1.0:
        return 1.0
    return float(-np.expm1(effective * np.log1p(-single)))


def _needed(record: TrackRecord, bar: SharpeRatio, effective: float, level: float) -> SharpeRatio:
    """The smallest ratio of normal returns over as many periods that would have been an edge."""
    error = 1.0 / math.sqrt(record.observations - 1)
    single = -math.expm1(math.log(level) / effective)
    alone = NORMAL.inv_cdf(1.0 - max(single, 1e-15)) * error
    return SharpeRatio(max(bar.per_period + NORMAL.inv_cdf(level) * error, alone), bar.periods_per_year)


def _overfitting(values: FloatArray, column: int, moves: FloatArray, *, sampled: bool) -> float | None:
    """Among all trials; or among a sample without the best of all, which would be the best of most halves too."""
    kept = moves.copy()
    if sampled:
        kept[column] = False
    chosen = values[:, np.flatnonzero(kept)]
    return overfitting_probability(chosen, blocks=BLOCKS).probability if chosen.shape[1] >= 2 else None


def _decided(numbers: dict[str, Any], level: float, periods: int, *, sampled: bool) -> tuple[str, tuple[str, ...]]:
    """The word, and a sentence for each part of the rule."""
    deflated, chance, overfitting = numbers["deflated"], numbers["p_value"], numbers["overfitting"]
    passes = {
        f"its Sharpe ratio of {numbers['sharpe']:.2f} a year is above the {numbers['bar']:.2f} of luck "
        f"with a probability of {deflated:.1%}, {level:.0%} are asked": deflated >= level,
        f"trials without an edge have a best one as good in {chance:.1%} of studies, at most {1 - level:.0%} "
        "are asked": chance <= 1 - level,
    }
    halves = ""
    if overfitting is not None:
        halves = f"choosing the best of one half of the days chooses badly for the other in {overfitting:.0%} of ways"
        if not sampled:
            passes[f"{halves}, at most {OVERFITTING_MAX:.0%} are asked"] = overfitting <= OVERFITTING_MAX
    reasons = [f"{'yes' if passed else 'no'}: {text}" for text, passed in passes.items()]
    if halves and sampled:
        reasons.append(f"not asked: among a sample of the trials, {halves}")
    if all(passes.values()):
        return EDGE, tuple(reasons)
    if numbers["needed"] > SHARPE_PLAUSIBLE:
        reasons.append(f"with {periods} daily returns only a ratio above {numbers['needed']:.2f} a year would show")
        return TOO_LITTLE, tuple(reasons)
    return NO_EDGE, tuple(reasons)
