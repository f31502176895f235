"""What cannot be compiled says so before any bar is read: which line, which construct, what to write instead."""

import builtins
import inspect
from collections import deque
from functools import partial
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.strategy.compile import CompileError

MARKET = tb.Market.synthetic(bars=30, seed=1)


class Texts(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, 1, tag=f"bar {bar.index}")  # here


class Lists(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.seen: list[float] = []

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.seen.append(bar.close)  # here


class Tries(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        try:  # here
            ctx.buy(bar.symbol, 1)
        except ValueError:
            pass


class Dates(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.time.hour == 3:  # here
            ctx.buy(bar.symbol, 1)


class Means(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if ctx.bars(bar.symbol, 5).close.mean() > 3:  # here
            ctx.buy(bar.symbol, 1)


class Waves(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if np.log(bar.close) > 3:  # here
            ctx.buy(bar.symbol, 1)


class Comprehensions(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        prices = [ctx.bar(symbol).close for symbol in ctx.symbols]  # here
        ctx.buy(bar.symbol, prices[0])


class Prints(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        print(bar.close)  # here


class Logs(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.line = ctx.log("bar")  # here


def helper(bar: Any) -> Any:
    return sum(price for price in (bar.open, bar.close))  # here


class Helpers(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if helper(bar) > 0:
            ctx.buy(bar.symbol, 1)


SOURCES = {
    Texts: ("a text is built", "stands in the code"),
    Lists: ("an empty list", "NumPy array"),
    Tries: ("try ... except", "ask before you act"),
    Dates: (".time (a datetime)", "time_ns"),
    Means: (".mean(...)", "indicator"),
    Waves: ("np.log(...)", "math.log"),
    Comprehensions: ("a list made", "NumPy array"),
    Prints: ("print(...)", "in on_stop"),
    Logs: (".log(...) here", "a line of its own"),
}


@pytest.mark.parametrize("strategy", SOURCES, ids=lambda strategy: strategy.__name__)
def test_a_construct_is_named_with_its_line_and_what_to_write(strategy: type[tb.Strategy]) -> None:
    with pytest.raises(CompileError) as caught:
        tb.run(strategy(), MARKET, mode="compiled")
    what, instead = SOURCES[strategy]
    lines, first = inspect.getsourcelines(strategy)
    line = first + next(at for at, text in enumerate(lines) if text.rstrip().endswith("# here"))
    assert what in str(caught.value)
    assert instead in str(caught.value)
    assert f"test_refusals.py, line {line}, on_bar" in str(caught.value)


def test_functions_that_handlers_call_are_looked_at_too() -> None:
    lines, first = inspect.getsourcelines(helper)
    with pytest.raises(CompileError, match=rf"line {first + 1}, helper"):
        tb.run(Helpers(), MARKET, mode="compiled")
    assert len(lines) == 2


class Queues(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.queue: deque[float] = deque(maxlen=3)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.count = len(self.queue)


class Changes(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.mood = "calm"

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.mood = bar.close


class Unknowns(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.count = 1


class Keywords(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, 1, limt=3.0)


KINDS = {
    Queues: "deque, which compiled code cannot hold",
    Changes: "Changes.mood is str, and cannot become float",
    Unknowns: "Unknowns.count is not begun in on_start",
    Keywords: "limt",
}


@pytest.mark.parametrize("strategy", KINDS, ids=lambda strategy: strategy.__name__)
def test_a_kind_is_named(strategy: type[tb.Strategy]) -> None:
    with pytest.raises(CompileError) as caught:
        tb.run(strategy(), MARKET, mode="compiled")
    assert KINDS[strategy] in str(caught.value)
    assert "test_refusals.py" in str(caught.value)


def test_auto_says_which_mode_ran_and_why() -> None:
    compiled = tb.run(tb.samples.MovingAverageCross(fast=2, slow=5), MARKET, mode="auto")
    assert (compiled.metadata.mode, list(compiled.warnings)) == ("compiled", [])
    interpreted = tb.run(Texts(), MARKET, mode="auto")
    assert interpreted.metadata.mode == "interpreted"
    assert any("a text is built" in warning for warning in interpreted.warnings)
    assert interpreted.result_hash == tb.run(Texts(), MARKET).result_hash
    assert tb.run(Texts(), MARKET, mode="auto", engine="reference").metadata.mode == "interpreted"


def test_a_handler_that_was_put_on_the_object_is_refused() -> None:
    strategy = tb.samples.MovingAverageCross(fast=2, slow=5)
    strategy.on_bar = lambda *_: None  # type: ignore[method-assign]
    from triplebar.strategy.compile import program_for

    with pytest.raises(CompileError, match="on_bar was put on the object"):
        program_for(strategy, ("X",))


def test_a_builtin_that_a_library_has_replaced_is_refused_like_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Prints(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            print(bar.close)

    for _ in range(2):
        with pytest.raises(CompileError, match=r"print\(\.\.\.\) cannot be compiled; .* print them in on_stop"):
            tb.run(Prints(), MARKET, mode="compiled")
        monkeypatch.setattr(builtins, "print", partial(print))
