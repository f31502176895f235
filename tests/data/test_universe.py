"""Who could be traded when; is there enough history."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import DAY, good, minutes, two
from triplebar.contracts.errors import ConfigError, InsufficientDataError, UnknownSymbolError
from triplebar.data.history import bars_available, require_history
from triplebar.data.market import Market
from triplebar.data.universe import Membership, Universe


@pytest.mark.feature("F-036")
def test_a_delisted_symbol_is_visible_before_and_not_after() -> None:
    universe = Universe([Membership("GONE", "2020-01-01T00:00:00Z", "2022-06-30T00:00:00Z"), Membership("STAYS", 0)])
    assert universe.at("2022-06-29T23:59:59Z") == ("GONE", "STAYS")
    assert universe.at("2022-06-30T00:00:00Z") == ("STAYS",)
    assert universe.at("2019-12-31T00:00:00Z") == ("STAYS",)
    assert universe.on(date(2022, 6, 29)) == ("GONE", "STAYS")
    assert universe.on(date(2022, 6, 30)) == ("STAYS",)
    assert universe.holds("GONE", "2021-01-01T00:00:00Z")
    assert not universe.holds("GONE", "2023-01-01T00:00:00Z")


@pytest.mark.feature("F-036")
@given(
    st.lists(
        st.tuples(st.sampled_from("ABCD"), st.integers(0, 50), st.one_of(st.none(), st.integers(1, 50))), max_size=6
    ),
    st.integers(0, 120),
)
def test_no_future_member_is_seen(members: list[tuple[str, int, int | None]], now: int) -> None:
    """What is seen now does not change if everything that begins later is taken away."""
    known: dict[str, Membership] = {}
    for symbol, start, length in members:
        known.setdefault(symbol, Membership(symbol, start, None if length is None else start + length))
    past = [each for each in known.values() if each.start_ns <= now]
    seen = Universe(known.values()).at(now)
    assert seen == Universe(past).at(now)
    assert seen == tuple(sorted(each.symbol for each in past if each.end_ns is None or each.end_ns > now))


@pytest.mark.feature("F-036")
def test_the_universe_of_a_market() -> None:
    market = Market.from_table(pa.concat_tables([good(3, "A"), good(6, "B").slice(2)]))
    universe = Universe.of_market(market)
    assert [universe.at(time) for time in minutes(0.5, 1, 2, 3, 4, 6, 9)] == [
        (),
        ("A",),
        ("A",),
        ("A", "B"),
        ("B",),
        ("B",),
        ("B",),
    ]


def test_a_symbol_may_come_back_but_not_twice_at_once() -> None:
    universe = Universe([Membership("A", 20, 30), Membership("A", 0, 10)])
    assert [universe.at(time) for time in (5, 15, 25)] == [("A",), (), ("A",)]
    assert universe.symbols == ("A",)
    with pytest.raises(ConfigError, match=r"A\.start .*the symbol still is a member"):
        Universe([Membership("A", 0), Membership("A", 20)])
    with pytest.raises(ConfigError, match=r"A\.end .*is not after the start"):
        Membership("A", 5, 5)
    with pytest.raises(ValueError, match=r"A\.end: .*no time zone"):
        Membership("A", 5, "2024-01-01")
    with pytest.raises(UnknownSymbolError):
        universe.holds("B", DAY)


@pytest.mark.feature("F-038")
def test_too_little_history_names_symbol_needed_and_available() -> None:
    market = Market.from_table(pa.concat_tables([good(60, "A"), good(20, "B")]))
    with pytest.raises(InsufficientDataError) as caught:
        require_history(market, 50)
    assert (caught.value.symbol, caught.value.needed, caught.value.available) == ("B", 50, 20)
    assert "B: 50 bars are needed, 20 are available" in str(caught.value)
    require_history(market, 50, symbol="A")
    require_history(market, 20)


@pytest.mark.feature("F-038")
def test_history_at_an_instant_counts_closed_bars() -> None:
    market = Market.from_table(two(10))
    assert [bars_available(market, "A", time) for time in minutes(0.5, 1, 5.5, 99)] == [0, 1, 5, 10]
    with pytest.raises(InsufficientDataError, match="A: 6 bars are needed, 5 are available"):
        require_history(market, 6, at=minutes(5)[0])
    with pytest.raises(UnknownSymbolError):
        bars_available(market, "Z")
    with pytest.raises(ConfigError, match="needed"):
        require_history(market, -1)
