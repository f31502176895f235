"""The objects that handlers are given: a strategy may keep them, share them and use them after the run."""

import copy
import gc
import pickle
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.bars import Bar as PlainBar
from triplebar.contracts.errors import OrderError

MARKET = tb.Market.synthetic(symbols=("AA", "BB", "CC"), bars=60, interval="1h", missing_chance=0.2, seed=5)
FIELDS = ("open", "high", "low", "close", "volume")


def shows(bar: Any, symbol: str, row: int) -> bool:
    """Whether a bar is that of this row."""
    series = MARKET.series(symbol)
    numbers = all(getattr(bar, name) == getattr(series, name)[row] for name in FIELDS)
    return numbers and (bar.symbol, bar.index, bar.time_ns) == (symbol, row, int(series.time[row]))


@settings(max_examples=40)
@given(st.sets(st.integers(0, 400)), st.booleans())
def test_bars_that_are_kept_stay_what_they_were(kept: set[int], everywhere: bool) -> None:
    """The core reuses a bar that nobody has kept: nobody may notice."""

    class Keeps(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            self.count = 0
            self.bars: list[Any] = []
            self.shelf: dict[Any, Any] = {}
            self.slices: list[Any] = []

        def on_bar(self, ctx: Any, bar: Any) -> None:
            if self.count in kept:
                self.bars.append((bar, bar.symbol, bar.index))
                self.shelf[bar.symbol] = lambda: bar.close  # only a closure holds it
            if everywhere and self.count % 7 == 0:
                self.threads = threading.Thread(target=self.shelf.setdefault, args=(self.count, bar))
                self.threads.start()
                self.threads.join()
            self.count += 1

        def on_slice(self, ctx: Any, bars: dict[str, Any]) -> None:
            if ctx.index in kept:
                self.slices.append((bars, {symbol: bar.index for symbol, bar in bars.items()}))

        def on_stop(self, ctx: Any) -> None:
            gc.collect()
            assert all(shows(*each) for each in self.bars)
            assert all(shows(bars[symbol], symbol, row) for bars, rows in self.slices for symbol, row in rows.items())
            assert all(shows(bar, bar.symbol, bar.index) for key, bar in self.shelf.items() if isinstance(key, int))
            told.append(self.count)

    told: list[int] = []
    tb.run(Keeps(), MARKET)
    assert told == [MARKET.rows]


def kept_objects() -> dict[str, Any]:
    """One of each kind, from a run that is over."""
    found: dict[str, Any] = {}

    class Keeps(tb.Strategy):
        def on_bar(self, ctx: Any, bar: Any) -> None:
            if ctx.index == 2 and bar.symbol == "AA":
                number = ctx.buy("AA", 3, tag="entry")
                found.update(ctx=ctx, bar=bar, window=ctx.bars("AA", 2), view=ctx.order(number), number=number)
                ctx.timer("due", after=1)

        def on_fill(self, ctx: Any, fill: Any) -> None:
            found["fill"] = fill

        def on_order(self, ctx: Any, event: Any) -> None:
            found["event"] = event

        def on_timer(self, ctx: Any, timer: Any) -> None:
            found["timer"] = timer
            ctx.cancel(ctx.buy("AA", 1, limit=1.0))

    tb.run(Keeps(), MARKET)
    gc.collect()
    return found


def test_objects_outlive_their_run() -> None:
    found = kept_objects()
    assert (found["fill"].quantity, found["fill"].tag, found["fill"].symbol) == (3.0, "entry", "AA")
    assert found["fill"].time.tzinfo is UTC
    assert isinstance(found["bar"].time, datetime)
    assert (found["view"].status, found["view"].filled) == ("submitted", 0.0)  # as it was when it was asked for
    assert (found["event"].kind, found["timer"].name) == ("canceled", "due")
    assert len(found["window"]) == 2
    for name in ("bar", "fill", "view", "event", "timer"):
        assert repr(found[name]).startswith(type(found[name]).__name__ + "(")


@pytest.mark.parametrize("name", ["bar", "fill", "view", "event", "timer"])
def test_objects_cannot_be_changed_or_made(name: str) -> None:
    thing = kept_objects()[name]
    with pytest.raises(AttributeError):
        thing.symbol = "other"
    with pytest.raises(TypeError):
        type(thing)()


def test_a_copy_of_a_bar_is_a_plain_bar_with_the_same_numbers() -> None:
    bar = kept_objects()["bar"]
    for copied in (copy.copy(bar), copy.deepcopy(bar), pickle.loads(pickle.dumps(bar))):  # noqa: S301 - our own bytes
        assert isinstance(copied, PlainBar)
        assert shows(copied, "AA", bar.index)


@pytest.mark.parametrize(
    "use",
    [
        lambda ctx: ctx.buy("AA", 1),
        lambda ctx: ctx.target("AA", 10),
        lambda ctx: ctx.close("AA"),
        lambda ctx: ctx.cancel(1),
        lambda ctx: ctx.cancel_all(),
        lambda ctx: ctx.modify(1, quantity=2),
        lambda ctx: ctx.order(1),
        lambda ctx: ctx.open_orders(),
        lambda ctx: ctx.run({}),
        lambda ctx: ctx.facts(),
        lambda ctx: ctx.checkpoint(),
    ],
)
def test_a_context_that_is_kept_refuses_orders_after_the_run(use: Any) -> None:
    with pytest.raises(OrderError, match="the run is over and its facts are in the result; use ctx only inside"):
        use(kept_objects()["ctx"])


def test_a_context_that_is_kept_still_says_how_it_ended() -> None:
    ctx = kept_objects()["ctx"]
    assert ctx.index == len(MARKET) - 1
    assert ctx.position("AA") == 3.0
    assert ctx.equity > 0
    assert ctx.symbols == ("AA", "BB", "CC")
