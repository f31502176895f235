"""The strongest of several, if it is strong at all."""
# ruff: noqa: ARG002 - handlers have fixed signatures

from triplebar.strategy.bar import Bar
from triplebar.strategy.context import Context
from triplebar.strategy.indicators import ROC
from triplebar.strategy.samples.weighted import Weighted


class DualMomentum(Weighted):
    """Holds the instrument that rose most over `lookback` bars (relative momentum), and only if it rose (absolute).

    Needs at least two instruments. If none has risen, everything is sold.

    >>> DualMomentum(lookback=252)
    DualMomentum(interval=21, reserve=0.02, lookback=252)
    """

    lookback: int = 252

    def validate(self) -> None:
        """A lookback is at least one bar."""
        super().validate()
        if self.lookback < 1:
            raise ValueError(f"lookback = {self.lookback} must be at least 1")

    def on_start(self, ctx: Context) -> None:
        """One rate of change for each instrument."""
        super().on_start(ctx)
        if len(ctx.symbols) < 2:
            raise ValueError("dual momentum compares instruments: give a market with at least two")
        self.changes = {symbol: ROC(self.lookback) for symbol in ctx.symbols}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Follow the prices."""
        self.changes[bar.symbol].update(bar.close)

    def weigh(self, ctx: Context) -> bool:
        """Everything in the strongest; of two equally strong ones the first by name."""
        best = ctx.symbols[0]
        for symbol in ctx.symbols:
            change = self.changes[symbol]
            if not change.ready:
                return False
            if change.value > self.changes[best].value:
                best = symbol
        for symbol in ctx.symbols:
            self.weights[symbol] = 1.0 if symbol == best and self.changes[best].value > 0 else 0.0
        return True
