"""A failure inside compiled code becomes the exception of the interpreted run, with the place and the state."""

from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.strategy.failures import HandlerError

MARKET = tb.Market.synthetic(bars=30, symbols=("A", "B"), seed=1)
AT = 7


class Failing(tb.Strategy):
    how: int = 0

    def on_start(self, ctx: Any) -> None:
        self.numbers = np.zeros(4)
        self.nothing = 0.0
        self.count = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.count += 1
        if bar.index < AT or bar.symbol != "B":
            return
        if self.how == 0:
            self.numbers[bar.index] = 1.0
        elif self.how == 1:
            self.numbers[0] = 1.0 / self.nothing
        elif self.how == 2:
            raise ValueError("enough")
        elif self.how == 3:
            ctx.buy("C", 1)
        elif self.how == 4:
            ctx.buy(bar.symbol, -1.0)
        elif self.how == 5:
            ctx.cancel(1000)
        elif self.how == 6:
            ctx.buy(bar.symbol, 1, limit=1.0, touch=2.0)
        elif self.how == 7:
            ctx.buy(bar.symbol, 1, tif="never")
        elif self.how == 8:
            ctx.withdraw(0.0)
        elif self.how == 9:
            self.count = self.count // int(self.numbers[0])
        elif self.how == 10:
            assert bar.index < AT


KINDS: dict[int, type[Exception]] = {
    0: IndexError,
    1: ZeroDivisionError,
    2: ValueError,
    3: tb.UnknownSymbolError,
    4: tb.OrderError,
    5: tb.OrderError,
    6: tb.OrderError,
    7: tb.OrderError,
    8: tb.OrderError,
    9: ZeroDivisionError,
    10: AssertionError,
}
SAME_WORDS = (2, 3, 4, 5, 6, 7, 8)
"""Said by us, or by the strategy: then the two modes say the same."""


@pytest.mark.parametrize("how", KINDS)
def test_a_failure_says_what_where_and_in_which_state(how: int) -> None:
    problems = []
    for mode in ("interpreted", "compiled"):
        with pytest.raises(HandlerError) as caught:
            tb.run(Failing(how=how), MARKET, mode=mode)
        problems.append(caught.value)
    interpreted, compiled = problems
    assert type(compiled.__cause__) is type(interpreted.__cause__) is KINDS[how]
    place = (compiled.handler, compiled.index, compiled.time_ns, compiled.symbol, compiled.strategy)
    assert place == (
        interpreted.handler, interpreted.index, interpreted.time_ns, interpreted.symbol, interpreted.strategy
    )  # fmt: skip
    assert compiled.symbol == "B"
    assert f"count={2 * AT + 2}" in str(compiled)
    assert f"how={how}" in str(compiled)
    if how in SAME_WORDS:
        assert str(compiled.__cause__) == str(interpreted.__cause__)


class Starting(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        raise RuntimeError("not today")

    def on_bar(self, ctx: Any, bar: Any) -> None:
        pass


class Stopping(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        pass

    def on_stop(self, ctx: Any) -> None:
        raise RuntimeError("not yet")


@pytest.mark.parametrize("strategy", [Starting, Stopping])
def test_failures_before_and_after_the_bars(strategy: type[tb.Strategy]) -> None:
    said = []
    for mode in ("interpreted", "compiled"):
        with pytest.raises(HandlerError) as caught:
            tb.run(strategy(), MARKET, mode=mode)
        said.append((caught.value.handler, caught.value.index, str(caught.value.__cause__)))
    assert said[0] == said[1]


class Many(tb.Strategy):
    """Sends as many orders in one event as it is told: there is no buffer that could be full."""

    orders: int = 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            for number in range(self.orders):
                ctx.buy(bar.symbol, 1, limit=0.5 + number * 0.01)


@pytest.mark.parametrize("orders", [0, 1, 1_000, 20_000])
def test_one_event_can_send_any_number_of_orders(orders: int) -> None:
    market = tb.Market.synthetic(bars=6, seed=1)
    compiled = tb.run(Many(orders=orders), market, mode="compiled")
    assert len(compiled.orders) == orders
    assert compiled.result_hash == tb.run(Many(orders=orders), market).result_hash


class Windows(tb.Strategy):
    """Looks back as far as it is told, and leaves what it sees in orders."""

    n: int = 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        window = ctx.bars(bar.symbol, self.n)
        highest = 0.0
        for value in window.high:
            highest = max(highest, value)
        if len(window) > 0:
            ctx.buy(bar.symbol, len(window), limit=highest)


@pytest.mark.parametrize("n", [0, 1, 29, 30, 31, 2**40])
def test_a_look_back_ends_at_the_first_bar(n: int) -> None:
    market = tb.Market.synthetic(bars=30, seed=1)
    compiled = tb.run(Windows(n=n), market, mode="compiled")
    assert compiled.result_hash == tb.run(Windows(n=n), market).result_hash
    assert len(compiled.orders) == (30 if n else 0)


class Places(tb.Strategy):
    """Trades by what stands at a place of the last five bars."""

    place: int = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        window = ctx.bars(bar.symbol, 5)
        if len(window) == 5 and window[self.place].close <= window[-1].close:
            ctx.buy(window[self.place].symbol, 1 + window[self.place].index, limit=window[self.place].low)


@pytest.mark.parametrize("place", [0, 2, 4, -1, -5])
def test_a_bar_of_a_window_is_that_of_the_interpreted_one(place: int) -> None:
    market = tb.Market.synthetic(bars=60, symbols=("A", "B"), seed=1)
    compiled = tb.run(Places(place=place), market, mode="compiled")
    assert compiled.result_hash == tb.run(Places(place=place), market).result_hash
    assert len(compiled.orders) > 20


@pytest.mark.parametrize("place", [5, -6])
def test_a_place_outside_of_a_window_is_an_error(place: int) -> None:
    for mode in ("interpreted", "compiled"):
        with pytest.raises(HandlerError) as caught:
            tb.run(Places(place=place), MARKET, mode=mode)
        assert isinstance(caught.value.__cause__, IndexError)
        assert caught.value.index == 4


class Negative(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, len(ctx.bars(bar.symbol, bar.index - 5)))


def test_a_look_back_below_zero_is_an_error() -> None:
    for mode in ("interpreted", "compiled"):
        with pytest.raises(HandlerError) as caught:
            tb.run(Negative(), MARKET, mode=mode)
        assert isinstance(caught.value.__cause__, tb.StrategyError)


class Tuples(tb.Strategy):
    items: int = 8

    def on_start(self, ctx: Any) -> None:
        self.live: tuple[int, ...] = ()

    def on_bar(self, ctx: Any, bar: Any) -> None:
        for order in self.live:
            ctx.cancel(order)
        one = ctx.buy(bar.symbol, 1, limit=1.0)
        self.live = (one, one, one, one, one, one, one, one)
        if self.live[-1] != one or len(self.live) != self.items:
            ctx.buy(bar.symbol, 5)


def test_a_tuple_that_changes_its_length_holds_eight() -> None:
    market = tb.Market.synthetic(bars=10, seed=1)
    assert tb.run(Tuples(), market, mode="compiled").result_hash == tb.run(Tuples(), market).result_hash
