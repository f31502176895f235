"""The ladder of tolerances: how far two results may be apart, by what they are compared for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import FloatArray
from triplebar.contracts.result_tables import columns

PROFIT_FLOOR: Final = 0.01
"""Profits smaller than this share of the initial capital are compared as if they were that large."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Limits as fractions; None is reported, never failed."""

    use: str
    profit: float | None = None
    final: float | None = None
    trades: int | None = None
    curve: float | None = None
    curve_share: float = 1.0
    """The share of points that must be within `curve`."""
    curve_worst: float | None = None
    sharpe: float | None = None
    drawdown: float | None = None
    times: bool = False
    """Whether every fill must be at the same tick."""


RUNGS: Final = {
    0: Rung("everything equal, to the last unit", 0.0, 0.0, 0, 0.0, sharpe=0.0, drawdown=0.0, times=True),
    1: Rung("engines under one fill model", 1e-4, 1e-4, 0, 1e-4, sharpe=1e-3, drawdown=1e-4, times=True),
    2: Rung("a rewritten path", None, 1e-3, 1, 2.5e-3, 0.99, 1e-2, 0.05, 2e-3),
    3: Rung("engines with their own fills", None, 5e-3, 1, sharpe=0.05, drawdown=1e-2),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of the ladder."""

    name: str
    found: float | None
    limit: float | None
    passed: bool
    unit: str = "fraction"
    """What `found` and `limit` are: a fraction, a count, or a difference of ratios."""

    def __str__(self) -> str:
        found = "not comparable" if self.found is None else self._shown(self.found)
        limit = "reported only" if self.limit is None else f"at most {self._shown(self.limit)}"
        return f"{'ok ' if self.passed else 'NOT'} {self.name}: {found} ({limit})"

    def _shown(self, value: float) -> str:
        return f"{100.0 * value:.6g} %" if self.unit == "fraction" else f"{value:.6g}"


def checks(left: RunResult, right: RunResult, rung: Rung) -> Iterator[Check]:
    """Make every comparison of a rung."""
    capital = abs(left.starting_value)
    profits = [float(each.metrics["total_profit"] or 0.0) for each in (left, right)]
    gap = abs(profits[0] - profits[1])
    yield _check("profit", gap / max(abs(profits[0]), PROFIT_FLOOR * capital, 1e-300), rung.profit)
    yield _check("final value", _relative(left.ending_value, right.ending_value), rung.final)
    yield _check("trades", _trade_gap(left, right), rung.trades, "count")
    yield from _curve(left, right, rung)
    yield _metric(left, right, "sharpe", rung.sharpe, "ratio")
    yield _metric(left, right, "max_drawdown", rung.drawdown)
    if rung.times:
        yield _check("fills at other ticks", _moved_fills(left, right), 0, "count")


def _check(name: str, found: float | None, limit: float | None, unit: str = "fraction") -> Check:
    return Check(name, found, limit, limit is None or (found is not None and found <= limit), unit)


def _relative(one: float, two: float) -> float:
    return 0.0 if one == two else abs(one - two) / max(abs(one), abs(two))


def _trade_gap(left: RunResult, right: RunResult) -> int:
    counts = [each.canonical("trades").num_rows for each in (left, right)]
    return int(abs(counts[0] - counts[1]))


def _metric(left: RunResult, right: RunResult, name: str, limit: float | None, unit: str = "fraction") -> Check:
    values = [each.metrics[name] for each in (left, right)]
    if values[0] is None and values[1] is None:
        return _check(name, 0.0, limit, unit)
    if isinstance(values[0], (int, float)) and isinstance(values[1], (int, float)):
        return _check(name, abs(values[0] - values[1]), limit, unit)
    return _check(name, None, limit, unit)


def _curve(left: RunResult, right: RunResult, rung: Rung) -> Iterator[Check]:
    gaps = _curve_gaps(left, right)
    if gaps is None:
        yield _check("curve", None, rung.curve)
        return
    within = 1.0 if rung.curve is None else float(np.mean(gaps <= rung.curve)) if gaps.size else 1.0
    worst = float(gaps.max()) if gaps.size else 0.0
    if rung.curve_share < 1.0:
        yield Check(
            "share of the curve out of bounds", 1.0 - within, 1.0 - rung.curve_share, within >= rung.curve_share
        )
        yield _check("worst point of the curve", worst, rung.curve_worst)
    else:
        yield _check("worst point of the curve", worst, rung.curve)


def _curve_gaps(left: RunResult, right: RunResult) -> FloatArray | None:
    """Relative differences of equity at each time; None if the times differ."""
    one, two = (columns(each.canonical("equity")) for each in (left, right))
    if not np.array_equal(one["time"], two["time"]):
        return None
    values = [to_numpy(each.equity.column("equity")) for each in (left, right)]
    most = np.maximum(np.maximum(np.abs(values[0]), np.abs(values[1])), 1e-300)
    return np.asarray(np.abs(values[0] - values[1]) / most)


def _moved_fills(left: RunResult, right: RunResult) -> int:
    """Fills that are at another tick, or that only one of the results has."""
    one, two = (columns(each.canonical("fills")) for each in (left, right))
    common = min(one["clock"].size, two["clock"].size)
    moved = int(np.count_nonzero(one["clock"][:common] != two["clock"][:common]))
    return moved + abs(one["clock"].size - two["clock"].size)
