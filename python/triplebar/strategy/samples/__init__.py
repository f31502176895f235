"""Sample strategies: small, complete, ready to run or to copy.

>>> from triplebar.strategy import samples
>>> samples.ALL["MovingAverageCross"](fast=5, slow=20)
MovingAverageCross(fast=5, slow=20, quantity=1.0)
"""

from typing import Final

from triplebar.strategy.base import Strategy
from triplebar.strategy.samples.buy_and_hold import BuyAndHold
from triplebar.strategy.samples.dual_momentum import DualMomentum
from triplebar.strategy.samples.equal_weight import EqualWeight
from triplebar.strategy.samples.mean_reversion import MeanReversion
from triplebar.strategy.samples.momentum import Momentum
from triplebar.strategy.samples.moving_average_cross import MovingAverageCross
from triplebar.strategy.samples.no_rebalance import NoRebalance
from triplebar.strategy.samples.rebalance import Rebalance
from triplebar.strategy.samples.relative_strength import RelativeStrength
from triplebar.strategy.samples.risk_parity import RiskParity

__all__ = [
    "ALL",
    "BuyAndHold",
    "DualMomentum",
    "EqualWeight",
    "MeanReversion",
    "Momentum",
    "MovingAverageCross",
    "NoRebalance",
    "Rebalance",
    "RelativeStrength",
    "RiskParity",
]

ALL: Final[dict[str, type[Strategy]]] = {
    each.__name__: each
    for each in (
        BuyAndHold,
        DualMomentum,
        EqualWeight,
        MeanReversion,
        Momentum,
        MovingAverageCross,
        NoRebalance,
        Rebalance,
        RelativeStrength,
        RiskParity,
    )
}
"""All samples by name."""
