"""A guest engine, held to our conventions, equals the Rust core in every table (F-129)."""

import pytest

from tests.engines.campaign import Tally, run_case
from triplebar.contracts.codes import OrderKind
from triplebar.research.factory import create_engine

GUESTS = ("backtrader", "nautilus")
CASES = 200
BATCH = 50


@pytest.mark.feature("F-123", "F-124", "F-129")
@pytest.mark.parametrize("first", range(0, CASES, BATCH))
@pytest.mark.parametrize("name", GUESTS)
def test_guest_equals_core(name: str, first: int) -> None:
    guest, tally = create_engine(name), Tally()
    for seed in range(first, first + BATCH):
        run_case(guest, seed, tally)
    assert not tally.differences, "\n".join(tally.differences)
    assert tally.equal == BATCH
    assert tally.fills > 200
    assert all(tally.kinds[kind.text] > 20 for kind in OrderKind)
