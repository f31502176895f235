"""Choose on the rows of a split, look at the others: what choosing is worth over many splits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_arrow
from triplebar.contracts.errors import DataError
from triplebar.metrics.inputs import FloatArray
from triplebar.metrics.returns import DEVIATION_MIN
from triplebar.metrics.statistics.trials import matrix_of
from triplebar.research.validation.splits import Split


def choose_over_splits(returns: FloatArray, splits: Sequence[Split], *, periods_per_year: float) -> pa.Table:
    """For each split choose the trial with the best Sharpe ratio in training, and measure it on the test.

    One column of `returns` per trial, one row per time of the splits. Ratios are per year; `rank` is the share of
    trials that are worse in the test than the one that was chosen (0.5: choosing is worth nothing).

    >>> from triplebar.research.validation.splits import combinatorial_splits
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (240, 8))
    >>> table = choose_over_splits(noise, combinatorial_splits(np.arange(240), 6, 2), periods_per_year=252)
    >>> table.num_rows, table.column_names
    (15, ['split', 'chosen', 'inside', 'outside', 'rank'])
    """
    values = matrix_of(returns)
    root = np.sqrt(periods_per_year)
    rows = []
    for number, split in enumerate(splits):
        if split.train.size < 2 or split.test.size < 2:
            fix = "take fewer groups, or a shorter embargo"
            raise DataError(
                f"{split.train.size} rows to train and {split.test.size} to test", where=f"split {number}", fix=fix
            )
        if max(int(split.train.max()), int(split.test.max())) >= len(values):
            fix = "make the splits from the times of these returns"
            raise DataError(f"there are {len(values)} rows of returns", where=f"split {number}", fix=fix)
        inside, outside = _ratios(values[split.train]), _ratios(values[split.test])
        chosen = int(np.argmax(inside))
        below, equal = np.sum(outside < outside[chosen]), np.sum(outside == outside[chosen]) - 1
        rank = (below + equal / 2) / max(outside.size - 1, 1)
        rows.append((number, chosen, inside[chosen] * root, outside[chosen] * root, float(rank)))
    columns = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    whole = {name: to_arrow(columns[place].astype(np.int64)) for place, name in enumerate(("split", "chosen"))}
    floats = {name: to_arrow(columns[place]) for place, name in enumerate(("inside", "outside", "rank"), start=2)}
    return pa.table({**whole, **floats})


def _ratios(values: FloatArray) -> FloatArray:
    deviation = values.std(axis=0, ddof=1)
    moves = deviation > DEVIATION_MIN
    return np.where(moves, values.mean(axis=0) / np.where(moves, deviation, 1.0), 0.0)
