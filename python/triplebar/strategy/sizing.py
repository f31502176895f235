"""From a share of the equity to a size on the instrument's grid, and from weights to orders.

Everything here compiles: what is asked of an instrument is asked once, in `on_start`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from triplebar.contracts.exact import exact

if TYPE_CHECKING:
    from triplebar.contracts.instruments import Instrument
    from triplebar.strategy.context import Context

SNAP: Final = 1e-6
"""Within this distance of a whole number of the finest units a size is that number, as for the engine (S-02)."""


class SizeGrid:
    """The sizes that an instrument trades in, and what one unit is worth at a price of one.

    >>> from triplebar.contracts.instruments import Instrument
    >>> grid = SizeGrid(Instrument("X", size_precision=2, size_step=0.05))
    >>> grid.down(1.239), grid.down(1.25), grid.down(-3)
    (1.2, 1.25, 0.0)
    >>> grid.worth(1_000, 3.3)
    303.0
    """

    def __init__(self, instrument: Instrument) -> None:
        """Keep the numbers that count."""
        self.finest = 10.0**instrument.size_precision
        step = instrument.size_step
        self.step = 1 if step is None else int(exact(step).scaleb(instrument.size_precision))
        self.multiplier = float(instrument.multiplier)

    def down(self, quantity: float) -> float:
        """The largest size that is not above `quantity`; 0 if that is negative."""
        scaled = quantity * self.finest
        if not 0.0 < scaled < 9e15:
            return 0.0
        nearest = round(scaled)
        whole = nearest if abs(scaled - nearest) <= SNAP else math.floor(scaled)
        return (whole - whole % self.step) / self.finest

    def worth(self, money: float, price: float) -> float:
        """The size that so much money pays for; prices are taken to be in the base currency."""
        return self.down(money / (price * self.multiplier))


def size_grids(ctx: Context) -> dict[str, SizeGrid]:
    """The grid of each instrument, for `on_start`."""
    return {symbol: SizeGrid(ctx.instrument(symbol)) for symbol in ctx.symbols}


def affordable(ctx: Context, grid: SizeGrid, symbol: str, share: float) -> float:
    """The size that a share of the equity pays for at the last close; 0 before the first bar and without equity."""
    bar = ctx.bar(symbol)
    if bar is None:
        return 0.0
    return grid.worth(share * ctx.equity, bar.close)


def rebalance(ctx: Context, grids: Mapping[str, SizeGrid], weights: Mapping[str, float], part: float) -> None:
    """Send the market orders that bring each position to its weight of a part of the equity.

    Sales go first: they free what the purchases need.
    """
    for selling in (True, False):
        for symbol in ctx.symbols:
            wanted = affordable(ctx, grids[symbol], symbol, weights[symbol] * part)
            held = ctx.position(symbol)
            if wanted != held and (wanted < held) == selling:
                ctx.target(symbol, wanted, tag="rebalance")
