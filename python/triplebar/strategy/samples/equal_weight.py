"""The simplest portfolio."""
# ruff: noqa: ARG002 - handlers have fixed signatures

from triplebar.strategy.context import Context
from triplebar.strategy.samples.weighted import Weighted, by_symbol


class EqualWeight(Weighted):
    """Holds all instruments at equal worth, rebalanced every `interval` ticks.

    >>> EqualWeight(interval=50)
    EqualWeight(interval=50, reserve=0.02)
    """

    def on_start(self, ctx: Context) -> None:
        """The same for each."""
        super().on_start(ctx)
        self.weights = by_symbol(ctx.symbols, ())

    def weigh(self, ctx: Context) -> bool:
        """They stay as they are."""
        return True
