"""Several causes at once, causes without a switch, and how shares are split."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb
from tests.generators import random_case
from tests.verify.injections import CONFIG, MARKET, Busy
from tests.verify.strangers import Stranger
from triplebar.research.verify import causes
from triplebar.research.verify.distance import Glasses
from triplebar.research.verify.explaining import Explainer, Explanation
from triplebar.research.verify.intervals import rate_of, rate_rounded_up, roundest
from triplebar.research.verify.rerun import Reruns
from triplebar.research.verify.shares import apportioned, averaged
from triplebar.research.verify.side import Side


def explained(strategy: Any, config: tb.BacktestConfig = CONFIG, **values: Any) -> Explanation:
    """The difference between our engine and a stranger with other settings."""
    left, right = (Side.of(tb.run(strategy, MARKET, config, engine=each)) for each in ("custom", Stranger(**values)))
    return Explainer(left, right, Reruns(strategy, MARKET)).explanation()


def amounts(found: Explanation) -> dict[str, int]:
    return {each.cause: each.amount_minor for each in found.shares}


@pytest.mark.feature("F-131")
def test_two_causes_at_once_are_found_and_split() -> None:
    found = explained(Busy(), fill="same_close", path="adaptive")
    assert set(found.switched) == {"fill = same_close", "path = adaptive"}
    assert amounts(found)[causes.UNEXPLAINED] == 0
    assert sum(amounts(found).values()) == found.difference_minor


@pytest.mark.feature("F-131")
def test_three_causes_at_once() -> None:
    found = explained(Busy(), fill="same_close", path="adaptive", half_spread_ticks={0: 0, 1: 0})
    assert {causes.FILL_TIME, causes.PATH, causes.SPREAD} <= set(amounts(found))
    assert amounts(found)[causes.UNEXPLAINED] == 0


@pytest.mark.feature("F-131")
def test_without_an_engine_to_run_again_paired_orders_tell() -> None:
    left, right = (Side.of(tb.run(Busy(), MARKET, each)) for each in (CONFIG, CONFIG.replace(fill="same_close")))
    found = Explainer(left, right).explanation()
    assert found.runs == 0
    assert set(amounts(found)) == {causes.UNEXPLAINED, causes.FILL_TIME, causes.TRAILING}
    assert found.unexplained_minor == 0
    assert sum(amounts(found).values()) == found.difference_minor


class Moody(tb.Strategy):
    """Does something else every time it is run."""

    runs = [0]  # noqa: RUF012 - shared on purpose

    def on_start(self, ctx: Any) -> None:
        type(self).runs[0] += 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 5:
            ctx.buy(bar.symbol, type(self).runs[0])


@pytest.mark.feature("F-131")
def test_a_strategy_that_decides_otherwise_for_no_reason_is_unexplained() -> None:
    left, right = (Side.of(tb.run(Moody(), MARKET, CONFIG)) for _ in range(2))
    found = Explainer(left, right).explanation()
    assert found.main == causes.UNEXPLAINED
    assert found.unexplained_minor == found.difference_minor != 0


@pytest.mark.feature("F-131")
def test_an_account_that_is_off_is_named() -> None:
    """The engine's own equity is not what its fills make it."""
    result = tb.run(Busy(), MARKET, CONFIG)
    left = Side.of(result)

    def richer(name: str) -> Any:
        table = result.canonical(name)
        if name != "equity":
            return table
        place = table.column_names.index("equity")
        off = [value + 12_345 for value in table.column("equity").to_pylist()]
        return table.set_column(place, table.schema.field(place), [off])

    found = Explainer(left, replace(left, table=richer, name="stranger"), Reruns(Busy(), MARKET)).explanation()
    assert amounts(found) == {causes.UNEXPLAINED: 0, causes.ACCOUNT: 12_345}


@pytest.mark.feature("F-131")
@pytest.mark.parametrize("seed", range(24))
def test_shares_add_up_in_random_cases(seed: int) -> None:
    """Several currencies, liquidations, deposits, all kinds of orders: against the same case with two rules changed."""
    case = random_case(seed)
    left = Side.of(tb.run(case.script(), case.market, case.config))
    stranger = Stranger(path="adaptive", fill="same_close" if case.settings.fill == "next_open" else "next_open")
    right = Side.of(tb.run(case.script(), case.market, case.config, engine=stranger))
    for reruns in (None, Reruns(case.script(), case.market)):
        found = Explainer(left, right, reruns).explanation()
        assert sum(each.amount_minor for each in found.shares) == found.difference_minor
        assert abs(found.unexplained_minor) <= max(abs(found.difference_minor) // 1000, 10), found


def test_distance_is_nothing_only_for_equal_rows() -> None:
    sides = [Side.of(tb.run(Busy(), MARKET, each)) for each in (CONFIG, CONFIG.replace(commission_bps=3))]
    assert Glasses(sides[0]).distance(sides[0]).nothing
    fees = Glasses(sides[0]).distance(sides[1])
    assert 0 < fees.rows <= 3 * sides[0].fills["order"].size
    assert fees.area > 0


# --------------------------------------------------------------------------------------------------------- numbers


@given(st.dictionaries(st.text(min_size=1), st.fractions(-1000, 1000), min_size=1))
def test_apportioned_amounts_are_near_and_add_up(given_amounts: dict[str, Fraction]) -> None:
    whole = sum(given_amounts.values(), Fraction(0))
    total = whole.__floor__()
    given_amounts = {**given_amounts, "rest": Fraction(total - whole)}
    found = apportioned(given_amounts, total)
    assert sum(found.values()) == total
    assert all(abs(found[name] - amount) <= 1 for name, amount in given_amounts.items())


@given(st.lists(st.integers(-100, 100), min_size=8, max_size=8))
def test_averaged_shares_add_up_whatever_the_worth(worth: list[int]) -> None:
    def value(chosen: frozenset[str]) -> int:
        return worth[("a" in chosen) + 2 * ("b" in chosen) + 4 * ("c" in chosen)]

    assert sum(averaged(["a", "b", "c"], value).values()) == worth[7] - worth[0]


@given(st.integers(0, 10**8), st.lists(st.integers(10**4, 10**12), min_size=1, max_size=20))
def test_a_rate_is_found_again(ppb: int, notionals: list[int]) -> None:
    fees = [(each * ppb + 5 * 10**8) // 10**9 for each in notionals]
    found = roundest(rate_of(fee, each) for fee, each in zip(fees, notionals, strict=True))
    assert found is not None
    assert all(abs(each * found / 10**9 - fee) <= Fraction(1, 2) for fee, each in zip(fees, notionals, strict=True))
    up = [-(-each * ppb // 10**9) for each in notionals]
    assert roundest(rate_rounded_up(part, each) for part, each in zip(up, notionals, strict=True)) is not None


def test_no_rate_fits_everything() -> None:
    assert roundest([rate_of(10, 1_000), rate_of(30, 1_000)]) is None
    assert roundest([]) is None
    assert roundest([(Fraction(123_456), Fraction(123_789))]) == 123_500


@pytest.mark.feature("F-131")
def test_many_causes_at_once_are_split_in_the_order_in_which_they_were_found() -> None:
    """More than four causes: too many runs for every order, so the shares follow the search."""
    changed = CONFIG.replace(
        fill="same_close", path="adaptive", commission_bps=9, slippage=None, spread=None, close_at_end=True
    )
    left, right = (Side.of(tb.run(Busy(), MARKET, each)) for each in (CONFIG, changed))
    found = Explainer(left, right, Reruns(Busy(), MARKET)).explanation()
    assert len(found.switched) >= 5
    assert amounts(found)[causes.UNEXPLAINED] == 0
    assert sum(amounts(found).values()) == found.difference_minor


@pytest.mark.feature("F-131")
def test_a_rule_under_which_the_strategy_cannot_live_is_not_the_cause() -> None:
    """A strategy that fails in the runs that explain: what the paired orders say remains."""

    class Touchy(Busy):
        def on_fill(self, ctx: Any, fill: Any) -> None:
            if fill.moment == "close":
                raise ValueError("too late")

    left, right = (Side.of(tb.run(Busy(), MARKET, each)) for each in (CONFIG, CONFIG.replace(fill="same_close")))
    right = replace(right, settings=left.settings, name="stranger")
    found = Explainer(left, right, Reruns(Touchy(), MARKET)).explanation()
    assert "fill = same_close" not in found.switched
    assert sum(amounts(found).values()) == found.difference_minor


@pytest.mark.feature("F-131")
def test_runs_that_end_early_are_compared_over_what_both_have() -> None:
    short = MARKET.between(end=int(MARKET.clock[400]))
    left, right = (Side.of(tb.run(Busy(), each, CONFIG)) for each in (MARKET, short))
    found = Explainer(left, replace(right, market=MARKET)).explanation()
    assert sum(amounts(found).values()) == found.difference_minor
    assert causes.END in amounts(found)
    assert Glasses(left).distance(replace(right, market=MARKET)).rows > 100
