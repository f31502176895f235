"""Single rules of our own engine are changed in secret; the explainer names them by what the orders did."""

from dataclasses import replace
from functools import cache

import pytest

from tests.verify import injections
from tests.verify.injections import INJECTIONS, MARKET, Busy, Injection
from triplebar.research.verify import causes
from triplebar.research.verify.explaining import Explainer, Explanation
from triplebar.research.verify.rerun import Reruns
from triplebar.research.verify.side import Side


@cache
def explained(number: int, *, secret: bool = True) -> Explanation:
    """What is found about an injection; in secret, the other side is a stranger that hides its settings."""
    injection = INJECTIONS[number]
    left, right = (Side.of(result) for result in injection.runs())
    if secret:
        right = replace(right, settings=left.settings, name="stranger")
    return Explainer(left, right, Reruns(Busy(share=injection.share), MARKET)).explanation()


def named(*, secret: bool) -> list[str]:
    """The injections whose cause is not named."""
    return [each.name for number, each in enumerate(INJECTIONS) if explained(number, secret=secret).main != each.cause]


@pytest.mark.feature("F-131")
@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda each: each.name)
def test_shares_add_up_and_nothing_is_left(injection: Injection) -> None:
    left, right = (Side.of(result) for result in injection.runs())
    found = explained(INJECTIONS.index(injection))
    assert found.difference_minor == right.profit_minor - left.profit_minor != 0
    assert sum(each.amount_minor for each in found.shares) == found.difference_minor
    assert abs(found.unexplained_minor) <= abs(found.difference_minor) / 1000
    assert found.shares[0].cause == causes.UNEXPLAINED


@pytest.mark.feature("F-131")
def test_the_right_cause_is_named_by_what_orders_did() -> None:
    assert len(INJECTIONS) >= 30
    assert len({each.cause for each in INJECTIONS}) >= 12
    missed = named(secret=True)
    assert len(missed) <= len(INJECTIONS) * 0.05, missed


@pytest.mark.feature("F-131")
def test_the_right_cause_is_named_where_both_sides_say_their_settings() -> None:
    assert named(secret=False) == []


def test_an_injection_that_is_none_is_noticed() -> None:
    """The guard above is not blind: without a change there is no cause, and a wrong name would be missed."""
    side = Side.of(injections.run_with(injections.CONFIG, 0.2))
    found = Explainer(side, side, Reruns(Busy(), MARKET)).explanation()
    assert (found.main, found.difference_minor, found.runs) == (None, 0, 0)
    assert explained(0).main != INJECTIONS[3].cause
