"""Daily returns of some sets of a study, run again: the same ones every time, spread over all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.random import draw
from triplebar.contracts.result import RunResult
from triplebar.metrics.annual import periods_per_year
from triplebar.metrics.inputs import FloatArray, IntArray
from triplebar.metrics.of_result import curve_of_result
from triplebar.research.interruption import whole
from triplebar.research.sweeping.found import PRUNED
from triplebar.research.sweeping.told import Told

if TYPE_CHECKING:
    from triplebar.research.sweeping.study import Study

SAMPLE: Final = 64
"""So many sets tell how much all of them are alike."""


@dataclass(frozen=True)
class Ratios:
    """The Sharpe ratios of a study, as one pass over its blocks sees them."""

    trials: int
    """Sets that traded at all, those that were ruined and those that were given up on the way included."""
    count: int
    """Sets that have a ratio."""
    deviation: float | None
    """Their standard deviation; None for fewer than two."""
    pruned: int = 0
    """Those of `trials` that were given up on the way."""


@dataclass(frozen=True)
class Sampled:
    """Returns of some sets: one column each, one row a day; sets that were ruined are left out."""

    sets: IntArray
    returns: FloatArray
    days: IntArray
    """Days since 1970."""
    periods_per_year: float
    ruined: int


def ratios_of(study: Study) -> Ratios:
    """Count the sets that traded, those with a Sharpe ratio, and how far their ratios spread."""
    trials, count, mean, squares = 0, 0, 0.0, 0.0
    for table in study.results.tables():
        trials += int(np.count_nonzero(to_numpy(table.column("fills"))))
        values, _ = _defined(table)
        if not values.size:
            continue
        whole = count + values.size
        off = float(values.mean()) - mean
        squares += float(((values - values.mean()) ** 2).sum()) + off**2 * count * values.size / whole
        mean += off * values.size / whole
        count = whole
    pruned = pruned_of(study)
    return Ratios(trials + pruned, count, (squares / (count - 1)) ** 0.5 if count > 1 else None, pruned)


def pruned_of(study: Study) -> int:
    """How many sets were evaluated on parts of the market only, since others were ahead of them."""
    if not isinstance(study.space, Told):  # nobody else gives up, and failures may be many
        return 0
    return sum(each.error == PRUNED for each in study.results.failures())


def spread(count: int, wanted: int, seed: int = 0) -> IntArray:
    """Choose places out of so many: one in each of equal parts, drawn from a seed.

    >>> spread(1_000, 4).tolist() == spread(1_000, 4).tolist(), spread(3, 4).tolist()
    (True, [0, 1, 2])
    """
    if count <= wanted:
        return np.arange(count)
    shares = np.array([(draw(seed, "sampled sets", place) >> 11) * 2.0**-53 for place in range(wanted)])
    edges = np.arange(wanted + 1) * count // wanted
    return np.asarray(edges[:-1] + np.floor(shares * np.diff(edges)), dtype=np.int64)


def sampled_sets(study: Study, wanted: int = SAMPLE, *, count: int | None = None, seed: int = 0) -> IntArray:
    """The numbers of some sets that have a Sharpe ratio, in order."""
    places = spread(ratios_of(study).count if count is None else count, wanted, seed)
    found, before = [], 0
    for table in study.results.tables():
        _, numbers = _defined(table)
        inside = places[(places >= before) & (places < before + numbers.size)]
        found.append(numbers[inside - before])
        before += numbers.size
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def returns_of(study: Study, sets: Iterable[int]) -> Sampled:
    """Run sets of one scene again, and take their daily returns; `KeyboardInterrupt` if one was cut off."""
    kept: list[int] = []
    columns: list[FloatArray] = []
    days, year, ruined = np.zeros(0, dtype=np.int64), 365.0, 0
    for number in sets:
        result = whole(study.run(int(number), **_quickly(study)))
        curve = curve_of_result(result)
        if not columns:
            days, year = curve.days, periods_per_year(result.record.calendar, curve.days)
        column = daily(result)
        if column is None:
            ruined += 1
            continue
        kept.append(int(number))
        columns.append(column)
    table = np.column_stack(columns) if columns else np.zeros((days.size, 0))
    return Sampled(np.array(kept, dtype=np.int64), table, days, year, ruined)


def daily(result: RunResult) -> FloatArray | None:
    """Returns from the end of a day to that of the next; None after a ruin."""
    curve = curve_of_result(result)
    values = curve.values[np.concatenate([[0], curve.day_last + 1])]
    return None if np.any(values[:-1] <= 0) else np.asarray(values[1:] / values[:-1] - 1.0)


def _defined(table: pa.Table) -> tuple[FloatArray, IntArray]:
    """The Sharpe ratios of a block that are defined, and the numbers of their sets."""
    column = table.column("sharpe")
    there = ~to_numpy(column.is_null()) if column.null_count else slice(None)
    return to_numpy(column)[there], to_numpy(table.column("set"))[there]


def _quickly(study: Study) -> dict[str, Any]:
    return {"mode": "compiled"} if study.metadata.get("evaluator") == "compiled" else {}
