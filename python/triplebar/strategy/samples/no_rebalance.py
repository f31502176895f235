"""A portfolio that is bought once."""

from collections.abc import Sequence

from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.samples.weighted import by_symbol, proportions_given
from triplebar.strategy.sizing import affordable, size_grids


class NoRebalance(Strategy):
    """Buys each instrument once, in the given proportions, in the order of the symbols; equal ones if none are given.

    A share `reserve` of the equity stays in cash. What the account refuses is tried again at the next bar.

    >>> NoRebalance(proportions=[0.6, 0.4])
    NoRebalance(proportions=(0.6, 0.4), reserve=0.02)
    """

    proportions: Sequence[float] = ()
    reserve: float = 0.02

    def validate(self) -> None:
        """At most the whole."""
        proportions_given(self.proportions)
        if not 0 <= self.reserve < 1:
            raise ValueError(f"reserve = {self.reserve} must be at least 0 and below 1")

    def on_start(self, ctx: Context) -> None:
        """One share for each instrument; what is to be bought is fixed when its first bar is seen."""
        self.shares = by_symbol(ctx.symbols, self.proportions)
        self.grids = size_grids(ctx)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Buy, unless it is bought or being bought."""
        if ctx.position(bar.symbol) or ctx.open_orders(bar.symbol):
            return
        share = self.shares[bar.symbol] * (1 - self.reserve)
        quantity = affordable(ctx, self.grids[bar.symbol], bar.symbol, share)
        if quantity > 0:
            ctx.buy(bar.symbol, quantity, tag="hold")
