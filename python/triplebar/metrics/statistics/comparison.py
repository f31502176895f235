"""Whether variants differ by more than luck."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import texts_to_arrow, to_arrow
from triplebar.contracts.errors import DataError, InsufficientDataError
from triplebar.metrics.batch import batch_of
from triplebar.metrics.inputs import FloatArray
from triplebar.metrics.statistics.aligned import aligned_returns
from triplebar.metrics.statistics.confidence import OBSERVATIONS_MIN, Resampling


def compare_variants(
    curves: Any,  # noqa: ANN401 - as for `many`
    *,
    baseline: int | str = 0,
    level: float = 0.95,
    draws: int = 2_000,
    seed: int = 0,
    block: float | None = None,
    times: Any = None,  # noqa: ANN401 - an array or an Arrow column
    periods_per_year: float | None = None,
) -> pa.Table:
    """Test for each curve whether its mean return differs from that of the baseline, over the same days.

    The days are resampled together, in blocks, so what curves have in common cancels. One row per other curve: the
    difference of mean returns per year with its interval, `p_value` (two-sided: how often luck alone gives as much) and
    `p_value_adjusted`, by the rule of Holm for as many tests as there are rows. Judge by the adjusted one.

    >>> noise = np.random.default_rng(1).normal(0, 0.01, (2, 500))
    >>> returns = np.vstack([noise, noise[0] + 0.002])  # the third is the first, with an edge
    >>> curves = 100 * np.cumprod(np.hstack([np.ones((3, 1)), 1 + returns]), axis=1)
    >>> table = compare_variants(curves, periods_per_year=252, seed=1)
    >>> [value < 0.01 for value in table["p_value_adjusted"].to_pylist()]
    [False, True]
    """
    from triplebar.metrics.statistics.bootstrap_nb import resample_means_nb

    how = Resampling(level, draws, seed, block)
    batch = batch_of(curves, times=times, periods_per_year=periods_per_year)
    names = [str(name) for name in batch.names]
    base = _place(names, baseline)
    returns = aligned_returns(batch)
    if returns.shape[1] < OBSERVATIONS_MIN:
        raise InsufficientDataError.of("compare_variants", needed=OBSERVATIONS_MIN + 1, available=returns.shape[1] + 1)
    others = [row for row in range(len(names)) if row != base]
    ahead = np.ascontiguousarray((returns[others] - returns[base]).T)
    mean = ahead.mean(axis=0)
    means = np.zeros((how.draws, ahead.shape[1]))
    places = np.zeros(len(ahead), dtype=np.int64)
    resample_means_nb(ahead, how.key("bootstrap comparison"), how.block_of(len(ahead)), places, means)
    beyond = (np.abs(means - mean) >= np.abs(mean)).sum(axis=0)
    p_values = (1 + beyond) / (how.draws + 1)
    tail = (1.0 - how.level) / 2.0
    low, high = np.quantile(means, [tail, 1.0 - tail], axis=0)
    periods = float(batch.rates[base, 0])
    return pa.table(
        {
            "curve": texts_to_arrow([names[row] for row in others]),
            "difference_per_year": to_arrow(mean * periods),
            "low_per_year": to_arrow(low * periods),
            "high_per_year": to_arrow(high * periods),
            "p_value": to_arrow(p_values),
            "p_value_adjusted": to_arrow(holm(p_values)),
        }
    )


def holm(p_values: FloatArray) -> FloatArray:
    """Adjust p-values for how many there are, so that one false alarm among all is as rare as each says.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(9).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * np.arange(p_values.size, 0, -1)
    adjusted = np.empty(p_values.size)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


def _place(names: list[str], baseline: int | str) -> int:
    place = baseline if isinstance(baseline, int) else names.index(baseline) if baseline in names else -1
    if isinstance(baseline, bool) or not 0 <= place < len(names) or len(names) < 2:
        fix = f"give one of {', '.join(names[:6])}, and at least one curve beside it"
        raise DataError(f"baseline = {baseline!r} is not there", where="compare_variants", fix=fix)
    return place
