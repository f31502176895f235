"""The calmer an instrument, the more of it."""
# ruff: noqa: ARG002 - handlers have fixed signatures

from triplebar.strategy.bar import Bar
from triplebar.strategy.context import Context
from triplebar.strategy.indicators import ROC, RollingStd
from triplebar.strategy.samples.weighted import Weighted


class RiskParity(Weighted):
    """Weights instruments by the inverse of the volatility of their returns over `window` bars.

    Needs at least two instruments. One that has not moved at all gets nothing: its risk is not known.

    >>> RiskParity(window=63)
    RiskParity(interval=21, reserve=0.02, window=63)
    """

    window: int = 63

    def validate(self) -> None:
        """A volatility needs two returns."""
        super().validate()
        if self.window < 2:
            raise ValueError(f"window = {self.window} must be at least 2")

    def on_start(self, ctx: Context) -> None:
        """Returns and their deviation for each instrument."""
        super().on_start(ctx)
        if len(ctx.symbols) < 2:
            raise ValueError("risk parity divides risk among instruments: give a market with at least two")
        self.returns = {symbol: ROC(1) for symbol in ctx.symbols}
        self.risks = {symbol: RollingStd(self.window) for symbol in ctx.symbols}

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Follow the returns; the first one is NaN and not counted."""
        self.risks[bar.symbol].update(self.returns[bar.symbol].update(bar.close))

    def weigh(self, ctx: Context) -> bool:
        """Inverse volatilities, together 1."""
        whole = 0.0
        for symbol in ctx.symbols:
            risk = self.risks[symbol]
            if not risk.ready:
                return False
            self.weights[symbol] = 1.0 / risk.value if risk.value > 0 else 0.0
            whole += self.weights[symbol]
        for symbol in ctx.symbols:
            self.weights[symbol] = self.weights[symbol] / whole if whole > 0 else 0.0
        return True
