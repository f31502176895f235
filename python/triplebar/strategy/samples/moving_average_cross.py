"""Two moving averages."""

from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.indicators import SMA


class MovingAverageCross(Strategy):
    """Long while the quick mean is above the calm one.

    >>> MovingAverageCross(fast=5, slow=20)
    MovingAverageCross(fast=5, slow=20, quantity=1.0)
    """

    fast: int = 10
    slow: int = 50
    quantity: float = 1.0

    def validate(self) -> None:
        """The quick mean must be quicker."""
        if not 0 < self.fast < self.slow:
            raise ValueError(f"fast = {self.fast} must be above 0 and below slow = {self.slow}")

    def on_start(self, ctx: Context) -> None:
        """Two means for each instrument."""
        self.means = {symbol: (SMA(self.fast), SMA(self.slow)) for symbol in ctx.symbols}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Follow the cross."""
        quick, calm = self.means[bar.symbol]
        above = quick.update(bar.close) > calm.update(bar.close)
        if not calm.ready:
            return
        held = ctx.position(bar.symbol)
        if above and held == 0:
            ctx.buy(bar.symbol, self.quantity)
        elif not above and held > 0:
            ctx.sell(bar.symbol, held)
