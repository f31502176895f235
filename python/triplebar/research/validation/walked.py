"""What came of walking forward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import ConfigError, InsufficientDataError
from triplebar.contracts.result import RunResult
from triplebar.contracts.tables import TIME
from triplebar.contracts.time import to_text
from triplebar.engines.custom.summary import SUMMARY
from triplebar.metrics.annual import periods_per_year
from triplebar.metrics.inputs import FloatArray
from triplebar.research.sweep import Study
from triplebar.research.sweeping.study_text import as_html, verdict_text
from triplebar.research.validation.stitched import Stitched
from triplebar.research.validation.verdict import LEVEL, NO_EDGE, Verdict, judge
from triplebar.research.validation.windows import Plan, Window


@dataclass(frozen=True)
class Walked:
    """One window: the study of its training part, the set that was chosen, and the run of that set on the test."""

    window: Window
    study: Study = field(repr=False)
    chosen: int | None
    inside: Mapping[str, Any] = field(repr=False)
    result: RunResult | None = field(repr=False)
    outside: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True)
class Degradation:
    """How much of what was chosen for is left afterwards, over all windows that have both numbers.

    `inside` and `outside` are means of the metric that chose; `kept` is the second as a share of the first (None if
    the first is not above zero); `rank_correlation` says whether better windows were followed by better tests.
    """

    metric: str
    windows: int
    inside: float | None
    outside: float | None
    kept: float | None
    positive: float | None
    rank_correlation: float | None


@dataclass(frozen=True, repr=False)
class WalkForward:
    """Windows, the choice made in each, and what it was worth in the test that followed.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=100, seed=5, interval="1d")
    >>> rule = tb.signals.crossover(fast="SMA", slow="SMA")
    >>> walk = tb.walk_forward(rule, market, {"fast": [2, 3], "slow": [7]}, train="40d", test="20d")
    >>> walk.degradation.windows, walk.metrics["ending_value"] == walk.curve["equity"][-1].as_py()
    (3, True)
    """

    walked: tuple[Walked, ...]
    plan: Plan
    select: str
    smallest: bool = False
    left: int = 0
    """Windows that were not walked, because Ctrl-C came before their end."""

    def __repr__(self) -> str:
        told, left = self.degradation, f"{self.status}, {self.left} left, " * bool(self.left)
        return f"WalkForward({left}{len(self)} windows, {told.metric} {told.inside} inside, {told.outside} outside)"

    @property
    def status(self) -> str:
        """Either `completed`, or `interrupted`: then everything here is about the windows that were finished."""
        return "interrupted" if self.left else "completed"

    def __str__(self) -> str:
        """What was left of the metric that chose, and the verdict on the stitched curve, or why there is none."""
        told = self.degradation
        inside, outside = ("none" if each is None else f"{each:,.4g}" for each in (told.inside, told.outside))
        return f"{len(self)} windows, {told.metric} {inside} inside, {outside} outside\n{verdict_text(self)}"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return as_html(str(self))

    def __len__(self) -> int:
        """How many windows there are."""
        return len(self.walked)

    def __getitem__(self, place: int) -> Walked:
        """One window, by its place."""
        if not 0 <= place < len(self):
            raise ConfigError.of("window", place, "does not exist", fix=f"give a number from 0 to {len(self) - 1}")
        return self.walked[place]

    def parameters(self, place: int) -> dict[str, Any]:
        """The set that was chosen in a window; empty if none was."""
        one = self[place]
        return {} if one.chosen is None else one.study.parameters(one.chosen)

    @cached_property
    def windows(self) -> pa.Table:
        """One row a window: its bounds, `set` with the parameters, and each metric as `train_...` and `test_...`."""
        bounds = {
            name: pa.array([getattr(each.window, name) for each in self.walked], pa.int64()).cast(TIME)
            for name in ("train_start", "train_end", "test_start", "test_end")
        }
        columns: dict[str, pa.Array] = {
            "window": pa.array([each.window.number for each in self.walked], pa.int64()),
            **bounds,
            "set": pa.array([each.chosen for each in self.walked], pa.int64()),
        }
        for name in self.walked[0].study.space.names:
            columns[name] = pa.array([self.parameters(place).get(name) for place in range(len(self))])
        for name in self.walked[0].study.metrics:
            kind = SUMMARY.field(name).type if name in SUMMARY.names else pa.float64()
            columns[f"train_{name}"] = pa.array([each.inside.get(name) for each in self.walked], kind)
            columns[f"test_{name}"] = pa.array([(each.outside or {}).get(name) for each in self.walked], kind)
        return pa.table(columns)

    @cached_property
    def stitched(self) -> Stitched:
        """The test windows behind one another."""
        ran = [(each.window.number, each.result) for each in self.walked if each.result is not None]
        if not ran:
            raise InsufficientDataError(
                "no set had a value in any training window",
                where="walk_forward",
                fix="take longer windows, or select by another metric, such as total_return",
            )
        return Stitched.of(ran)

    @property
    def curve(self) -> pa.Table:
        """Time, equity and window of the stitched curve: what following the choices would have come to."""
        return self.stitched.table

    @cached_property
    def metrics(self) -> Mapping[str, Any]:
        """The metrics of the stitched curve."""
        return self.stitched.metrics

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the stitched curve shows an edge: it was chosen before it was known, so it counts as one trial."""
        returns = self.stitched.daily_returns
        year = periods_per_year(self.stitched.calendar, self.stitched.curve.days)
        if self.stitched.ruined_ns is not None:
            reason = f"nothing was left of the stitched curve on {to_text(self.stitched.ruined_ns)[:10]}"
            return Verdict(NO_EDGE, (reason,), LEVEL, 1, 1.0, returns.size, year)
        return judge(returns[:, None], periods_per_year=year)

    @cached_property
    def degradation(self) -> Degradation:
        """How the metric that chose changed from training to test."""
        pairs = [
            (each.inside[self.select], each.outside[self.select])
            for each in self.walked
            if each.outside is not None and each.outside[self.select] is not None
        ]
        if not pairs:
            return Degradation(self.select, 0, None, None, None, None, None)
        inside, outside = (np.array(each, dtype=np.float64) for each in zip(*pairs, strict=True))
        before, after = float(inside.mean()), float(outside.mean())
        return Degradation(
            metric=self.select,
            windows=len(pairs),
            inside=before,
            outside=after,
            kept=after / before if before > 0 else None,
            positive=float(np.mean(outside > 0)),
            rank_correlation=_rank_correlation(inside, outside),
        )

    @property
    def kept_runs(self) -> list[dict[str, Any]]:
        """What `keep` left in the store: window, set and run, the best of each window first."""
        return [
            {"window": each.window.number, "set": number, "run_id": run_id}
            for each in self.walked
            for number, run_id in each.study.metadata.get("kept", {}).items()
        ]

    def to_mapping(self) -> dict[str, Any]:
        """Everything but the curve, as JSON can hold it."""
        chose = any(each.result is not None for each in self.walked)
        rows = self.windows.to_pylist()
        texts = [{name: _plain(value) for name, value in row.items()} for row in rows]
        return {
            "status": self.status,
            "left": self.left,
            "windows": texts,
            "degradation": vars(self.degradation),
            "metrics": dict(self.metrics) if chose else {},
            "kept": self.kept_runs,
            "verdict": self.verdict.to_mapping() if chose and not self.left else None,
            "select": self.select,
            "anchored": self.plan.anchored,
        }


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a table
    return value.isoformat() if hasattr(value, "isoformat") else value


def _rank_correlation(left: FloatArray, right: FloatArray) -> float | None:
    """Spearman's: the correlation of ranks; None for fewer than three windows or equal values."""
    if left.size < 3 or np.ptp(left) == 0 or np.ptp(right) == 0:
        return None
    return float(np.corrcoef(_ranks(left), _ranks(right))[0, 1])


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks, the mean one for equal values."""
    order = np.sort(values)
    low, high = np.searchsorted(order, values, side="left"), np.searchsorted(order, values, side="right")
    return np.asarray((low + high - 1) / 2.0)
