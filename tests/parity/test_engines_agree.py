"""The Rust core equals the executable specification, bit for bit (F-070)."""

import pytest

from tests.generators import random_case
from tests.generators_bands import banded_case
from tests.parity.comparing import difference, essentials, outcome
from triplebar.contracts.codes import Reason
from triplebar.engines.reference import ReferenceEngine

CASES = 2_000
BANDED = 600
BATCH = 100
ONCE_DIFFERENT = (4135,)
"""Cases beyond the first ones that were not equal once."""


@pytest.mark.feature("F-070")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, CASES, BATCH))
def test_core_equals_reference(first: int) -> None:
    differences = [found for seed in range(first, first + BATCH) if (found := difference(seed, random_case))]
    assert not differences, "\n".join(differences)


@pytest.mark.feature("F-070")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, BANDED, BATCH))
def test_core_equals_reference_at_the_edges(first: int) -> None:
    differences = [found for seed in range(first, first + BATCH) if (found := difference(seed, banded_case))]
    assert not differences, "\n".join(differences)


@pytest.mark.rule("S-63")
def test_a_wallet_of_several_currencies_may_be_wider_than_an_amount() -> None:
    assert difference(700_288, banded_case) is None


@pytest.mark.rule("S-66")
@pytest.mark.parametrize("seed", ONCE_DIFFERENT)
def test_what_was_mended_stays_mended(seed: int) -> None:
    assert difference(seed, random_case) is None


def test_the_edges_are_reached() -> None:
    reasons: set[int] = set()
    errors: set[str] = set()
    handlers: set[str] = set()
    for seed in range(150):
        case = banded_case(seed)
        found = outcome(ReferenceEngine(), case)
        if isinstance(found, str):
            errors.add(essentials(found)[0])
        else:
            reasons.update(found.table("orders")["reason"].to_pylist())
        handlers.update(case.script().handlers())
    assert Reason.NOTIONAL_ABOVE_MAXIMUM in reasons
    assert "ExecutionError" in errors
    assert {"on_fill", "on_order", "on_timer"} <= handlers


def test_errors_that_name_different_ticks_are_different() -> None:
    one, other = "ExecutionError: tick 3 at noon, cash: 2e19", "ExecutionError: tick 4 at noon: a sum"
    assert essentials(one) != essentials(other)
    assert essentials(one) == essentials("ExecutionError: tick 3 at midnight: something else")
