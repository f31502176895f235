"""Named random streams: repeatable, and deaf to one another."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.random import RandomStream, draw, draw_ppb, fnv1a64, splitmix, stream_key

SEEDS = st.integers(0, 2**64 - 1)
NAMES = st.sampled_from(["latency", "misses", "partials", "fractions", "strategy"])


@pytest.mark.feature("F-016")
@pytest.mark.rule("S-56")
@given(SEEDS, NAMES)
def test_the_same_seed_and_name_give_the_same_draws(seed: int, name: str) -> None:
    first, second = RandomStream(seed, name), RandomStream(seed, name)
    assert [first.bits() for _ in range(20)] == [second.bits() for _ in range(20)]
    assert first.bits() == draw(seed, name, 20)


@pytest.mark.feature("F-016")
@pytest.mark.rule("S-56")
@given(SEEDS, st.lists(NAMES, max_size=40))
def test_draws_from_one_stream_leave_the_others_unchanged(seed: int, order: list[str]) -> None:
    streams = {name: RandomStream(seed, name) for name in set(order)}
    drawn: dict[str, list[int]] = {name: [] for name in streams}
    for name in order:
        drawn[name].append(streams[name].bits())
    for name, values in drawn.items():
        assert values == [draw(seed, name, number) for number in range(len(values))]


@pytest.mark.feature("F-016")
@given(SEEDS)
def test_names_and_seeds_tell_streams_apart(seed: int) -> None:
    names = ["latency", "misses", "partials", "fractions", "strategy"]
    assert len({stream_key(seed, name) for name in names}) == len(names)
    assert stream_key(seed, "latency") != stream_key(seed ^ 1, "latency")


@pytest.mark.rule("S-56")
def test_published_vectors_of_the_parts() -> None:
    assert [hex(fnv1a64(text)) for text in (b"", b"a", b"foobar")] == [
        "0xcbf29ce484222325", "0xaf63dc4c8601ec8c", "0x85944171f73967e8",
    ]  # fmt: skip
    state, outputs = 1234567, []
    for _ in range(3):
        outputs.append(splitmix(state))
        state = (state + 0x9E37_79B9_7F4A_7C15) % 2**64
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.rule("S-56")
def test_a_draw_is_what_the_definition_says() -> None:
    key = splitmix(splitmix(7) ^ fnv1a64(b"latency"))
    assert draw(7, "latency", 3) == splitmix(key ^ splitmix(3))
    assert draw_ppb(7, "latency", 3) == draw(7, "latency", 3) % 10**9


def test_draws_are_even() -> None:
    stream = RandomStream(3, "dice")
    rolls = Counter(stream.integer(1, 6) for _ in range(60_000))
    assert set(rolls) == {1, 2, 3, 4, 5, 6}
    assert all(abs(count - 10_000) < 400 for count in rolls.values())
    hits = sum(stream.chance(0.05) for _ in range(100_000))
    assert abs(hits - 5_000) < 300


@given(SEEDS, st.lists(st.integers(), min_size=1, max_size=30))
def test_shuffles_keep_the_items_and_choices_come_from_them(seed: int, items: list[int]) -> None:
    stream = RandomStream(seed, "x")
    shuffled = list(items)
    stream.shuffle(shuffled)
    assert sorted(shuffled) == sorted(items)
    assert stream.choice(items) in items
    assert 2.0 <= stream.uniform(2.0, 3.0) < 3.0
    again = RandomStream(seed, "x", counter=stream.counter)
    assert again.bits() == stream.bits()
    assert repr(RandomStream(1, "x")) == "RandomStream(1, 'x', counter=0)"


def test_impossible_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="high is below low"):
        RandomStream(1, "x").integer(2, 1)
    with pytest.raises(ValueError, match="at least one item"):
        RandomStream(1, "x").choice([])
