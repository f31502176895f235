"""The simulated clock: callbacks in order of time, canceled ones never, the past is refused, time never goes back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplebar.contracts.clock import Callback, ClockMode, SimulatedClock, Timer
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.time import to_ns

START = datetime(2024, 1, 1, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def note(seen: list[tuple[int, int]], number: int) -> Callback:
    return lambda now: seen.append((to_ns(now), number))


@pytest.mark.feature("F-012")
@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=20),
    st.lists(st.integers(0, 60), min_size=1, max_size=5),
)
def test_callbacks_run_in_order_of_time_and_canceled_ones_never(
    schedules: list[tuple[int, bool]], stops: list[int]
) -> None:
    clock = SimulatedClock(START)
    seen: list[tuple[int, int]] = []
    for number, (due, canceled) in enumerate(schedules):
        schedule = clock.schedule_at(START + seconds(due), note(seen, number))
        if canceled:
            assert clock.cancel_schedule(schedule)
            assert not clock.cancel_schedule(schedule)
    times = [clock.now()]
    for stop in sorted(stops):
        clock.advance_to(START + seconds(stop))
        times.append(clock.now())
    wanted = sorted(
        (to_ns(START + seconds(due)), number)
        for number, (due, canceled) in enumerate(schedules)
        if due <= max(stops) and not canceled
    )
    assert seen == wanted
    assert times == sorted(times)


@pytest.mark.feature("F-012")
def test_the_time_in_a_callback_is_the_time_it_was_due() -> None:
    clock = SimulatedClock(START)
    seen: list[datetime] = []
    clock.schedule_once(seconds(5), lambda now: seen.extend((now, clock.now())))
    clock.advance_to(START + seconds(60))
    assert seen == [START + seconds(5)] * 2
    assert clock.now() == START + seconds(60)


@pytest.mark.feature("F-012")
def test_an_interval_repeats_until_it_is_canceled() -> None:
    clock = SimulatedClock(START)
    seen: list[int] = []
    schedule = clock.schedule_interval(seconds(10), lambda now: seen.append(now.second))
    clock.advance_to(START + seconds(35))
    assert seen == [10, 20, 30]
    clock.cancel_schedule(schedule)
    clock.advance_to(START + seconds(90))
    assert seen == [10, 20, 30]


@pytest.mark.feature("F-012")
def test_a_callback_may_cancel_itself_and_schedule_more() -> None:
    clock = SimulatedClock(START)
    seen: list[str] = []

    def once_more(now: datetime) -> None:
        seen.append(f"tick {now.second}")
        if now.second == 2:
            assert clock.cancel_schedule(schedule)
            clock.schedule_once(seconds(1), lambda later: seen.append(f"last {later.second}"))

    schedule = clock.schedule_interval(seconds(1), once_more)
    clock.advance_to(START + seconds(10))
    assert seen == ["tick 1", "tick 2", "last 3"]


@pytest.mark.feature("F-012")
def test_the_past_is_refused() -> None:
    clock = SimulatedClock(START)
    clock.advance_to(START + seconds(10))
    with pytest.raises(ValueError, match="schedule a later time"):
        clock.schedule_at(START, print)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance_to(START)
    with pytest.raises(ValueError, match="delay"):
        clock.schedule_once(seconds(-1), print)
    with pytest.raises(ValueError, match="every"):
        clock.schedule_interval(seconds(0), print)
    with pytest.raises(ValueError, match="cannot be called"):
        clock.schedule_once(seconds(1), "print")  # type: ignore[arg-type]


@pytest.mark.feature("F-012")
def test_the_next_open_comes_from_a_calendar() -> None:
    tomorrow = START + timedelta(days=1)
    assert SimulatedClock(START).next_market_open("24/7") == START
    assert SimulatedClock(START, next_open=lambda *_: tomorrow).next_market_open("XNYS") == tomorrow
    with pytest.raises(ConfigError, match="knows no calendars"):
        SimulatedClock(START).next_market_open("XNYS")


def test_modes_and_timers() -> None:
    assert SimulatedClock(0).mode is ClockMode.SIMULATED
    assert SimulatedClock(0, mode=ClockMode.REPLAY).mode is ClockMode.REPLAY
    assert SimulatedClock(7).now_ns == 7
    assert Timer("rebalance", 10**9).time.second == 1
