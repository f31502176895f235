"""Events reach a strategy once, in order, and only what it asks for."""
# ruff: noqa: ARG005 - handlers have fixed arguments

from typing import Any

import pytest

from tests.strategy.scenes import SINKS, Recorder, market, markets, orders_of, play, sink, ticks
from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.handlers import HANDLERS

pytestmark = pytest.mark.feature("F-125")


class Chatty(Recorder):
    """Has every handler; buys at the first bar and sets a timer."""

    def on_start(self, ctx: Context) -> None:
        self.note("on_start", ctx.index)

    def on_bar(self, ctx: Context, bar: Any) -> None:
        self.note("on_bar", ctx.index, bar.symbol, bar.index, bar.close)
        if bar.index == 0:
            ctx.buy(bar.symbol, 2, tag="first")
            ctx.sell(bar.symbol, 1, limit=500.0)
            ctx.timer("soon", after=60)

    def on_slice(self, ctx: Context, bars: dict[str, Bar]) -> None:
        self.note("on_slice", ctx.index, sorted(bars))

    def on_fill(self, ctx: Context, fill: Any) -> None:
        self.note("on_fill", ctx.index, fill.order, fill.side, fill.quantity, fill.price, fill.tag)

    def on_order(self, ctx: Context, event: Any) -> None:
        self.note("on_order", ctx.index, event.order, event.kind, event.reason)

    def on_timer(self, ctx: Context, timer: Any) -> None:
        self.note("on_timer", ctx.index, timer.name)

    def on_stop(self, ctx: Context) -> None:
        self.note("on_stop", ctx.index)


@pytest.mark.feature("F-071", "F-076")
@pytest.mark.rule("S-10", "S-31")
def test_every_handler_is_called_as_logged(engine: str) -> None:
    heard = sink("chatty")
    play(Chatty(sink="chatty"), market(10.0, 11.0, 12.0), engine)
    assert heard == [
        ("on_start", -1),
        ("on_bar", 0, "X", 0, 10.0),
        ("on_slice", 0, ["X"]),
        ("on_fill", 1, 1, 1, 2.0, 10.0, "first"),
        ("on_order", 1, 2, "accepted", "none"),
        ("on_bar", 1, "X", 1, 11.0),
        ("on_slice", 1, ["X"]),
        ("on_timer", 1, "soon"),
        ("on_bar", 2, "X", 2, 12.0),
        ("on_slice", 2, ["X"]),
        ("on_stop", 2),
    ]


@pytest.mark.feature("F-071")
@pytest.mark.parametrize("name", HANDLERS)
def test_what_a_strategy_lacks_is_not_missed(engine: str, name: str) -> None:
    """Each handler alone hears what it hears among the others."""
    among = sink("chatty")
    play(Chatty(sink="chatty"), market(10.0, 11.0, 12.0), engine)
    alone = sink("alone")
    body = {name: vars(Chatty)[name]}
    if name in ("on_fill", "on_order", "on_timer"):
        body["on_bar"] = vars(Chatty)["on_bar"]
    play(type("Alone", (Recorder,), body)(sink="alone"), market(10.0, 11.0, 12.0), engine)
    assert [row for row in alone if row[0] == name] == [row for row in among if row[0] == name]
    assert {row[0] for row in alone} <= set(body)


class Counting(Recorder):
    """Notes the number of each bar."""

    def on_bar(self, ctx: Context, bar: Any) -> None:
        self.note(bar.index, bar.time_ns, bar.close)


@pytest.mark.feature("F-076")
@pytest.mark.rule("S-12")
def test_ten_thousand_ticks_are_ten_thousand_calls(engine: str) -> None:
    heard, prices = sink("ticks"), ticks(10_000)
    play(Counting(sink="ticks"), prices, engine)
    series = prices.series("X")
    assert heard == list(zip(range(10_000), series.time.tolist(), series.close.tolist(), strict=True))


@pytest.mark.feature("F-076")
def test_ten_bars_for_two_strategies_are_ten_calls_each(engine: str) -> None:
    prices = market(*(float(price) for price in range(10, 20)))
    for name in ("one", "two"):
        heard = sink(name)
        play(Counting(sink=name), prices, engine)
        assert [row[0] for row in heard] == list(range(10))
        assert [row[1] for row in heard] == sorted(row[1] for row in heard)


@pytest.mark.feature("F-076")
def test_instruments_come_in_order_of_their_symbols(engine: str) -> None:
    heard = sink("order")
    class_ = type("Order", (Recorder,), {"on_bar": lambda self, ctx, bar: self.note(ctx.index, bar.symbol)})
    play(class_(sink="order"), markets(B=[1.0, 2.0], A=[1.0, 2.0], C=[5.0, 6.0]), engine)
    assert heard == [(tick, symbol) for tick in (0, 1) for symbol in "ABC"]


class Ticking(Recorder):
    """Tells ticks from bars."""

    def on_bar(self, ctx: Context, bar: Any) -> None:
        self.note("bar", bar.index)

    def on_tick(self, ctx: Context, tick: Any) -> None:
        self.note("tick", tick.index)


@pytest.mark.feature("F-071", "F-076")
@pytest.mark.rule("S-12")
def test_ticks_and_bars_reach_one_handler_each(engine: str) -> None:
    from triplebar.contracts.instruments import Instrument
    from triplebar.data.market import Market

    mixed = Market.from_table(
        {
            "time": [60_000_000_000, 120_000_000_000, 180_000_000_000],
            "open": [10.0, 10.0, 11.0],
            "high": [10.0, 12.0, 11.0],
            "low": [10.0, 9.0, 11.0],
            "close": [10.0, 11.0, 11.0],
            "volume": [1.0, 1.0, 1.0],
        },
        [Instrument("X")],
    )
    heard = sink("both")
    play(Ticking(sink="both"), mixed, engine)
    assert heard == [("tick", 0), ("bar", 1), ("tick", 2)]

    only = type("OnlyTicks", (Recorder,), {"on_tick": Ticking.on_tick})
    heard = sink("only")
    play(only(sink="only"), mixed, engine)
    assert heard == [("tick", 0), ("tick", 1), ("tick", 2)]

    heard = sink("child")
    child = type("Child", (only,), {"on_bar": vars(Recorder)["note"]})
    play(child(sink="child"), ticks(3), engine)
    assert [row[0] for row in heard] == ["tick"] * 3


@pytest.mark.feature("F-074")
@pytest.mark.rule("S-30")
def test_a_run_begins_once_and_ends_once(engine: str) -> None:
    heard = sink("life")
    class_ = type(
        "Life",
        (Recorder,),
        {
            "on_start": lambda self, ctx: self.note("start"),
            "on_bar": lambda self, ctx, bar: self.note("bar"),
            "on_stop": lambda self, ctx: (self.note("stop"), ctx.buy("X", 1)),
        },
    )
    result = play(class_(sink="life"), market(10.0, 11.0), engine)
    assert heard == [("start",), ("bar",), ("bar",), ("stop",)]
    assert result.orders["reason"].to_pylist() == ["end_of_data"]


class Remembering(Strategy):
    """Trades by what it has seen so far."""

    def on_start(self, ctx: Context) -> None:
        self.seen: list[float] = []

    def on_bar(self, ctx: Context, bar: Any) -> None:
        self.seen.append(bar.close)
        if len(self.seen) % 3 == 0:
            ctx.buy(bar.symbol, len(self.seen))


@pytest.mark.feature("F-074", "F-077")
def test_the_same_object_runs_twice_with_the_same_result(engine: str) -> None:
    strategy, prices = Remembering(), market(*(10.0 + step for step in range(12)))
    first, second = (play(strategy, prices, engine) for _ in range(2))
    assert first.result_hash == second.result_hash
    assert len(orders_of(first)) == 4
    assert not hasattr(strategy, "seen")


def test_sinks_are_separate() -> None:
    assert sink("a") is not sink("b")
    assert SINKS["a"] == []
