"""Windows: rolling and anchored, to the last that fits exactly, over the time that all instruments share."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.errors import ConfigError, InsufficientDataError
from triplebar.research.validation.spans import span_ns
from triplebar.research.validation.windows import Plan, common_span, windows_of

DAY = 86_400 * 10**9


def daily(bars: int, **options: Any) -> tb.Market:
    return tb.Market.synthetic(bars=bars, seed=1, interval="1d", **options)


@pytest.mark.feature("F-107", "F-261")
@pytest.mark.parametrize(("bars", "count"), [(21, 1), (22, 1), (25, 1), (26, 2), (30, 2), (31, 3), (32, 3)])
def test_the_last_window_that_fits_exactly_is_there(bars: int, count: int) -> None:
    plan = Plan.of("15d", "5d", embargo="1d")
    laid = windows_of(daily(bars), plan)
    assert len(laid) == count


@pytest.mark.feature("F-107")
def test_one_bar_less_is_not_enough() -> None:
    with pytest.raises(InsufficientDataError, match=r"windows: a window takes 3w, the market has 20d; load more"):
        windows_of(daily(20), Plan.of("15d", "5d", embargo="1d"))


@pytest.mark.feature("F-107")
def test_the_common_end_is_the_earliest() -> None:
    long, short = daily(40, symbols=("A",)), daily(30, symbols=("B",))
    late = short.between(start=int(short.clock[3]))
    market = tb.Market.joined(long, late)
    assert common_span(market) == (int(late.clock[0]), int(late.clock[-1]) + DAY)
    assert len(windows_of(market, Plan.of("15d", "4d"))) == (27 - 19) // 4 + 1
    first, last = common_span(market, datetime(2024, 1, 10, tzinfo=UTC), datetime(2024, 1, 20, tzinfo=UTC))
    assert (last - first) // DAY == 10


@pytest.mark.feature("F-261")
@pytest.mark.parametrize("anchored", [False, True])
def test_rolling_and_anchored(anchored: bool) -> None:
    market = daily(50)
    laid = windows_of(market, Plan.of("20d", "5d", step="10d", embargo="2d", anchored=anchored))
    assert [each.number for each in laid] == [0, 1, 2]
    start = int(market.clock[0])
    for number, each in enumerate(laid):
        assert each.train_start == (start if anchored else start + 10 * number * DAY)
        assert each.train_end == start + (20 + 10 * number) * DAY
        assert each.test_start - each.train_end == 2 * DAY
        assert each.test_end - each.test_start == 5 * DAY
    assert str(laid[0]) == (
        "window 0: 2024-01-02T00:00:00Z to 2024-01-22T00:00:00Z, then 2024-01-24T00:00:00Z to 2024-01-29T00:00:00Z"
    )


@pytest.mark.feature("F-261")
@given(st.integers(1, 30), st.integers(1, 10), st.integers(0, 3), st.integers(0, 5), st.booleans())
def test_tests_never_overlap_each_other_or_their_training(
    train: int, test: int, embargo: int, more: int, anchored: bool
) -> None:
    plan = Plan.of(f"{train}d", f"{test}d", step=f"{test + more}d", embargo=f"{embargo}d", anchored=anchored)
    market = daily(train + test + embargo + 17)
    laid = windows_of(market, plan)
    first, last = common_span(market)
    assert laid[-1].test_end <= last < laid[-1].test_end + plan.step_ns
    assert laid[0].train_start == first
    for one, other in pairwise(laid):
        assert one.test_end <= other.test_start
    for each in laid:
        assert each.train_end + plan.embargo_ns == each.test_start


def test_windows_without_bars_are_left_out() -> None:
    market = daily(60)
    table = market.table()
    times = np.array(table["time"].cast("int64").to_pylist())
    gap = (times < times[25]) | (times >= times[35])
    holed = tb.Market.from_table(table.filter(gap), market.instruments)
    numbers = [each.number for each in windows_of(holed, Plan.of("10d", "5d"))]
    assert numbers == [0, 1, 2, 6, 7, 8, 9]  # 3 and 4 test in the hole, 5 trains in it


@pytest.mark.parametrize("span", ["", "5", "x", True, None, -3, 2.5, "0d"])
def test_lengths_that_are_none(span: Any) -> None:
    with pytest.raises(ConfigError, match=r"train = .*write for example train='30d'"):
        span_ns("train", span)


@pytest.mark.parametrize("nothing", [0, "0d", "0s", timedelta(0)])
def test_no_embargo(nothing: Any) -> None:
    assert span_ns("embargo", nothing, may_be_nothing=True) == 0


def test_a_step_shorter_than_a_test_is_refused() -> None:
    with pytest.raises(ConfigError, match="step = '3d': is shorter than a test of 5d"):
        Plan.of("10d", "5d", step="3d")
