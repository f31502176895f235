"""Time is UTC-aware and whole to the nanosecond; a naive time is refused wherever it could enter."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.clock import SimulatedClock
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.costs import Funding
from triplebar.contracts.fills import Fill
from triplebar.contracts.orders import OrderRequest
from triplebar.contracts.time import from_ns, from_text, to_ns, to_text, utc
from triplebar.contracts.trades import Trade

NAIVE = datetime(2024, 1, 2)  # noqa: DTZ001 - the fault under test

ENTRANCES: dict[str, Callable[[datetime], object]] = {
    "config start": lambda when: BacktestConfig(start=when),
    "config end": lambda when: BacktestConfig(end=when),
    "config rates": lambda when: BacktestConfig(rates={"EUR": [(when, 1.1)]}),
    "funding schedule": lambda when: Funding(schedule=[(when, 0.0001)]),
    "order request": lambda when: OrderRequest(
        symbol="X", side="buy", quantity=1, kind="limit", limit=1.0, tif="gtd", expire=when
    ),
    "bar": lambda when: Bar("X", when, 1.0, 1.0, 1.0, 1.0, 1.0),  # type: ignore[arg-type]
    "quote": lambda when: Quote("X", when, last=1.0),  # type: ignore[arg-type]
    "fill": lambda when: Fill(1, "X", 1, 1.0, 1.0, 0.0, when),  # type: ignore[arg-type]
    "trade entry": lambda when: Trade(
        symbol="X", side=1, quantity=1, entry_price=1, exit_price=1,
        entry_time_ns=when, exit_time_ns=2**62,  # type: ignore[arg-type]
    ),
    "trade exit": lambda when: Trade(
        symbol="X", side=1, quantity=1, entry_price=1, exit_price=1,
        entry_time_ns=0, exit_time_ns=when,  # type: ignore[arg-type]
    ),
    "clock start": SimulatedClock,
    "clock schedule": lambda when: SimulatedClock(0).schedule_at(when, print),
    "text": lambda when: utc(when.isoformat()),
}  # fmt: skip


@pytest.mark.feature("F-001")
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_a_naive_time_is_refused_where_an_aware_one_is_taken(entrance: str) -> None:
    ENTRANCES[entrance](NAIVE.replace(tzinfo=UTC))
    with pytest.raises(ValueError, match=r"time zone"):
        ENTRANCES[entrance](NAIVE)


@pytest.mark.feature("F-001")
@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_nanoseconds_survive_the_round_trip_through_text(time_ns: int) -> None:
    assert from_text(to_text(time_ns)) == time_ns


@pytest.mark.feature("F-001")
@given(st.integers(-9_000_000_000_000_000, 9_000_000_000_000_000))
def test_microseconds_survive_the_round_trip_through_a_datetime(microseconds: int) -> None:
    assert to_ns(from_ns(microseconds * 1000)) == microseconds * 1000


@pytest.mark.feature("F-001")
def test_another_zone_is_the_same_instant() -> None:
    there = datetime(2024, 6, 1, 9, 30, tzinfo=timezone(timedelta(hours=-4)))
    assert to_ns(there) == to_ns("2024-06-01T13:30:00Z")
    assert utc(there).utcoffset() == timedelta(0)


@pytest.mark.parametrize("value", ["yesterday", "2024-13-01T00:00:00Z", 1.5, None, True, object()])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        to_ns(value)


@pytest.mark.parametrize("value", ["1600-01-01T00:00:00Z", "2300-01-01T00:00:00Z", 2**63, -(2**63)])
def test_a_time_outside_64_bits_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="1678 to 2262"):
        to_ns(value)


@pytest.mark.parametrize(
    "text", ["2024-01-01T00:00:00", "2024-01-01T00:00:00.0000000001Z", "2024-01-01T00:00:00.Z", ""]
)
def test_only_what_to_text_writes_is_read_back(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        from_text(text)
