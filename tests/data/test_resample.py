"""Longer bars: only after their close."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import DAY, MINUTE, START, good, minutes, two
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.data.builder import BarBuilder, LongBar
from triplebar.data.calendars import calendar
from triplebar.data.market import Market
from triplebar.data.resample import last_closed, resample, resample_market, several
from triplebar.data.schedule import bar_closes

NAMES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Short:
    time_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@st.composite
def short_bars(draw: st.DrawFn) -> list[Short]:
    """Minute bars, some of them missing."""
    at = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=40)))
    bars = []
    for minute in at:
        low, first, last, high = sorted(draw(st.lists(st.integers(1, 99), min_size=4, max_size=4)))
        bars.append(Short(START + minute * MINUTE, float(first), float(high), float(low), float(last), float(minute)))
    return bars


def table_of(bars: list[Short]) -> pa.Table:
    time = pa.array([bar.time_ns for bar in bars], pa.timestamp("ns", "UTC"))
    columns = {name: pa.array([getattr(bar, name) for bar in bars], pa.float64()) for name in NAMES}
    return pa.table({"time": time, "symbol": ["X"] * len(bars), **columns})


def rows(table: pa.Table) -> list[tuple[float, ...]]:
    times = table["time"].cast(pa.int64()).to_pylist()
    return list(zip(times, *(table[name].to_pylist() for name in NAMES), strict=True))


def oracle(bars: list[Short], length: int) -> list[tuple[float, ...]]:
    found: list[tuple[float, ...]] = []
    for end in range(START + length, bars[-1].time_ns + 1, length):
        inside = [bar for bar in bars if end - length < bar.time_ns <= end]
        if inside:
            high, low = max(bar.high for bar in inside), min(bar.low for bar in inside)
            volume = sum(bar.volume for bar in inside)
            found.append((end, inside[0].open, high, low, inside[-1].close, volume))
    return found


@pytest.mark.feature("F-037")
@given(short_bars(), st.integers(1, 15))
def test_a_longer_bar_is_what_it_covers(bars: list[Short], length: int) -> None:
    if DAY % (length * MINUTE):
        length = 5
    assert rows(resample(table_of(bars), f"{length}m")) == oracle(bars, length * MINUTE)


@pytest.mark.feature("F-037")
@given(short_bars(), st.integers(0, 61))
def test_no_value_is_known_early(bars: list[Short], now: int) -> None:
    """What the past alone gives is what the whole data give, up to now."""
    past = [bar for bar in bars if bar.time_ns <= START + now * MINUTE]
    if not past:
        return
    known = rows(resample(table_of(past), "5m"))
    whole = [row for row in rows(resample(table_of(bars), "5m")) if row[0] <= past[-1].time_ns]
    assert known == whole


@pytest.mark.feature("F-037")
@given(short_bars(), st.sampled_from(["1m", "2m", "5m", "15m"]))
def test_bar_by_bar_gives_the_same_and_never_early(bars: list[Short], interval: str) -> None:
    builder = BarBuilder(interval)
    built: list[LongBar] = []
    for bar in bars:
        closed = builder.update(bar)
        assert all(each.time_ns <= bar.time_ns for each in closed)
        built += closed
    found = [(each.time_ns, each.open, each.high, each.low, each.close, each.volume) for each in built]
    assert found == rows(resample(table_of(bars), interval))[: len(found)]
    assert len(found) >= len(rows(resample(table_of(bars), interval))) - 1


@pytest.mark.feature("F-037")
def test_the_last_bar_is_left_out_until_the_data_reach_its_close() -> None:
    assert resample(good(14), "5m").num_rows == 2
    assert resample(good(15), "5m").num_rows == 3


def test_a_symbol_that_ends_early_closes_with_the_others() -> None:
    table = pa.concat_tables([good(4, "A"), good(10, "B")])
    found = resample(table, "5m")
    assert found["symbol"].to_pylist() == ["A", "B", "B"]
    assert found["close"].to_pylist()[0] == good(4, "A")["close"].to_pylist()[-1]


def test_sessions_close_the_last_bar_of_a_day() -> None:
    """New York trades 390 minutes: six full hours and half an hour."""
    closes = bar_closes(calendar("XNYS"), START, 2 * 390, MINUTE)
    prices = dict.fromkeys(("open", "high", "low", "close", "volume"), np.arange(1.0, 781.0))
    table = pa.table({"time": pa.array(closes, pa.timestamp("ns", "UTC")), "symbol": ["X"] * 780, **prices})
    hourly = resample(table, "1h", "XNYS")
    assert hourly["close"].to_pylist()[:8] == [60.0, 120.0, 180.0, 240.0, 300.0, 360.0, 390.0, 450.0]
    daily = resample(table, "1d", "XNYS")
    assert (daily["open"].to_pylist(), daily["close"].to_pylist()) == ([1.0, 391.0], [390.0, 780.0])
    assert str(daily["time"][0].as_py())[:19] == "2024-01-02 21:00:00"


@pytest.mark.feature("F-037")
def test_several_intervals_of_one_market() -> None:
    market = Market.from_table(two(60))
    longer = several(market, ["5m", "1h"])
    assert {name: len(each) for name, each in longer.items()} == {"5m": 12, "1h": 1}
    assert longer["5m"].instruments == market.instruments
    places = last_closed(market.clock, longer["5m"].clock)
    assert places.tolist()[:11] == [-1, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1]
    for tick, place in zip(market.clock, places, strict=True):
        assert place == -1 or longer["5m"].clock[place] <= tick


def test_an_interval_longer_than_the_data_is_refused() -> None:
    with pytest.raises(DataError, match="no data available: no bar of 1d closes within the data"):
        resample_market(Market.from_table(good()), "1d")
    with pytest.raises(ConfigError, match="interval = '5 minutes': is not an interval"):
        resample(good(), "5 minutes")
    assert resample(good().slice(0, 0), "5m").num_rows == 0
    assert minutes(1)[0] == START + MINUTE
