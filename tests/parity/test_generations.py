"""Orders that are each the parent of the next: both engines fill and cancel them alike, and refuse too many."""

from typing import Any

import pytest

import triplebar as tb
from tests.parity.comparing import table_difference
from tests.reference.markets import market_of
from triplebar.contracts.errors import OrderError, StrategyError
from triplebar.contracts.tables import SCHEMAS

MARKET = market_of([100, 101, 102, 103])
MOST = 32
ENGINES = ("custom", "reference")


class Chain(tb.Strategy):
    """Sends so many orders at once, each the child of the one before; the last may have a bracket."""

    behind: int = MOST
    filled: bool = True
    bracket: bool = False

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        """Send them on the first bar."""
        if ctx.index == 0:
            limit = None if self.filled else 50
            order = first = ctx.buy(bar.symbol, 1, limit=limit)
            for generation in range(1, self.behind + 1):
                last = generation == self.behind and self.bracket
                order = ctx.buy(bar.symbol, 1, parent=order, stop_loss=90 if last else None)
            if not self.filled:
                ctx.cancel(first)


@pytest.mark.parametrize("filled", [True, False])
def test_a_chain_fills_or_ends_at_once(filled: bool) -> None:
    native, plain = (tb.run(Chain(filled=filled), MARKET, engine=engine) for engine in ENGINES)
    assert native.orders.num_rows == MOST + 1
    assert native.fills.num_rows == (MOST + 1 if filled else 0)
    for name in SCHEMAS:
        assert table_difference(plain.canonical(name), native.canonical(name)) is None, name


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("behind", "bracket"), [(MOST + 1, False), (MOST, True), (20_000, False)])
def test_an_order_behind_too_many_is_refused(engine: str, behind: int, bracket: bool) -> None:
    with pytest.raises(StrategyError, match=f"behind more than {MOST} others") as caught:
        tb.run(Chain(behind=behind, bracket=bracket), MARKET, engine=engine)
    assert isinstance(caught.value.__cause__, OrderError)


def test_compiled_strategies_are_told_the_same() -> None:
    with pytest.raises(StrategyError, match=f"behind more than {MOST} others"):
        tb.run(Chain(behind=MOST + 1), MARKET, mode="compiled")
    assert tb.run(Chain(), MARKET, mode="compiled").fills.num_rows == MOST + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_parents_that_have_filled_do_not_count(engine: str) -> None:
    class Slow(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            self.order = 0

        def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
            self.order = ctx.buy(bar.symbol, 1, parent=self.order or None)

    market = market_of([100] * (MOST + 9))
    assert tb.run(Slow(), market, engine=engine).fills.num_rows == MOST + 8
