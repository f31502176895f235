"""The tools of `ctx`: windows of closed bars, timers, random numbers, notes."""
# ruff: noqa: ARG005 - handlers have fixed arguments

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategy.scenes import MINUTE_NS, Recorder, market, markets, orders_of, play, sink
from triplebar.contracts.errors import StrategyError, UnknownSymbolError
from triplebar.contracts.random import RandomStream
from triplebar.contracts.time import from_ns
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context


def during(check: Callable[[Context, Any], None]) -> Strategy:
    """A strategy that calls this at every bar."""
    kind: type[Strategy] = type("During", (Strategy,), {"on_bar": lambda self, ctx, bar: check(ctx, bar)})
    return kind()


@pytest.mark.feature("F-073")
def test_a_window_ends_at_the_last_closed_bar(engine: str) -> None:
    closes = [10.0, 11.0, 12.0, 13.0, 14.0]
    seen = []

    def check(ctx: Context, bar: Any) -> None:
        window = ctx.bars("X", 3)
        assert window.close.tolist() == closes[max(0, bar.index - 2) : bar.index + 1]
        assert window.time_ns[-1] == ctx.time_ns == bar.time_ns
        assert ctx.time == bar.time == from_ns(bar.time_ns)
        assert window.time[-1] == np.datetime64(bar.time.replace(tzinfo=None))
        assert len(ctx.bars("X", 1_000)) == bar.index + 1
        assert len(ctx.bars("X", 0)) == 0
        latest = ctx.bar("X")
        assert latest is not None
        assert window[-1] == latest
        for name in ("symbol", "time", "time_ns", "open", "high", "low", "close", "volume", "index"):
            assert getattr(latest, name) == getattr(bar, name)
            if name not in ("symbol", "time", "index"):
                assert getattr(window, name)[-1] == getattr(bar, name)
        seen.append(bar.index)

    play(during(check), market(*closes), engine)
    assert seen == [0, 1, 2, 3, 4]


@pytest.mark.feature("F-073")
def test_nothing_is_seen_before_the_first_bar(engine: str) -> None:
    def on_start(self: Strategy, ctx: Context) -> None:
        assert ctx.bar("X") is None
        assert len(ctx.bars("X", 5)) == 0
        assert ctx.symbols == ("X",)

    kind: type[Strategy] = type("Starter", (Strategy,), {"on_start": on_start})
    play(kind(), market(10.0, 11.0), engine)


@pytest.mark.feature("F-073")
def test_a_window_cannot_be_written(engine: str) -> None:
    def check(ctx: Context, bar: Any) -> None:
        window = ctx.bars("X", 2)
        for name in ("time", "time_ns", "open", "high", "low", "close", "volume"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(window, name)[0] = 0
        with pytest.raises((AttributeError, TypeError)):
            window.close = np.zeros(2)  # type: ignore[misc]
        with pytest.raises(AttributeError):
            window[0].close = 5.0  # type: ignore[misc]

    play(during(check), market(10.0, 11.0, 12.0), engine)


def test_a_window_is_a_sequence_of_bars(engine: str) -> None:
    def check(ctx: Context, bar: Any) -> None:
        window = ctx.bars("X", 10)
        assert [each.index for each in window] == list(range(bar.index + 1))
        assert [each.index for each in window[-2:]] == list(range(bar.index + 1))[-2:]
        assert [each.index for each in window[::-1]] == list(range(bar.index + 1))[::-1]
        assert len(window[5:2]) == 0
        assert repr(window) == f"BarWindow('X', bars 0 to {bar.index})"
        for place in (bar.index + 1, -bar.index - 2):
            with pytest.raises(IndexError, match="has no bar"):
                _ = window[place]

    play(during(check), market(10.0, 11.0, 12.0), engine)


def test_instruments_with_fewer_bars_are_seen_as_far_as_they_go(engine: str) -> None:
    heard = sink("windows")

    def on_slice(self: Recorder, ctx: Context, bars: Any) -> None:
        self.note(*(len(ctx.bars(symbol, 9)) for symbol in ctx.symbols))

    kind: type[Recorder] = type("Windows", (Recorder,), {"on_slice": on_slice})
    play(kind(sink="windows"), markets(A=[1.0, 2.0, 3.0], B=[5.0]), engine)
    assert heard == [(1, 1), (2, 1), (3, 1)]


@pytest.mark.parametrize("count", [-1, 2.5, "3", None])
def test_a_count_of_bars_is_a_whole_number(engine: str, count: Any) -> None:
    def check(ctx: Context, bar: Any) -> None:
        with pytest.raises(StrategyError, match=r"ctx\.bars\('X', n\): n = "):
            ctx.bars("X", count)

    play(during(check), market(10.0), engine)


def test_an_unknown_symbol_is_named(engine: str) -> None:
    def check(ctx: Context, bar: Any) -> None:
        for ask in (ctx.bar, ctx.instrument, ctx.position, lambda symbol: ctx.bars(symbol, 1)):
            with pytest.raises(UnknownSymbolError, match="Unknown instrument 'XX'; did you mean 'X'"):
                ask("XX")

    play(during(check), market(10.0), engine)


def test_the_instrument_is_known(engine: str) -> None:
    def check(ctx: Context, bar: Any) -> None:
        assert ctx.instrument(bar.symbol).price_precision == 2

    play(during(check), market(10.0), engine)


class Future(Strategy):
    """Trades on everything that it can see."""

    def on_bar(self, ctx: Context, bar: Any) -> None:
        window = ctx.bars("X", 4)
        if window.close.mean() < bar.close:
            ctx.buy("X", len(window))
        elif ctx.position("X") > 0:
            ctx.sell("X", 1, limit=round(float(window.high.max()), 2))


@pytest.mark.feature("F-073")
@settings(max_examples=30)
@given(
    past=st.lists(st.integers(900, 1100), min_size=2, max_size=12),
    futures=st.tuples(*[st.lists(st.integers(500, 2000), min_size=1, max_size=6)] * 2),
)
def test_the_future_cannot_change_the_past(past: list[int], futures: tuple[list[int], list[int]]) -> None:
    """Whatever comes after, the orders sent up to now are the same, on both engines."""
    for engine in ("reference", "custom"):
        sent = []
        for future in futures:
            prices = [price / 10 for price in past + future]
            result = play(Future(), market(*prices), engine)
            early = [row[:5] for row in orders_of(result) if row[0] < len(past)]
            sent.append(early)
        assert sent[0] == sent[1]


# -------------------------------------------------------------------------------------------------------------- timers


def timed(engine: str, **keywords: Any) -> list[tuple[Any, ...]]:
    """The ticks at which a timer of ten one-minute bars rings, and when it was due in minutes; it is set at tick 2."""
    heard = sink("timer")

    def on_bar(self: Recorder, ctx: Context, bar: Any) -> None:
        if bar.index == 2:
            ctx.timer("bell", **keywords)

    def on_timer(self: Recorder, ctx: Context, timer: Any) -> None:
        assert timer.name == "bell"
        assert timer.time == from_ns(timer.time_ns)
        self.note(ctx.index, timer.time_ns / MINUTE_NS)

    kind: type[Recorder] = type("Timed", (Recorder,), {"on_bar": on_bar, "on_timer": on_timer})
    play(kind(sink="timer"), market(*(10.0 + step for step in range(10))), engine)
    return heard


@pytest.mark.feature("F-071")
@pytest.mark.parametrize(
    ("keywords", "rings"),
    [
        ({"after": 120}, [(4, 5.0)]),
        ({"after": timedelta(minutes=2)}, [(4, 5.0)]),
        ({"after": 90.5}, [(4, 4.508333333333334)]),
        ({"after": 0}, [(3, 3.0)]),
        ({"at": datetime(1970, 1, 1, 0, 6, tzinfo=UTC)}, [(5, 6.0)]),
        ({"at": 6 * MINUTE_NS + 1}, [(6, 6 + 1 / MINUTE_NS)]),
        ({"every": 180}, [(5, 6.0), (8, 9.0)]),
        ({"after": 60, "every": 180}, [(3, 4.0), (6, 7.0), (9, 10.0)]),
        ({"at": 10**18}, []),
    ],
)
def test_a_timer_rings_when_it_is_due(engine: str, keywords: dict[str, Any], rings: list[tuple[int, float]]) -> None:
    assert timed(engine, **keywords) == rings


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({}, "it would never be due; give at, after or every"),
        ({"at": 5, "after": 5}, "at and after are both given"),
        ({"at": 0}, "1970-01-01T00:00:00Z is in the past"),
        ({"at": datetime(2024, 1, 1)}, "has no time zone"),  # noqa: DTZ001 - that is the fault
        ({"after": -1}, "after = -1 is negative"),
        ({"after": "soon"}, "after = 'soon' is not a length of time"),
        ({"every": float("nan")}, "every = nan is not a length of time"),
        ({"after": 1e30}, "after = 1e+30 is not a length of time"),
    ],
)
def test_a_timer_that_makes_no_sense_is_refused(engine: str, keywords: dict[str, Any], words: str) -> None:
    def check(ctx: Context, bar: Any) -> None:
        with pytest.raises(ValueError, match="timer 'bell'") as caught:
            ctx.timer("bell", **keywords)
        assert words in str(caught.value)

    play(during(check), market(10.0), engine)


# ------------------------------------------------------------------------------------------------ random numbers, notes


@pytest.mark.feature("F-016")
def test_random_numbers_come_from_the_seed(engine: str) -> None:
    drawn: list[float] = []
    strategy = during(lambda ctx, bar: drawn.append(ctx.random.uniform()))
    play(strategy, market(10.0, 11.0, 12.0), engine, seed=42)
    stream = RandomStream(42, "strategy")
    assert drawn == [stream.uniform() for _ in range(3)]


def test_notes_are_kept_with_the_result(engine: str) -> None:
    strategy = during(lambda ctx, bar: ctx.log("seen", close=bar.close))
    result = play(strategy, market(10.0, 11.0), engine)
    assert [line.to_mapping() for line in result.facts.logs] == [
        {"time": "1970-01-01T00:01:00Z", "message": "seen", "close": 10.0},
        {"time": "1970-01-01T00:02:00Z", "message": "seen", "close": 11.0},
    ]
