"""Metrics beside two public libraries: equal where the definitions are the same, else different as documented.

Each difference of definition is a test that gets from our figure to theirs; docs/how-to/metrics.md lists them.
"""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries' own imports
    import empyrical
    import quantstats

import triplebar as tb
from triplebar.metrics.inputs import FloatArray

their: Any = quantstats.stats

PERIODS = 252
DAYS = 756


def returns_of(seed: int) -> FloatArray:
    """Three years of fat-tailed returns with some flat days."""
    random = np.random.default_rng(seed)
    returns = 0.0004 + 0.011 * random.standard_t(4, DAYS) / math.sqrt(2)
    returns[random.integers(0, DAYS, 20)] = 0.0
    return np.asarray(np.clip(returns, -0.3, 0.3))


def curve(returns: FloatArray) -> FloatArray:
    return np.concatenate([[100.0], 100.0 * np.cumprod(1.0 + returns)])


OWN, BASE = [returns_of(seed) for seed in range(5)], [0.6 * returns_of(seed) + 0.4 * returns_of(9) for seed in range(5)]
FOUND = [
    tb.metrics.many(
        curve(own)[None, :],
        periods_per_year=PERIODS,
        risk_free_rate=0.0,
        benchmark=curve(base),
        path="numba",
    ).to_pylist()[0]
    for own, base in zip(OWN, BASE, strict=True)
]

Compared = Callable[[FloatArray, FloatArray], float]

EMPYRICAL: dict[str, Compared] = {
    "total_return": lambda r, _: empyrical.cum_returns_final(r),
    "cagr": lambda r, _: empyrical.annual_return(r),
    "volatility": lambda r, _: empyrical.annual_volatility(r),
    "sharpe": lambda r, _: empyrical.sharpe_ratio(r),
    "sortino": lambda r, _: empyrical.sortino_ratio(r),
    "omega": lambda r, _: empyrical.omega_ratio(r),
    "tail_ratio": lambda r, _: empyrical.tail_ratio(r),
    "value_at_risk_95": lambda r, _: -empyrical.value_at_risk(r),
    "expected_shortfall_95": lambda r, _: -empyrical.conditional_value_at_risk(r),
    "max_drawdown": lambda r, _: -empyrical.max_drawdown(r),
    "calmar": lambda r, _: empyrical.calmar_ratio(r),
    "beta": empyrical.beta,
    "information_ratio": lambda r, b: empyrical.excess_sharpe(r, b) * math.sqrt(PERIODS),
}


def frame(returns: FloatArray) -> "pd.Series[float]":
    return pd.Series(returns, index=pd.bdate_range("2020-01-01", periods=returns.size))


QUANTSTATS: dict[str, Callable[[Any, Any], float]] = {
    "total_return": lambda r, _: their.comp(r),
    "volatility": lambda r, _: their.volatility(r),
    "sharpe": lambda r, _: their.sharpe(r),
    "sortino": lambda r, _: their.sortino(r),
    "omega": lambda r, _: their.omega(r),
    "tail_ratio": lambda r, _: their.tail_ratio(r),
    "max_drawdown": lambda r, _: -their.max_drawdown(r),
    "best_day": lambda r, _: their.best(r),
    "worst_day": lambda r, _: their.worst(r),
    "beta": lambda r, b: their.greeks(r, b, periods=PERIODS)["beta"],
    "alpha": lambda r, b: their.greeks(r, b, periods=PERIODS)["alpha"],
}


@pytest.mark.feature("F-093", "F-267")
@pytest.mark.parametrize("name", EMPYRICAL)
def test_equal_to_empyrical(name: str) -> None:
    for row, own, base in zip(FOUND, OWN, BASE, strict=True):
        assert row[name] == pytest.approx(EMPYRICAL[name](own, base), rel=1e-9)


@pytest.mark.feature("F-093", "F-267")
@pytest.mark.parametrize("name", QUANTSTATS)
def test_equal_to_quantstats(name: str) -> None:
    for row, own, base in zip(FOUND, OWN, BASE, strict=True):
        assert row[name] == pytest.approx(QUANTSTATS[name](frame(own), frame(base)), rel=1e-9)


def test_enough_is_compared() -> None:
    assert len(EMPYRICAL) + len(QUANTSTATS) >= 20
    assert all(row[name] is not None for row in FOUND for name in {*EMPYRICAL, *QUANTSTATS})


# ------------------------------------------------------------------------------------- differences of definition


def test_quantstats_counts_years_in_calendar_days() -> None:
    """Its CAGR takes the days between the first and the last return over 365 (by default 252 periods a year)."""
    for row, own in zip(FOUND, OWN, strict=True):
        theirs = their.cagr(frame(own), periods=PERIODS)
        ours = (1.0 + row["total_return"]) ** (PERIODS / DAYS) - 1.0
        assert row["cagr"] == pytest.approx(ours, rel=1e-9)
        years = math.log1p(row["total_return"]) / math.log1p(theirs)
        assert years == pytest.approx(DAYS / PERIODS, rel=0.05)


def test_quantstats_corrects_moments_for_the_size_of_the_sample() -> None:
    """Its skew and kurtosis are those of pandas: ours come to them by the factors of the sample size."""
    n = DAYS
    for row, own in zip(FOUND, OWN, strict=True):
        skew = row["skew"] * math.sqrt(n * (n - 1)) / (n - 2)
        kurtosis = ((n + 1) * row["kurtosis"] + 6) * (n - 1) / ((n - 2) * (n - 3))
        assert skew == pytest.approx(their.skew(frame(own)), rel=1e-9)
        assert kurtosis == pytest.approx(their.kurtosis(frame(own)), rel=1e-9)


def test_quantstats_takes_value_at_risk_from_a_normal_distribution() -> None:
    from statistics import NormalDist

    for row, own in zip(FOUND, OWN, strict=True):
        normal = NormalDist(float(own.mean()), float(own.std(ddof=1))).inv_cdf(0.05)
        theirs = their.var(frame(own))
        assert theirs == pytest.approx(normal, rel=1e-9)
        assert row["value_at_risk_95"] != pytest.approx(-theirs, rel=1e-3)


def test_quantstats_leaves_the_first_value_out_of_the_ulcer_index() -> None:
    """Its mean is over returns less one; ours over all points of the curve, the start included."""
    for row, own in zip(FOUND, OWN, strict=True):
        theirs = their.ulcer_index(frame(own))
        assert row["ulcer_index"] * math.sqrt((DAYS + 1) / (DAYS - 1)) == pytest.approx(theirs, rel=1e-9)


def test_empyrical_compounds_alpha() -> None:
    """Its alpha is (1 + daily alpha)^periods - 1, ours the daily alpha times periods."""
    for row, own, base in zip(FOUND, OWN, BASE, strict=True):
        daily = row["alpha"] / PERIODS
        assert (1.0 + daily) ** PERIODS - 1.0 == pytest.approx(empyrical.alpha(own, base), rel=1e-9)


@pytest.mark.parametrize(("name", "sign"), [("up_capture", 1), ("down_capture", -1)])
def test_empyrical_takes_captures_of_growth_per_year(name: str, sign: int) -> None:
    """Its captures are ratios of growth per year over the chosen days alone, ours of growth per day."""
    theirs = {"up_capture": empyrical.up_capture, "down_capture": empyrical.down_capture}[name]
    for row, own, base in zip(FOUND, OWN, BASE, strict=True):
        chosen = sign * base > 0
        own_day, base_day = (math.exp(float(np.mean(np.log1p(each[chosen])))) - 1.0 for each in (own, base))
        assert row[name] == pytest.approx(own_day / base_day, rel=1e-9)
        yearly = ((1.0 + own_day) ** PERIODS - 1.0) / ((1.0 + base_day) ** PERIODS - 1.0)
        assert theirs(own, base) == pytest.approx(yearly, rel=1e-9)


def test_quantstats_does_not_annualise_the_information_ratio() -> None:
    for row, own, base in zip(FOUND, OWN, BASE, strict=True):
        theirs = their.information_ratio(frame(own), frame(base))
        assert row["information_ratio"] / math.sqrt(PERIODS) == pytest.approx(theirs, rel=1e-9)


def test_libraries_give_nan_or_infinity_where_we_give_a_reason() -> None:
    flat = np.zeros(30)
    row = tb.metrics.many(curve(flat)[None, :], periods_per_year=PERIODS).to_pylist()[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not math.isfinite(empyrical.sharpe_ratio(flat))
        assert not math.isfinite(empyrical.calmar_ratio(flat))
    assert (row["sharpe"], row["calmar"]) == (None, None)
    assert {"sharpe", "calmar", "sortino", "omega"} <= set(dict(row["undefined"]))
