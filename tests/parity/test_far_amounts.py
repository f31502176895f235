"""Targets so far from what is held that the way there leaves 64 bits: both engines refuse them alike."""

import contextlib
from typing import Any

import pytest

import triplebar as tb
from tests.parity.comparing import table_difference
from tests.reference.markets import market_of
from triplebar.contracts.codes import Reason
from triplebar.contracts.errors import TradingError
from triplebar.contracts.tables import SCHEMAS

MARKET = market_of([1] * 6)
CONFIG = tb.BacktestConfig(initial_cash=10**18, leverage=50, cash_precision=0)
FAR = 4.9e18
WANTED = [-FAR, -FAR, FAR, FAR, 0.0, 0.0]


class Turn(tb.Strategy):
    """Short as much as an order can be, then long as much."""

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        """Want what the plan says."""
        ctx.target("X", WANTED[ctx.index])


@pytest.mark.feature("F-070")
@pytest.mark.rule("S-02")
@pytest.mark.parametrize("strategy", [Turn(), tb.Signals(target=WANTED)], ids=["target", "column"])
def test_a_target_too_far_away_is_refused_and_never_wraps(strategy: tb.Strategy) -> None:
    native, plain = (tb.run(strategy, MARKET, CONFIG, engine=engine) for engine in ("custom", "reference"))
    reasons = native.canonical("orders")["reason"].to_pylist()
    assert reasons[0] == Reason.NONE
    assert Reason.INVALID_QUANTITY in reasons
    for name in SCHEMAS:
        assert table_difference(plain.canonical(name), native.canonical(name)) is None, name


class Swap(tb.Strategy):
    """Convert more than the other currency can hold, and go on."""

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        """Fill one currency, then convert too much into it."""
        if ctx.index == 1:
            ctx.deposit(8.9e18, "EUR")
        if ctx.index in (2, 3):
            with contextlib.suppress(TradingError):
                ctx.convert(10**16 if ctx.index == 2 else 10**12, "USD", "EUR")


@pytest.mark.feature("F-070")
@pytest.mark.rule("S-74")
def test_a_conversion_that_does_not_fit_changes_neither_currency() -> None:
    cash = {"USD": 10**18, "EUR": 0}
    config = CONFIG.replace(initial_cash=cash, rates={"EUR": 0.01})
    native, plain = (tb.run(Swap(), MARKET, config, engine=engine) for engine in ("custom", "reference"))
    for found in (native, plain):
        amounts = found.canonical("flows")["amount"].to_pylist()
        assert len(amounts) == 3
    for name in SCHEMAS:
        assert table_difference(plain.canonical(name), native.canonical(name)) is None, name
