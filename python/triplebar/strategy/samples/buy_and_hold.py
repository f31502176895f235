"""Buy once, keep it."""

from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.sizing import affordable, size_grids


class BuyAndHold(Strategy):
    """Buys at the first bar and keeps what it has.

    Each instrument gets `quantity`, or, without one, an equal part of `share` of the equity. What the account refuses,
    say after a gap up, is tried again at the next bar.

    >>> BuyAndHold(quantity=10)
    BuyAndHold(share=0.95, quantity=10.0)
    """

    share: float = 0.95
    quantity: float | None = None

    def validate(self) -> None:
        """Refuse sizes that buy nothing."""
        if not 0 < self.share <= 1:
            raise ValueError(f"share = {self.share} must be above 0 and at most 1")
        if self.quantity is not None and self.quantity <= 0:
            raise ValueError(f"quantity = {self.quantity} must be above 0")

    def on_start(self, ctx: Context) -> None:
        """Sizes are on each instrument's grid."""
        self.grids = size_grids(ctx)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Buy, unless it is bought or being bought."""
        if ctx.position(bar.symbol) or ctx.open_orders(bar.symbol):
            return
        if self.quantity is not None:
            ctx.buy(bar.symbol, self.quantity, tag="hold")
            return
        wanted = affordable(ctx, self.grids[bar.symbol], bar.symbol, self.share / len(ctx.symbols))
        if wanted > 0:
            ctx.buy(bar.symbol, wanted, tag="hold")
