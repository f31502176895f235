"""Buy weakness, sell strength, as the RSI measures them."""

from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.indicators import RSI


class RelativeStrength(Strategy):
    """Buys when the RSI falls below `low` and sells when it rises above `high`.

    >>> RelativeStrength(low=25.0)
    RelativeStrength(period=14, low=25.0, high=70.0, quantity=1.0)
    """

    period: int = 14
    low: float = 30.0
    high: float = 70.0
    quantity: float = 1.0

    def validate(self) -> None:
        """Low lies below high."""
        if not 0 <= self.low < self.high <= 100:
            raise ValueError(f"low = {self.low} and high = {self.high} must be in order between 0 and 100")

    def on_start(self, ctx: Context) -> None:
        """One RSI for each instrument."""
        self.strengths = {symbol: RSI(self.period) for symbol in ctx.symbols}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Buy weakness, sell strength; NaN compares False, so nothing happens while the RSI warms up."""
        strength = self.strengths[bar.symbol].update(bar.close)
        held = ctx.position(bar.symbol)
        if strength < self.low and held == 0:
            ctx.buy(bar.symbol, self.quantity)
        elif strength > self.high and held > 0:
            ctx.sell(bar.symbol, held)
