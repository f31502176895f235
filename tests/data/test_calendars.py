"""Sessions, opens, gaps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import DAY, MINUTE, START, changed
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.time import to_ns
from triplebar.data.calendars import Calendar, Exchange, RoundTheClock, Weekdays, calendar, is_open, next_market_open
from triplebar.data.gaps import find_gaps, usual_interval_ns
from triplebar.data.market import Market
from triplebar.data.schedule import bar_closes

EPOCH = date(1970, 1, 1)

OPENS = [
    # calendar, after, next open: the clocks of New York change on 10 March and 3 November 2024
    ("XNYS", "2024-03-08T12:00Z", "2024-03-08T14:30Z"),
    ("XNYS", "2024-03-08T14:30Z", "2024-03-11T13:30Z"),
    ("XNYS", "2024-03-11T13:29Z", "2024-03-11T13:30Z"),
    ("XNYS", "2024-11-01T15:00Z", "2024-11-04T14:30Z"),
    ("XNYS", "2024-03-28T21:00Z", "2024-04-01T13:30Z"),  # Good Friday
    ("XNYS", "2024-12-24T20:00Z", "2024-12-26T14:30Z"),  # Christmas
    ("XNYS", "2024-07-03T18:00Z", "2024-07-05T13:30Z"),  # Independence Day
    ("XLON", "2024-03-28T17:00Z", "2024-04-02T07:00Z"),  # Easter, and the clocks of London on 31 March
    ("XLON", "2024-10-25T16:00Z", "2024-10-28T08:00Z"),
    ("XHKG", "2024-01-02T03:00Z", "2024-01-02T05:00Z"),  # the break at noon, 12:00 to 13:00
    ("24/7", "2024-03-09T12:00Z", "2024-03-10T00:00Z"),
    ("24/7", "2024-03-09T00:00Z", "2024-03-10T00:00Z"),
    ("weekdays", "2024-03-08T12:00Z", "2024-03-11T00:00Z"),
    ("weekdays", "2024-03-10T23:59:59Z", "2024-03-11T00:00Z"),
]


@pytest.mark.feature("F-035")
@pytest.mark.parametrize(("name", "after", "expected"), OPENS)
def test_next_market_open(name: str, after: str, expected: str) -> None:
    found = next_market_open(name, datetime.fromisoformat(after))
    assert found == datetime.fromisoformat(expected)
    assert found.utcoffset() == timedelta(0)
    assert is_open(name, found)


@pytest.mark.feature("F-035")
@given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds it
def test_new_york_opens_at_half_past_nine_on_a_weekday(after: datetime) -> None:
    found = next_market_open("XNYS", after)
    local = found.astimezone(ZoneInfo("America/New_York"))
    assert found > after
    assert (local.hour, local.minute, local.weekday() < 5) == (9, 30, True)


def test_open_at_the_open_and_closed_at_the_close() -> None:
    assert is_open("XNYS", "2024-01-02T14:30:00Z")
    assert not is_open("XNYS", "2024-01-02T21:00:00Z")
    assert not is_open("XNYS", "2024-01-01T15:00:00Z")
    assert is_open("24/7", "2024-01-01T00:00:00Z")
    assert is_open("24/7", "2024-01-06T23:59:59Z")


def test_naive_and_unknown_are_refused() -> None:
    with pytest.raises(ValueError, match=r"after: .*no time zone"):
        next_market_open("24/7", datetime(2024, 1, 1))  # noqa: DTZ001 - it is refused
    with pytest.raises(ConfigError, match=r"'XNYX': is not a calendar; did you mean 'XNYS'"):
        calendar("XNYX")


def test_calendars_are_what_they_say() -> None:
    for each in (RoundTheClock(), Weekdays(), Exchange("XNYS")):
        assert isinstance(each, Calendar)
        assert calendar(each) is each
        assert calendar(each.name) == each
        assert len(each.sessions(np.empty(0, dtype=np.int64))) == 0


def test_sessions_of_an_exchange() -> None:
    times = ["2024-07-02T20:00Z", "2024-07-03T13:31Z", "2024-07-03T17:00Z", "2024-07-03T17:01Z", "2024-07-05T13:00Z"]
    found = calendar("XNYS").sessions(np.array([to_ns(time) for time in times]))
    days = [EPOCH + timedelta(int(day)) for day in found]
    assert days == [date(2024, 7, 2), date(2024, 7, 3), date(2024, 7, 3), date(2024, 7, 5), date(2024, 7, 5)]


def test_sessions_of_weekdays_with_a_holiday() -> None:
    sessions = Weekdays(holidays=frozenset({date(2024, 1, 1)}))
    monday = START  # 1 January 2024
    found = sessions.sessions(np.array([monday, monday + 1, monday + 2 * DAY, monday + 2 * DAY + 1]))
    first = (date(2024, 1, 2) - EPOCH).days
    assert found.tolist() == [first, first, first, first + 1]


@given(
    st.lists(st.integers(0, 400 * DAY), min_size=1, max_size=20), st.sampled_from(["24/7", "weekdays", "XNYS", "XHKG"])
)
def test_sessions_never_go_back(offsets: list[int], name: str) -> None:
    time = np.sort(np.array(offsets)) + START
    sessions = calendar(name).sessions(time)
    assert (np.diff(sessions) >= 0).all()
    assert ((sessions.astype(np.int64) + 2) * DAY > time).all()


def test_a_market_has_the_sessions_of_its_calendar() -> None:
    closes = bar_closes(calendar("XNYS"), START, 3, DAY)
    market = Market.from_table(changed(3, time=pa.array(closes, pa.timestamp("ns", "UTC"))), calendar="XNYS")
    days = [EPOCH + timedelta(int(day)) for day in market.sessions]
    assert days == [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)]


# ----------------------------------------------------------------------------------------------------------------- gaps


def gap_sizes(time: np.ndarray, name: str, **options: int) -> list[int]:
    return [gap.missing for gap in find_gaps(time, "X", name, **options)]


@pytest.mark.feature("F-023")
@pytest.mark.parametrize(("interval", "bars"), [("1d", 250), ("1h", 800), ("30m", 800), ("1m", 5_000)])
@pytest.mark.parametrize("name", ["XNYS", "XLON", "XHKG", "weekdays", "24/7"])
def test_nights_weekends_and_holidays_are_no_gaps(name: str, interval: str, bars: int) -> None:
    length = {"1d": DAY, "1h": 60 * MINUTE, "30m": 30 * MINUTE, "1m": MINUTE}[interval]
    assert gap_sizes(bar_closes(calendar(name), START, bars, length), name) == []


@pytest.mark.feature("F-023")
def test_a_full_year() -> None:
    """New York had 252 sessions in 2024, three of which ended early."""
    year = calendar("XNYS").stretches(START, START + 366 * DAY - 1)
    assert len(year.opens) == 252
    assert np.count_nonzero(year.closes - year.opens == 210 * MINUTE) == 3
    assert np.count_nonzero(year.closes - year.opens == 390 * MINUTE) == 249
    assert gap_sizes(year.closes, "XNYS") == []


def test_daily_bars_of_an_exchange_with_a_break_close_once() -> None:
    """The shortest step between daily bars is less than a day where a session ends early."""
    daily = bar_closes(calendar("XHKG"), START, 250, DAY)
    shortest = int(np.diff(daily).min())
    assert shortest < DAY
    assert gap_sizes(daily, "XHKG", interval_ns=shortest) == []


@pytest.mark.feature("F-023")
def test_a_session_that_is_removed_is_a_gap() -> None:
    daily = bar_closes(calendar("XNYS"), START, 60, DAY)
    assert gap_sizes(np.delete(daily, 30), "XNYS") == [1]
    assert gap_sizes(np.delete(daily, [10, 30, 31]), "XNYS") == [1, 2]
    hourly = bar_closes(calendar("XNYS"), START, 70, 60 * MINUTE)
    assert gap_sizes(np.delete(hourly, range(14, 21)), "XNYS") == [7]


@pytest.mark.feature("F-023")
@pytest.mark.parametrize("name", ["XNYS", "XHKG", "weekdays", "24/7"])
@given(data=st.data())
def test_every_bar_that_is_removed_is_missed(name: str, data: st.DataObject) -> None:
    closes = bar_closes(calendar(name), START, 200, 30 * MINUTE)
    removed = data.draw(st.sets(st.integers(1, 198), max_size=40))
    left = np.delete(closes, sorted(removed))
    gaps = find_gaps(left, "X", name, 30 * MINUTE)
    assert sum(gap.missing for gap in gaps) == len(removed)
    for gap in gaps:
        inside = [place for place in removed if gap.after_ns < closes[place] < gap.before_ns]
        assert len(inside) == gap.missing


def test_daily_bars_stamped_at_midnight_of_their_date() -> None:
    days = [EPOCH + timedelta(int(day)) for day in calendar("XNYS").stretches(START, START + 300 * DAY).sessions]
    time = np.array([to_ns(datetime(day.year, day.month, day.day, tzinfo=UTC)) for day in days])
    assert gap_sizes(time, "XNYS") == []
    assert gap_sizes(np.delete(time, 20), "XNYS") == [1]


def test_weekly_bars_follow_no_sessions() -> None:
    weekly = START + 7 * DAY * np.arange(20)
    assert gap_sizes(weekly, "XNYS") == []
    assert gap_sizes(np.delete(weekly, 5), "XNYS") == [1]


def test_gaps_of_unsorted_and_short_data() -> None:
    assert gap_sizes(np.array([3, 1, 6, 2]) * MINUTE, "24/7") == [2]
    assert gap_sizes(np.array([1]), "24/7") == []
    assert gap_sizes(np.array([START + 5 * DAY + n * MINUTE for n in (1, 2, 5)]), "weekdays") == []
    assert usual_interval_ns(np.array([5])) == MINUTE
    assert usual_interval_ns(np.array([0, 10, 30])) == 10
