"""Which strategies earn at the same times: correlations of daily returns, pairs worth combining, pairs that are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import texts_to_arrow, to_arrow
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.contracts.result import RunResult
from triplebar.metrics.batch import batch_of
from triplebar.metrics.inputs import FloatArray
from triplebar.metrics.statistics.aligned import aligned_returns
from triplebar.metrics.statistics.trials import correlations, effective_of, matrix_of

LOW: Final = 0.3
"""Below this, strategies are worth combining."""
HIGH: Final = 0.8
"""Above this, two strategies are one."""


@dataclass(frozen=True)
class Alike:
    """Correlations of the daily returns of strategies, in the order of `names`; symmetric, ones on the diagonal."""

    names: tuple[str, ...]
    matrix: FloatArray
    low: float = LOW
    high: float = HIGH
    returns: FloatArray | None = field(default=None, repr=False)
    """The daily returns: a row a day, a column for each strategy."""
    span_ns: tuple[int, int] | None = None
    """The first and the last moment of the runs, if there were runs."""

    @property
    def effective(self) -> float:
        """How many independent strategies these are worth."""
        return effective_of(self.matrix)

    @property
    def table(self) -> pa.Table:
        """The matrix: a column of names, and one for each strategy."""
        columns = {name: to_arrow(self.matrix[:, place]) for place, name in enumerate(self.names)}
        return pa.table({"strategy": texts_to_arrow(self.names), **columns})

    @property
    def pairs(self) -> pa.Table:
        """Every pair once, the least alike first."""
        rows, columns = np.triu_indices(len(self.names), k=1)
        found = self.matrix[rows, columns]
        order = np.argsort(found, kind="stable")
        return pa.table(
            {
                "left": texts_to_arrow([self.names[row] for row in rows[order].tolist()]),
                "right": texts_to_arrow([self.names[row] for row in columns[order].tolist()]),
                "correlation": to_arrow(found[order]),
            }
        )

    @property
    def recommended(self) -> pa.Table:
        """Pairs below `low`: they earn at different times, and are worth combining."""
        return self._where(lambda value: value < self.low)

    @property
    def warned(self) -> pa.Table:
        """Pairs above `high`, the most alike first: one of the two adds nothing."""
        return self._where(lambda value: value > self.high).sort_by([("correlation", "descending")])

    def to_mapping(self) -> dict[str, Any]:
        """Everything but the returns, as JSON can hold it."""
        return {
            "names": list(self.names),
            "matrix": self.matrix.tolist(),
            "effective": self.effective,
            "days": None if self.returns is None else len(self.returns),
            "recommended": self.recommended.to_pylist(),
            "warned": self.warned.to_pylist(),
        }

    def _where(self, wanted: Any) -> pa.Table:  # noqa: ANN401 - a function of a number
        pairs = self.pairs
        return pairs.filter(pa.array([bool(wanted(each)) for each in pairs["correlation"].to_pylist()], pa.bool_()))


def correlate(
    runs: Mapping[str, RunResult] | Sequence[RunResult] | FloatArray,
    *,
    names: Sequence[str] | None = None,
    low: float = LOW,
    high: float = HIGH,
) -> Alike:
    """Correlate strategies over the same days: results, by name or not, or returns with one column per strategy.

    `tb.report.correlation_html` draws what comes of it.

    >>> import triplebar as tb
    >>> market = tb.Market.synthetic(bars=200, seed=3, interval="1d")
    >>> runs = {str(fast): tb.run(tb.samples.MovingAverageCross(fast=fast, slow=21), market) for fast in (3, 4, 15)}
    >>> found = correlate(runs)
    >>> found.matrix.shape, found.pairs.num_rows
    ((3, 3), 3)
    """
    if not -1 <= low <= high <= 1:
        raise ConfigError.of("low", low, f"must be from -1 to high = {high}", fix="write low=0.3, high=0.8")
    returns, own, span_ns = _returns(runs, names)
    chosen = list(own if names is None else names)
    if len(chosen) != returns.shape[1] or len(set(chosen)) != len(chosen):
        fix = "give each column one name of its own"
        raise DataError(f"{len(set(chosen))} names for {returns.shape[1]} strategies", where="names", fix=fix)
    if returns.shape[1] < 2:
        raise DataError("one strategy has nothing to correlate with", where="correlate", fix="give at least two")
    return Alike(tuple(chosen), correlations(returns), low, high, returns, span_ns)


Returns = tuple[FloatArray, list[str], tuple[int, int] | None]


def _returns(runs: Any, names: Sequence[str] | None) -> Returns:  # noqa: ANN401 - as above
    if isinstance(runs, np.ndarray):
        values = matrix_of(runs)
        return values, [str(each) for each in range(values.shape[1])], None
    named = dict(runs) if isinstance(runs, Mapping) else {str(place): each for place, each in enumerate(runs)}
    if not named or not all(isinstance(each, RunResult) for each in named.values()):
        fix = "give results by name, or a 2-D array with one row per day"
        raise DataError("are no results and no returns", where="runs", fix=fix)
    own, results = [str(name) for name in named], list(named.values())
    called = own if names is None or len(names) != len(own) else list(names)
    batch = replace(batch_of(results), names=tuple(called))  # so that an error says which it is about
    clock = results[0].clock
    return np.ascontiguousarray(aligned_returns(batch).T), own, (int(clock[0]), int(clock[-1]))
