"""What fell far comes back."""

from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.indicators import ZScore


class MeanReversion(Strategy):
    """Buys what is `entry` standard deviations below its mean and sells it once it is within `exit` of it.

    >>> MeanReversion(period=10).entry
    2.0
    """

    period: int = 20
    entry: float = 2.0
    exit: float = 0.0
    quantity: float = 1.0

    def validate(self) -> None:
        """The entry must lie beyond the exit."""
        if self.period < 2:
            raise ValueError(f"period = {self.period} must be at least 2")
        if not 0 <= self.exit < self.entry:
            raise ValueError(f"exit = {self.exit} must be at least 0 and below entry = {self.entry}")

    def on_start(self, ctx: Context) -> None:
        """One score for each instrument."""
        self.scores = {symbol: ZScore(self.period) for symbol in ctx.symbols}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Buy low, sell at the mean; NaN compares False, so nothing happens while the score warms up."""
        score = self.scores[bar.symbol].update(bar.close)
        held = ctx.position(bar.symbol)
        if score <= -self.entry and held == 0:
            ctx.buy(bar.symbol, self.quantity)
        elif score >= -self.exit and held > 0:
            ctx.sell(bar.symbol, held)
