"""What is given to `ctx` and kept on `self` is the same compiled and interpreted, or refused before the first bar."""

from typing import Any

import pytest

import triplebar as tb
from tests.compile.test_language import refusal
from triplebar.contracts.random import RandomStream
from triplebar.strategy.failures import HandlerError

MARKET = tb.Market.synthetic(bars=60, symbols=("A", "B"), seed=4)
SECONDS_20 = 20_000_000_000
STOPPED: list[tuple[Any, ...]] = []


def agree(strategy: tb.Strategy) -> tb.RunResult:
    """The compiled run, which is the interpreted one."""
    interpreted, compiled = (tb.run(strategy.clone(), MARKET, mode=mode) for mode in ("interpreted", "compiled"))
    assert compiled.metadata.mode == "compiled"
    assert compiled.result_hash == interpreted.result_hash
    assert list(compiled.logs) == list(interpreted.logs)
    return compiled


def buy(ctx: Any, symbol: str, tag: str = "given by default") -> Any:
    return ctx.buy(symbol, 1, tag=tag)


class Words(tb.Strategy):
    """Gives the engine its own words back."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 2:
            order = buy(ctx, bar.symbol)
            ctx.buy(bar.symbol, 1, limit=1.0, tag=ctx.order(order).status, id=ctx.order(order).kind)

    def on_fill(self, ctx: Any, fill: Any) -> None:
        if ctx.index < 9:
            ctx.buy(fill.symbol, 1, tag=fill.moment)
            ctx.set_timer(fill.role, ctx.time_ns + SECONDS_20)
            ctx.set_timer(fill.moment, ctx.time_ns + SECONDS_20)
        elif ctx.index < 12:
            ctx.close(fill.symbol, tag=fill.role)

    def on_order(self, ctx: Any, event: Any) -> None:
        if ctx.index < 5:
            ctx.sell(event.symbol, 1, limit=1e6, tag=event.kind, oco=event.reason)

    def on_timer(self, ctx: Any, timer: Any) -> None:
        ctx.buy("A", 2, tag=timer.name)


def test_the_words_of_the_engine_are_texts_like_others() -> None:
    tags = set(agree(Words()).orders.column("tag").to_pylist())
    assert tags >= {"open", "taker", "accepted", "submitted", "given by default"}


@pytest.mark.parametrize("name", ["buy", "cancel"])
def test_none_instead_of_a_number_is_the_error_of_the_interpreted_run(name: str) -> None:
    said = []
    for mode in ("interpreted", "compiled"):
        with pytest.raises(HandlerError) as caught:
            tb.run(Empty(what=name), MARKET, mode=mode)
        said.append((caught.value.index, type(caught.value.__cause__), str(caught.value.__cause__)))
    assert said[0] == said[1]
    assert said[0][:2] == (7, tb.OrderError)


def test_none_instead_of_a_symbol_is_the_error_of_the_interpreted_run() -> None:
    said = []
    for mode in ("interpreted", "compiled"):
        with pytest.raises(HandlerError) as caught:
            tb.run(Empty(what="symbol"), MARKET, mode=mode)
        said.append((caught.value.index, type(caught.value.__cause__), str(caught.value.__cause__)))
    assert said[0] == said[1]
    assert said[0][:2] == (7, tb.UnknownSymbolError)


class Empty(tb.Strategy):
    what: str = "buy"

    def on_start(self, ctx: Any) -> None:
        self.size: float | None = None
        self.order: int | None = None
        self.symbol: str | None = None

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index != 7:
            return
        if self.what == "buy":
            ctx.buy(bar.symbol, self.size)
        elif self.what == "cancel":
            ctx.cancel(self.order)
        elif self.what == "symbol":
            ctx.buy(self.symbol, 1)


# ------------------------------------------------------------------------------------------------- whole numbers


class Expires(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, 1, limit=50.0, tif="gtd", expire=bar.time_ns + 1.8e11)


class Follows(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.target(bar.symbol, 1, parent=1.0)


class Rings(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.set_timer("late", bar.time_ns + 1.8e11)


class Recalls(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.cancel(1.7)


class Asks(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if ctx.order(1.5).side > 0:
            ctx.close(bar.symbol)


class Changes(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.modify(1.9, limit=50.0)


class Draws(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, ctx.random.integer(0.5, 3))


class Looks(tb.Strategy):
    length: float = 5.0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if len(ctx.bars(bar.symbol, self.length)) > 3:
            ctx.buy(bar.symbol, 1)


class Switches(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, 1, limit=50.0, post_only=1)


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (Expires, "expire must be a whole number, not float: write int(...)"),
        (Follows, "parent must be a whole number"),
        (Rings, "due_ns must be a whole number"),
        (Recalls, "the number of an order must be a whole number"),
        (Asks, "the number of an order must be a whole number"),
        (Changes, "the number of an order must be a whole number"),
        (Draws, "low must be a whole number"),
        (Looks, "n must be a whole number"),
        (Switches, "post_only must be a bool"),
    ],
)
def test_a_number_of_another_kind_is_refused_with_its_line(strategy: type[tb.Strategy], words: str) -> None:
    said = refusal(strategy())
    assert words in said
    assert "test_values.py, line " in said


# ---------------------------------------------------------------------------------------------------- one object


class Box:
    def __init__(self) -> None:
        self.filled = 0.0


class Stopped(Box):
    def __init__(self, stop: float | None) -> None:
        super().__init__()
        self.stop = stop


class Shares(tb.Strategy):
    """Keeps lists, dicts, objects and dice under more than one name."""

    def on_start(self, ctx: Any) -> None:
        self.counts = self.same_counts = [0.0]
        self.sizes = dict.fromkeys(ctx.symbols, 0.0)
        self.pair = (self.sizes, 1)
        self.boxes = [Box()] * 3
        self.rows = dict.fromkeys(ctx.symbols, [0, 0])  # noqa: RUF024 - the mistake is the point
        self.dice = RandomStream(3, "own")
        self.same_dice = self.dice
        self.below = 0.0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.counts[0] += 1
        self.sizes[bar.symbol] += 1
        self.boxes[0].filled += 1
        self.rows["A"][0] += 1
        self.below = -abs(self.below)
        size = self.same_counts[0] + self.pair[0][bar.symbol] + self.boxes[2].filled + self.rows["B"][0]
        ctx.buy(bar.symbol, size + self.dice.integer(0, 9) + self.same_dice.integer(0, 9))

    def on_stop(self, ctx: Any) -> None:
        self.counts[0] += 1
        self.boxes[1].filled += 1
        ctx.log("counts", same=self.counts is self.same_counts, number=self.same_counts[0], filled=self.boxes[2].filled)
        ctx.log("draws", dice=self.dice.counter, same=self.same_dice is self.dice, below=str(self.below))


def test_an_object_with_two_names_is_one_object() -> None:
    lines = list(agree(Shares()).logs)
    assert (lines[0]["same"], lines[0]["number"], lines[0]["filled"]) == (True, 121.0, 121.0)
    assert (lines[1]["dice"], lines[1]["below"]) == (240, "-0.0")


class Torn(tb.Strategy):
    """One box, of which the list knows that its stop may be a price, and `self.first` does not."""

    def on_start(self, ctx: Any) -> None:
        self.first, second = Stopped(None), Stopped(9.5)
        self.boxes = [self.first, second]

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if self.boxes[0].stop is None:
            self.first.filled += 1


class Borrows(tb.Strategy):
    size: int = 1

    def on_start(self, ctx: Any) -> None:
        self.dice = ctx.random

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, self.size + self.dice.integer(0, 5) + ctx.random.integer(0, 5))


class Circles(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.box = Box()
        vars(self.box)["owner"] = self

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.box.filled += 1


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        (Torn, "Torn: self.boxes and self.first are one object, but do not hold the same kinds of values"),
        (Borrows, "Borrows: self.dice is ctx.random; write ctx.random each time"),
        (Circles, "Circles: an object that it keeps leads back to itself"),
    ],
)
def test_what_cannot_be_one_object_is_refused(strategy: type[tb.Strategy], words: str) -> None:
    assert words in refusal(strategy())


def test_a_sweep_of_it_runs_interpreted() -> None:
    study = tb.sweep(Borrows, MARKET, {"size": [1, 2]})
    assert (study.metadata["evaluator"], study.table.num_rows) == ("interpreted", 2)


# --------------------------------------------------------------------------------------------------------- sweeps


class Remembers(tb.Strategy):
    size: int = 1

    def on_start(self, ctx: Any) -> None:
        self.last = ""
        self.tag = "none"
        ctx.buy("A", 1, tag=f"first of {self.size}")

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 5:
            ctx.buy(bar.symbol, self.size + ctx.random.integer(0, 3))
            ctx.buy(bar.symbol, 1, limit=1.0)
            ctx.log("bought", size=self.size)

    def on_fill(self, ctx: Any, fill: Any) -> None:
        if fill.tag is not None:
            self.tag = fill.tag

    def on_order(self, ctx: Any, event: Any) -> None:
        self.last = event.kind

    def on_stop(self, ctx: Any) -> None:
        lines = [(line.time_ns, line.message, dict(line.fields)) for line in ctx.logs]
        STOPPED.append((self.size, self.last, self.tag, ctx.random.counter, lines))


def test_on_stop_in_a_sweep_finds_what_it_finds_in_a_run() -> None:
    STOPPED.clear()
    for size in (1, 2):
        tb.run(Remembers(size=size), MARKET)
    interpreted = STOPPED.copy()
    STOPPED.clear()
    study = tb.sweep(Remembers, MARKET, {"size": [1, 2]})
    assert study.metadata["evaluator"] == "compiled"
    assert interpreted == STOPPED
    assert interpreted[1][:4] == (2, "accepted", "first of 2", 2)
    assert len(interpreted[1][4]) == 2
