"""Strict mode: the same trades at the same times on all engines. Native mode: every difference has a cause."""

import pytest

from tests.verify.reference_strategies import GUESTS, STRATEGIES, Case, cases, unexplained_share

BARS = 160
HALF = [case for number, case in enumerate(cases()) if (number + number // 2) % 2 == 0]
"""Every strategy on every market, every other time with costs."""


@pytest.mark.feature("F-129", "F-130")
@pytest.mark.parametrize("case", HALF, ids=str)
def test_all_engines_agree_in_strict_mode(case: Case) -> None:
    report = case.verify("strict", BARS)
    assert report.agree, str(report)
    assert set(report.divergence) == set(GUESTS)
    assert max(report.divergence.values()) <= 1e-4
    for each in report.agreements:
        assert each.pairing.paired == each.pairing.equal > 0
        assert each.pairing.first_only == each.pairing.second_only == ()
        assert each.first is None


def test_the_half_has_every_strategy_on_every_market_and_both_kinds_of_costs() -> None:
    assert len(HALF) == 25
    assert {(case.strategy, case.market) for case in HALF} == {(case.strategy, case.market) for case in cases()}
    assert {case.costs for case in HALF if case.strategy == "Momentum"} == {"free", "costs"}


@pytest.mark.feature("F-131")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_native_differences_are_explained(strategy: str) -> None:
    for costs in ("free", "costs"):
        for market in ("gaps", "three instruments"):
            report = Case(strategy, market, costs).verify("native", BARS)
            assert not report.failures
            assert all(share < 1e-3 for share in unexplained_share(report)), str(report)
