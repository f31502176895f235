"""Money is exact and knows its currency."""

import random
from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.money import Money, scale

ADDITIONS = 1_000_000
AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, places=8)
WIDE = Context(prec=100)


@pytest.mark.feature("F-002")
@pytest.mark.parametrize("combine", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b])
def test_two_currencies_do_not_mix(combine: object) -> None:
    assert callable(combine)
    with pytest.raises(ValueError, match="USD and EUR do not mix"):
        combine(Money.of(1, "USD"), Money.of(1, "EUR"))


@pytest.mark.feature("F-002")
def test_a_million_additions_are_exact() -> None:
    dice = random.Random(2)
    minors = [dice.randint(-(10**15), 10**15) for _ in range(ADDITIONS)]
    total = Money(0, "USD", 8)
    for minor in minors:
        total = total + Money(minor, "USD", 8)
    wanted = Decimal(0)
    for minor in minors:
        wanted = WIDE.add(wanted, WIDE.scaleb(Decimal(minor), -8))
    assert total.amount == wanted


@pytest.mark.feature("F-002")
@given(AMOUNTS, AMOUNTS, st.integers(0, 8), st.integers(-1000, 1000))
def test_arithmetic_equals_that_of_big_decimals(left: Decimal, right: Decimal, places: int, count: int) -> None:
    coarse = WIDE.quantize(right, Decimal(1).scaleb(-places))
    mine, other = Money.of(left, "USD", 8), Money.of(coarse, "USD", places)
    assert (mine + other).amount == WIDE.add(left, coarse)
    assert (mine - other).amount == WIDE.subtract(left, coarse)
    assert (mine * count).amount == WIDE.multiply(left, Decimal(count))
    assert (mine < other, mine == other, mine > other) == (left < coarse, left == coarse, left > coarse)
    assert mine.to_precision(12).to_precision(8) == mine


@pytest.mark.feature("F-002")
def test_a_float_means_the_decimal_it_prints_as() -> None:
    assert sum([Money.of(0.1, "USD")] * 3, start=Money.of(0, "USD")) == Money.of("0.3", "USD")


@pytest.mark.rule("S-01")
@given(st.integers(-(10**30), 10**30), st.integers(0, 10**10))
def test_a_share_is_rounded_to_the_nearest_half_away_from_zero(amount: int, ppb: int) -> None:
    error = scale(amount, ppb) * 10**9 - amount * ppb
    assert abs(error) * 2 <= 10**9
    if abs(error) * 2 == 10**9:
        assert abs(scale(amount, ppb)) * 10**9 > abs(amount) * ppb
    assert scale(-amount, ppb) == -scale(amount, ppb)


@pytest.mark.parametrize("amount", ["abc", float("nan"), float("inf"), True, None, "1e999999"])
def test_what_is_no_amount_is_refused(amount: object) -> None:
    with pytest.raises(ValueError, match=r"is not|too large"):
        Money.of(amount, "USD")  # type: ignore[arg-type]


def test_what_would_round_is_refused() -> None:
    with pytest.raises(ValueError, match="raise the precision"):
        Money.of("0.001", "USD", 2)
    with pytest.raises(ValueError, match="raise the precision"):
        Money.of("0.001", "USD").to_precision(2)
    with pytest.raises(ValueError, match="only whole numbers"):
        Money.of(1, "USD") * 0.5  # type: ignore[operator]
    with pytest.raises(ValueError, match="not negative"):
        Money.of(1, "USD").share(-1)


def test_equal_amounts_are_equal_whatever_their_precision() -> None:
    assert Money.of("1.50", "USD", 8) == Money.of("1.5", "USD", 1) != Money.of("1.5", "EUR", 1)
    assert hash(Money.of("1.50", "USD", 8)) == hash(Money.of("1.5", "USD", 1))
    assert Money.of(1, "USD") != 1
    assert str(-Money.of("1.50", "USD")) == "-1.5 USD"
    assert abs(-Money.of(2, "USD")) == 2 * Money.of(1, "USD")
    assert not Money.of(0, "USD")
