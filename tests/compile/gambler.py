"""A strategy that does everything at random: one compilation, and a different program for every seed."""

from typing import Any

import numpy as np

import triplebar as tb
from triplebar.contracts.random import RandomStream

KEPT = 8


class Memory:
    """An object of the user's own, with a method."""

    def __init__(self) -> None:
        self.seen = 0
        self.best = -1.0

    def see(self, value: float) -> bool:
        """Whether it is the largest so far."""
        self.seen += 1
        if value > self.best:
            self.best = value
            return True
        return False


class Gambler(tb.Strategy):
    """Draws what to do, does it, and lets what it sees decide what comes next."""

    size: float = 3.0
    label: str = "gamble"

    def on_start(self, ctx: Any) -> None:
        """One of everything that can be kept."""
        self.count = 0
        self.total = 0
        self.last_price: float | None = None
        self.watched: int | None = None
        self.pair: tuple[int, ...] = ()
        self.lately = (0, 0.0)
        self.first = ctx.symbols[0]
        self.mood = "calm"
        self.active = True
        self.held = dict.fromkeys(ctx.symbols, 0.0)
        self.means = {symbol: (tb.indicators.SMA(3), tb.indicators.EMA(4)) for symbol in ctx.symbols}
        self.range = tb.indicators.ATR(3)
        self.bands = tb.indicators.Bollinger(4, 2.0)
        self.vwap = tb.indicators.VWAP()
        self.ring = np.zeros(KEPT)
        self.counts = np.zeros((2, 3), dtype=np.int64)
        self.levels = [0.0, 1.0, 2.0]
        self.dice = RandomStream(5, "own")
        self.memory = Memory()
        ctx.set_timer("begin", ctx.time_ns, 0)
        if ctx.random.chance(0.5):
            ctx.buy(self.first, 1, tag="first")

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Follow the bar, then do something."""
        self.count += 1
        quick, calm = self.means[bar.symbol]
        above = quick.update(bar.close) > calm.update(bar.close)
        self.range.update(bar.high, bar.low, bar.close)
        _, middle, lower = self.bands.update(bar.close)
        self.vwap.update(bar.close, bar.volume)
        self.ring[self.count % KEPT] = bar.close
        self.counts[0, self.count % 3] += 1
        self.levels[self.count % 3] = bar.open
        self.lately = (bar.index, bar.close)
        if self.memory.see(bar.high):
            self.mood = "high"
        elif bar.symbol == self.first and self.mood != "calm":
            self.mood = "calm"
        if calm.ready and above and middle > lower:
            self.total += 1
        what = ctx.random.integer(0, 15)
        if what == 3:
            ctx.log(self.mood, symbol=bar.symbol, mean=calm.value, live=self.watched, above=above, tag=self.label)
        self.act(ctx, bar.symbol, bar.close, what)

    def act(self, ctx: Any, symbol: str, price: float, what: int) -> None:
        """One thing of many."""
        size = 1 + self.dice.integer(0, int(self.size))
        if what == 0:
            self.watched = ctx.buy(symbol, size, tag=self.label)
        elif what == 1:
            self.watched = ctx.sell(symbol, size, limit=price * 1.01, tif="day", tag="limit")
        elif what == 2:
            self.watched = ctx.buy(symbol, size, limit=price * 0.99, post_only=True)
        elif what == 3:
            ctx.sell(symbol, size, stop=price * 0.98, reduce_only=True)
        elif what == 4:
            ctx.buy(symbol, size, stop=price * 1.01, limit=price * 1.02)
        elif what == 5:
            ctx.sell(symbol, size, trail=price * 0.02)
        elif what == 6:
            ctx.buy(symbol, size, trail_percent=2.0)
        elif what == 7:
            ctx.sell(symbol, size, touch=price * 1.02, tif="gtd", expire=ctx.time_ns + 7_200_000_000_000)
        elif what == 8:
            ctx.buy(symbol, size, take_profit=price * 1.03, stop_loss=price * 0.97, tag="bracket")
        elif what == 9:
            one = ctx.buy(symbol, size, limit=price * 0.98, oco=self.label)
            other = ctx.sell(symbol, size, limit=price * 1.02, oco=self.label)
            self.pair = (one, other)
        elif what == 10:
            self.look(ctx, symbol)
        elif what == 11:
            for order in self.pair:
                ctx.cancel(order)
            self.pair = ()
        elif what == 12:
            self.change(ctx, price)
        elif what == 13:
            if ctx.target(symbol, size - 2) is None:
                self.total += 10
            ctx.close(symbol, tag="away")
        elif what == 14:
            ctx.set_timer("again", ctx.time_ns + 3_600_000_000_000, 7_200_000_000_000)
        elif ctx.cancel_all(symbol) > 2:
            ctx.cancel_timer("again")

    def look(self, ctx: Any, symbol: str) -> None:
        """Everything that can be seen."""
        window = ctx.bars(symbol, 5)
        highest = 0.0
        for value in window.high:
            highest = max(highest, value)
        if len(window) > 3 and window.close[-1] >= highest:
            self.total += window.time_ns[-1] % 7
        bar = ctx.bar(symbol)
        if bar is not None and bar.close < highest:
            self.total += bar.index
        average = ctx.average_price(symbol)
        if average is not None and average > highest:
            self.total += 3
        if ctx.equity > ctx.cash and not ctx.warming:
            self.active = not self.active
        if symbol not in ctx.symbols or len(ctx.symbols) == 0:
            self.total += 1000
        for at, other in enumerate(ctx.symbols):
            self.held[other] = ctx.position(other) + at
        for other, held in self.held.items():
            if held < 0 and other == symbol:
                self.total += 1

    def change(self, ctx: Any, price: float) -> None:
        """Change the order that is watched, if it can be."""
        if self.watched is None:
            return
        order = ctx.order(self.watched)
        if order.kind == "limit" and order.status == "accepted" and order.filled == 0:
            limit = order.limit
            if limit is not None and ctx.modify(self.watched, quantity=order.quantity + 1, limit=limit * 1.001):
                self.total += 5
        if order.tag == "limit" and order.tif == "day" and self.watched in ctx.open_orders():
            ctx.cancel(self.watched)
            self.watched = None
        for number in ctx.open_orders(order.symbol):
            self.total += number

    def on_fill(self, ctx: Any, fill: Any) -> None:
        """Remember it, and now and then react."""
        self.last_price = fill.price
        self.counts[1, 0] += fill.side
        ctx.log("filled", role=fill.role, moment=fill.moment, tag=fill.tag, quantity=fill.quantity)
        if fill.role == "maker" and fill.tag == "limit":
            self.total += 1
        if ctx.random.chance(0.1):
            ctx.buy(fill.symbol, fill.quantity, limit=fill.price * 0.97, tag="after")

    def on_order(self, ctx: Any, event: Any) -> None:
        """Count kinds; send something after a refusal."""
        if event.kind == "rejected" and event.reason == "insufficient_funds":
            self.total += 2
        elif event.kind == "canceled":
            self.counts[1, 1] += 1
            if self.dice.uniform() < 0.2:
                ctx.sell(event.symbol, 1, tif="ioc", limit=1.0)

    def on_timer(self, ctx: Any, timer: Any) -> None:
        """Timers come with their name."""
        if timer.name == "again":
            self.counts[1, 2] += 1
            ctx.buy(self.first, 1, tif="at_close")

    def on_slice(self, ctx: Any, bars: Any) -> None:
        """All bars of a tick."""
        highest = 0.0
        for symbol, bar in bars.items():
            if bar.close > highest and ctx.position(symbol) == 0:
                highest = bar.close
        if self.first in bars and len(bars) > 0 and bars[self.first].close >= highest:
            self.total += 1

    def on_stop(self, ctx: Any) -> None:
        """In Python again, with everything that was kept."""
        ctx.log("ended", count=self.count, total=self.total, ring=float(self.ring[0]), seen=self.memory.seen)
