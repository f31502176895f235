"""The workloads' strategies as a user of triplebar writes them."""

from typing import Any

import triplebar as tb

MARGIN = 1e-5  # keeps rounding noise of the means from deciding a signal


class Cross(tb.Strategy):
    """W1: long one while the quick mean is above the calm one."""

    fast: int = 10
    slow: int = 50

    def on_start(self, ctx: Any) -> None:
        """Make the two means."""
        self.quick = tb.indicators.SMA(self.fast)
        self.calm = tb.indicators.SMA(self.slow)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Follow them."""
        quick, calm = self.quick.update(bar.close), self.calm.update(bar.close)
        if not self.calm.ready:
            return
        held = ctx.position(bar.symbol)
        if quick > calm + MARGIN:
            if held == 0:
                ctx.buy(bar.symbol, 1)
        elif held > 0:
            ctx.sell(bar.symbol, held)


class Flip(tb.Strategy):
    """W2: turn the position around on every bar."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Buy when short or flat, sell when long."""
        held = ctx.position(bar.symbol)
        if held > 0:
            ctx.sell(bar.symbol, 2 * held)
        else:
            ctx.buy(bar.symbol, 1 if held == 0 else -2 * held)


class Quotes(tb.Strategy):
    """W3: on every bar cancel the two resting limits and place two new ones."""

    distance: float = 0.11

    def on_start(self, ctx: Any) -> None:
        """Begin without quotes."""
        self.live: tuple[int, ...] = ()

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Move the quotes to the last close."""
        for order in self.live:
            ctx.cancel(order)
        self.live = (
            ctx.buy(bar.symbol, 1, limit=bar.close - self.distance),
            ctx.sell(bar.symbol, 1, limit=bar.close + self.distance),
        )


class Rebalance(tb.Strategy):
    """W4: bring all instruments to equal weight every `every` bars."""

    every: int = 50
    share: float = 0.0098

    def on_start(self, ctx: Any) -> None:
        """Count slices from zero."""
        self.slices = 0

    def on_slice(self, ctx: Any, bars: Any) -> None:
        """Order the difference to the wanted whole number of lots."""
        if self.slices % self.every == 0:
            equity = ctx.equity
            for symbol, bar in bars.items():
                missing = int(self.share * equity / bar.close) - int(ctx.position(symbol))
                if missing > 0:
                    ctx.buy(symbol, missing)
                elif missing < 0:
                    ctx.sell(symbol, -missing)
        self.slices += 1


class Crowd(tb.Strategy):
    """Growth: on every bar one more limit that no price meets; as many orders live as bars have passed."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Place it anywhere in the book, neither always first nor always last."""
        ctx.buy(bar.symbol, 1, limit=(1 + bar.index * 7_919 % 4_000) / 100)


class Idle(tb.Strategy):
    """Sends nothing: what is left is the cost of the bars."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Look away."""


class RebalanceByBar(tb.Strategy):
    """W4 bar by bar: the same decisions, one call an instrument."""

    every: int = 50
    share: float = 0.0098

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Order the difference to the wanted whole number of lots."""
        if bar.index % self.every == 0:
            missing = int(self.share * ctx.equity / bar.close) - int(ctx.position(bar.symbol))
            if missing > 0:
                ctx.buy(bar.symbol, missing)
            elif missing < 0:
                ctx.sell(bar.symbol, -missing)


class Means(tb.Strategy):
    """Costs: so many means, and nothing else."""

    count: int = 1

    def on_start(self, ctx: Any) -> None:
        """Make them."""
        self.means = [tb.indicators.SMA(10 + each) for each in range(self.count)]

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Follow them."""
        for mean in self.means:
            mean.update(bar.close)


class Waiting(tb.Strategy):
    """Costs: so many orders that no price meets."""

    count: int = 2

    def on_bar(self, ctx: Any, bar: Any) -> None:
        """Place them at the first bar."""
        if bar.index == 0:
            for each in range(self.count):
                ctx.buy(bar.symbol, 1, limit=0.01 + each * 0.01)
