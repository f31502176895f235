"""Exact numbers: rounding and the 64-bit range."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference.markets import market_of, run
from triplebar.contracts.errors import ExecutionError
from triplebar.engines.reference.grid import Direction, snap, to_step
from triplebar.engines.reference.units import nearest, ratio_up, scale, share
from triplebar.strategy.base import Strategy

amounts = st.integers(-(2**63), 2**63 - 1)


def half_away(value: Fraction) -> int:
    """The nearest whole number, half away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


@pytest.mark.rule("S-01")
@given(amounts, st.integers(0, 10**10))
def test_scale_is_nearest_half_away_from_zero(amount: int, ppb: int) -> None:
    assert scale(amount, ppb) == half_away(Fraction(amount * ppb, 10**9))
    assert scale(-amount, ppb) == -scale(amount, ppb)


@pytest.mark.rule("S-01")
@given(amounts, st.integers(1, 10**12))
def test_ratios(amount: int, divisor: int) -> None:
    assert nearest(amount, divisor) == half_away(Fraction(amount, divisor))
    assert 0 <= ratio_up(amount, divisor) * divisor - amount < divisor


@pytest.mark.rule("S-67")
@given(amounts, st.integers(1, 1_000), st.integers(0, 1_000))
def test_shares_add_up(amount: int, part: int, rest: int) -> None:
    whole = part + rest
    released = share(amount, part, whole)
    assert abs(released) <= abs(amount)
    assert share(amount, whole, whole) == amount
    assert released * amount >= 0


@pytest.mark.rule("S-02")
@given(st.integers(0, 10**9), st.sampled_from([1, 5, 25]), st.integers(0, 6))
def test_what_is_on_the_grid_stays_there(steps: int, step: int, precision: int) -> None:
    value = steps * step / 10.0**precision
    directions: tuple[Direction, ...] = ("down", "up", "nearest")
    for direction in directions:
        found = snap(value, precision, step, direction)
        assert (found.units, found.moved) == (steps * step, False)


@pytest.mark.rule("S-02")
@pytest.mark.feature("F-004")
@given(st.floats(0, 1e12), st.sampled_from([1, 5, 25]), st.integers(0, 6))
def test_rounding_goes_where_it_is_told_and_by_less_than_a_step(value: float, step: int, precision: int) -> None:
    exact = Fraction(value) * 10**precision
    slack = Fraction(value * 10.0**precision) - exact
    room = abs(slack) + Fraction(1, 10**5)
    down, up = snap(value, precision, step, "down"), snap(value, precision, step, "up")
    assert -room <= exact - down.units < step + room
    assert -room <= up.units - exact < step + room
    assert down.units % step == up.units % step == 0


@pytest.mark.rule("S-02")
@given(st.integers(-(10**6), 10**6), st.integers(1, 100))
def test_nearest_step_is_nearest(units: int, step: int) -> None:
    assert 2 * abs(to_step(units, step, "nearest") - units) <= step


@pytest.mark.rule("S-01")
def test_what_leaves_the_64_bit_range_is_an_error() -> None:
    class TooMuch(Strategy):
        def on_start(self, ctx: Any) -> None:
            ctx.buy("X", 90_000)

    with pytest.raises(ExecutionError, match=r"tick 1 at .*64-bit range"):
        run(TooMuch(), market_of([900_000, 900_000_000]), initial_cash=10**12, cash_precision=6)
