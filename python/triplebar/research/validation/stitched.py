"""The curve of what was chosen before it was known: test windows one behind the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_arrow, to_table
from triplebar.contracts.result import RunResult
from triplebar.contracts.tables import TIME
from triplebar.metrics.annual import periods_per_year
from triplebar.metrics.inputs import Activity, ClosedTrades, Curve, FloatArray, IntArray, MetricInput
from triplebar.metrics.measure import evaluate
from triplebar.metrics.of_result import curve_of_result
from triplebar.metrics.statistics.confidence import RETURN_METRICS


@dataclass(frozen=True)
class Stitched:
    """Values at the ends of bars, each window beginning with what the one before ended with."""

    start_ns: int
    initial: float
    time_ns: IntArray
    values: FloatArray
    window: IntArray
    calendar: str

    @classmethod
    def of(cls, results: Sequence[tuple[int, RunResult]]) -> Stitched:
        """Put results behind one another: the number of its window, and the run of each."""
        curves = [(number, curve_of_result(each)) for number, each in results]
        value = initial = curves[0][1].initial
        parts = []
        for _, curve in curves:
            # Who has lost everything does not go on with the next window.
            part = value * (curve.equity / curve.initial) if value > 0 else np.full(curve.equity.size, value)
            value = float(part[-1]) if part.size else value
            parts.append(part)
        return cls(
            curves[0][1].start_ns,
            initial,
            np.concatenate([curve.time_ns for _, curve in curves]),
            np.concatenate(parts),
            np.concatenate([np.full(curve.time_ns.size, number) for number, curve in curves]),
            results[0][1].record.calendar,
        )

    @property
    def curve(self) -> Curve:
        """As metrics take it."""
        return Curve(self.start_ns, self.initial, self.time_ns, self.values, self.values)

    @property
    def table(self) -> pa.Table:
        """Columns time, equity and window."""
        return to_table({"time": to_arrow(self.time_ns, kind=TIME), "equity": self.values, "window": self.window})

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The metrics of returns, and the value at the end; None where one is not defined."""
        curve = self.curve
        periods = periods_per_year(self.calendar, curve.days)
        data = MetricInput(curve, ClosedTrades.none(), Activity(), periods)
        return dict(evaluate(data, ["starting_value", "ending_value", *RETURN_METRICS]).values)

    @property
    def daily_returns(self) -> FloatArray:
        """Returns from the end of a day to that of the next, the first from the start; zero after a ruin."""
        daily = self._daily
        with np.errstate(all="ignore"):
            found = daily[1:] / daily[:-1] - 1.0
        return np.asarray(np.where(daily[:-1] > 0, found, 0.0))

    @property
    def ruined_ns(self) -> int | None:
        """The end of the day on which nothing was left; None if there is none."""
        places = np.flatnonzero(self._daily[1:] <= 0)
        return int(self.time_ns[self.curve.day_last[places[0]]]) if places.size else None

    @property
    def _daily(self) -> FloatArray:
        return np.asarray(self.curve.values[np.concatenate([[0], self.curve.day_last + 1])])
