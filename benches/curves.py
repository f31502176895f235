"""Metrics of 1 000 curves × 2 520 days beside empyrical and quantstats: `python -m benches.curves`.

Guards that many curves are measured in one pass each, without copies, and that the first call of a process is bearable.
The libraries are timed on some of the curves, call by call; everybody's figures are compared before anything is timed.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import triplebar as tb
from benches.memory import FORGET_PEAK, ROOT, _status

CURVES, DAYS, PERIODS = 1_000, 2_520, 252
OF_EMPYRICAL, OF_QUANTSTATS = 40, 4
GOAL = 20.0
SAME = ("total_return", "volatility", "sharpe", "sortino", "omega", "tail_ratio", "max_drawdown")
COLD = """
import time, numpy as np, triplebar as tb
curves = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, (200, 2521)), axis=1))
begin = time.perf_counter()
tb.metrics.many(curves, periods_per_year=252, path="numba")
print(time.perf_counter() - begin)
"""


@dataclass(frozen=True)
class Curves:
    """Seconds per curve, ratios within rounds, seconds of first calls, bytes above the input at the peak."""

    own: float
    empyrical: float
    quantstats: float
    times_empyrical: float
    times_quantstats: float
    compiling: float
    loading: float
    peak_small: int
    peak_large: int


def walks(count: int) -> Any:
    """Make up curves."""
    random = np.random.default_rng(1)
    return 100.0 * np.exp(np.cumsum(random.normal(0.0003, 0.01, (count, DAYS + 1)), axis=1))


def empyrical_metrics(returns: Any) -> dict[str, float]:
    """Compute what empyrical has of the headline metrics."""
    import empyrical

    return {
        "total_return": empyrical.cum_returns_final(returns),
        "cagr": empyrical.annual_return(returns),
        "volatility": empyrical.annual_volatility(returns),
        "sharpe": empyrical.sharpe_ratio(returns),
        "sortino": empyrical.sortino_ratio(returns),
        "omega": empyrical.omega_ratio(returns),
        "tail_ratio": empyrical.tail_ratio(returns),
        "value_at_risk_95": empyrical.value_at_risk(returns),
        "expected_shortfall_95": empyrical.conditional_value_at_risk(returns),
        "max_drawdown": -empyrical.max_drawdown(returns),
        "calmar": empyrical.calmar_ratio(returns),
    }


def quantstats_metrics(returns: Any) -> dict[str, float]:
    """Compute what quantstats has of the headline metrics."""
    import quantstats

    their: Any = quantstats.stats
    return {
        "total_return": their.comp(returns),
        "cagr": their.cagr(returns),
        "volatility": their.volatility(returns),
        "sharpe": their.sharpe(returns),
        "sortino": their.sortino(returns),
        "omega": their.omega(returns),
        "tail_ratio": their.tail_ratio(returns),
        "skew": their.skew(returns),
        "kurtosis": their.kurtosis(returns),
        "value_at_risk_95": their.var(returns),
        "expected_shortfall_95": their.cvar(returns),
        "max_drawdown": -their.max_drawdown(returns),
        "calmar": their.calmar(returns),
    }


def measure(rounds: int) -> Curves:
    """Check that all agree, then time them in turns."""
    import pandas as pd

    curves = walks(CURVES)
    returns = curves[:, 1:] / curves[:, :-1] - 1.0
    days = pd.bdate_range("2010-01-04", periods=DAYS)
    series = [pd.Series(each, index=days) for each in returns[:OF_QUANTSTATS]]
    found = tb.metrics.many(curves, periods_per_year=PERIODS, path="numba").slice(0, OF_EMPYRICAL).to_pylist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _check(found, [empyrical_metrics(each) for each in returns[:OF_EMPYRICAL]])
        _check(found, [quantstats_metrics(each) for each in series])
        taken = [
            (
                _seconds(lambda: tb.metrics.many(curves, periods_per_year=PERIODS, path="numba")) / CURVES,
                _seconds(lambda: [empyrical_metrics(each) for each in returns[:OF_EMPYRICAL]]) / OF_EMPYRICAL,
                _seconds(lambda: [quantstats_metrics(each) for each in series]) / OF_QUANTSTATS,
            )
            for _ in range(rounds)
        ]
    own, by_empyrical, by_quantstats = (statistics.median(each) for each in zip(*taken, strict=True))
    compiling, loading = first_calls(COLD)
    return Curves(
        own,
        by_empyrical,
        by_quantstats,
        statistics.median(theirs / ours for ours, theirs, _ in taken),
        statistics.median(theirs / ours for ours, _, theirs in taken),
        compiling,
        loading,
        peak_bytes(CURVES),
        peak_bytes(4 * CURVES),
    )


def _check(found: list[dict[str, Any]], theirs: list[dict[str, float]]) -> None:
    for own, other in zip(found, theirs, strict=False):
        for name in SAME:
            assert abs(own[name] - other[name]) < 1e-9, name


def _seconds(run: Callable[[], Any]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def first_calls(code: str) -> tuple[float, float]:
    """Time a program's own figure in a fresh process: with nothing compiled, and with what that left on disk."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", code]
        cold, warm = (
            float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
            for _ in range(2)
        )
    return cold, warm


def peak_bytes(count: int) -> int:
    """Say how much memory measuring takes above the curves, in a process of its own."""
    command = [sys.executable, "-m", "benches.curves", "peak", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return int(json.loads(done.stdout))


def _print_peak(count: int) -> None:
    tb.metrics.many(walks(10), periods_per_year=PERIODS, path="numba")
    curves = walks(count)
    FORGET_PEAK.write_text("5")
    before = _status("VmRSS")
    tb.metrics.many(curves, periods_per_year=PERIODS, path="numba")
    print(_status("VmHWM") - before)


def lines(found: Curves) -> str:
    """Lay out what was measured."""
    verdict = "met" if max(found.times_quantstats, found.times_empyrical) >= GOAL else "**missed**"
    input_mib = CURVES * (DAYS + 1) * 8 / 2**20
    text = [
        f"- {CURVES:,} curves × {DAYS:,} days, 26 metrics each: {found.own * 1e6:,.0f} µs a curve on one core, warm",
        f"- quantstats, 13 of them: {found.quantstats * 1e6:,.0f} µs, {found.times_quantstats:,.0f}× as long",
        f"- empyrical, 11 of them: {found.empyrical * 1e6:,.0f} µs, {found.times_empyrical:,.1f}× as long",
        f"- goal: at least {GOAL:.0f}× one of them — {verdict}",
        f"- first call of a process: {found.compiling:.1f} s with nothing compiled, {found.loading:.2f} s from disk",
        f"- peak above the curves: {found.peak_small / 2**20:.1f} MiB",
        f"- at four times the curves: {found.peak_large / 2**20:.1f} MiB; they take {4 * input_mib:.0f} MiB",
    ]
    return "\n".join(["### Metrics of many curves", "", *text, ""])


if __name__ == "__main__":
    if sys.argv[1:2] == ["peak"]:
        _print_peak(int(sys.argv[2]))
    else:
        print(lines(measure(5)))
