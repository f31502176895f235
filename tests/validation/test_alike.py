"""Correlation of strategies (F-262)."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import triplebar as tb
from triplebar.contracts.errors import ConfigError, DataError


@pytest.mark.feature("F-262")
@given(arrays.arrays(np.float64, st.tuples(st.integers(3, 40), st.integers(2, 6)), elements=st.floats(-1, 1)))
def test_the_matrix_is_symmetric_with_ones_on_the_diagonal(returns: Any) -> None:
    found = tb.correlate(returns)
    count = returns.shape[1]
    assert np.array_equal(found.matrix, found.matrix.T)
    assert np.array_equal(np.diag(found.matrix), np.ones(count))
    assert np.abs(found.matrix).max() <= 1
    assert found.pairs.num_rows == count * (count - 1) // 2
    assert found.pairs["correlation"].to_pylist() == sorted(found.pairs["correlation"].to_pylist())
    low, high = found.recommended["correlation"].to_pylist(), found.warned["correlation"].to_pylist()
    assert all(each < 0.3 for each in low)
    assert all(each > 0.8 for each in high)
    between = found.pairs.num_rows - len(low) - len(high)
    assert between == sum(0.3 <= each <= 0.8 for each in found.pairs["correlation"].to_pylist())


@pytest.mark.feature("F-262")
def test_pairs_to_combine_and_pairs_that_are_one() -> None:
    draw = np.random.default_rng(1)
    one, other = draw.normal(0, 0.01, (2, 500))
    returns = np.column_stack([one, other, one + 0.1 * other, -one])
    found = tb.correlate(returns, names=["one", "other", "nearly one", "against"])
    pairs = {(row["left"], row["right"]): row["correlation"] for row in found.pairs.to_pylist()}
    assert pairs["one", "nearly one"] == pytest.approx(np.corrcoef(one, one + 0.1 * other)[0, 1])
    assert [tuple(row.values())[:2] for row in found.warned.to_pylist()] == [("one", "nearly one")]
    assert ("one", "against") in {tuple(row.values())[:2] for row in found.recommended.to_pylist()}
    assert found.table.column_names == ["strategy", "one", "other", "nearly one", "against"]
    assert found.table["one"][0].as_py() == 1.0


@pytest.mark.feature("F-262")
def test_results_are_correlated_by_day() -> None:
    market = tb.Market.synthetic(bars=24 * 60, seed=3, interval="1h")
    runs = {str(fast): tb.run(tb.samples.MovingAverageCross(fast=fast, slow=60), market) for fast in (3, 4, 40)}
    found = tb.correlate(runs)
    returns = tb.metrics.daily_returns(list(runs.values()))
    assert found.names == ("3", "4", "40")
    assert found.matrix == pytest.approx(np.corrcoef(returns.T))
    assert tb.correlate(list(runs.values())).names == ("0", "1", "2")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ([], {}, "runs: are no results and no returns"),
        ({"a": 1}, {}, "runs: are no results and no returns"),
        (np.zeros((9, 1)), {}, "correlate: one strategy has nothing to correlate with"),
        (np.zeros((9, 2)), {"names": ["a"]}, "names: 1 names for 2 strategies"),
        (np.zeros((9, 2)), {"names": ["a", "a"]}, "names: 1 names for 2 strategies"),
    ],
)
def test_bad_input(arguments: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        tb.correlate(arguments, **options)


def test_bounds_in_order() -> None:
    with pytest.raises(ConfigError, match=r"low = 0.9: must be from -1 to high = 0.8"):
        tb.correlate(np.zeros((9, 2)), low=0.9)
