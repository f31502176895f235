"""Canonical bytes: the same in Python and Rust, equal exactly for equal values."""

import json
import random
from collections.abc import Callable
from dataclasses import make_dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.canonical_values import VECTORS, random_value, typed, untyped, vectors
from triplebar.contracts.canonical import DEPTH_MAX, digest, encode

NAIVE = datetime(2024, 1, 1)  # noqa: DTZ001 - the fault under test
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def native_encoder() -> Callable[[object], bytes]:
    native = pytest.importorskip("triplebar._native", reason="the native module is not built")
    encoder: Callable[[object], bytes] = native.canonical_bytes
    return encoder


@pytest.mark.feature("F-015")
def test_the_shared_vectors_are_what_this_side_writes() -> None:
    stored = json.loads(VECTORS.read_text("ascii"))
    assert len(stored) >= 200
    assert stored == vectors()
    for vector in stored:
        value = untyped(vector["value"])
        assert (encode(value).hex(), digest(value)) == (vector["bytes"], vector["digest"])


@pytest.mark.feature("F-015")
def test_python_and_rust_write_the_same_bytes_for_a_thousand_random_values() -> None:
    encoder = native_encoder()
    dice = random.Random(15)
    for _ in range(1_000):
        value = random_value(dice)
        assert encoder(value) == encode(value), typed(value)


@pytest.mark.feature("F-015")
@given(PLAIN)
def test_python_and_rust_write_the_same_bytes(value: Any) -> None:
    encoder = native_encoder()
    try:
        wanted = encode(value)
    except ValueError:  # a lone surrogate
        with pytest.raises(ValueError, match=r"Unicode|surrogate"):
            encoder(value)
        return
    if in_range(value):
        assert encoder(value) == wanted


def in_range(value: Any) -> bool:
    """Rust promises integers of 128 bits, Python any."""
    if isinstance(value, dict):
        return all(map(in_range, value.values()))
    if isinstance(value, list):
        return all(map(in_range, value))
    return not isinstance(value, int) or -(2**127) <= value < 2**127


def same(left: Any, right: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right) and str(left) == str(right)


@pytest.mark.feature("F-015")
@given(PLAIN, PLAIN)
def test_bytes_are_equal_exactly_for_equal_values(left: Any, right: Any) -> None:
    try:
        equal = encode(left) == encode(right)
    except ValueError:
        return
    assert equal == same(left, right)


@pytest.mark.feature("F-015")
@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 5))
def test_equal_decimals_have_equal_bytes(number: Decimal, zeros: int) -> None:
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    padded = Decimal((sign, digits + (0,) * zeros, exponent - zeros))
    assert encode(padded) == encode(number)


@pytest.mark.feature("F-015")
def test_a_time_is_an_instant_and_names_have_no_order() -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert encode(noon) == encode(noon.astimezone(timezone(timedelta(hours=5))))
    assert encode({"a": 1, "b": 2}) == encode({"b": 2, "a": 1})
    assert encode((1, 2)) == encode([1, 2])
    assert encode(make_dataclass("A", ["x", "y"])(1, 2)) == encode(make_dataclass("A", ["y", "x"])(2, 1))
    assert encode(make_dataclass("A", ["x"])(1)) != encode(make_dataclass("B", ["x"])(1)) != encode({"x": 1})


@pytest.mark.parametrize(
    "value",
    [
        object(), {1, 2}, {1: 2}, NAIVE, Decimal("NaN"), Decimal("Infinity"), "\ud800", {"\ud800": 1},
        int, make_dataclass("A", ["x"]), print,
    ],
)  # fmt: skip
def test_what_has_no_canonical_bytes_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"canonical|not a text|time zone|not a finite|Unicode"):
        encode(value)


def test_deep_nesting_is_refused_not_fatal() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match=f"more than {DEPTH_MAX} deep"):
        encode(value)
