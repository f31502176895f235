"""Stops over columns, and the manager that a strategy calls, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.risk import StopManager, Stops, check_stops

HOUR_NS = 3_600 * 10**9
SEED = Stops(loss=0.05, trailing=0.08, hours=72)
NOW = 100 * HOUR_NS


def walk(stops: Stops, side: int, marks: list[float], entry: float = 100.0) -> list[tuple[str, float]]:
    """Exit and best price at each mark, the best one carried on."""
    best, seen = entry, []
    for mark in marks:
        row = {"side": [side], "entry_price": [entry], "best_price": [best], "mark": [mark], "since": [NOW]}
        (found,) = check_stops(row, stops, NOW).to_pylist()
        best = found["best_price"]
        seen.append((found["exit"], best))
    return seen


@pytest.mark.feature("F-059", "F-226")
def test_golden_marks() -> None:
    assert walk(SEED, 1, [101.0, 110.0, 101.3, 101.2]) == [
        ("none", 101.0), ("none", 110.0), ("none", 110.0), ("trailing_stop", 110.0),
    ]  # fmt: skip
    assert walk(SEED, -1, [95.0, 90.0, 97.1, 97.2]) == [
        ("none", 95.0), ("none", 90.0), ("none", 90.0), ("trailing_stop", 90.0),
    ]  # fmt: skip


def look(**changes: Any) -> dict[str, Any]:
    row = {"side": 1, "entry_price": 100.0, "best_price": 110.0, "mark": 105.0, "since": NOW} | changes
    (found,) = check_stops({name: [value] for name, value in row.items()}, SEED, NOW).to_pylist()
    return dict(found)


@pytest.mark.feature("F-059")
def test_priority_is_stop_then_trailing_then_time() -> None:
    old = NOW - 73 * HOUR_NS
    assert look(mark=90.0, since=old)["exit"] == "stop_loss"
    assert look(mark=100.0, since=old)["exit"] == "trailing_stop"
    assert look(since=old)["exit"] == "time_stop"
    assert look(since=NOW - 72 * HOUR_NS)["exit"] == "time_stop"
    assert look(since=NOW - 72 * HOUR_NS + 1)["exit"] == "none"


@pytest.mark.feature("F-059")
def test_levels_are_shown() -> None:
    found = look()
    assert (found["stop_price"], found["trailing_price"]) == (95.0, 101.2)
    none = check_stops({"side": [1], "entry_price": [1.0], "mark": [1.0], "since": [0]}, Stops(), NOW).to_pylist()
    assert (none[0]["stop_price"], none[0]["trailing_price"], none[0]["exit"]) == (None, None, "none")


@pytest.mark.feature("F-059", "F-226")
def test_the_trailing_level_passes_the_stop_where_it_should() -> None:
    # 100 · 0.95 / 0.92 = 103.2609
    assert (
        look(best_price=103.26, mark=103.0)["trailing_price"]
        < 95.0
        < look(best_price=103.27, mark=103.0)["trailing_price"]
    )
    short = {"side": -1, "mark": 99.0}
    assert look(**short, best_price=97.23)["trailing_price"] > 105.0 > look(**short, best_price=97.22)["trailing_price"]


@pytest.mark.feature("F-059")
def test_waiting_for_a_profit() -> None:
    waiting = Stops(trailing=0.08, activation="in_profit")
    assert walk(waiting, 1, [105.0, 96.0])[-1] == ("none", 105.0)
    assert walk(waiting, 1, [110.0, 101.2])[-1] == ("trailing_stop", 110.0)
    assert walk(Stops(trailing=0.08), 1, [105.0, 96.0])[-1] == ("trailing_stop", 105.0)


@pytest.mark.feature("F-226")
def test_a_missing_best_price_is_the_entry() -> None:
    rows = {"side": [1, 1], "entry_price": [100.0, 100.0], "mark": [99.0, 99.0], "since": [NOW, NOW]}
    rows |= {"best_price": pa.array([None, 104.0])}
    assert check_stops(rows, SEED, NOW).column("best_price").to_pylist() == [100.0, 104.0]


@pytest.mark.feature("F-059")
@pytest.mark.parametrize("mark", [0.0, -3.0])
def test_without_a_mark_nothing_is_decided(mark: float) -> None:
    assert look(mark=mark, since=0)["exit"] == "none"


@pytest.mark.feature("F-059")
def test_times_may_be_times() -> None:
    when = datetime(2026, 1, 4, tzinfo=UTC)
    rows = {"side": [1], "entry_price": [100.0], "mark": [100.0], "since": [datetime(2026, 1, 1, tzinfo=UTC)]}
    assert check_stops(rows, SEED, when).column("exit").to_pylist() == ["time_stop"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mark": float("nan")}, "column mark, row 0: NaN is no price"),
        ({"mark": float("inf")}, "column mark, row 0: inf is no price"),
        ({"entry_price": 0.0}, "column entry_price, row 0: 0 is no price"),
        ({"entry_price": None}, "column entry_price has a null"),
        ({"best_price": -1.0}, "column best_price, row 0: -1 is no price"),
        ({"side": 0}, "column side, row 0: 0 is no side"),
        ({"since": None}, "column since has a null"),
    ],
)
def test_bad_positions_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataQualityError, match=message):
        look(**changes)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataQualityError, match="positions: column side is missing; there are: entry_price, mark"):
        check_stops({"entry_price": [1.0], "mark": [1.0]}, SEED, NOW)


@pytest.mark.parametrize(
    "values",
    [{"loss": 0}, {"loss": 1}, {"trailing": -0.1}, {"trailing": "x"}, {"hours": 0}, {"activation": "later"}],
)
def test_rules_are_checked(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"Stops.{next(iter(values))}"):
        Stops(**values)


@pytest.mark.feature("F-059", "F-226")
@settings(max_examples=60)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=30), st.sampled_from([1, -1]))
def test_the_best_price_only_improves(cents: list[int], side: int) -> None:
    seen = walk(Stops(trailing=0.5), side, [each / 100 for each in cents])
    improved = np.diff([100.0, *(best for _, best in seen)]) * side
    assert (improved >= 0).all()


SEEN: list[Any] = []
"""What the strategies below saw: a run works on a copy of its strategy."""


class Watched(tb.Strategy):
    """Enters long or short at once and leaves the rest to its stops."""

    side: int = 1
    hours: float = 0.0

    def on_start(self, ctx: Any) -> None:
        self.stops = StopManager(Stops(loss=0.05, trailing=0.08, hours=self.hours or None))
        SEEN.clear()
        self.entered = False

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if not self.entered:
            self.entered = True
            (ctx.buy if self.side > 0 else ctx.sell)("X", 10)
        elif (reason := self.stops.on_bar(ctx, bar)) is not None:
            SEEN.append((bar.close, reason))


def market(closes: list[float]) -> tb.Market:
    times = [(1 + number) * HOUR_NS for number in range(len(closes))]
    prices = dict.fromkeys(("open", "high", "low", "close"), closes)
    return tb.Market.from_table({"time": times, "symbol": ["X"] * len(closes), **prices, "volume": [1e6] * len(closes)})


LONG = [100.0, 100.0, 101.0, 110.0, 101.3, 101.2, 101.2, 101.0, 101.0]
SHORT = [100.0, 100.0, 95.0, 90.0, 97.1, 97.2, 97.2, 97.0, 97.0]


@pytest.mark.feature("F-059")
@pytest.mark.parametrize("engine", ["custom", "reference"])
@pytest.mark.parametrize(
    ("side", "closes", "exit_price", "reason", "hours"),
    [
        (1, LONG, 101.2, "trailing_stop", 0.0),
        (-1, SHORT, 97.2, "trailing_stop", 0.0),
        (1, [100.0, 100.0, 99.0, 95.0, 95.0, 95.0], 95.0, "stop_loss", 0.0),
        (1, [100.0] * 8, 100.0, "time_stop", 3.0),
    ],
)
def test_a_strategy_leaves_by_its_stops(
    engine: str, side: int, closes: list[float], exit_price: float, reason: str, hours: float
) -> None:
    result = tb.run(Watched(side=side, hours=hours), market(closes), engine=engine)
    assert [(exit_price, reason)] == SEEN
    assert result.fills.num_rows == 2
    assert result.orders.column("tag").to_pylist() == [None, reason]
    assert result.trades.num_rows == 1


@pytest.mark.feature("F-059", "F-226")
def test_both_engines_agree_over_long_markets() -> None:
    closes = np.round(100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, 400))), 2).tolist()
    hashes = {tb.run(Watched(), market(closes), engine=engine).result_hash for engine in ("custom", "reference")}
    assert len(hashes) == 1


class Turning(tb.Strategy):
    """Adds to a long, then turns short: the best price survives the one and starts afresh with the other."""

    def on_start(self, ctx: Any) -> None:
        self.stops = StopManager(Stops(trailing=0.5))
        SEEN.clear()

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.stops.on_bar(ctx, bar)
        SEEN.append((self.stops.best_price("X"), self.stops.watched))
        if bar.index in (0, 2):
            ctx.buy("X", 10)
        if bar.index == 4:
            ctx.sell("X", 30)


@pytest.mark.feature("F-226")
def test_the_best_price_survives_an_increase_and_not_a_flip() -> None:
    tb.run(Turning(), market([100.0, 100.0, 120.0, 110.0, 110.0, 105.0, 101.0, 103.0]))
    assert [best for best, _ in SEEN] == [None, 100.0, 120.0, 120.0, 120.0, 105.0, 101.0, 101.0]
    assert [watched for _, watched in SEEN] == [(), *[("X",)] * 7]
