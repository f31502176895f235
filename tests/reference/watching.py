"""A script that reacts to what it is told, and notes all it sees: for comparing engines to the last word."""

from typing import Any

from triplebar.strategy.script import Script

MOST_REACTIONS = 60


class Watcher(Script):
    """Takes the steps of its script; reacts to fills, order events and timers; keeps a diary in `seen`."""

    def on_start(self, ctx: Any) -> None:
        self.seen: list[Any] = []
        self.reactions = 0
        self.note("start", ctx)
        ctx.timer("often", every=7 * 3_600)
        ctx.set_timer("once", ctx.time_ns + 10**14)
        super().on_start(ctx)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        shown = (bar.symbol, bar.time_ns, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.index)
        window = ctx.bars(bar.symbol, 3)
        self.note("bar", ctx, shown, window.close.tolist(), ctx.bar(bar.symbol).close)

    def on_fill(self, ctx: Any, fill: Any) -> None:
        shown = (fill.order, fill.symbol, fill.side, fill.quantity, fill.price, fill.fee, fill.time_ns, fill.role,
                 fill.moment, fill.tag)  # fmt: skip
        self.note("fill", ctx, shown)
        if fill.order % 5 == 0:
            self.react(ctx, fill.symbol, stop_loss=fill.price / 2)

    def on_order(self, ctx: Any, event: Any) -> None:
        shown = (event.kind, event.reason, event.order, event.symbol, event.time_ns, event.tag)
        self.note("order", ctx, shown, self.view(ctx, event.order))
        if event.reason == "insufficient_funds":
            self.react(ctx, event.symbol, tag="smaller")

    def on_timer(self, ctx: Any, timer: Any) -> None:
        self.note("timer", ctx, timer.name, timer.time_ns, ctx.random.integer(0, 10**6))
        if timer.name == "once":
            ctx.log("once", tick=ctx.index)
            ctx.cancel_all()

    def on_stop(self, ctx: Any) -> None:
        self.note("stop", ctx)
        super().on_stop(ctx)

    def react(self, ctx: Any, symbol: str, **keywords: Any) -> None:
        """Send a small order, not too often."""
        self.reactions += 1
        if self.reactions <= MOST_REACTIONS:
            (ctx.buy if self.reactions % 2 else ctx.sell)(symbol, 1, **keywords)

    def view(self, ctx: Any, order: int) -> Any:
        """How an order stands."""
        found = ctx.order(order)
        return (found.order, found.symbol, found.side, found.kind, found.tif, found.status, found.reason,
                found.quantity, found.filled, found.limit, found.stop, found.tag)  # fmt: skip

    def note(self, what: str, ctx: Any, *more: Any) -> None:
        """Write down what is told, and how everything stands."""
        holdings = [(ctx.position(symbol), ctx.average_price(symbol)) for symbol in ctx.symbols]
        self.seen.append(
            (what, ctx.index, ctx.time_ns, ctx.warming, ctx.cash, ctx.equity, holdings, ctx.open_orders(), *more)
        )
