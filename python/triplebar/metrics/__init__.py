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
    from triplebar.metrics.statistics.aligned import daily_returns as daily_returns
    from triplebar.metrics.statistics.comparison import compare_variants as compare_variants
    from triplebar.metrics.statistics.confidence import confidence as confidence
    from triplebar.metrics.statistics.overfitting import overfitting_probability as overfitting_probability
    from triplebar.metrics.statistics.sharpe import SharpeRatio as SharpeRatio
    from triplebar.metrics.statistics.sharpe import TrackRecord as TrackRecord
    from triplebar.metrics.statistics.sharpe import deflated_sharpe as deflated_sharpe
    from triplebar.metrics.statistics.sharpe import deviation_of_trials as deviation_of_trials
    from triplebar.metrics.statistics.sharpe import expected_maximum_sharpe as expected_maximum_sharpe
    from triplebar.metrics.statistics.sharpe import minimum_track_record as minimum_track_record
    from triplebar.metrics.statistics.sharpe import probabilistic_sharpe as probabilistic_sharpe
    from triplebar.metrics.statistics.trials import correlations as correlations
    from triplebar.metrics.statistics.trials import effective_trials as effective_trials
    from triplebar.metrics.windows import rolling as rolling

PLACES = {
    "ScoringRules": ("scoring.rules", "ScoringRules"),
    "SharpeRatio": ("statistics.sharpe", "SharpeRatio"),
    "TrackRecord": ("statistics.sharpe", "TrackRecord"),
    "compare_variants": ("statistics.comparison", "compare_variants"),
    "confidence": ("statistics.confidence", "confidence"),
    "correlations": ("statistics.trials", "correlations"),
    "daily_returns": ("statistics.aligned", "daily_returns"),
    "deflated_sharpe": ("statistics.sharpe", "deflated_sharpe"),
    "deviation_of_trials": ("statistics.sharpe", "deviation_of_trials"),
    "drawdowns": ("of_runs", "drawdowns"),
    "effective_trials": ("statistics.trials", "effective_trials"),
    "evaluate": ("of_runs", "evaluate"),
    "excursions": ("of_runs", "excursions"),
    "expected_maximum_sharpe": ("statistics.sharpe", "expected_maximum_sharpe"),
    "headline": ("headlines", "headline"),
    "many": ("curves", "many"),
    "minimum_track_record": ("statistics.sharpe", "minimum_track_record"),
    "overfitting_probability": ("statistics.overfitting", "overfitting_probability"),
    "probabilistic_sharpe": ("statistics.sharpe", "probabilistic_sharpe"),
    "registry": ("measure", "REGISTRY"),
    "rolling": ("windows", "rolling"),
    "score_traders": ("scoring.score", "score_traders"),
}
"""Public names, the module that each stands in and its name there."""

__all__ = [
    "ScoringRules",
    "SharpeRatio",
    "TrackRecord",
    "compare_variants",
    "confidence",
    "correlations",
    "daily_returns",
    "deflated_sharpe",
    "deviation_of_trials",
    "drawdowns",
    "effective_trials",
    "evaluate",
    "excursions",
    "expected_maximum_sharpe",
    "headline",
    "many",
    "minimum_track_record",
    "overfitting_probability",
    "probabilistic_sharpe",
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
