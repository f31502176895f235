"""Purged, embargoed and combinatorial splits: nothing that training knows meets a test (U-07)."""

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.errors import ConfigError, DataError
from triplebar.research.validation.splits import combinatorial_paths, combinatorial_splits, purged_folds

ROWS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), min_size=12, max_size=60)


@pytest.mark.feature("U-07")
@given(ROWS, st.integers(3, 6), st.integers(1, 2), st.integers(0, 15))
def test_training_never_meets_a_test(rows: list[tuple[int, int]], groups: int, tests: int, embargo: int) -> None:
    begin = np.sort(np.array([each for each, _ in rows]))
    end = begin + np.array([each for _, each in rows])
    splits = combinatorial_splits(begin, groups, tests, until=end, embargo=embargo)
    assert len(splits) == comb(groups, tests)
    bounds = np.linspace(0, begin.size, groups + 1).round().astype(int)
    for split in splits:
        tested = np.concatenate([np.arange(bounds[group], bounds[group + 1]) for group in split.groups])
        assert np.array_equal(split.test, tested)
        assert not set(split.train) & set(split.test)
        dropped = set(range(begin.size)) - set(split.train) - set(split.test)
        # by hand: a row may train if it ends before every test row begins, or begins after all of its run have ended
        for row in split.train:
            for other in split.test:
                assert end[row] < begin[other] or begin[row] > end[other] + embargo
        for row in dropped:
            assert begin[row] <= end[split.test].max() + embargo
            assert end[row] >= begin[split.test].min()


@pytest.mark.feature("U-07")
def test_purge_and_embargo_by_hand() -> None:
    times = np.arange(10)
    plain = purged_folds(times, 5)
    assert [each.test.tolist() for each in plain] == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert all(each.train.size == 8 for each in plain)
    purged = purged_folds(times, 5, until=times + 2)[2]
    assert purged.train.tolist() == [0, 1, 8, 9]  # 2 and 3 end inside; 6 and 7 begin before row 5 has ended
    delayed = purged_folds(times, 5, embargo=2)[1]
    assert delayed.train.tolist() == [0, 1, 6, 7, 8, 9]


@pytest.mark.feature("U-07")
def test_groups_that_touch_are_one_test() -> None:
    times = np.arange(12)
    split = combinatorial_splits(times, 4, 2, until=times + 1)[0]
    assert split.groups == (0, 1)
    assert split.test.tolist() == list(range(6))
    assert split.train.tolist() == list(range(7, 12))


@pytest.mark.feature("U-07")
@pytest.mark.parametrize(("groups", "tests"), [(6, 2), (5, 1), (7, 3), (4, 2)])
def test_paths_use_every_split_of_every_group_once(groups: int, tests: int) -> None:
    paths = combinatorial_paths(groups, tests)
    chosen = list(combinations(range(groups), tests))
    assert len(paths) == comb(groups, tests) * tests // groups
    used = [(split, group) for path in paths for group, split in enumerate(path)]
    assert sorted(used) == sorted((number, group) for number, each in enumerate(chosen) for group in each)


def test_times_in_any_form() -> None:
    days = np.arange(10)
    wanted = [each.train.tolist() for each in purged_folds(days * 86_400 * 10**9, 5, embargo="1d")]
    stamps = days.astype("datetime64[D]")
    assert [each.train.tolist() for each in purged_folds(stamps, 5, embargo="1d")] == wanted
    column = pa.chunked_array([pa.array(days * 86_400).cast(pa.timestamp("s", "UTC"))])
    assert [each.train.tolist() for each in purged_folds(column, 5, embargo="1d")] == wanted


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1, 3, 2, 4], 2), {}, "times, row 2: is before the one above; sort the rows by time"),
        (([1, 2, 3, 4], 2), {"until": [1, 1, 3, 4]}, "until, row 1: is before its row is known"),
        (([1, 2, 3, 4], 2), {"until": [1, 2]}, "until: 2 ends of 4 rows"),
        (([1, 2], 3), {}, "times: 2 rows do not fill 3 groups"),
    ],
)
def test_bad_rows(arguments: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        purged_folds(*arguments, **options)


def test_bad_options() -> None:
    with pytest.raises(ConfigError, match="groups"):
        purged_folds([1, 2, 3], 1)
    with pytest.raises(ConfigError, match="tests"):
        combinatorial_splits(np.arange(9), 3, 3)
    with pytest.raises(ConfigError, match="times = 'float64': is no row of times"):
        purged_folds([0.5, 1.5], 2)
    with pytest.raises(ConfigError, match="embargo"):
        purged_folds(np.arange(9), 3, embargo="soon")
