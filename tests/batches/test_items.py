"""What the items of a batch are: every combination, and windows to the last that fits (F-106, F-107)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.errors import ConfigError, DataQualityError, InsufficientDataError
from triplebar.research.batches.axes import Items

MARKET = tb.Market.synthetic(bars=30, seed=1)
CROSS = tb.samples.MovingAverageCross


def daily(bars: int, **options: Any) -> tb.Market:
    return tb.Market.synthetic(bars=bars, seed=1, interval="1d", **options)


def test_every_list_is_an_axis_and_the_last_changes_fastest() -> None:
    items = Items.of(
        [CROSS, tb.samples.BuyAndHold],
        MARKET,
        engine=["custom", "reference"],
        parameters={"fast": [2, 3], "slow": 9},
        settings={"commission_bps": [0, 1, 2], "initial_cash": 5_000},
    )
    assert len(items) == 2 * 2 * 2 * 3
    found = [item.columns for item in items]
    assert found[0] == {
        "strategy": "MovingAverageCross",
        "engine": "custom",
        "fast": 2,
        "slow": 9,
        "commission_bps": 0,
        "initial_cash": 5000,
    }
    assert [each["commission_bps"] for each in found[:4]] == [0, 1, 2, 0]
    assert [each["fast"] for each in found[:7]] == [2, 2, 2, 3, 3, 3, 2]
    assert len({tuple(each.items()) for each in found}) == len(items)
    assert items[23].config == tb.BacktestConfig(commission_bps=2, initial_cash=5_000)
    assert items[23].chosen["strategy"] is tb.samples.BuyAndHold


def test_one_of_each_is_one_item() -> None:
    (item,) = Items.of(CROSS, MARKET)
    assert (item.columns, item.parameters, item.market, item.config) == ({}, {}, MARKET, tb.BacktestConfig())


def test_a_tuple_is_one_value_and_models_are_shown_as_texts() -> None:
    items = Items.of(
        CROSS,
        [MARKET, MARKET.table()],
        [tb.BacktestConfig(), tb.BacktestConfig(seed=1)],
        parameters={"levels": (1, 2)},
        settings={"commission": [tb.Commission(maker_bps=1), None], "risk": {"drawdown_total": 0.5}},
    )
    assert len(items) == 8
    columns = items[0].columns
    assert list(columns) == ["market", "config", "levels", "commission", "risk"]
    assert "maker_bps" in columns["commission"]
    assert items[0].config.commission == tb.Commission(maker_bps=1)
    assert items[7].market.digest == MARKET.digest
    risk = items[7].config.risk
    assert risk is not None
    assert float(str(risk.drawdown_total)) == 0.5


def test_names_that_meet_are_told_apart() -> None:
    items = Items.of(CROSS, MARKET, parameters={"seed": 1, "start": 2}, settings={"seed": 3}, duration="10m")
    columns = items[0].columns
    assert (columns["seed"], columns["setting.seed"], columns["start"]) == (1, 3, 2)
    assert columns["window.start"] == "2024-01-01T00:01:00Z"


@pytest.mark.feature("F-106")
@pytest.mark.parametrize(
    "empty", [[], {name: [] for name in ("time", "symbol", *"abc")}, MARKET.table().slice(0, 0), None]
)
def test_an_empty_price_history_is_refused(empty: Any) -> None:
    with pytest.raises(ValueError, match="market"):
        Items.of(CROSS, empty)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"engine": []}, r"engine = \[\]: is an empty list, so there is nothing to run"),
        ({"parameters": {"fast": []}}, r"fast = \[\]: is an empty list"),
        ({"parameters": 5}, "parameters = 5: must be a mapping"),
        ({"settings": {"comission_bps": 1}}, "did you mean 'commission_bps'"),
        ({"config": "x"}, "config = 'x': must be a BacktestConfig"),
        ({"start_step": "1d"}, "start_step = '1d': needs a duration"),
        ({"duration": "long"}, "duration = 'long': is no length of time"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        Items.of(CROSS, MARKET, **arguments)


def test_an_item_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="item = 1: does not exist; give a number from 0 to 0"):
        _ = Items.of(CROSS, MARKET)[1]


# ------------------------------------------------------------------------------------------------------------- windows


@pytest.mark.feature("F-107")
@pytest.mark.parametrize(("bars", "count"), [(5, 1), (6, 1), (7, 2), (8, 2), (9, 3)])
def test_the_last_window_that_fits_exactly_is_there(bars: int, count: int) -> None:
    items = Items.of(CROSS, daily(bars), duration="5d", start_step="2d")
    assert len(items) == count
    assert [len(item.market) for item in items] == [5] * count


@pytest.mark.feature("F-107")
def test_windows_stand_where_they_should() -> None:
    items = Items.of(CROSS, daily(20), duration=timedelta(days=7), start_step="5d")
    assert [item.columns["start"][:10] for item in items] == ["2024-01-02", "2024-01-07", "2024-01-12"]
    assert [item.columns["end"][:10] for item in items] == ["2024-01-09", "2024-01-14", "2024-01-19"]
    assert [len(item.market) for item in Items.of(CROSS, daily(20), duration="10d")] == [10, 10]


@pytest.mark.feature("F-107")
def test_the_common_end_is_the_minimum_over_instruments_and_markets() -> None:
    long, short = daily(40, symbols=("A",)), daily(21, symbols=("B",))
    both = Items.of(CROSS, tb.Market.joined(long, short), duration="7d")
    apart = Items.of(CROSS, [long, short], duration="7d")
    assert len(both) == 3
    assert len(apart) == 2 * 3
    assert [item.columns["end"] for item in apart][:3] == [item.columns["end"] for item in both]
    assert both[2].columns["end"] == "2024-01-23T00:00:00Z"


@pytest.mark.feature("F-107")
def test_a_window_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InsufficientDataError, match="duration: a window takes 11d, all markets together have 10d"):
        Items.of(CROSS, daily(10), duration="11d")
    with pytest.raises(DataQualityError, match="the price history is empty"):
        Items.of(CROSS, MARKET.table().slice(0, 0), duration="1d")


@pytest.mark.feature("F-107")
@given(st.integers(2, 60), st.integers(1, 20), st.integers(1, 20))
def test_no_window_is_forgotten_and_none_sticks_out(bars: int, duration: int, step: int) -> None:
    market = daily(bars)
    if duration > bars:
        with pytest.raises(InsufficientDataError):
            Items.of(CROSS, market, duration=f"{duration}d", start_step=f"{step}d")
        return
    items = Items.of(CROSS, market, duration=f"{duration}d", start_step=f"{step}d")
    assert all(len(item.market) == duration for item in items)
    last = len(items) * step  # where the next one would begin
    assert last - step + duration <= bars < last + duration
