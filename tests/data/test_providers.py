"""Providers, cache, second source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from tests.data.tables import START, good, minutes, two
from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.errors import ConfigError, DataError, UnknownSymbolError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.ports import HistoricalDataProvider, faults
from triplebar.data.cache import CachedProvider
from triplebar.data.fallback import AllSourcesFailedError, FallbackProvider
from triplebar.data.market import Market
from triplebar.data.providers import CsvProvider, MarketProvider, MemoryProvider, ParquetProvider
from triplebar.data.universe import Membership, Universe

KINDS = ("memory", "table", "csv", "parquet", "cached", "fallback")
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
DAY = date(2024, 1, 1)


def bars_table() -> pa.Table:
    """`A` has an hour, `B` its first half."""
    return pa.concat_tables([good(60, "A", 10.0), good(30, "B", 20.0)])


def quotes_table() -> pa.Table:
    time = pa.array(minutes(2, 1, 3), pa.timestamp("ns", "UTC"))
    return pa.table(
        {
            "time": time,
            "symbol": ["A", "A", "A"],
            "bid": [9.0, 9.5, None],
            "ask": [11.0, 10.5, None],
            "last": [10.0] * 3,
        }
    )


def make(kind: str, folder: Path, universe: Universe | None = None) -> HistoricalDataProvider:
    parquet.write_table(bars_table(), folder / "bars.parquet")
    csv.write_csv(bars_table(), folder / "bars.csv")
    if kind == "csv":
        return CsvProvider(folder / "bars.csv", quotes=quotes_table(), universe=universe)
    if kind == "parquet":
        return ParquetProvider(folder / "bars.parquet", quotes=quotes_table(), universe=universe)
    source = bars_table() if kind == "table" else Market.from_table(bars_table())
    memory = MemoryProvider(source, quotes=quotes_table(), universe=universe)
    if kind == "cached":
        return CachedProvider(memory)
    return FallbackProvider(memory, make("csv", folder, universe)) if kind == "fallback" else memory


@pytest.fixture(params=KINDS)
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> HistoricalDataProvider:
    return make(request.param, tmp_path)


@pytest.mark.feature("F-020", "F-013")
def test_it_is_the_port(provider: HistoricalDataProvider) -> None:
    assert isinstance(provider, HistoricalDataProvider)
    assert faults(HistoricalDataProvider, provider) == []


@pytest.mark.feature("F-020")
def test_bars_are_those_that_closed_in_the_range(provider: HistoricalDataProvider) -> None:
    bars = provider.get_bars("A", datetime(2024, 1, 1, 0, 2, tzinfo=UTC), datetime(2024, 1, 1, 0, 4, tzinfo=UTC), "1m")
    assert [(bar.symbol, bar.time.minute, bar.close) for bar in bars] == [("A", 2, 10.25), ("A", 3, 10.5)]
    assert all(isinstance(bar, Bar) for bar in bars)


@pytest.mark.feature("F-020", "F-037")
def test_longer_bars_are_put_together(provider: HistoricalDataProvider) -> None:
    bars = provider.get_bars("A", FIRST, LAST, "15m")
    assert [(bar.time.hour, bar.time.minute) for bar in bars] == [(0, 15), (0, 30), (0, 45), (1, 0)]
    assert bars[0].volume == sum(range(10, 25))


@pytest.mark.feature("F-020")
def test_ticks_of_a_day(provider: HistoricalDataProvider) -> None:
    quotes = provider.get_ticks("A", DAY)
    assert [quote.time.minute for quote in quotes] == [1, 2, 3]
    assert [(quote.bid, quote.ask, quote.middle) for quote in quotes][::2] == [(9.5, 10.5, 10.0), (None, None, 10.0)]
    assert all(isinstance(quote, Quote) for quote in quotes)


@pytest.mark.feature("F-020", "F-036")
def test_universe_of_a_day(provider: HistoricalDataProvider) -> None:
    assert [each.symbol for each in provider.get_instrument_universe(DAY)] == ["A", "B"]
    assert [each.symbol for each in provider.get_instrument_universe(date(2024, 1, 2))] == ["A"]


@pytest.mark.feature("F-020")
def test_what_is_not_there(provider: HistoricalDataProvider) -> None:
    with pytest.raises(DataError, match="Unknown instrument 'C'"):
        provider.get_bars("C", FIRST, LAST, "1m")
    with pytest.raises(DataError, match="no data available"):
        provider.get_bars("B", datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC), "1m")
    with pytest.raises(DataError, match="no data available"):
        provider.get_bars("B", FIRST, LAST, "1d")
    with pytest.raises(DataError, match=r"no data available|Unknown instrument"):
        provider.get_ticks("B", DAY)
    with pytest.raises(DataError, match="no data available"):
        provider.get_ticks("A", date(2024, 2, 1))


@pytest.mark.feature("F-020", "F-001")
@pytest.mark.parametrize(
    ("start", "end", "interval", "message"),
    [
        (LAST, FIRST, "1m", "end: .* is not after the start"),
        (FIRST, FIRST, "1m", "end: .* is not after the start"),
        (datetime(2024, 1, 1), LAST, "1m", "start: .* has no time zone"),  # noqa: DTZ001 - it is refused
        (FIRST, LAST, "7 minutes", "interval = '7 minutes': is not an interval"),
    ],
)
def test_questions_that_make_no_sense(
    provider: HistoricalDataProvider, start: datetime, end: datetime, interval: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        provider.get_bars("A", start, end, interval)


def test_shorter_bars_than_those_stored_cannot_be_made() -> None:
    provider = MemoryProvider(bars_table())
    for interval in ("30s", "90s"):
        with pytest.raises(DataError, match=f"A: bars of {interval} cannot be made from 1m; ask for a multiple of 1m"):
            provider.get_bars("A", FIRST, LAST, interval)


@pytest.mark.feature("F-021")
def test_memory_csv_and_parquet_give_equal_bars(tmp_path: Path) -> None:
    memory, other, third = (make(kind, tmp_path) for kind in ("memory", "csv", "parquet"))
    for symbol in ("A", "B"):
        for interval in ("1m", "5m"):
            bars = memory.get_bars(symbol, FIRST, LAST, interval)
            assert (
                bars == other.get_bars(symbol, FIRST, LAST, interval) == third.get_bars(symbol, FIRST, LAST, interval)
            )
            assert len(bars) == {"A": 60, "B": 30}[symbol] // {"1m": 1, "5m": 5}[interval]


def test_a_given_universe_is_used(tmp_path: Path) -> None:
    universe = Universe([Membership("B", START)])
    assert [each.symbol for each in make("parquet", tmp_path, universe).get_instrument_universe(DAY)] == ["B"]


def test_files_are_read_when_they_are_needed_and_once(tmp_path: Path) -> None:
    provider = CsvProvider(tmp_path / "later.csv", [Instrument("A", 4), Instrument("B", 4)])
    csv.write_csv(two(), tmp_path / "later.csv")
    assert len(provider.get_bars("A", FIRST, LAST, "1m")) == 4
    (tmp_path / "later.csv").unlink()
    assert len(provider.get_bars("B", FIRST, LAST, "1m")) == 4
    assert provider.market.instruments[0].price_precision == 4


def test_unknown_symbols_of_quotes() -> None:
    with pytest.raises(UnknownSymbolError):
        MemoryProvider(bars_table(), quotes=quotes_table()).get_ticks("Z", DAY)
    with pytest.raises(DataError, match="day: 3 is not a day"):
        MemoryProvider(bars_table(), quotes=quotes_table()).get_ticks("A", 3)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="there is no column 'symbol'"):
        MemoryProvider(bars_table(), quotes={"time": [1]}).get_ticks("A", DAY)
    with pytest.raises(DataError, match="column bid: is bool, not numbers"):
        MemoryProvider(bars_table(), quotes={"time": [1], "symbol": ["A"], "bid": [True]}).get_ticks("A", DAY)


# ---------------------------------------------------------------------------------------------------------------- cache


class Counting(MemoryProvider):
    """A real provider that counts the questions it gets."""

    calls = 0

    def get_bars(self, symbol: str, start: object, end: object, interval: str) -> tuple[Bar, ...]:
        self.calls += 1
        return super().get_bars(symbol, start, end, interval)  # type: ignore[arg-type]


@pytest.mark.feature("F-028")
def test_a_hit_makes_no_call() -> None:
    source = Counting(bars_table())
    cached = CachedProvider(source)
    first = cached.get_bars("A", FIRST, LAST, "1m")
    assert cached.get_bars("A", FIRST, LAST, "1m") == first
    assert cached.get_bars("A", FIRST, LAST, "60s") is first
    assert (source.calls, cached.hits, cached.misses) == (1, 2, 1)


@pytest.mark.feature("F-028")
def test_a_disabled_cache_always_calls() -> None:
    source = Counting(bars_table())
    cached = CachedProvider(source, enabled=False)
    for _ in range(3):
        cached.get_bars("A", FIRST, LAST, "1m")
    assert (source.calls, cached.hits) == (3, 0)


@pytest.mark.feature("F-028")
def test_other_dates_symbols_and_intervals_are_other_questions() -> None:
    source = Counting(bars_table())
    cached = CachedProvider(source)
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    for question in [
        ("A", FIRST, LAST, "1m"),
        ("A", FIRST, noon, "1m"),
        ("B", FIRST, LAST, "1m"),
        ("A", FIRST, LAST, "5m"),
    ]:
        cached.get_bars(*question)
    assert source.calls == 4


@pytest.mark.feature("F-028")
def test_errors_are_not_remembered_and_old_answers_are_forgotten() -> None:
    source = Counting(bars_table())
    cached = CachedProvider(source, entries_max=1)
    for _ in range(2):
        with pytest.raises(UnknownSymbolError):
            cached.get_bars("C", FIRST, LAST, "1m")
    for symbol in ("A", "B", "A"):
        cached.get_bars(symbol, FIRST, LAST, "1m")
    assert source.calls == 5
    cached.clear()
    cached.get_bars("A", FIRST, LAST, "1m")
    assert source.calls == 6
    with pytest.raises(ConfigError, match="entries_max"):
        CachedProvider(source, entries_max=0)


def test_quotes_and_universe_are_remembered_too() -> None:
    cached = CachedProvider(MemoryProvider(bars_table(), quotes=quotes_table()))
    for _ in range(2):
        cached.get_ticks("A", DAY)
        cached.get_instrument_universe(DAY)
    assert (cached.hits, cached.misses) == (2, 2)


# -------------------------------------------------------------------------------------------------------- second source


class Broken(MarketProvider):
    """A source whose service is down."""

    def load(self) -> Market:
        raise ConnectionError("the service is down")


class Silent(MemoryProvider):
    """A source that answers with nothing."""

    def get_bars(self, *_: object) -> tuple[Bar, ...]:
        return ()


@pytest.mark.feature("F-029")
def test_the_second_source_is_used_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    provider = FallbackProvider(Broken(), MemoryProvider(bars_table()))
    assert len(provider.get_bars("A", FIRST, LAST, "1m")) == 60
    assert provider.warnings == ["A bars: source 1 (Broken) failed: ConnectionError: the service is down"]
    assert "the service is down" in caplog.text


@pytest.mark.feature("F-029")
def test_the_second_source_is_not_asked_if_the_first_answers() -> None:
    second = Counting(bars_table())
    provider = FallbackProvider(MemoryProvider(bars_table()), second)
    assert len(provider.get_bars("A", FIRST, LAST, "1m")) == 60
    assert (second.calls, provider.warnings) == (0, [])


@pytest.mark.feature("F-029")
def test_an_empty_answer_is_a_failure() -> None:
    provider = FallbackProvider(Silent(bars_table()), MemoryProvider(bars_table()))
    assert len(provider.get_bars("A", FIRST, LAST, "1m")) == 60
    assert "no data available" in provider.warnings[0]


@pytest.mark.feature("F-029")
def test_if_both_fail_both_causes_are_named() -> None:
    provider = FallbackProvider(Broken(), MemoryProvider(good(symbol="Z")))
    with pytest.raises(AllSourcesFailedError) as caught:
        provider.get_bars("A", FIRST, LAST, "1m")
    assert isinstance(caught.value, DataError)
    assert "source 1: ConnectionError: the service is down" in str(caught.value)
    assert "source 2: UnknownSymbolError: Unknown instrument 'A'" in str(caught.value)
    assert [type(cause) for cause in caught.value.causes] == [ConnectionError, UnknownSymbolError]


def test_questions_without_sense_ask_nobody() -> None:
    source = Counting(bars_table())
    provider = FallbackProvider(source, source)
    with pytest.raises(ValueError, match="no time zone"):
        provider.get_bars("A", datetime(2024, 1, 1), LAST, "1m")  # noqa: DTZ001 - it is refused
    assert (source.calls, provider.warnings) == (0, [])
    with pytest.raises(ConfigError, match="must be at least two"):
        FallbackProvider(source)


def test_all_questions_fall_back() -> None:
    provider = FallbackProvider(Broken(), MemoryProvider(bars_table(), quotes=quotes_table()))
    answers: list[Sequence[object]] = [provider.get_ticks("A", DAY), provider.get_instrument_universe(DAY)]
    assert [len(answer) for answer in answers] == [3, 2]
    assert len(provider.warnings) == 2
