"""Fixed proportions."""
# ruff: noqa: ARG002 - handlers have fixed signatures

from collections.abc import Sequence

from triplebar.strategy.context import Context
from triplebar.strategy.samples.weighted import Weighted, by_symbol, proportions_given


class Rebalance(Weighted):
    """Brings the portfolio back to its proportions every `interval` ticks; equal ones if none are given.

    >>> Rebalance(proportions=[0.6, 0.4], interval=21)
    Rebalance(interval=21, reserve=0.02, proportions=(0.6, 0.4))
    """

    proportions: Sequence[float] = ()

    def validate(self) -> None:
        """At most the whole."""
        super().validate()
        proportions_given(self.proportions)

    def on_start(self, ctx: Context) -> None:
        """As given, in the order of the symbols."""
        super().on_start(ctx)
        self.weights = by_symbol(ctx.symbols, self.proportions)

    def weigh(self, ctx: Context) -> bool:
        """They stay as they are."""
        return True
