"""Splits of a sample by time that leak nothing: purged, embargoed, and combinatorial.

After López de Prado, "Advances in Financial Machine Learning" (2018), chapters 7 and 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.checks import integer
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.metrics.inputs import IntArray
from triplebar.research.validation.spans import Span, span_ns

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Rows to choose by and rows to look at; `groups` are the parts of the sample that are looked at."""

    groups: tuple[int, ...]
    train: IntArray = field(repr=False)
    test: IntArray = field(repr=False)


def purged_folds(times: Any, folds: int = 5, *, until: Any = None, embargo: Span = 0) -> list[Split]:  # noqa: ANN401
    """Split rows into folds by time; each is tested once, by what the others tell.

    - `times`: when each row is known, rising. `until`: when what it is judged by is known (a label, the end of a
      trade); by default at once.
    - Rows are taken out of training whose time from `times` to `until` meets that of a test (purged), and those in
      the `embargo` after a test.

    >>> one = purged_folds(np.arange(6), 3, until=np.arange(6) + 1)[1]
    >>> one.test.tolist(), one.train.tolist()
    ([2, 3], [0, 5])
    """
    return list(_splits(_Sample.of(times, until, folds, embargo), 1))


def combinatorial_splits(
    times: Any,  # noqa: ANN401 - an array or an Arrow column
    groups: int = 6,
    tests: int = 2,
    *,
    until: Any = None,  # noqa: ANN401 - same
    embargo: Span = 0,
) -> list[Split]:
    """Split rows into groups by time, and test every choice of so many of them; purged as by `purged_folds`.

    >>> splits = combinatorial_splits(np.arange(60), 6, 2)
    >>> len(splits), splits[0].groups, splits[-1].groups
    (15, (0, 1), (4, 5))
    """
    return list(_splits(_Sample.of(times, until, groups, embargo), integer("tests", tests, low=1, high=groups - 1)))


def combinatorial_paths(groups: int = 6, tests: int = 2) -> list[tuple[int, ...]]:
    """Ways through all groups, each group out of another split: for each path, the number of the split by group.

    >>> paths = combinatorial_paths(6, 2)
    >>> len(paths), paths[0]
    (5, (0, 0, 1, 2, 3, 4))
    """
    integer("groups", groups, low=2)
    integer("tests", tests, low=1, high=groups - 1)
    chosen = list(combinations(range(groups), tests))
    with_group = [[number for number, each in enumerate(chosen) if group in each] for group in range(groups)]
    return [tuple(each[path] for each in with_group) for path in range(comb(groups - 1, tests - 1))]


@dataclass(frozen=True)
class _Sample:
    """Rows, when each begins and ends to matter, and where the groups begin and end."""

    begin: IntArray
    end: IntArray
    bounds: tuple[tuple[int, int], ...]
    embargo_ns: int

    @classmethod
    def of(cls, times: Any, until: Any, groups: int, embargo: Span) -> _Sample:  # noqa: ANN401
        begin = _times("times", times)
        end = begin if until is None else _times("until", until)
        integer("groups", groups, low=2, high=1_000)
        if begin.size < groups:
            raise DataError(f"{begin.size} rows do not fill {groups} groups", where="times", fix="take fewer groups")
        if end.size != begin.size:
            raise DataError(f"{end.size} ends of {begin.size} rows", where="until", fix="give one for each of times")
        _refuse("times", np.flatnonzero(np.diff(begin) < 0) + 1, "is before the one above", "sort the rows by time")
        _refuse("until", np.flatnonzero(end < begin), "is before its row is known", "give the later of the two")
        edges = np.linspace(0, begin.size, groups + 1).round().astype(int).tolist()
        bounds = tuple(pairwise(edges))
        return cls(begin, end, bounds, span_ns("embargo", embargo, may_be_nothing=True))


def _splits(sample: _Sample, tests: int) -> Iterator[Split]:
    rows = np.arange(sample.begin.size)
    for chosen in combinations(range(len(sample.bounds)), tests):
        keep = np.ones(rows.size, dtype=bool)
        for first, last in _runs(sample.bounds, chosen):
            keep &= ~_met(sample, first, last)
        test = np.concatenate([rows[slice(*sample.bounds[group])] for group in chosen])
        yield Split(chosen, rows[keep], test)


def _runs(bounds: Sequence[tuple[int, int]], chosen: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Tested groups, those that touch as one: nothing has to be purged between them."""
    first, last = bounds[chosen[0]]
    for group in chosen[1:]:
        if bounds[group][0] != last:
            yield first, last
            first = bounds[group][0]
        last = bounds[group][1]
    yield first, last


def _met(sample: _Sample, first: int, last: int) -> Flags:
    """The rows that a test of `[first, last)` leaves nothing to: its own, those that meet it, those of the embargo."""
    begins, ends = int(sample.begin[first]), int(sample.end[first:last].max())
    meets = (sample.begin <= ends + sample.embargo_ns) & (sample.end >= begins)
    meets[first:last] = True
    return np.asarray(meets)


def _times(name: str, values: Any) -> IntArray:  # noqa: ANN401 - an array or an Arrow column
    if isinstance(values, (pa.ChunkedArray, pa.Array)):
        values = to_numpy(values.cast(pa.timestamp("ns", values.type.tz)) if hasattr(values.type, "tz") else values)
    found = np.asarray(values)
    if np.issubdtype(found.dtype, np.datetime64):
        found = found.astype("datetime64[ns]").astype(np.int64)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        fix = "give timestamps, or nanoseconds since 1970 as integers"
        raise ConfigError.of(name, found.dtype.name, "is no row of times", fix=fix)
    return found.astype(np.int64)


def _refuse(where: str, bad: IntArray, problem: str, fix: str) -> None:
    if bad.size:
        raise DataError(problem, where=f"{where}, row {int(bad[0])}", fix=fix)
