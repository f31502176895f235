"""What a compiled strategy logs is what the interpreted one logs, in the same order, at the same times."""

import math
from typing import Any

import pytest

import triplebar as tb
from triplebar.strategy.compile.errors import CompileError
from triplebar.strategy.failures import HandlerError

MARKET = tb.Market.synthetic(bars=120, symbols=("A", "B"), seed=1)


def helper(ctx: Any, share: float) -> None:
    ctx.log("helped", share=share)


class Talker(tb.Strategy):
    """Logs everything that can be logged."""

    label: str = "own words"

    def on_start(self, ctx: Any) -> None:
        self.bought: int | None = None
        self.mood = "calm"
        self.pair = (1, 2.5)
        self.role = "none yet"
        ctx.log("started", symbols=list(ctx.symbols))

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.log("bar")
        if bar.index % 10 == 3:
            self.bought = ctx.buy(bar.symbol, 1, tag=self.label)
            self.mood = "bought"
        elif bar.index % 10 == 7:
            ctx.close(bar.symbol)
            self.bought = None
        ctx.log(
            self.mood, symbol=bar.symbol, index=bar.index, close=bar.close, up=bar.close > bar.open, order=self.bought,
            low=-bar.index, nothing=None, first=self.pair[0], price=ctx.average_price(bar.symbol), huge=math.inf,
        )  # fmt: skip
        helper(ctx, bar.close / ctx.equity)

    def on_fill(self, ctx: Any, fill: Any) -> None:
        self.role = fill.role
        ctx.log("filled", role=fill.role, moment=fill.moment, tag=fill.tag, side=fill.side, fee=fill.fee)

    def on_order(self, ctx: Any, event: Any) -> None:
        ctx.log("event", kind=event.kind, reason=event.reason)

    def on_timer(self, ctx: Any, timer: Any) -> None:
        ctx.log("due", name=timer.name)

    def on_stop(self, ctx: Any) -> None:
        ctx.log("stopped", mood=self.mood, role=self.role, lines=len(ctx.logs))


def test_what_is_logged_is_the_same() -> None:
    interpreted, compiled = (list(tb.run(Talker(), MARKET, mode=mode).logs) for mode in ("interpreted", "compiled"))
    assert compiled == interpreted
    kinds = [[type(value) for value in line.values()] for line in compiled]
    assert kinds == [[type(value) for value in line.values()] for line in interpreted]
    assert len(compiled) > 3 * 240
    assert {line["message"] for line in compiled} >= {"started", "bar", "calm", "bought", "helped", "filled", "stopped"}
    assert {line.get("role") for line in compiled} == {None, "taker"}
    assert (compiled[-1]["mood"], compiled[-1]["role"]) == ("bought", "taker")


def test_lines_go_through_a_checkpoint() -> None:
    whole = tb.run(Talker(), MARKET, mode="compiled")
    part = tb.run(Talker(), MARKET, mode="compiled", until=50)
    assert part.checkpoint is not None
    assert list(tb.resume(part.checkpoint, MARKET).logs) == list(whole.logs)


class Quiet(tb.Strategy):
    """Fails while it makes up a line."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.log("ratio", good=1.0, bad=1.0 / (bar.index - 5))


def test_a_line_that_fails_is_the_error_of_the_interpreted_run() -> None:
    places = []
    for mode in ("interpreted", "compiled"):
        with pytest.raises(HandlerError) as caught:
            tb.run(Quiet(), MARKET, mode=mode)
        places.append((caught.value.index, caught.value.symbol, type(caught.value.__cause__)))
    assert places == [(5, "A", ZeroDivisionError)] * 2


class Tuples(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.log("pair", both=(1, 2))  # here


class Elsewhere(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        bar.log("no")  # here


class Numbers(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.log(bar.index)  # here


@pytest.mark.parametrize(
    ("strategy", "words"),
    [(Tuples, "log numbers, texts, bools or None"), (Elsewhere, "it is ctx that logs"), (Numbers, "a text is wanted")],
)
def test_what_cannot_be_logged_is_said_with_its_line(strategy: type[tb.Strategy], words: str) -> None:
    with pytest.raises(CompileError) as caught:
        tb.run(strategy(), MARKET, mode="compiled")
    assert words in str(caught.value)
    assert "test_notes.py, line " in str(caught.value)
