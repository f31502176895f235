"""What strategies keep: objects in dicts and lists, dicts in an order of their own, names of ports."""

import inspect
from typing import Any

import pytest

import triplebar as tb
from triplebar.contracts.clock import SimulatedClock
from triplebar.strategy.compile import CompileError

MARKET = tb.Market.synthetic(bars=40, symbols=("B", "A", "C"), seed=4)


def both(strategy: tb.Strategy) -> Any:
    """Run it both ways; the result, which is the same."""
    interpreted = tb.run(strategy.clone(), MARKET)
    compiled = tb.run(strategy, MARKET, mode="compiled")
    assert compiled.result_hash == interpreted.result_hash
    return compiled


class Best:
    def __init__(self) -> None:
        self.best: float | None = None
        self.worst = None
        self.sum: Any = 0


class Grows(tb.Strategy):
    """Its objects come to hold what they did not at the start, wherever they are kept."""

    def on_start(self, ctx: Any) -> None:
        self.table = {symbol: Best() for symbol in ctx.symbols}
        self.row = [Best(), Best()]
        self.row[1].best = 1.0
        self.pair = (Best(), 1)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        kept = self.table[bar.symbol]
        if kept.best is None or bar.close > kept.best:
            kept.best = bar.close
            ctx.buy(bar.symbol, 1)
        kept.sum += bar.close
        self.row[0].worst = bar.index
        self.row[1].sum += 0.5
        self.pair[0].worst = bar.index


def test_objects_in_dicts_lists_and_tuples_grow() -> None:
    assert both(Grows()).orders.num_rows > 3


class Swings(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.table = {symbol: Best() for symbol in ctx.symbols}

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.table[bar.symbol].best = bar.symbol  # here


class Goes(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.sizes = {"C": 1.0, "B": 2.0, "A": 3.0}

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            for symbol in self.sizes:  # here
                ctx.buy(symbol, self.sizes[symbol])


@pytest.mark.parametrize(
    ("strategy", "what"), [(Swings, "Best.best is float | None, and cannot become"), (Goes, "the order of ctx.symbols")]
)
def test_what_does_not_fit_is_named_with_its_line(strategy: type[tb.Strategy], what: str) -> None:
    with pytest.raises(CompileError) as caught:
        tb.run(strategy(), MARKET, mode="compiled")
    lines, first = inspect.getsourcelines(strategy)
    line = first + next(at for at, text in enumerate(lines) if text.rstrip().endswith("# here"))
    assert what in str(caught.value)
    assert f"test_keeping.py, line {line}" in str(caught.value)


class Looks(Goes):
    """Does not go over its dict, so that its order does not matter; and calls things as ports are called."""

    def on_start(self, ctx: Any) -> None:
        super().on_start(ctx)
        self.clock: Any = 0
        self.portfolio: Any = [0.0]

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.clock += 1
        self.portfolio[0] += self.sizes[bar.symbol]
        self.sizes[bar.symbol] += 1.0
        if self.clock == 10:
            ctx.buy(bar.symbol, self.portfolio[0])

    def on_stop(self, ctx: Any) -> None:
        SEEN.append((self.clock, list(self.sizes.items()), self.portfolio))


SEEN: list[Any] = []


def test_a_dict_of_another_order_is_looked_up_and_stays_in_its_order() -> None:
    SEEN.clear()
    both(Looks())
    assert SEEN[0] == SEEN[1]
    assert [symbol for symbol, _ in SEEN[1][1]] == ["C", "B", "A"]


class Wired(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            ctx.buy(bar.symbol, 1)


class Asks(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if self.clock is not None:
            ctx.buy(bar.symbol, 1)


def test_ports_are_left_alone() -> None:
    assert both(Wired().wire(clock=SimulatedClock(0))).orders.num_rows == 3
    with pytest.raises(CompileError, match="clock is a port"):
        tb.run(Asks().wire(clock=SimulatedClock(0)), MARKET, mode="compiled")
