"""The simplest portfolio."""

from triplebar.strategy.context import Context
from triplebar.strategy.samples.weighted import Weighted, by_symbol


class EqualWeight(Weighted):
    """Holds all instruments at equal worth, rebalanced every `interval` ticks.

    >>> EqualWeight(interval=50)
    EqualWeight(interval=50, reserve=0.02)
    """

    def weights(self, ctx: Context) -> dict[str, float]:
        """The same for each."""
        return by_symbol(ctx.symbols, ())
