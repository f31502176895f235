"""What holds for every run of the reference engine holds for every run of the Rust core: the same tests, once more."""

from collections.abc import Iterator

import pytest

from tests.generators import random_case
from tests.reference import test_properties as properties
from tests.reference.test_properties import (
    test_a_cash_account_is_never_in_debt_and_never_short,
    test_buys_and_sells_are_mirror_images,
    test_costs_are_never_in_favour_and_limits_are_kept,
    test_equity_is_cash_and_positions_at_marks_at_every_tick,
    test_insurance_pays_only_for_liquidations,
    test_positions_and_trades_agree_with_a_second_book,
    test_postings_of_every_source_sum_to_zero,
    test_the_final_equity_is_what_was_put_in_and_earned_less_what_was_paid,
    test_the_future_cannot_change_the_past,
    test_the_same_case_gives_the_same_facts,
    test_the_test_of_the_future_notices_a_change_of_the_past,
)
from triplebar.engines.custom import CustomEngine
from triplebar.engines.custom.facts import NativeFacts

__all__ = [
    "test_a_cash_account_is_never_in_debt_and_never_short",
    "test_buys_and_sells_are_mirror_images",
    "test_costs_are_never_in_favour_and_limits_are_kept",
    "test_equity_is_cash_and_positions_at_marks_at_every_tick",
    "test_insurance_pays_only_for_liquidations",
    "test_positions_and_trades_agree_with_a_second_book",
    "test_postings_of_every_source_sum_to_zero",
    "test_the_final_equity_is_what_was_put_in_and_earned_less_what_was_paid",
    "test_the_future_cannot_change_the_past",
    "test_the_same_case_gives_the_same_facts",
    "test_the_test_of_the_future_notices_a_change_of_the_past",
]


@pytest.fixture(autouse=True, scope="module")
def the_core_instead_of_the_reference() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(properties, "ReferenceEngine", CustomEngine)
        yield


def test_it_is_the_core_that_runs() -> None:
    assert isinstance(properties.facts_of(random_case(1)), NativeFacts)
