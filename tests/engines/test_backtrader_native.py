"""Backtrader as its users run it: its own rules of filling, told in our tables (F-131)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import triplebar as tb

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
BARS = ((100, 102, 99, 101), (103, 105, 102, 104), (104, 106, 101, 102), (102, 103, 100, 101))
"""Open, high, low, close of four minutes."""

Order = tuple[int, str, Mapping[str, Any]]


def market(bars: tuple[tuple[float, ...], ...] = BARS, *, volume: float = 1_000) -> tb.Market:
    """A market of minutes with these bars."""
    columns = dict(zip(("open", "high", "low", "close"), map(list, zip(*bars, strict=True)), strict=True))
    times = [BEGIN + timedelta(minutes=place + 1) for place in range(len(bars))]
    return tb.Market.from_table(
        {"time": times, **columns, "volume": [volume] * len(bars)}, [tb.Instrument("X", price_precision=2)]
    )


def native(
    *orders: Order, bars: tuple[tuple[float, ...], ...] = BARS, volume: float = 1_000, **config: Any
) -> tb.RunResult:
    """Run a script in Backtrader, by Backtrader's rules."""
    return tb.run(
        tb.Script(orders),
        market(bars, volume=volume),
        tb.BacktestConfig(**config),
        engine="backtrader",
        fidelity="native",
    )


def fills(result: tb.RunResult) -> list[tuple[int, int, float, float]]:
    """Order, bar, price and size of each fill."""
    table = result.canonical("fills").to_pylist()
    return [(row["order"], row["clock"], row["price"] / 100, row["side"] * row["quantity"]) for row in table]


def ends(result: tb.RunResult) -> list[tuple[str, str]]:
    """Status and reason of each order."""
    return [(row["status"], row["reason"]) for row in result.orders.to_pylist()]


def buy(tick: int = 0, quantity: float = 1, **keywords: Any) -> Order:
    """A step that buys."""
    return tick, "buy", {"symbol": "X", "quantity": quantity, **keywords}


def sell(tick: int = 0, quantity: float = 1, **keywords: Any) -> Order:
    """A step that sells."""
    return tick, "sell", {"symbol": "X", "quantity": quantity, **keywords}


@pytest.mark.feature("F-131")
@pytest.mark.parametrize(
    ("config", "keywords", "expected"),
    [
        ({}, {}, [(1, 1, 103, 1)]),
        ({"fill": "same_close"}, {}, [(1, 1, 101, 1)]),  # booked a bar late, at the close of the decision
        ({"slippage": tb.Slippage(ticks=50)}, {}, [(1, 1, 103.5, 1)]),
        ({"slippage": tb.Slippage(ticks=500)}, {}, [(1, 1, 105, 1)]),  # capped by the high
        ({"slippage_bps": 100}, {}, [(1, 1, 104.03, 1)]),
        ({}, {"limit": 102.5}, [(1, 1, 102.5, 1)]),
        ({"slippage": tb.Slippage(ticks=50)}, {"limit": 103.2}, [(1, 1, 103.2, 1)]),  # slips up to the limit
        ({"slippage": tb.Slippage(ticks=40)}, {"stop": 104.5}, [(1, 1, 104.9, 1)]),
        ({"fill": "same_close"}, {"limit": 102}, [(1, 1, 102, 1)]),  # limits wait for the next bar all the same
        ({}, {"limit": 90}, []),
        ({}, {"limit": 102.5, "tif": "gtd", "expire": BEGIN + timedelta(seconds=90)}, []),
    ],
)
def test_fills_are_backtraders(config: dict[str, Any], keywords: dict[str, Any], expected: list[Any]) -> None:
    assert fills(native(buy(**keywords), **config)) == expected


@pytest.mark.feature("F-131")
def test_what_differs_from_our_rules_is_left_as_it_is() -> None:
    # a sell trail follows once a bar, with the close, after the test: our rules sell in bar 1 at 105
    bars = ((100.0, 100, 100, 100), (105.0, 110, 104, 106), (102.0, 103, 100, 101))
    strict = tb.run(tb.Script([sell(trail=5.0)]), market(bars), engine="backtrader")
    assert fills(strict) == [(1, 1, 105, -1)]
    assert fills(native(sell(trail=5.0), bars=bars)) == [(1, 2, 101, -1)]
    # of two legs in the range of a bar the one that was sent first wins
    wide = ((100.0, 100, 100, 100), (100.0, 106, 94, 100))
    legs = (sell(stop=95.0, oco="exit"), sell(limit=105.0, oco="exit"))
    assert fills(native(*legs, bars=wide)) == [(1, 1, 95, -1)]
    assert fills(tb.run(tb.Script(legs), market(wide), engine="backtrader")) == [(2, 1, 105, -1)]


@pytest.mark.feature("F-131")
def test_brackets_are_backtraders_own() -> None:
    result = native(buy(take_profit=105.5, stop_loss=90.0))
    assert fills(result) == [(1, 1, 103, 1), (2, 2, 105.5, -1)]  # children wake a bar after their parent's fill
    assert ends(result) == [("filled", "none"), ("filled", "none"), ("canceled", "one_cancels_other")]
    unfilled = native(buy(limit=50.0, take_profit=105.5, label="a"), (1, "cancel", {"order": "a"}))
    assert ends(unfilled) == [("canceled", "by_strategy"), ("canceled", "parent_ended")]


@pytest.mark.feature("F-131")
def test_cash_is_checked_by_backtrader() -> None:
    result = native(buy(quantity=1_000_000), buy(1))
    assert ends(result) == [("rejected", "insufficient_funds"), ("filled", "none")]


@pytest.mark.feature("F-131")
def test_a_filler_cuts_fills_and_the_rest_waits() -> None:
    result = native(buy(quantity=1_500), participation="0.5", initial_cash=1_000_000)
    assert fills(result) == [(1, 1, 103, 500), (1, 2, 104, 500), (1, 3, 102, 500)]


@pytest.mark.feature("F-131")
@pytest.mark.parametrize("commission", [tb.Commission(bps=10), tb.Commission(per_unit="1.5")])
def test_commissions_are_charged(commission: tb.Commission) -> None:
    result = native(buy(quantity=2), (1, "close", {"symbol": "X"}), commission=commission)
    rate = 0.001 * 103 if commission.bps else 1.5
    assert result.fills["fee"][0].as_py() == pytest.approx(2 * rate)
    assert ends(result) == [("filled", "none")] * 2
    fees = sum(result.fills["fee"].to_pylist())
    assert result.equity["equity"][-1].as_py() == pytest.approx(100_000 + 2 * (104 - 103) - fees)


@pytest.mark.feature("F-131")
def test_a_change_is_a_cancel_and_a_new_order() -> None:
    result = native(buy(limit=90.0, quantity=3, label="a"), (1, "modify", {"order": "a", "limit": 101.5}))
    assert fills(result) == [(1, 2, 101.5, 3)]
    smaller = native(
        buy(limit=90.0, quantity=3, label="a"),
        (1, "modify", {"order": "a", "quantity": 2}),
        (2, "modify", {"order": "a", "limit": 101.0}),
    )
    assert fills(smaller) == [(1, 3, 101, 2)]


@pytest.mark.feature("F-131")
def test_what_backtrader_has_no_words_for_is_rejected() -> None:
    orders = (
        buy(limit=100.0, tif="ioc"), buy(touch=90.0), buy(limit=100.0, post_only=True), buy(reduce_only=True),
        buy(tif="at_open"),
    )  # fmt: skip
    assert ends(native(*orders)) == [("rejected", "unsupported")] * 5
    late = native(
        buy(limit=50.0, label="a"), (1, "sell", {"symbol": "X", "quantity": 1, "limit": 120.0, "parent": "a"})
    )
    assert ends(late)[1] == ("rejected", "unsupported")


@pytest.mark.feature("F-131")
def test_cash_from_outside_and_the_end() -> None:
    result = native((1, "deposit", {"amount": 100}), buy(3))
    assert result.equity["equity"].to_pylist() == [100_000, 100_000, 100_100, 100_100]
    assert ends(result) == [("expired", "end_of_data")]
    with pytest.raises(tb.StrategyError, match=r"kill_switch.*no gate before the guest"):
        native((1, "kill_switch", {"on": True}))


@pytest.mark.feature("F-131")
def test_prices_between_ticks_are_told() -> None:
    result = native(buy(quantity=7), slippage_bps="0.37")
    assert [text for text in result.warnings if "Backtrader's cash differs by" in text]


@pytest.mark.feature("F-128", "F-131")
@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"path": "adaptive"}, "path: .*no path within a bar"),
        ({"close_at_end": True}, "close_at_end: .*leaves positions open"),
        ({"latency": tb.Latency(1, 2)}, "latency_min_ns: .*no latency"),
        ({"account": "cash"}, "kind .account.: .*one kind of account"),
        ({"spread": tb.Spread(half_ticks=1)}, "half_spread_ticks .X.: .*no spread"),
        ({"slippage": tb.Slippage(bps=1, ticks=1)}, "slippage_ticks .X.: .*not by both"),
        ({"slippage": tb.Slippage(impact="0.1")}, "impact_ppb .X.: .*does not look at volume"),
        ({"commission": tb.Commission(maker_bps=1, taker_bps=2)}, "maker_ppb .X.: .*does not tell makers"),
        ({"commission": tb.Commission(bps=1, per_unit=1)}, "per_unit_minor .X.: .*not both"),
        ({"commission": tb.Commission(bps=1, minimum=1)}, "minimum .X.: "),
        ({"risk": tb.RiskLimits(gross_exposure=1)}, "gross_ppb .risk.: "),
        ({"borrow_rate": "0.1"}, "borrow_ppb .X.: "),
    ],
)
def test_settings_that_backtrader_does_not_have_are_refused(config: dict[str, Any], problem: str) -> None:
    with pytest.raises(tb.errors.UnsupportedSettingError, match=problem):
        native(**config)


@pytest.mark.feature("F-128", "F-131")
def test_one_slippage_and_no_multiplier() -> None:
    two = tb.Market.synthetic(bars=5, seed=1, symbols=("A", "B"))
    costs = {"A": tb.SymbolCosts(slippage=tb.Slippage(bps=1))}
    with pytest.raises(tb.errors.UnsupportedSettingError, match="one slippage for all instruments"):
        tb.run(
            tb.samples.BuyAndHold(), two, tb.BacktestConfig(per_symbol=costs), engine="backtrader", fidelity="native"
        )
    five = tb.Market.from_table(market().table(), [tb.Instrument("X", price_precision=2, multiplier=5)])
    with pytest.raises(tb.errors.UnsupportedSettingError, match="no multiplier"):
        tb.run(tb.samples.BuyAndHold(), five, engine="backtrader", fidelity="native")


@pytest.mark.feature("F-131")
def test_day_orders_expire_and_children_end_with_their_parent() -> None:
    times = [BEGIN + timedelta(hours=6 * (place + 1)) for place in range(8)]
    prices = {name: [100.0] * 8 for name in ("open", "high", "low", "close")}
    bars = tb.Market.from_table({"time": times, **prices, "volume": [1.0] * 8}, [tb.Instrument("X", price_precision=2)])
    steps = (
        buy(limit=90.0, tif="day"),
        buy(limit=90.0, tif="gtd", expire=times[5], take_profit=110.0),
        buy(quantity=5_000, limit=100.0, take_profit=110.0, stop_loss=90.0),
    )
    result = tb.run(tb.Script(steps), bars, tb.BacktestConfig(start=times[1]), engine="backtrader", fidelity="native")
    assert ends(result) == [
        ("rejected", "warm_up"),
        ("rejected", "warm_up"),
        ("canceled", "parent_ended"),
        ("rejected", "warm_up"),
        ("canceled", "parent_ended"),
        ("canceled", "parent_ended"),
    ]
    assert result.equity.num_rows == 7
    result = tb.run(tb.Script(steps), bars, engine="backtrader", fidelity="native")
    assert ends(result) == [
        ("expired", "day_ended"),
        ("expired", "date_reached"),
        ("canceled", "parent_ended"),
        ("rejected", "insufficient_funds"),
        ("rejected", "parent_ended"),
        ("rejected", "parent_ended"),
    ]


@pytest.mark.feature("F-131")
def test_a_canceled_group_says_why() -> None:
    legs = (sell(limit=200.0, oco="exit", label="a"), sell(limit=210.0, oco="exit"), (1, "cancel", {"order": "a"}))
    assert ends(native(*legs)) == [("canceled", "by_strategy"), ("canceled", "group_canceled")]
