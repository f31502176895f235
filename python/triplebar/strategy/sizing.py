"""From a share of the equity to a size on the instrument's grid, and from weights to orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from triplebar.contracts.exact import exact

if TYPE_CHECKING:
    from triplebar.contracts.instruments import Instrument
    from triplebar.strategy.context import Context


def affordable(ctx: Context, symbol: str, share: float) -> float:
    """The size, rounded down to the grid, that a share of the equity pays for at the last close.

    Prices are taken to be in the base currency. 0 before the first bar, and with no equity left.
    """
    bar = ctx.bar(symbol)
    if bar is None:
        return 0.0
    instrument = ctx.instrument(symbol)
    return on_grid(instrument, share * ctx.equity / (bar.close * float(instrument.multiplier)))


def on_grid(instrument: Instrument, quantity: float) -> float:
    """The largest size on the instrument's grid that is not above `quantity`; 0 if that is negative.

    >>> from triplebar.contracts.instruments import Instrument
    >>> on_grid(Instrument("X", size_precision=2, size_step=0.05), 1.239)
    1.2
    """
    step = exact(instrument.size_step or Decimal(1).scaleb(-instrument.size_precision))
    steps = (exact(quantity) / step).to_integral_value(ROUND_FLOOR)
    return max(0.0, float(steps * step))


def rebalance(ctx: Context, weights: Mapping[str, float]) -> None:
    """Send the market orders that bring each position to its share of the equity.

    Sales go first: they free what the purchases need.
    """
    changes = []
    for symbol in sorted(weights):
        target = affordable(ctx, symbol, weights[symbol])
        change = target - ctx.position(symbol)
        if change:
            changes.append((change, symbol, target))
    for _change, symbol, target in sorted(changes):
        ctx.target(symbol, target, tag="rebalance")
