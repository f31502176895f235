"""Whether a choice of parameters is worth anything: windows, splits, verdicts, comparisons.

>>> import triplebar as tb
>>> [split.test.size for split in tb.validation.purged_folds(range(10), 5)]
[2, 2, 2, 2, 2]

`tb.walk_forward`, `tb.correlate` and `tb.sensitivity` stand in the package itself.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triplebar.research.validation.axis import windows_axis as windows_axis
    from triplebar.research.validation.compared import compare_sets as compare_sets
    from triplebar.research.validation.leaders import leader_variants as leader_variants
    from triplebar.research.validation.split_scores import choose_over_splits as choose_over_splits
    from triplebar.research.validation.splits import Split as Split
    from triplebar.research.validation.splits import combinatorial_paths as combinatorial_paths
    from triplebar.research.validation.splits import combinatorial_splits as combinatorial_splits
    from triplebar.research.validation.splits import purged_folds as purged_folds
    from triplebar.research.validation.study_verdict import verdict_of as verdict_of
    from triplebar.research.validation.verdict import Tried as Tried
    from triplebar.research.validation.verdict import Verdict as Verdict
    from triplebar.research.validation.verdict import judge as judge

PLACES = {
    "Split": "splits",
    "Tried": "verdict",
    "Verdict": "verdict",
    "choose_over_splits": "split_scores",
    "combinatorial_paths": "splits",
    "combinatorial_splits": "splits",
    "compare_sets": "compared",
    "judge": "verdict",
    "leader_variants": "leaders",
    "purged_folds": "splits",
    "verdict_of": "study_verdict",
    "windows_axis": "axis",
}
"""Public names, and the module that each stands in."""

__all__ = [
    "Split",
    "Tried",
    "Verdict",
    "choose_over_splits",
    "combinatorial_paths",
    "combinatorial_splits",
    "compare_sets",
    "judge",
    "leader_variants",
    "purged_folds",
    "verdict_of",
    "windows_axis",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands under the name
    if name not in PLACES:
        raise AttributeError(f"module 'triplebar.validation' has no attribute {name!r}")
    return getattr(importlib.import_module(f"triplebar.research.validation.{PLACES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
