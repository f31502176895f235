"""Spaces: sets by number, never written out."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.random import draw
from triplebar.research.sweeping.conditions import Text, holds

spaces = tb.spaces


@pytest.mark.feature("F-260")
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_a_grid_is_the_cartesian_product(shape: list[int], data: st.DataObject) -> None:
    axes = {f"p{place}": [f"v{value}" for value in range(size)] for place, size in enumerate(shape)}
    space = spaces.grid(axes)
    everything = [dict(zip(axes, each, strict=True)) for each in itertools.product(*axes.values())]
    assert len(space) == len(everything)
    start = data.draw(st.integers(0, len(space) - 1))
    stop = data.draw(st.integers(start, len(space)))
    assert list(space.block(start, stop)) == everything[start:stop]
    assert space[start] == everything[start]


def test_a_space_too_large_for_any_memory_costs_nothing() -> None:
    axis = range(10**6)
    space = spaces.grid({"a": axis, "b": axis, "c": axis}, where="a + b < c")
    assert len(space) == 10**18
    number = 123_456_789_012_345_678
    assert space[10**18 - 10**12 * 10**6 + 5] == {"a": 0, "b": 0, "c": 5}
    with pytest.raises(tb.ConfigError, match="does not meet the condition"):
        space[number]
    drawn = spaces.random({"x": spaces.uniform(0, 1), "n": spaces.integers(1, 10**9)}, count=2**62, seed=3)
    assert drawn[2**62 - 1] == list(drawn.sets(range(2**62 - 3, 2**62)))[2]


@given(st.integers(0, 2**40), st.integers(0, 2**64 - 1))
def test_a_random_set_follows_from_seed_and_number(number: int, seed: int) -> None:
    space = spaces.random(
        {
            "length": spaces.integers(5, 45, step=5),
            "width": spaces.uniform(-1, 3),
            "rate": spaces.log_uniform(1e-4, 10),
            "kind": ["SMA", "EMA", None],
        },
        count=2**41,
        seed=seed,
    )
    values = space[number]
    assert values["length"] == 5 + 5 * (draw(seed, "space/length", number) % 9)
    assert values["width"] == -1 + 4 * ((draw(seed, "space/width", number) >> 11) * 2.0**-53)
    assert values["kind"] == ["SMA", "EMA", None][draw(seed, "space/kind", number) % 3]
    assert 1e-4 <= values["rate"] <= 10
    assert values == space.sets(range(max(0, number - 3), number + 1))[min(number, 3)]
    assert type(values["length"]) is int
    assert type(values["width"]) is float


def test_draws_are_even_on_their_scales() -> None:
    space = spaces.random({"rate": spaces.log_uniform(1e-3, 1e1), "side": spaces.choice(-1, 1)}, count=20_000, seed=5)
    sets = space.block(0, 20_000)
    rates = sets.columns["rate"].plain()
    shares = [float(((rates >= low) & (rates < 10 * low)).mean()) for low in (1e-3, 1e-2, 1e-1, 1e0)]
    assert all(abs(share - 0.25) < 0.02 for share in shares)
    assert abs(float(sets.columns["side"].plain().mean())) < 0.05


def test_a_condition_leaves_gaps_in_a_grid_and_none_in_a_random_space() -> None:
    def rising(values: Any) -> Any:
        return values["fast"] < values["slow"]

    space = spaces.grid({"fast": [1, 2, 3], "slow": [1, 2, 3]}, where=rising)
    assert space.block(0, 9).numbers.tolist() == [1, 2, 5]
    drawn = spaces.random({"fast": range(50), "slow": range(50)}, count=500, seed=1, where=rising)
    assert len(drawn.block(0, 500)) == 500
    assert all(each["fast"] < each["slow"] for each in drawn.block(0, 500))
    assert list(drawn.block(0, 500))[77] == drawn[77]
    impossible = spaces.random({"fast": range(50)}, count=5, where=lambda values: values["fast"] > 60)
    with pytest.raises(tb.ConfigError, match="no set that meets the condition was drawn in 1,000 attempts"):
        impossible[0]


CONDITIONS: list[tuple[Any, bool]] = [
    (lambda p: p["a"] < p["b"], True),
    (lambda p: p["a"] < p["b"] and p["b"] != 3, False),
    (lambda p: p["a"] in (1, 2), False),
    (lambda _: True, False),
    (lambda p: (p["kind"] == "x") | (p["a"] > 2), True),
    (lambda p: [0, 1, 2, 3, 4][p["a"]] > 2, False),
    ("a < b and not (kind == 'x')", True),
    ("1 <= a < b <= 3 or a % 2 == 0", True),
    ("-a + 2 * b ** 2 / 3 - b // 2 > 1", True),
]


@pytest.mark.parametrize(("condition", "at_once"), CONDITIONS)
def test_a_condition_is_the_same_at_once_and_set_by_set(condition: Any, at_once: bool) -> None:
    axes: dict[str, Any] = {"a": [1, 2, 3, 4], "b": [1, 2, 3], "kind": ["x", "y"]}
    space = spaces.grid(axes, where=condition)
    asked = []
    test: Any = space.where

    def counted(values: Any) -> Any:
        asked.append(values)
        return test(values)

    found = holds(counted, space.sets(range(24)))
    assert found.tolist() == [bool(test(values)) for values in spaces.grid(axes).sets(range(24))]
    assert (len(asked) < 24) is at_once


def test_an_answer_by_arrays_that_is_not_that_of_each_set_is_not_used() -> None:
    space = spaces.grid({"n": range(100, 200)})
    assert holds(lambda p: 2 ** p["n"] > 2**150, space.sets(range(100))).tolist() == [n > 150 for n in range(100, 200)]


def test_a_function_makes_sets_of_numbers() -> None:
    space = spaces.indexed(lambda number: {"length": 2 + number, "size": 1.5}, count=10, where="length != 4")
    assert space.block(0, 4).numbers.tolist() == [0, 1, 3]
    assert space[3] == {"length": 5, "size": 1.5}


def test_steps() -> None:
    assert spaces.steps(1, 7, 2) == [1, 3, 5, 7]
    assert spaces.steps(0.1, 0.35, 0.1) == [0.1, 0.2, 0.3]
    assert spaces.log_steps(1e-4, 1e-1, 4) == [1e-4, 1e-3, 1e-2, 1e-1]


def test_what_a_space_is() -> None:
    one, other = (spaces.grid({"a": range(3)}, where=where) for where in ("a > 1", "a > 2"))
    assert one.definition() == spaces.grid({"a": range(3)}, where="a > 1").definition()
    assert one.definition() != other.definition()
    above, below = (lambda p: p["a"] > 1, lambda p: p["a"] < 1)
    assert spaces.grid({"a": [1]}, where=above).definition() != spaces.grid({"a": [1]}, where=below).definition()
    definitions = {
        repr(spaces.random({"a": each}, count=3).definition())
        for each in (spaces.uniform(1, 2), spaces.log_uniform(1, 2), spaces.integers(1, 2), [1, 2])
    }
    assert len(definitions) == 4
    assert "function" in spaces.indexed(lambda n: {"a": n}, count=3).definition()


untyped: Any = spaces

BAD: list[tuple[Any, str]] = [
    (lambda: untyped.grid([]), "is no grid"),
    (lambda: untyped.grid({"a": "abc"}), "a = 'abc': is no list of values"),
    (lambda: untyped.grid({"a": [1]}, where=5), "where = 5: is no condition"),
    (lambda: untyped.grid({"a": [1]}, where="a <"), "is no condition: invalid syntax"),
    (lambda: untyped.grid({"alpha": [1]}, where="alhpa < 2"), "there is no parameter 'alhpa'; did you mean 'alpha'"),
    (lambda: untyped.grid({"a": [1]}, where="a.real < 2"), "a.real is not understood"),
    (lambda: untyped.grid({"a": [1]}, where="abs(a) < 2"), "there is no parameter 'abs'"),
    (lambda: untyped.grid(dict.fromkeys("abcd", range(10**6))), "sets; take wider steps"),
    (lambda: untyped.random({}, count=5), "is no space"),
    (lambda: untyped.random({"a": 5}, count=5), "a = 5: is no range"),
    (lambda: untyped.random({"a": [1]}, count=0), "count = 0"),
    (lambda: untyped.random({"a": [1]}, count=1, seed=-1), "seed = -1"),
    (lambda: untyped.uniform(2, 1), "is no range of numbers"),
    (lambda: untyped.uniform("a", 1), "is no range of numbers"),
    (lambda: untyped.log_uniform(0, 1), "must be above 0 on a log scale"),
    (lambda: untyped.integers(1.5, 2), "low = 1.5: must be a whole number"),
    (lambda: untyped.integers(3, 2), "holds no number"),
    (untyped.choice, "nothing to choose from"),
    (lambda: untyped.steps(1, 0, 1), "holds no value"),
    (lambda: untyped.log_steps(1, 2, 1), "count = 1"),
    (lambda: untyped.indexed(5, count=1), "is no function"),
    (lambda: untyped.indexed(lambda n: n, count=1), "the function gave 0; return a mapping"),
    (lambda: untyped.indexed(lambda n: {"a" * (n + 1): 1}, count=2)[1], "return values for a"),
    (lambda: untyped.indexed(lambda n: {"a": 1 // n}, count=2), "raised ZeroDivisionError"),
    (lambda: untyped.grid({"a": [0]}, where=lambda p: 1 / p["a"] > 1)[0], "the condition raised ZeroDivisionError"),
    (lambda: untyped.grid({"a": [0]})[1], "set = 1"),
]


@pytest.mark.parametrize(("make", "message"), BAD, ids=[message for _, message in BAD])
def test_what_is_no_space_is_named(make: Any, message: str) -> None:
    with pytest.raises(tb.TradingError, match=message.replace("(", r"\(").replace(".", r"\.")):
        make()


def test_a_text_holds_what_it_says() -> None:
    assert Text("a > 1", ["a"]).text == "a > 1"
