"""Limits that hold: caps over portfolios of targets, the way from what is held to what is wanted, and stops.

>>> import pyarrow as pa
>>> from triplebar import risk
>>> targets = pa.table(
...     {"symbol": ["BTC", "ETH"], "side": [1, -1], "target_usd": [30_000.0, 4_000.0], "account_value": [1e5, 1e5]}
... )
>>> risk.apply_caps(targets, risk.Caps(per_position=0.10)).column("capped_usd").to_pylist()
[10000.0, 4000.0]

The rules have numbers: docs/risk.md. Everything here is a thin face of the Rust kernels.
"""

from triplebar.risk.caps import Caps as Caps
from triplebar.risk.caps import IdleCap as IdleCap
from triplebar.risk.copying import copy_size as copy_size
from triplebar.risk.copying import weigh_targets as weigh_targets
from triplebar.risk.overlay import STEPS as STEPS
from triplebar.risk.overlay import Overlay as Overlay
from triplebar.risk.overlay import apply_caps as apply_caps
from triplebar.risk.overlay import rank_targets as rank_targets
from triplebar.risk.rebalance import Rebalance as Rebalance
from triplebar.risk.rebalance import rebalance as rebalance
from triplebar.risk.stop_manager import StopManager as StopManager
from triplebar.risk.stops import Stops as Stops
from triplebar.risk.stops import check_stops as check_stops

__all__ = [
    "STEPS",
    "Caps",
    "IdleCap",
    "Overlay",
    "Rebalance",
    "StopManager",
    "Stops",
    "apply_caps",
    "check_stops",
    "copy_size",
    "rank_targets",
    "rebalance",
    "weigh_targets",
]
