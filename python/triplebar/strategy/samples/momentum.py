"""What rose goes on rising."""

from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.indicators import ROC


class Momentum(Strategy):
    """Long while the price has risen by more than `threshold` percent over `lookback` bars.

    >>> Momentum(lookback=5)
    Momentum(lookback=5, threshold=0.0, quantity=1.0)
    """

    lookback: int = 20
    threshold: float = 0.0
    quantity: float = 1.0

    def on_start(self, ctx: Context) -> None:
        """One rate of change for each instrument."""
        self.changes = {symbol: ROC(self.lookback) for symbol in ctx.symbols}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Follow the change; NaN compares False, so nothing happens while it warms up."""
        change = self.changes[bar.symbol].update(bar.close)
        held = ctx.position(bar.symbol)
        if change > self.threshold and held == 0:
            ctx.buy(bar.symbol, self.quantity)
        elif change <= self.threshold and held > 0:
            ctx.sell(bar.symbol, held)
