"""Market: the clock, the series, zero copies, parts and identity."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables import DAY, MINUTE, START, changed, columns, good, minutes, two
from triplebar.contracts.errors import ConfigError, DataError, DataQualityError, UnknownSymbolError
from triplebar.contracts.instruments import Instrument
from triplebar.data.market import Market

NUMBERS = ("open", "high", "low", "close", "volume")


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def arrow_address(table: pa.Table, name: str) -> int:
    chunk = table[name].chunk(0)
    return int(chunk.buffers()[1].address + 8 * chunk.offset)


def test_columns_on_the_grid_are_the_callers_own_memory() -> None:
    table = good(1_000)
    series = Market.from_table(table, [Instrument("X", 2)]).series("X")
    for name in NUMBERS:
        assert address(getattr(series, name)) == arrow_address(table, name)
    assert address(series.time) == arrow_address(table, "time")
    assert address(Market.from_table(table).clock) == arrow_address(table, "time")


def test_a_slice_and_a_dict_of_arrays_share_memory_too() -> None:
    part = good(100).slice(10, 50)
    assert address(Market.from_table(part).series("X").close) == arrow_address(part, "close")
    arrays = columns(50)
    assert address(Market.from_table(arrays).series("X").open) == address(arrays["open"])


def test_several_instruments_one_below_the_other_share_memory() -> None:
    table = pa.concat_tables([good(50, "A"), good(50, "B")]).combine_chunks()
    market = Market.from_table(table)
    assert address(market.series("B").close) == arrow_address(table, "close") + 50 * 8


def test_only_the_column_off_the_grid_is_copied() -> None:
    table = changed(close={2: 100.501})
    market = Market.from_table(table, [Instrument("X", 2)])
    series = market.series("X")
    assert address(series.open) == arrow_address(table, "open")
    assert address(series.close) != arrow_address(table, "close")
    assert series.close[2] == 100.5


def test_nobody_can_write_to_a_market() -> None:
    market = Market.from_table(columns(10))
    series = market.series("X")
    for array in (series.close, series.time, series.ticks.close, series.lots, series.clock_index, market.sessions):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_ticks_lots_and_what_is_shown_agree() -> None:
    series = Market.from_table(good(20), [Instrument("X", 4, 1)]).series("X")
    for name in ("open", "high", "low", "close"):
        shown, ticks = getattr(series, name), getattr(series.ticks, name)
        assert ticks.dtype == np.int64
        assert (ticks / 10**4).tolist() == shown.tolist()
    assert (series.lots / 10).tolist() == series.volume.tolist()


def test_instruments_stand_in_the_order_of_the_bytes_of_their_symbols() -> None:
    tables = [good(3, symbol) for symbol in ("b", "Z", "ä", "a")]
    given_order = [Instrument(symbol) for symbol in ("ä", "b", "a", "Z")]
    market = Market.from_table(pa.concat_tables(tables), given_order)
    assert market.symbols == ("Z", "a", "b", "ä")
    assert [each.symbol for each in market.instruments] == ["Z", "a", "b", "ä"]


def test_the_clock_is_the_sorted_set_of_all_times() -> None:
    table = pa.concat_tables([good(6, "A").take([0, 2, 3]), good(6, "B").take([1, 2, 5])])
    market = Market.from_table(table)
    assert market.clock.tolist() == minutes(1, 2, 3, 4, 6)
    assert market.series("A").clock_index.tolist() == [0, 2, 3]
    assert market.series("B").clock_index.tolist() == [1, 2, 4]
    assert market.series(0).clock_index.dtype == np.int32
    assert (len(market), market.rows) == (5, 6)


@given(st.data())
def test_any_layout_of_rows_gives_the_same_market(data: st.DataObject) -> None:
    """Rows may interleave in any way as long as each symbol's own are in order."""
    bars = data.draw(st.dictionaries(st.sampled_from("ABC"), st.sets(st.integers(1, 30), min_size=1), min_size=1))
    rows = [(symbol, minute) for symbol in bars for minute in sorted(bars[symbol])]
    mixed = data.draw(st.permutations(rows))
    following = {symbol: iter(sorted(bars[symbol])) for symbol in bars}
    layout = [(symbol, next(following[symbol])) for symbol, _ in mixed]
    expected, found = Market.from_table(_bars_at(rows)), Market.from_table(_bars_at(layout))
    assert found.digest == expected.digest
    assert found.clock.tolist() == sorted({START + minute * MINUTE for _, minute in rows})
    for series in (found.series(symbol) for symbol in found.symbols):
        assert found.clock[series.clock_index].tolist() == series.time.tolist()
        assert series.close.tolist() == [minute + 0.5 for minute in sorted(bars[series.symbol])]


def _bars_at(rows: list[tuple[str, int]]) -> dict[str, list[object]]:
    price = [minute + 0.5 for _, minute in rows]
    time: list[object] = [START + minute * MINUTE for _, minute in rows]
    return {
        "time": time,
        "symbol": [symbol for symbol, _ in rows],
        **{name: list(price) for name in ("open", "high", "low", "close")},
        "volume": [1.0] * len(rows),
    }


def test_a_session_is_the_day_before_midnight() -> None:
    table = changed(3, time=pa.array([START - 1, START, START + 1], pa.timestamp("ns", "UTC")))
    day = START // DAY
    assert Market.from_table(table).sessions.tolist() == [day - 1, day - 1, day]


def test_unknown_symbols_are_named() -> None:
    market = Market.from_table(two())
    for wrong in ("a", "C", 2, -3):
        with pytest.raises(UnknownSymbolError, match="Unknown instrument"):
            market.series(wrong)
    assert market.series(-1).symbol == "B"


def test_between_is_closed_on_the_left_and_shares_memory() -> None:
    market = Market.from_table(two(6))
    part = market.between(datetime(2024, 1, 1, 0, 2, tzinfo=UTC), "2024-01-01T00:05:00Z")
    assert part.clock.tolist() == minutes(2, 3, 4)
    assert part.series("A").close.tolist() == market.series("A").close[1:4].tolist()
    assert address(part.series("A").close) == address(market.series("A").close) + 8
    assert market.between() is market


def test_between_leaves_out_an_instrument_without_bars() -> None:
    table = pa.concat_tables([good(3, "A"), good(6, "B")])
    part = Market.from_table(table).between(start=minutes(4)[0])
    assert part.symbols == ("B",)
    assert part.clock.tolist() == minutes(4, 5, 6)


def test_an_empty_range_says_what_there_is() -> None:
    with pytest.raises(DataError, match=r"no data available.*reach from 2024-01-01T00:01:00Z"):
        Market.from_table(good()).between(start="2025-01-01T00:00:00Z")


@pytest.mark.feature("F-001")
def test_between_refuses_naive_times() -> None:
    with pytest.raises(ValueError, match=r"start: .*no time zone"):
        Market.from_table(good()).between(start=datetime(2024, 1, 1))  # noqa: DTZ001 - it is refused
    with pytest.raises(DataError, match="end: '2024-01-01' has no time zone"):
        Market.from_table(good()).between(end="2024-01-01")


def test_select_and_another_calendar() -> None:
    market = Market.from_table(two())
    assert market.select(["B"]).symbols == ("B",)
    other = market.with_calendar("weekdays")
    assert other.calendar.name == "weekdays"
    assert other.series("A").close.tolist() == market.series("A").close.tolist()


def test_the_table_of_a_market_makes_the_same_market() -> None:
    market = Market.from_table(pa.concat_tables([good(6, "A").take([0, 2, 3]), good(6, "B")]))
    table = market.table()
    assert table["time"].cast(pa.int64()).to_pylist() == sorted(table["time"].cast(pa.int64()).to_pylist())
    assert Market.from_table(table).digest == market.digest


def test_the_digest_sees_everything_that_matters() -> None:
    base = Market.from_table(good(), [Instrument("X", 2)])
    same = Market.from_table(good(), [Instrument("X", 2)])
    others = [
        Market.from_table(good(), [Instrument("X", 3)]),
        Market.from_table(good(), [Instrument("X", 2, multiplier=10)]),
        Market.from_table(changed(close={3: 100.76}), [Instrument("X", 2)]),
        Market.from_table(changed(volume={3: 14.0}), [Instrument("X", 2)]),
        Market.from_table(changed(time={5: minutes(7)[0]}), [Instrument("X", 2)]),
        Market.from_table(good(symbol="Y"), [Instrument("Y", 2)]),
        Market.from_table(good(5), [Instrument("X", 2)]),
    ]
    assert same.digest == base.digest
    assert len({each.digest for each in [base, *others]}) == len(others) + 1


def test_other_sessions_make_another_digest() -> None:
    saturday = pa.array([START + 5 * DAY + minute * MINUTE for minute in range(6)], pa.timestamp("ns", "UTC"))
    market = Market.from_table(changed(time=saturday))
    assert market.with_calendar("weekdays").digest != market.digest


def test_a_market_survives_pickling() -> None:
    market = Market.from_table(two())
    assert pickle.loads(pickle.dumps(market)).digest == market.digest  # noqa: S301 - our own bytes


def test_decimals_are_inferred_from_the_data() -> None:
    market = Market.from_table(changed(close={1: 100.3125}, volume={0: 0.125}))
    assert (market.instruments[0].price_precision, market.instruments[0].size_precision) == (4, 3)
    whole = Market.from_table({**columns(3), **{name: [1, 1, 1] for name in NUMBERS}})
    assert (whole.instruments[0].price_precision, whole.instruments[0].size_precision) == (0, 0)


def test_inferred_decimals_leave_room_for_cash() -> None:
    noise = 1.0 + np.arange(6) / 7
    market = Market.from_table(changed(open=noise, high=noise, low=noise, close=noise, volume=noise))
    instrument = market.instruments[0]
    assert (instrument.price_precision, instrument.size_precision) == (8, 4)
    assert instrument.unit(12) == 1
    assert market.report.moved > 0


def test_an_instrument_that_is_not_given_is_inferred_beside_one_that_is() -> None:
    market = Market.from_table(two(), [Instrument("B", 4)])
    assert [each.price_precision for each in market.instruments] == [2, 4]


def test_the_report_names_what_moved() -> None:
    table = changed(close={2: 100.503, 4: 101.001}, volume={1: 11.4})
    market = Market.from_table(table, [Instrument("X", 2)])
    close, volume = market.report
    assert (close.symbol, close.column, close.moved, close.checked) == ("X", "close", 2, 6)
    assert close.largest_ticks == pytest.approx(0.3)
    assert [(each.row, each.value, each.shown) for each in close.examples] == [(3, 100.503, 100.5), (5, 101.001, 101.0)]
    assert (volume.column, volume.moved) == ("volume", 1)
    assert "row 3: 100.503 -> 100.5" in str(market.report)
    assert "X close: 2 of 6 values moved to 2 decimals, by at most 0.3 of one unit" in str(market.report)
    assert not Market.from_table(good()).report


def test_the_report_counts_the_rows_of_the_source() -> None:
    table = two(4)
    moved = table.set_column(
        5, "close", pa.array([v + (0.001 if n == 5 else 0) for n, v in enumerate(table["close"].to_pylist())])
    )
    market = Market.from_table(moved, [Instrument("A"), Instrument("B")])
    assert [(each.symbol, each.examples[0].row) for each in market.report] == [("B", 6)]


def test_strict_refuses_any_move_and_tolerance_large_ones() -> None:
    table = changed(close={2: 100.503})
    with pytest.raises(DataQualityError, match=r"row 3, column close: 100.503 of X is 0.3 ticks off.*price_precision"):
        Market.from_table(table, [Instrument("X", 2)], strict=True)
    with pytest.raises(DataQualityError, match="row 3, column close"):
        Market.from_table(table, [Instrument("X", 2)], tolerance=0.2)
    assert Market.from_table(table, [Instrument("X", 2)], tolerance=0.31).report.moved == 1


def test_strict_lets_rounding_noise_pass_and_shows_the_grid() -> None:
    market = Market.from_table(changed(close={2: 100.1 + 0.2 + 0.1}), [Instrument("X", 2)], strict=True)
    assert market.series("X").close[2] == 100.4


def test_rows_are_sorted_only_when_asked() -> None:
    backwards = two().take([7, 6, 5, 4, 3, 2, 1, 0])
    with pytest.raises(DataQualityError, match="comes after a later bar"):
        Market.from_table(backwards)
    assert Market.from_table(backwards, sort=True).digest == Market.from_table(two()).digest
    assert Market.from_table(good().take([2, 1, 0]), sort=True).digest == Market.from_table(good(3)).digest


def test_a_table_without_symbols_takes_the_one_instrument() -> None:
    table = changed(symbol=None)
    assert Market.from_table(table, [Instrument("GOLD", 2)]).symbols == ("GOLD",)
    assert Market.from_table(table, symbol="GOLD").symbols == ("GOLD",)


def test_columns_may_have_other_names() -> None:
    table = good().rename_columns(["Date", "symbol", "Open", "High", "Low", "Last", "volume"])
    names = {"time": "Date", "open": "Open", "high": "High", "low": "Low", "close": "Last"}
    assert Market.from_table(table, columns=names).digest == Market.from_table(good()).digest


def test_a_column_can_stand_in_for_one_of_ours() -> None:
    table = good().append_column("adjusted", good()["close"])
    market = Market.from_table(table, columns={"close": "adjusted"})
    assert market.digest == Market.from_table(good()).digest


def test_zero_volume_is_a_warning() -> None:
    assert Market.from_table(changed(volume={0: 0.0, 3: 0.0})).warnings == ("2 of 6 bars have no volume",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"calender": "24/7"}, r"calender.*did you mean 'calendar'"),
        ({"tolerance": -1.0}, "tolerance = -1.0: must not be negative"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"calendar": "MARS"}, "calendar = 'MARS': is not a calendar"),
        ({"instruments": ["X"]}, "is not an Instrument"),
        ({"instruments": [Instrument("X"), Instrument("X")]}, "is given twice"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Market.from_table(good(), **options)  # type: ignore[arg-type]


def test_the_interval_is_the_smallest_step() -> None:
    table = changed(4, time=pa.array(minutes(1, 2.5, 3, 6), pa.timestamp("ns", "UTC")))
    assert Market.from_table(table).series("X").interval_ns == MINUTE // 2
    assert Market.from_table(good(1)).series("X").interval_ns == MINUTE


def test_a_market_needs_series_of_different_symbols() -> None:
    with pytest.raises(DataError, match="at least one instrument"):
        Market([])
    series = Market.from_table(good()).series("X")
    with pytest.raises(DataError, match="same symbol"):
        Market([series, series])
