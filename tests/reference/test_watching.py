"""What a strategy sees and is told is the same on both engines, to the last bit."""

import importlib
import os
from typing import Any

import pytest

from tests.generators import random_case
from tests.reference.watching import Watcher
from triplebar.contracts.tables import SCHEMAS
from triplebar.engines.reference import ReferenceEngine

SEEDS = range(40)


def watched(engine: Any, seed: int) -> tuple[Any, Watcher]:
    case = random_case(seed)
    watcher = Watcher(steps=case.steps, tolerant=True)
    return engine.run(watcher, case.market, case.settings), watcher


@pytest.mark.feature("F-070", "F-071", "F-076")
@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_tell_a_strategy_the_same(seed: int) -> None:
    try:
        custom = importlib.import_module("triplebar.engines.custom").CustomEngine()
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("the native module is not built")
    (plain, here), (native, there) = watched(ReferenceEngine(), seed), watched(custom, seed)
    assert len(here.seen) > 10
    assert here.seen == there.seen
    assert [name for name in SCHEMAS if not plain.table(name).equals(native.table(name))] == []
    assert plain.labels == native.labels
    assert [each.to_mapping() for each in plain.logs] == [each.to_mapping() for each in native.logs]
