"""What all strategies of weights have in common: when to rebalance, and to what."""
# ruff: noqa: ARG002 - handlers have fixed signatures

from collections.abc import Sequence

from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.sizing import rebalance, size_grids


class Weighted(Strategy):
    """Brings the portfolio to `weights` every `interval` ticks of the clock, from the first at which there are weights.

    A share `reserve` of the equity stays in cash, so that a gap up or the fees do not make the account refuse.
    Derive from it and write `weigh`.

    >>> class Half(Weighted):
    ...     def weigh(self, ctx):
    ...         for symbol in ctx.symbols:
    ...             self.weights[symbol] = 0.5 / len(ctx.symbols)
    ...         return True
    >>> Half(interval=5)
    Half(interval=5, reserve=0.02)
    """

    interval: int = 21
    reserve: float = 0.02

    def validate(self) -> None:
        """An interval is at least one tick, the reserve a share."""
        if self.interval < 1:
            raise ValueError(f"interval = {self.interval} must be at least 1")
        if not 0 <= self.reserve < 1:
            raise ValueError(f"reserve = {self.reserve} must be at least 0 and below 1")

    def weigh(self, ctx: Context) -> bool:
        """Write the share of the equity of each instrument into `weights`; False as long as it is too early to say."""
        raise NotImplementedError("a strategy of weights must say its weights")

    def on_start(self, ctx: Context) -> None:
        """Nothing has been balanced yet."""
        self.wait = 0
        self.weights = dict.fromkeys(ctx.symbols, 0.0)
        self.grids = size_grids(ctx)

    def on_slice(self, ctx: Context, bars: dict[str, Bar]) -> None:
        """Rebalance when it is time; orders of the warm-up would be refused, so it does not begin before."""
        if self.wait > 0:
            self.wait -= 1
        if self.wait > 0 or ctx.warming:
            return
        for symbol in ctx.symbols:
            if ctx.bar(symbol) is None:
                return
        if self.weigh(ctx):
            rebalance(ctx, self.grids, self.weights, 1 - self.reserve)
            self.wait = self.interval


def proportions_given(proportions: Sequence[float]) -> None:
    """Refuse proportions that are negative or more than the whole.

    >>> proportions_given((0.5, 0.6))
    Traceback (most recent call last):
    ValueError: proportions (0.5, 0.6) must be at least 0 each and at most 1 together
    """
    if any(share < 0 for share in proportions) or sum(proportions) > 1 + 1e-9:
        raise ValueError(f"proportions {proportions} must be at least 0 each and at most 1 together")


def by_symbol(symbols: Sequence[str], proportions: Sequence[float]) -> dict[str, float]:
    """Proportions by symbol, in the order of the market's symbols; equal ones if none are given.

    >>> by_symbol(("A", "B"), ())
    {'A': 0.5, 'B': 0.5}
    """
    if not proportions:
        return dict.fromkeys(symbols, 1.0 / len(symbols))
    if len(proportions) != len(symbols):
        raise ValueError(f"{len(proportions)} proportions for {len(symbols)} instruments: give one each")
    return dict(zip(symbols, proportions, strict=True))
