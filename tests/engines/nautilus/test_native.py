"""NautilusTrader as its users run it: its own rules of filling, told in our tables (F-131)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import triplebar as tb

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
BARS = ((100, 102, 99, 101), (103, 105, 102, 104), (104, 106, 101, 102), (102, 103, 100, 101))
"""Open, high, low, close of four minutes."""
CLOSE: Mapping[str, Any] = {"fill": "same_close"}
"""As it comes; otherwise the open is fed as a trade."""

Order = tuple[int, str, Mapping[str, Any]]


def market(bars: tuple[tuple[float, ...], ...] = BARS, *, size_precision: int = 0) -> tb.Market:
    """A market of minutes with these bars."""
    columns = dict(zip(("open", "high", "low", "close"), map(list, zip(*bars, strict=True)), strict=True))
    times = [BEGIN + timedelta(minutes=place + 1) for place in range(len(bars))]
    instrument = tb.Instrument("X", price_precision=2, size_precision=size_precision)
    return tb.Market.from_table({"time": times, **columns, "volume": [1_000] * len(bars)}, [instrument])


def native(*orders: Order, bars: tuple[tuple[float, ...], ...] = BARS, **config: Any) -> tb.RunResult:
    """Run a script in NautilusTrader, by its rules."""
    return tb.run(tb.Script(orders), market(bars), tb.BacktestConfig(**config), engine="nautilus", fidelity="native")


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
    ("config", "order", "expected"),
    [
        (CLOSE, buy(), [(1, 0, 101, 1)]),
        ({}, buy(), [(1, 1, 103, 1)]),
        ({}, buy(-1), [(1, 0, 100, 1)]),
        (CLOSE, buy(-1), [(1, 0, 101, 1)]),  # sent before any data, worked off after the first bar
        ({**CLOSE, "slippage": tb.Slippage(ticks=1)}, buy(), [(1, 0, 101.01, 1)]),
        ({**CLOSE, "path": "adaptive"}, buy(), [(1, 0, 101, 1)]),
        (CLOSE, sell(trail=2.5), [(1, 1, 102.5, -1)]),
        (CLOSE, buy(quantity=3000), [(1, 0, 101, 250), (1, 0, 101.01, 2750)]),  # what is left, one step worse
        (CLOSE, buy(limit=101, quantity=3000, tif="ioc"), [(1, 0, 101, 250)]),
        (CLOSE, buy(limit=90), []),
        (CLOSE, sell(touch=105), [(1, 1, 105, -1)]),
        (CLOSE, sell(stop=102.5, limit=101), [(1, 0, 101, -1)]),
    ],
)
def test_fills_are_its_own(config: Mapping[str, Any], order: Order, expected: list[Any], version: str) -> None:
    result = native(order, **config)
    if order == sell(stop=102.5, limit=101):
        assert ends(result) == [("rejected", "invalid_price")]  # stops that are met on arrival are refused
    elif order == sell(trail=2.5) and version.startswith("1.221"):
        assert fills(result) == [(1, 2, 102.5, -1)]  # its trailing lags one point
    else:
        assert fills(result) == expected


@pytest.mark.feature("F-131")
def test_what_differs_from_our_rules_is_left_as_it_is(version: str) -> None:
    # a resting limit never gets a better price than its own, also if the bar opens beyond it
    gap = ((100.0, 100, 100, 100), (100.0, 100, 100, 100), (95.0, 96, 94, 95))
    assert fills(native(buy(limit=98.0), bars=gap, **CLOSE)) == [(1, 2, 98, 1)]
    strict = tb.run(tb.Script([buy(limit=98.0)]), market(gap), engine="nautilus")
    assert fills(strict) == [(1, 2, 95, 1)]
    # 1.221 fills a stop at its trigger, also if the bar opens beyond it
    stop = native(sell(stop=98.0), bars=gap, **CLOSE)
    assert fills(stop) == [(1, 2, 98 if version.startswith("1.221") else 95, -1)]


@pytest.mark.feature("F-131")
def test_brackets_are_its_own() -> None:
    result = native(buy(take_profit=105.0, stop_loss=90.0), **CLOSE)
    assert fills(result) == [(1, 0, 101, 1), (2, 1, 105, -1)]
    assert ends(result) == [("filled", "none"), ("filled", "none"), ("canceled", "one_cancels_other")]
    unfilled = native(buy(limit=50.0, take_profit=105.5, stop_loss=40, label="a"), (1, "cancel", {"order": "a"}))
    assert ends(unfilled) == [("canceled", "by_strategy"), ("canceled", "parent_ended"), ("canceled", "parent_ended")]


@pytest.mark.feature("F-131")
def test_groups_and_single_children_are_kept_by_the_adapter() -> None:
    both = native(sell(limit=105.0, oco="exit"), sell(stop=99.0, oco="exit"), **CLOSE)
    assert fills(both) == [(1, 1, 105, -1)]
    assert ends(both) == [("filled", "none"), ("canceled", "one_cancels_other")]
    single = native(buy(take_profit=106.0), **CLOSE)
    assert fills(single) == [(1, 0, 101, 1), (2, 2, 106, -1)]


@pytest.mark.feature("F-131")
def test_orders_can_be_changed_and_canceled() -> None:
    result = native(
        buy(quantity=2, limit=90.0, label="a"),
        buy(quantity=2, limit=91.0, label="b"),
        buy(quantity=2, limit=92.0, label="c"),
        (1, "modify", {"order": "a", "limit": 102.0}),
        (1, "cancel", {"order": "b"}),
        (1, "modify", {"order": "c", "quantity": 1}),
        (2, "modify", {"order": "c", "limit": 101.0}),
        **CLOSE,
    )
    assert fills(result) == [(1, 2, 102, 2), (3, 3, 101, 1)]
    assert ends(result) == [("filled", "none"), ("canceled", "by_strategy"), ("filled", "none")]
    with pytest.raises(tb.errors.StrategyError, match=r"order 1: NautilusTrader does not change trailing stops"):
        native(sell(trail=10.0, label="a"), (1, "modify", {"order": "a", "trail": 1.5}), **CLOSE)


@pytest.mark.feature("F-131")
def test_a_trailing_stop_before_the_first_bar_would_end_it_and_is_refused() -> None:
    result = native(sell(-1, trail=10.0), **CLOSE)
    assert ends(result) == [("rejected", "unsupported")]
    assert result.warnings == ("order 1: NautilusTrader refused it: a trailing stop before the first bar ends it",)


@pytest.mark.feature("F-131")
def test_a_date_ends_an_order_at_its_venue() -> None:
    result = native(buy(limit=90.0, tif="gtd", expire=BEGIN + timedelta(seconds=90)), **CLOSE)
    assert ends(result) == [("expired", "date_reached")]


@pytest.mark.feature("F-131")
@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (buy(limit=103.0, post_only=True), "post_only_would_take"),
        (sell(reduce_only=True), "reduce_only_no_position"),
        (buy(stop=100.5), "invalid_price"),
        (buy(limit=90.0, tif="day"), "unsupported"),  # its day orders never end
        (buy(tif="at_open"), "unsupported"),  # 1.221 would leave it submitted for ever
    ],
)
def test_refusals_have_a_reason(order: Order, reason: str) -> None:
    result = native(order, **CLOSE)
    assert ends(result) == [("rejected", reason)]
    assert reason == "unsupported" or "order 1: NautilusTrader refused it" in result.warnings[0]


@pytest.mark.feature("F-131")
def test_its_switch_stops_entries() -> None:
    result = native((0, "kill_switch", {"on": True}), buy(0), (1, "kill_switch", {"on": False}), buy(1), **CLOSE)
    assert [status for status, _ in ends(result)] == ["filled", "filled"]  # it reduces only what there is
    held = native(buy(0), (1, "kill_switch", {"on": True}), buy(1), **CLOSE)
    assert ends(held) == [("filled", "none"), ("rejected", "risk_trading_disabled")]


@pytest.mark.feature("F-131")
def test_equity_of_every_bar_is_its_own() -> None:
    result = native(buy(quantity=2), (2, "close", {"symbol": "X"}), (3, "deposit", {"amount": 50}), **CLOSE)
    assert result.equity["equity"].to_pylist() == [100_000, 100_006, 100_002, 100_052]
    assert result.equity["cash"].to_pylist() == [99_798, 99_798, 100_002, 100_052]


@pytest.mark.feature("F-131")
def test_its_money_has_cents() -> None:
    result = native(buy(), commission=tb.Commission(bps="0.7"), **CLOSE)
    assert result.fills["fee"].to_pylist() == [0.01]  # 0.00707, to the decimals of its dollar


@pytest.mark.feature("F-131")
def test_a_cash_account_pays_in_full_and_may_not_run_dry() -> None:
    result = native(buy(quantity=2), account="cash", **CLOSE)
    assert result.equity["cash"].to_pylist() == [99_798] * 4
    with pytest.raises(tb.errors.AdapterError, match=r"nautilus: NautilusTrader ended the run: AccountBalance.*margin"):
        native(buy(quantity=2), account="cash", initial_cash=100, **CLOSE)
    assert fills(native(buy(), **CLOSE)) == [(1, 0, 101, 1)]  # nothing of it is left for the next run


@pytest.mark.feature("F-128")
@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"path": "pessimistic"}, "path"),
        ({"account": "isolated"}, r"kind \(account\)"),
        ({"slippage_bps": 1}, "slippage_ppb"),
        ({"slippage": tb.Slippage(ticks=2)}, "slippage_ticks"),
        ({"spread": tb.Spread(half_ticks=1)}, "half_spread_ticks"),
        ({"participation": "0.1"}, "participation_ppb"),
        ({"latency": tb.Latency.FAST}, "latency_m.._ns"),
        ({"close_at_end": True}, "close_at_end"),
        ({"initial_cash": "0.001"}, "cash"),
        ({"risk": tb.RiskLimits(gross_exposure=1)}, r"gross_ppb \(risk\)"),
    ],
)
def test_what_it_cannot_do_is_refused(config: dict[str, Any], named: str) -> None:
    with pytest.raises(tb.errors.UnsupportedSettingError, match=rf"^{named}.*engine 'nautilus' refuses it"):
        native(buy(), **config)


@pytest.mark.feature("F-128")
def test_its_cash_account_refuses_fractions() -> None:
    with pytest.raises(tb.errors.UnsupportedSettingError, match="books shares only, and X has fractions"):
        tb.run(
            tb.samples.BuyAndHold(),
            market(size_precision=3),
            tb.BacktestConfig(account="cash"),
            engine="nautilus",
            fidelity="native",
        )
