"""Curves for a chart: at most so many points, each stretch with its first, lowest, highest and last value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from triplebar.contracts.different import different
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import FloatArray, IntArray, decimal_floats
from triplebar.contracts.result_tables import columns
from triplebar.metrics.inputs import Curve
from triplebar.metrics.of_result import metric_input
from triplebar.report.candles import add_times
from triplebar.report.packing import Pack
from triplebar.research.exposure import values_per_bar

STRETCHES_MAX: Final = 20_000
"""More points than this are drawn as stretches."""


@dataclass(frozen=True)
class Curves:
    """What is drawn over the time of a run, one value per stretch of rows of `equity`."""

    result: RunResult

    @cached_property
    def curve(self) -> Curve:
        """The whole curve, its first point being the initial capital."""
        return metric_input(self.result).curve

    @cached_property
    def starts(self) -> IntArray:
        """The first point of each stretch."""
        size = self.curve.values.size
        return different(np.linspace(0, size, min(size, STRETCHES_MAX) + 1).astype(np.int64)[:-1])

    @cached_property
    def drawdown(self) -> FloatArray:
        """The loss from the peak, as a fraction below zero; none where there is no positive peak."""
        peaks = np.maximum.accumulate(self.curve.values)
        there = peaks > 0
        return np.asarray(np.where(there, self.curve.values / np.where(there, peaks, 1.0) - 1.0, 0.0))

    @cached_property
    def sides(self) -> tuple[FloatArray, FloatArray] | None:
        """The value of all long and of all short positions over equity, at each point; None without the market."""
        market, size = self.result.market, self.curve.equity.size
        if market is None:
            return None
        long, short = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        for number in different(columns(self.result.canonical("positions"))["instrument"]):
            value = values_per_bar(self.result, market, int(number))
            long += np.maximum(value, 0)
            short += np.minimum(value, 0)
        return self._over_equity(long), self._over_equity(short)

    def _over_equity(self, minor: IntArray) -> FloatArray:
        """As a fraction of equity, with the zero of the start before it."""
        value = decimal_floats(minor, self.result.settings.cash_precision)
        positive = self.curve.equity > 0
        part = np.where(positive, value / np.where(positive, self.curve.equity, 1.0), 0.0)
        return np.concatenate([np.zeros(1), part])

    def add_to(self, pack: Pack) -> dict[str, Any]:
        """Pack everything, and describe it."""
        values, starts = self.curve.values, self.starts
        ends = np.append(starts[1:], values.size) - 1
        decimals = 2 if np.abs(values).max() < 1e7 else 0
        for name, part in (
            ("first", values[starts]),
            ("low", np.minimum.reduceat(values, starts)),
            ("high", np.maximum.reduceat(values, starts)),
            ("last", values[ends]),
        ):
            pack.add(f"equity.{name}", part, decimals=decimals if np.abs(values).max() < 1e9 else None)
        pack.add("drawdown", np.minimum.reduceat(self.drawdown, starts), decimals=6)
        if self.sides is not None:
            for name, side in zip(("long", "short"), self.sides, strict=True):
                furthest = (np.maximum if name == "long" else np.minimum).reduceat(side, starts)
                pack.add(f"exposure.{name}", np.clip(furthest, -1_000, 1_000), decimals=5)
        return {
            "time": add_times(pack, "equity.time", self.curve.times[ends]),
            "points": int(values.size),
            "exposure": self.sides is not None,
        }
