"""Everything that a strategy may ask for in vain: an error at its own line, which ends the run with the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import triplebar as tb
from tests.boundary.bad_inputs import MARKET, NAIVE, NAN
from triplebar.contracts.errors import OrderError

INFINITY = float("inf")


class BadCall(NamedTuple):
    """One way to misuse `ctx`: what the strategy's own line raises, and the words of the message."""

    name: str
    call: Callable[[Any], object]
    error: type[Exception]
    thing: str
    fix: str
    only_native: bool = False


class Careless(tb.Strategy):
    """Makes one call at the fourth bar of AA."""

    call: Any = None

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3 and bar.symbol == "AA":
            self.call(ctx)


def resting(ctx: Any) -> int:
    """A limit order far below the market."""
    number: int = ctx.buy("AA", 1, limit=1.0)
    return number


def careless_run(call: Callable[[Any], object], engine: str = "custom") -> tb.RunResult:
    """A run in which the call is made."""
    return tb.run(Careless(call=call), MARKET, engine=engine)


ORDERS = [
    BadCall("an unknown symbol", lambda ctx: ctx.buy("AAA", 1), tb.UnknownSymbolError,
            "Unknown instrument 'AAA'", "did you mean 'AA'?"),
    BadCall("a number for a symbol", lambda ctx: ctx.buy(3, 1), tb.UnknownSymbolError,
            "Unknown instrument 3", "known: AA, BB"),
    BadCall("a list for a symbol", lambda ctx: ctx.buy([], 1), tb.UnknownSymbolError,
            "Unknown instrument []", "known: AA, BB"),
    BadCall("a size of NaN", lambda ctx: ctx.buy("AA", NAN), OrderError, "quantity", "finite number"),
    BadCall("an infinite size", lambda ctx: ctx.buy("AA", INFINITY), OrderError, "quantity", "finite number"),
    BadCall("a negative size", lambda ctx: ctx.sell("AA", -1), OrderError, "quantity", "negative"),
    BadCall("a text for a size", lambda ctx: ctx.buy("AA", "1"), OrderError, "quantity", "give a plain number"),
    BadCall("nothing for a size", lambda ctx: ctx.buy("AA", None), OrderError, "quantity", "give a plain number"),
    BadCall("a limit of NaN", lambda ctx: ctx.buy("AA", 1, limit=NAN), OrderError, "limit", "finite number"),
    BadCall("a negative stop", lambda ctx: ctx.sell("AA", 1, stop=-5), OrderError, "stop", "negative"),
    BadCall("a text for a limit", lambda ctx: ctx.buy("AA", 1, limit="5"), OrderError, "limit", "give a plain number"),
    BadCall("two kinds of price", lambda ctx: ctx.buy("AA", 1, limit=5, touch=4), OrderError,
            "together", "give limit, stop"),
    BadCall("two trails", lambda ctx: ctx.sell("AA", 1, trail=5, trail_percent=4), OrderError,
            "together", "trail_percent or touch"),
    BadCall("a trail of nothing", lambda ctx: ctx.sell("AA", 1, trail_percent=0), OrderError,
            "trail_percent", "between 0 and 100"),
    BadCall("a trail of everything", lambda ctx: ctx.sell("AA", 1, trail_percent=100), OrderError,
            "trail_percent", "between 0 and 100"),
    BadCall("an unknown time in force", lambda ctx: ctx.buy("AA", 1, tif="GTX"), OrderError, "tif", "gtd"),
    BadCall("a date without a zone", lambda ctx: ctx.buy("AA", 1, limit=3, tif="gtd", expire=NAIVE), OrderError,
            "expire", "add tzinfo=timezone.utc"),
    BadCall("a word for a date", lambda ctx: ctx.buy("AA", 1, limit=3, tif="gtd", expire="tomorrow"), OrderError,
            "expire: 'tomorrow' is not a time", "write e.g."),
    BadCall("an unknown parent", lambda ctx: ctx.buy("AA", 1, parent=77), OrderError, "parent", "77"),
    BadCall("a parent of another instrument", lambda ctx: ctx.buy("BB", 1, parent=resting(ctx)), OrderError,
            "parent", "1"),
    BadCall("an unknown keyword", lambda ctx: ctx.buy("AA", 1, limt=5), TypeError, "'limt'", "keyword"),
    BadCall("no size", lambda ctx: ctx.buy("AA"), TypeError, "'quantity'", "missing"),
    BadCall("a profit target of NaN", lambda ctx: ctx.buy("AA", 1, take_profit=NAN), OrderError,
            "NaN", "finite number"),
    BadCall("a negative stop loss", lambda ctx: ctx.buy("AA", 1, stop_loss=-3), OrderError, "-3", "negative"),
    BadCall("a bracket upside down", lambda ctx: ctx.buy("AA", 1, take_profit=9, stop_loss=11), OrderError,
            "take_profit", "swap them"),
    BadCall("a short's bracket upside down", lambda ctx: ctx.sell("AA", 1, take_profit=11, stop_loss=9), OrderError,
            "take_profit", "swap them"),
    BadCall("a profit target under the entry", lambda ctx: ctx.buy("AA", 1, limit=10, take_profit=9), OrderError,
            "take_profit", "is a loss for"),
    BadCall("a stop loss over the entry", lambda ctx: ctx.buy("AA", 1, touch=10, stop_loss=11), OrderError,
            "stop_loss", "is a profit for"),
]  # fmt: skip

CALLS = [
    BadCall("a cancel of an unknown order", lambda ctx: ctx.cancel(99), OrderError, "99", "order"),
    BadCall("a look at an unknown order", lambda ctx: ctx.order(5), OrderError, "5", "order"),
    BadCall("a change of an unknown order", lambda ctx: ctx.modify(9, quantity=1), OrderError, "9", "order"),
    BadCall("a change of nothing", lambda ctx: ctx.modify(resting(ctx)), OrderError, "quantity", "limit"),
    BadCall("a change of a price that is not there", lambda ctx: ctx.modify(resting(ctx), touch=1), OrderError,
            "limit order", "keywords"),
    BadCall("a change to NaN", lambda ctx: ctx.modify(resting(ctx), limit=NAN), OrderError, "limit", "finite number"),
    BadCall("the position of an unknown symbol", lambda ctx: ctx.position("ZZ"), tb.UnknownSymbolError,
            "Unknown instrument 'ZZ'", "known: AA, BB"),
    BadCall("a close of an unknown symbol", lambda ctx: ctx.close("ZZ"), tb.UnknownSymbolError,
            "Unknown instrument 'ZZ'", "known: AA, BB"),
    BadCall("a target of NaN", lambda ctx: ctx.target("AA", NAN), OrderError, "quantity", "finite number"),
    BadCall("a negative deposit", lambda ctx: ctx.deposit(-5), OrderError, "amount", "-5"),
    BadCall("a deposit in an unknown currency", lambda ctx: ctx.deposit(5, "EUR"), OrderError, "EUR", "USD"),
    BadCall("a conversion into itself", lambda ctx: ctx.convert(5, "USD", "USD"), OrderError,
            "conver", "two currencies"),
    BadCall("a timer in the past", lambda ctx: ctx.timer("x", at=0), tb.StrategyError,
            "timer 'x': 1970-01-01T00:00:00Z is in the past", "give a later time"),
    BadCall("a timer that is never due", lambda ctx: ctx.timer("x"), tb.StrategyError,
            "timer 'x': it would never be due", "give at, after or every"),
    BadCall("a timer without a zone", lambda ctx: ctx.timer("x", at=NAIVE), tb.StrategyError,
            "timer 'x'", "add tzinfo=timezone.utc"),
    BadCall("fewer bars than none", lambda ctx: ctx.bars("AA", -1), tb.StrategyError,
            "n = -1", "give a whole number of bars"),
    BadCall("an indicator of no bars", lambda _: tb.indicators.SMA(0), ValueError,
            "SMA: period", "between 1 and 1000000"),
    BadCall("a run inside a run", lambda ctx: ctx.run({}), OrderError,
            "run is for the engine", "leave it out", only_native=True),
    BadCall("the facts before the end", lambda ctx: ctx.facts(), OrderError,
            "facts is for the engine", "leave it out", only_native=True),
    BadCall("a mistake of its own", lambda _: 1 / 0, ZeroDivisionError, "division by zero", "bad_orders.py, line"),
]  # fmt: skip
