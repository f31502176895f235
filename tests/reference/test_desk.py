"""What a strategy can ask and do at its desk."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.markets import market_of, market_of_many, rows, run
from triplebar.contracts.errors import OrderError, UnknownSymbolError
from triplebar.contracts.risk import RiskLimits
from triplebar.strategy.base import Strategy


class Asking(Strategy):
    """Buys in two lots, then notes what its desk says at each close."""

    def on_start(self, ctx: Any) -> None:
        self.answers: list[Any] = []
        ctx.buy("X", 1.5, tag="entry")
        ctx.sell("X", 1, limit=120, tag="exit")
        ctx.buy("X", 1, stop=130, limit=131)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if ctx.index == 0:
            ctx.buy("X", 0.5)
        self.answers.append((ctx.position("X"), ctx.average_price("X"), ctx.cash, ctx.equity, ctx.open_orders()))


@pytest.mark.feature("F-063", "F-053")
def test_positions_prices_and_money_are_in_the_users_units() -> None:
    strategy = Asking()
    run(strategy, market_of([100, 104, 106], size_precision=1), initial_cash=1_000)
    assert strategy.answers == [
        (1.5, 100.0, 850.0, 1000.0, [2, 3, 4]),
        (2.0, 101.0, 798.0, 1006.0, [2, 3]),
        (2.0, 101.0, 798.0, 1010.0, [2, 3]),
    ]


@pytest.mark.feature("F-063")
def test_an_order_can_be_looked_at() -> None:
    class Looking(Strategy):
        def on_start(self, ctx: Any) -> None:
            self.number = ctx.buy("X", 1, stop=130.5, limit=131, tag="entry")
            self.before = ctx.order(self.number)

        def on_stop(self, ctx: Any) -> None:
            self.after = ctx.order(self.number)

    strategy = Looking()
    run(strategy, market_of([100, 140, 131], price_precision=1))
    seen = [(each.kind, each.status, each.quantity, each.filled, each.limit, each.stop, each.tag, each.live)
            for each in (strategy.before, strategy.after)]  # fmt: skip
    assert seen == [
        ("stop_limit", "submitted", 1.0, 0.0, 131.0, 130.5, "entry", True),
        ("stop_limit", "filled", 1.0, 1.0, 131.0, 130.5, "entry", False),
    ]


@pytest.mark.feature("F-073")
def test_only_closed_bars_can_be_seen() -> None:
    class Looking(Strategy):
        def on_start(self, ctx: Any) -> None:
            self.seen = [(ctx.bar("X"), len(ctx.bars("X", 9)))]

        def on_bar(self, ctx: Any, bar: Any) -> None:
            self.seen.append((ctx.bar("X").close, ctx.bars("X", 2).close.tolist()))

    strategy = Looking()
    run(strategy, market_of([100, 101, 102]))
    assert strategy.seen == [(None, 0), (100.0, [100.0]), (101.0, [100.0, 101.0]), (102.0, [101.0, 102.0])]


@pytest.mark.feature("F-007", "F-063")
@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (lambda ctx: ctx.buy("Y", 1), UnknownSymbolError, "Unknown instrument 'Y'"),
        (lambda ctx: ctx.position("Y"), UnknownSymbolError, "Unknown instrument 'Y'"),
        (lambda ctx: ctx.cancel_all("Y"), UnknownSymbolError, "Unknown instrument 'Y'"),
        (lambda ctx: ctx.buy("X", float("nan")), OrderError, "quantity"),
        (lambda ctx: ctx.buy("X", float("inf")), OrderError, "quantity"),
        (lambda ctx: ctx.buy("X", "1"), OrderError, "quantity"),
        (lambda ctx: ctx.buy("X", None), OrderError, "quantity"),
        (lambda ctx: ctx.buy("X", True), OrderError, "quantity"),
        (lambda ctx: ctx.buy("X", -1), OrderError, "negative"),
        (lambda ctx: ctx.buy("X", 1, limit=float("nan")), OrderError, "limit"),
        (lambda ctx: ctx.buy("X", 1, stop=-1), OrderError, "negative"),
        (lambda ctx: ctx.buy("X", 1, limit=1, trail=1), OrderError, "limit, trail"),
        (lambda ctx: ctx.buy("X", 1, trail_percent=100), OrderError, "trail_percent"),
        (lambda ctx: ctx.buy("X", 1, trail_percent=0), OrderError, "trail_percent"),
        (lambda ctx: ctx.buy("X", 1, tif="forever"), OrderError, "forever"),
        (lambda ctx: ctx.buy("X", 1, tif="gtd", expire="soon"), OrderError, "expire"),
        (lambda ctx: ctx.buy("X", 1, parent=9), OrderError, "parent"),
        (lambda ctx: ctx.buy("X", 1, parent="a"), OrderError, "parent"),
        (lambda ctx: ctx.buy("X", 1, take_profit=-1), OrderError, "negative"),
        (lambda ctx: ctx.cancel(0), OrderError, "order 0"),
        (lambda ctx: ctx.cancel(99), OrderError, "order 99"),
        (lambda ctx: ctx.order(99), OrderError, "order 99"),
        (lambda ctx: ctx.modify(99, quantity=1), OrderError, "order 99"),
        (lambda ctx: ctx.deposit(0), OrderError, "amount"),
        (lambda ctx: ctx.deposit(float("nan")), OrderError, "amount"),
        (lambda ctx: ctx.deposit(1, "EUR"), OrderError, "EUR"),
        (lambda ctx: ctx.convert(1, "USD", "USD"), OrderError, "USD"),
    ],
)
def test_what_makes_no_sense_is_an_error_at_the_strategys_own_line(
    act: Callable[[Any], object], kind: type[Exception], words: str
) -> None:
    class Acting(Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            with pytest.raises(kind, match=words):
                act(ctx)
            assert ctx.open_orders() == []

    facts = run(Acting(), market_of([100]))
    assert rows(facts, "orders") == []
    assert facts.labels == []


@pytest.mark.rule("S-28")
def test_a_parent_must_be_an_order_of_the_same_instrument() -> None:
    class Mixed(Strategy):
        def on_start(self, ctx: Any) -> None:
            parent = ctx.buy("X", 1)
            with pytest.raises(OrderError, match="parent"):
                ctx.sell("Y", 1, parent=parent)

    run(Mixed(), market_of_many({"X": [100], "Y": [50]}))


@pytest.mark.rule("S-46")
def test_cancel_says_whether_the_order_was_live_and_cancel_all_how_many_were() -> None:
    class Canceling(Strategy):
        def on_start(self, ctx: Any) -> None:
            first = ctx.buy("X", 1, limit=50, oco="g")
            ctx.buy("X", 1, limit=50, oco="g")
            ctx.buy("X", 1, limit=50)
            self.answers = [ctx.cancel(first), ctx.cancel(first), ctx.cancel_all(), ctx.cancel_all(), ctx.open_orders()]

    strategy = Canceling()
    run(strategy, market_of([100]))
    assert strategy.answers == [True, False, 1, 0, []]


@pytest.mark.rule("S-60")
@pytest.mark.feature("F-058")
def test_trading_can_be_disabled_from_the_start() -> None:
    class Trying(Strategy):
        def on_start(self, ctx: Any) -> None:
            ctx.buy("X", 1)

        def on_bar(self, ctx: Any, bar: Any) -> None:
            ctx.kill_switch(on=ctx.index == 1)
            ctx.buy("X", 1)

    risk = RiskLimits(trading_enabled=False)
    orders = rows(run(Trying(), market_of([100, 101, 102]), risk=risk), "orders")
    disabled, filled, again, never = [(each["status"], each["reason"]) for each in orders]
    assert (disabled, filled, again, never) == ((6, 25), (4, 0), (6, 25), (7, 11))
