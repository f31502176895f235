"""Statistics of runs, curves and traders: one registry of definitions, and what computes them.

>>> import triplebar as tb
>>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1))
>>> tb.metrics.headline(result)["trades"]
0

Every metric is a number, a text, or None with a reason: never NaN or infinity. One run is measured with NumPy; many
curves and traders with Numba, which is loaded only then.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triplebar.metrics.curves import many as many
    from triplebar.metrics.definitions import REGISTRY as registry  # noqa: N811 - it reads as a name here
    from triplebar.metrics.headlines import headline as headline
    from triplebar.metrics.of_runs import drawdowns as drawdowns
    from triplebar.metrics.of_runs import evaluate as evaluate
    from triplebar.metrics.of_runs import excursions as excursions
    from triplebar.metrics.scoring.rules import ScoringRules as ScoringRules
    from triplebar.metrics.scoring.score import score_traders as score_traders
    from triplebar.metrics.windows import rolling as rolling

PLACES = {
    "ScoringRules": ("scoring.rules", "ScoringRules"),
    "drawdowns": ("of_runs", "drawdowns"),
    "evaluate": ("of_runs", "evaluate"),
    "excursions": ("of_runs", "excursions"),
    "headline": ("headlines", "headline"),
    "many": ("curves", "many"),
    "registry": ("measure", "REGISTRY"),
    "rolling": ("windows", "rolling"),
    "score_traders": ("scoring.score", "score_traders"),
}
"""Public names, the module that each stands in and its name there."""

__all__ = [
    "ScoringRules",
    "drawdowns",
    "evaluate",
    "excursions",
    "headline",
    "many",
    "registry",
    "rolling",
    "score_traders",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands under the name
    if name not in PLACES:
        raise AttributeError(f"module 'triplebar.metrics' has no attribute {name!r}")
    module, own = PLACES[name]
    value = getattr(importlib.import_module(f"triplebar.metrics.{module}"), own)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
