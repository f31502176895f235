"""Raw, split-adjusted and total-return prices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import DAY, START, columns, good, two
from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.data.prices import CorporateAction, adjust_prices


def daily(close: list[float]) -> pa.Table:
    prices: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"), close)
    time = pa.array([START + DAY * day for day in range(len(close))], pa.timestamp("ns", "UTC"))
    return pa.table({"time": time, "symbol": ["X"] * len(close), **prices, "volume": [100.0] * len(close)})


def action(kind: str, after: int, value: float) -> CorporateAction:
    """An action between the bar `after` and the next one."""
    return CorporateAction("X", START + DAY * after + 1, kind, value)


@pytest.mark.feature("F-025")
def test_a_split_leaves_a_continuous_curve() -> None:
    table = daily([100.0, 104.0, 26.0, 27.0])
    adjusted = adjust_prices(table, [action("split", 1, 4.0)], "split")
    assert adjusted["close"].to_pylist() == [25.0, 26.0, 26.0, 27.0]
    assert adjusted["volume"].to_pylist() == [400.0, 400.0, 100.0, 100.0]
    steps = np.diff(adjusted["close"].to_numpy()) / adjusted["close"].to_numpy()[:-1]
    assert np.abs(steps).max() < 0.05


@pytest.mark.feature("F-025")
def test_a_reverse_split() -> None:
    adjusted = adjust_prices(daily([1.0, 10.0]), [action("split", 0, 0.1)], "split")
    assert adjusted["close"].to_pylist() == [10.0, 10.0]
    assert adjusted["volume"].to_pylist() == [10.0, 100.0]


@pytest.mark.feature("F-025")
def test_policies_choose_which_actions_count() -> None:
    table = daily([100.0, 104.0, 26.0, 27.0])
    actions = [action("split", 1, 4.0), action("dividend", 2, 1.0)]
    assert adjust_prices(table, actions)["close"].to_pylist() == [100.0, 104.0, 26.0, 27.0]
    assert adjust_prices(table, actions, "split")["close"].to_pylist() == [25.0, 26.0, 26.0, 27.0]
    total = adjust_prices(table, actions, "total_return")["close"].to_pylist()
    assert total == pytest.approx([25.0 * 25 / 26, 25.0, 25.0, 27.0])


@pytest.mark.feature("F-025")
@given(
    st.lists(st.floats(10.0, 500.0), min_size=2, max_size=12),
    st.dictionaries(
        st.integers(0, 10), st.tuples(st.sampled_from(["split", "dividend"]), st.floats(0.1, 4.0)), max_size=6
    ),
)
def test_total_return_is_that_of_reinvested_dividends(close: list[float], events: dict[int, tuple[str, float]]) -> None:
    """An investor buys more of the share for each dividend, at the close before it less the dividend."""
    actions = [action(kind, after, value) for after, (kind, value) in events.items()]
    shares = 1.0
    for after, (kind, value) in sorted(events.items()):
        if after >= len(close) - 1:
            continue
        shares *= value if kind == "split" else 1.0 + value / (close[after] - value)
    invested = shares * close[-1] / close[0]
    adjusted = adjust_prices(daily(close), actions, "total_return")["close"].to_pylist()
    assert adjusted[-1] / adjusted[0] == pytest.approx(invested, rel=1e-9)


def test_a_dividend_on_the_day_of_a_split_is_paid_on_the_new_shares() -> None:
    actions = [action("dividend", 0, 1.0), action("split", 0, 2.0)]
    adjusted = adjust_prices(daily([100.0, 49.0]), actions, "total_return")
    assert adjusted["close"].to_pylist() == pytest.approx([50.0 * 0.98, 49.0])


def test_other_symbols_are_left_alone() -> None:
    table = two()
    split = CorporateAction("B", START + 10 * DAY, "split", 2.0)
    adjusted = adjust_prices(table, [split, CorporateAction("C", START, "split", 9.0)], "split").to_pydict()
    for symbol, was, now in zip(adjusted["symbol"], table["close"].to_pylist(), adjusted["close"], strict=True):
        assert now == (was / 2 if symbol == "B" else was)


def test_actions_before_the_data_change_nothing() -> None:
    early = CorporateAction("X", START - 1, "dividend", 2.0)
    assert adjust_prices(good(), [early], "total_return")["close"].to_pylist() == good()["close"].to_pylist()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: adjust_prices(columns(), [], "adjusted"), "price_policy = 'adjusted': is not a price policy"),
        (lambda: CorporateAction("X", 0, "merger", 1.0), "kind = 'merger': is not a corporate action"),
        (lambda: CorporateAction("X", 0, "split", 0.0), "X split = 0.0: must be above 0"),
        (lambda: CorporateAction("X", 0, "dividend", float("nan")), "X dividend = nan: must be above 0"),
    ],
)
def test_wrong_wishes_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()


def test_naive_times_and_dividends_above_the_price_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        CorporateAction("X", "2024-01-01", "split", 2.0)
    with pytest.raises(DataQualityError, match=r"X dividend at .*: 200.0 is not below the close 104.0 before it"):
        adjust_prices(daily([104.0, 104.0]), [action("dividend", 0, 200.0)], "total_return")
