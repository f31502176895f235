"""How likely a Sharpe ratio is more than luck: probabilistic, deflated, and the track record that it takes.

After Bailey and López de Prado, "The Sharpe Ratio Efficient Frontier" (2012) and "The Deflated Sharpe Ratio" (2014).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, stdev
from typing import Any, Final

import numpy as np

from triplebar.contracts.errors import ConfigError, DataError
from triplebar.metrics.inputs import FloatArray
from triplebar.metrics.returns import DEVIATION_MIN

NORMAL: Final = NormalDist()
EULER: Final = 0.577_215_664_901_532_9


@dataclass(frozen=True, slots=True)
class SharpeRatio:
    """A Sharpe ratio that knows its period: `per_period` and `per_year` are the same ratio, and never mixed up.

    >>> ratio = SharpeRatio.annual(2.0, periods_per_year=252)
    >>> round(ratio.per_period, 6), round(ratio.per_year, 9)
    (0.125988, 2.0)
    """

    per_period: float
    periods_per_year: float

    def __post_init__(self) -> None:
        """Check both."""
        _finite("per_period", self.per_period)
        if not (_finite("periods_per_year", self.periods_per_year) > 0):
            fix = "say 252 for exchange sessions, 365 around the clock, 12 for months"
            raise ConfigError.of("periods_per_year", self.periods_per_year, "must be above 0", fix=fix)

    @classmethod
    def annual(cls, per_year: float, *, periods_per_year: float) -> SharpeRatio:
        """Take a ratio that is annualised already."""
        return cls(_finite("per_year", per_year) / math.sqrt(periods_per_year), periods_per_year)

    @property
    def per_year(self) -> float:
        """Annualised: times the root of the periods per year."""
        return self.per_period * math.sqrt(self.periods_per_year)


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """What is known of a strategy: its Sharpe ratio over so many periods, and the shape of its returns.

    `skew` and `excess_kurtosis` are those of the returns of a period, as the registry defines them (0 and 0: normal).

    >>> returns = np.array([0.01, -0.01, 0.02, 0.0, 0.01])
    >>> TrackRecord.of(returns, periods_per_year=252).observations
    5
    """

    sharpe: SharpeRatio
    observations: int
    skew: float = 0.0
    excess_kurtosis: float = 0.0

    def __post_init__(self) -> None:
        """Check what cannot be."""
        _ratio("sharpe", self.sharpe)
        if isinstance(self.observations, bool) or not self.observations >= 2:
            fix = "give at least two periods"
            raise ConfigError.of("observations", self.observations, "are too few to judge", fix=fix)
        if _finite("excess_kurtosis", self.excess_kurtosis) + 2.0 < _finite("skew", self.skew) ** 2 - 1e-9:
            fix = "give the excess over 3, of the same returns as the skew"
            raise ConfigError.of(
                "excess_kurtosis", self.excess_kurtosis, f"cannot go with a skew of {self.skew}", fix=fix
            )

    @classmethod
    def of(cls, returns: FloatArray, *, periods_per_year: float, risk_free_rate: float = 0.0) -> TrackRecord:
        """Measure the returns of the periods."""
        values = np.asarray(returns, dtype=np.float64)
        if values.ndim != 1 or values.size < 2 or not np.isfinite(values).all():
            fix = "give the simple return of each period"
            raise DataError("at least two finite returns are needed", where="returns", fix=fix)
        deviation = float(np.std(values, ddof=1))
        if deviation <= DEVIATION_MIN:
            raise DataError("zero variance of returns", where="returns", fix="there is nothing to judge")
        free = (1.0 + risk_free_rate) ** (1.0 / periods_per_year) - 1.0
        centred = values - values.mean()
        spread = float(np.mean(centred**2))
        skew, fourth = float(np.mean(centred**3)) / spread**1.5, float(np.mean(centred**4)) / spread**2
        ratio = SharpeRatio((float(values.mean()) - free) / deviation, periods_per_year)
        return cls(ratio, values.size, skew, fourth - 3.0)

    @property
    def variance(self) -> float:
        """Variance of the estimated ratio of a period, times the observations less one."""
        ratio = self.sharpe.per_period
        return max(1.0 - self.skew * ratio + (self.excess_kurtosis + 2.0) / 4.0 * ratio**2, 0.0)


def probabilistic_sharpe(record: TrackRecord, benchmark: SharpeRatio | None = None) -> float:
    """The probability that the true Sharpe ratio is above a benchmark (by default zero), whatever the distribution.

    >>> monthly = SharpeRatio(0.458, periods_per_year=12)
    >>> round(probabilistic_sharpe(TrackRecord(monthly, 24, skew=-2.448, excess_kurtosis=7.164)), 3)
    0.913
    """
    above = record.sharpe.per_period - _benchmark(record, benchmark)
    error = math.sqrt(record.variance / (record.observations - 1))
    if error == 0.0:
        return 0.5 if above == 0 else float(above > 0)
    return NORMAL.cdf(above / error)


def minimum_track_record(
    record: TrackRecord, benchmark: SharpeRatio | None = None, *, confidence: float = 0.95
) -> float | None:
    """How many periods it takes until the ratio is above the benchmark with that confidence.

    None if the ratio is not above the benchmark: no track record is long enough.

    >>> daily = TrackRecord(SharpeRatio.annual(2.0, periods_per_year=252), 252)
    >>> needed = minimum_track_record(daily, SharpeRatio.annual(1.0, periods_per_year=252))
    >>> round(needed / 252, 2)
    2.73
    """
    above = record.sharpe.per_period - _benchmark(record, benchmark)
    if not 0.5 < _finite("confidence", confidence) < 1.0:
        raise ConfigError.of("confidence", confidence, "must be between 0.5 and 1", fix="write 0.95 for 95 %")
    if above <= 0:
        return None
    return 1.0 + record.variance * (NORMAL.inv_cdf(confidence) / above) ** 2


def expected_maximum_sharpe(trials: float, deviation: SharpeRatio) -> SharpeRatio:
    """The highest Sharpe ratio to expect of so many trials without any skill.

    `deviation` is the standard deviation of the ratios of the trials.

    >>> best = expected_maximum_sharpe(100, SharpeRatio.annual(0.5**0.5, periods_per_year=250))
    >>> round(best.per_period, 4)
    0.1132
    """
    _ratio("deviation", deviation)
    if not _finite("trials", trials) >= 1:
        raise ConfigError.of("trials", trials, "must be at least 1", fix="count every variant that was tried")
    if trials == 1:
        return SharpeRatio(0.0, deviation.periods_per_year)
    high, higher = NORMAL.inv_cdf(1.0 - 1.0 / trials), NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return SharpeRatio(deviation.per_period * ((1.0 - EULER) * high + EULER * higher), deviation.periods_per_year)


def deviation_of_trials(ratios: Sequence[SharpeRatio]) -> SharpeRatio:
    """The sample standard deviation of the Sharpe ratios of all trials.

    >>> ratios = [SharpeRatio(value, periods_per_year=252) for value in (0.0, 0.1, 0.2)]
    >>> round(deviation_of_trials(ratios).per_period, 9)
    0.1
    """
    for ratio in ratios:
        _ratio("ratios", ratio)
    periods = {ratio.periods_per_year for ratio in ratios}
    if len(ratios) < 2 or len(periods) != 1:
        fix = "give at least two, all of the same period"
        raise ConfigError(f"{len(ratios)} ratios of {len(periods)} kinds of period", where="ratios", fix=fix)
    return SharpeRatio(stdev(ratio.per_period for ratio in ratios), periods.pop())


def deflated_sharpe(record: TrackRecord, *, trials: float, deviation: SharpeRatio) -> float:
    """The probability that the ratio of the best trial is above what luck alone gives the best of so many.

    `trials` are those that differ, see `effective_trials`; `deviation` that of their ratios, see `deviation_of_trials`.

    >>> record = TrackRecord(SharpeRatio.annual(2.5, periods_per_year=250), 1250, skew=-3.0, excess_kurtosis=7.0)
    >>> spread = SharpeRatio.annual(0.5**0.5, periods_per_year=250)
    >>> round(deflated_sharpe(record, trials=100, deviation=spread), 4)
    0.9004
    """
    return probabilistic_sharpe(record, expected_maximum_sharpe(trials, deviation))


def _benchmark(record: TrackRecord, benchmark: SharpeRatio | None) -> float:
    if benchmark is None:
        return 0.0
    _ratio("benchmark", benchmark)
    if benchmark.periods_per_year != record.sharpe.periods_per_year:
        fix = f"give it with periods_per_year={record.sharpe.periods_per_year:g}"
        raise ConfigError.of("benchmark", benchmark, "is of other periods than the record", fix=fix)
    return benchmark.per_period


def _ratio(field: str, value: object) -> None:
    if not isinstance(value, SharpeRatio):
        fix = "write SharpeRatio(value, periods_per_year=...) or SharpeRatio.annual(value, periods_per_year=...)"
        raise ConfigError.of(field, value, "does not say whether it is per period or per year", fix=fix)


def _finite(field: str, value: Any) -> float:  # noqa: ANN401 - what users give
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)) or not math.isfinite(value):
        raise ConfigError.of(field, value, "is not a number", fix="give a finite number")
    return float(value)
