"""The decimal grid."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.data.grid import BLOCK_ROWS, decimals_needed, show, snap


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=50), st.integers(0, 8))
def test_a_price_on_the_grid_comes_back_as_the_same_double(ticks: list[int], precision: int) -> None:
    written = np.array([float(Decimal(tick).scaleb(-precision)) for tick in ticks])
    found, moved, largest = snap(written, precision)
    assert found.tolist() == ticks
    assert (moved, largest) == (0, 0.0)
    assert show(found, precision).tobytes() == written.tobytes()


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=50), st.integers(0, 6))
def test_any_price_goes_to_the_nearest_tick(values: list[float], precision: int) -> None:
    ticks, moved, largest = snap(np.array(values), precision)
    exact = [abs(Decimal(value).scaleb(precision) - tick) for value, tick in zip(values, ticks.tolist(), strict=True)]
    assert max(exact) <= Decimal("0.5000001")
    assert float(max(exact)) == pytest.approx(largest, abs=1e-3)
    assert moved >= sum(distance > Decimal("0.001") for distance in exact)


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=20), st.integers(0, 6))
def test_snapping_twice_changes_nothing(values: list[float], precision: int) -> None:
    ticks, _, _ = snap(np.array(values), precision)
    again, moved, largest = snap(show(ticks, precision), precision)
    assert again.tolist() == ticks.tolist()
    assert (moved, largest) == (0, 0.0)


def test_rounding_noise_is_not_a_move_but_is_seen() -> None:
    ticks, moved, largest = snap(np.array([0.1 + 0.2]), 1)
    assert (ticks.tolist(), moved) == ([3], 0)
    assert largest > 0.0


def test_blocks_join_without_seams() -> None:
    values = np.arange(1, 2 * BLOCK_ROWS + 4) / 100
    values[BLOCK_ROWS] += 0.004
    values[-1] += 0.001
    ticks, moved, largest = snap(values, 2)
    assert ticks.tolist() == list(range(1, 2 * BLOCK_ROWS + 4))
    assert moved == 2
    assert largest == pytest.approx(0.4)


def test_an_empty_column_is_fine() -> None:
    ticks, moved, largest = snap(np.empty(0), 2)
    assert (len(ticks), moved, largest) == (0, 0, 0.0)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=40), st.integers(0, 8))
def test_as_many_decimals_as_needed_and_no_more(ticks: list[int], precision: int) -> None:
    values = [Decimal(tick).scaleb(-precision).normalize() for tick in ticks]
    exponents = [value.as_tuple().exponent for value in values]
    needed = max(max(0, -exponent) for exponent in exponents if isinstance(exponent, int))
    assert decimals_needed([np.array([float(value) for value in values])]) == needed


def test_decimals_end_where_doubles_can_no_longer_count() -> None:
    assert decimals_needed([np.array([1e12 + 1 / 3])]) == 3
    assert decimals_needed([np.array([1 / 3])]) == 8
    assert decimals_needed([np.array([1 / 3])], most=4) == 4


def test_single_floats_need_the_decimals_they_were_written_with() -> None:
    written = np.array([100.01, 99.97, 0.5], dtype=np.float32)
    assert decimals_needed([written.astype(np.float64)], single=True) == 2
    assert decimals_needed([written.astype(np.float64)]) == 8
