"""Tables that cannot be used: one typed error that names the thing, the place and the fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.data.tables import START, changed, good, minutes, two
from triplebar.contracts.errors import DataError, DataQualityError
from triplebar.contracts.instruments import Instrument
from triplebar.data.faults import BadDataError
from triplebar.data.market import Market

NAN, INFINITY = float("nan"), float("inf")


def retyped(name: str, kind: pa.DataType) -> pa.Table:
    table = good()
    return table.set_column(table.column_names.index(name), name, table[name].cast(kind))


def naive() -> pa.Table:
    table = retyped("time", pa.int64())
    return table.set_column(0, "time", table["time"].cast(pa.timestamp("ns")))


def dates() -> pa.Array:
    return pa.array([19_723 + day for day in range(6)], pa.date32())


def doubled() -> pa.Table:
    return good().append_column("close", good()["close"])


CASES: dict[str, tuple[Callable[[], object], str, str | None, int | None, str]] = {
    # name: (table, kind of fault, column, row, part of the message)
    "no time": (lambda: changed(time=None), "missing_column", "time", None, "there is no column 'time'; add it"),
    "no symbol": (
        lambda: changed(symbol=None),
        "missing_column",
        "symbol",
        None,
        "name the one instrument with symbol=",
    ),
    "no open": (lambda: changed(open=None), "missing_column", "open", None, "there is no column 'open'"),
    "no volume": (lambda: changed(volume=None), "missing_column", "volume", None, "0 where it is not known"),
    "other spelling": (
        lambda: good().rename_columns(["time", "symbol", "open", "high", "low", "Close", "volume"]),
        "missing_column",
        "close",
        None,
        "did you mean 'Close'?",
    ),
    "two closes": (doubled, "double_column", "close", None, "there are 2 columns 'close'; keep one"),
    "no rows": (lambda: good().slice(0, 0), "empty", None, None, "there are no rows; load a range that has bars"),
    "naive time": (
        naive,
        "naive_time",
        "time",
        None,
        "2024-01-01 00:01:00 have no time zone; store the time with a zone",
    ),
    "time as text": (
        lambda: changed(time=pa.array(["now"] * 6)),
        "wrong_type",
        "time",
        None,
        "is string (such as 'now')",
    ),
    "time as date": (lambda: changed(time=dates()), "wrong_type", "time", None, "the instant at which it closed"),
    "time as number": (lambda: changed(time=pa.array([1.5] * 6)), "wrong_type", "time", None, "is double"),
    "time out of range": (
        lambda: changed(time=pa.array([10**12] * 6, pa.timestamp("s", "UTC"))),
        "time_range",
        "time",
        None,
        "from 1677 to 2262",
    ),
    "null time": (
        lambda: changed(time={3: None}),
        "null",
        "time",
        4,
        "there is no value; fill it in or remove the row",
    ),
    "symbol as number": (lambda: changed(symbol=pa.array([7] * 6)), "wrong_type", "symbol", None, "is int64, not text"),
    "null symbol": (lambda: changed(symbol={2: None}), "null", "symbol", 3, "there is no value"),
    "symbol with a blank": (lambda: changed(symbol={2: "B C"}), "bad_symbol", "symbol", 3, "'B C' is not a symbol"),
    "empty symbol": (lambda: changed(symbol={0: ""}), "bad_symbol", "symbol", 1, "'' is not a symbol"),
    "price as text": (lambda: changed(close=pa.array(["1.5"] * 6)), "wrong_type", "close", None, "cast it to float64"),
    "price as truth": (
        lambda: changed(close=pa.array([True] * 6)),
        "wrong_type",
        "close",
        None,
        "is bool, not numbers",
    ),
    "price as list": (lambda: changed(close=pa.array([[1.0]] * 6)), "wrong_type", "close", None, "not numbers"),
    "null price": (lambda: changed(low={5: None}), "null", "low", 6, "there is no value"),
    "NaN price": (lambda: changed(open={1: NAN}), "not_finite", "open", 2, "nan is not a number"),
    "infinite high": (lambda: changed(high={1: INFINITY}), "not_finite", "high", 2, "inf is not a number"),
    "NaN volume": (lambda: changed(volume={4: NAN}), "not_finite", "volume", 5, "nan is not a number"),
    "price of zero": (lambda: changed(low={2: 0.0}), "not_positive", "low", 3, "0.0 is not above 0"),
    "negative price": (lambda: changed(low={2: -1.0}), "not_positive", "low", 3, "-1.0 is not above 0"),
    "minus infinity": (lambda: changed(low={2: -INFINITY}), "not_finite", "low", 3, "-inf is not a number"),
    "high below low": (lambda: changed(high={2: 90.0}), "high_below_low", "high", 3, "90.0 is below the low 100.0"),
    "open above high": (lambda: changed(open={2: 102.0}), "open_outside", "open", 3, "outside low 100.0 to high 101.0"),
    "open below low": (lambda: changed(open={2: 99.0}), "open_outside", "open", 3, "99.0 is outside low 100.0"),
    "close above high": (lambda: changed(close={0: 101.0}), "close_outside", "close", 1, "101.0 is outside"),
    "close below low": (lambda: changed(close={0: 99.25}), "close_outside", "close", 1, "99.25 is outside"),
    "negative volume": (lambda: changed(volume={3: -1.0}), "negative_volume", "volume", 4, "-1.0 is negative; use 0"),
    "unsorted": (
        lambda: good().take([0, 2, 1, 3]),
        "unsorted",
        "time",
        3,
        "X at 2024-01-01T00:02:00Z comes after a later bar; sort by time, or pass sort=True",
    ),
    "a bar twice": (
        lambda: good().take([0, 1, 1, 2]),
        "duplicate",
        "time",
        3,
        "X at 2024-01-01T00:02:00Z is there twice",
    ),
    "a bar twice, apart": (
        lambda: good().take([0, 1, 2, 0]),
        "duplicate",
        "time",
        4,
        "X at 2024-01-01T00:01:00Z is there twice",
    ),
    "unsorted among two": (lambda: two().take([0, 3, 1, 2]), "unsorted", "time", None, "comes after a later bar"),
}


@pytest.mark.feature("F-022")
@pytest.mark.parametrize("name", CASES)
def test_a_bad_table_is_refused_with_thing_place_and_fix(name: str) -> None:
    make, kind, column, row, message = CASES[name]
    with pytest.raises(BadDataError) as caught:
        Market.from_table(make())
    assert isinstance(caught.value, DataQualityError)
    assert isinstance(caught.value, ValueError)
    fault = next(fault for fault in caught.value.faults if fault.kind == kind)
    assert fault.column == column
    assert row is None or fault.row == row
    assert message in str(fault)
    assert fault.fix
    assert str(fault) in str(caught.value)
    assert caught.value.count == 1 or kind in {"unsorted", "high_below_low"}


def test_only_the_first_twenty_faults_are_written_and_all_are_counted() -> None:
    table = changed(500, volume=pa.array([-1.0] * 500))
    with pytest.raises(BadDataError) as caught:
        Market.from_table(table)
    assert caught.value.count == 500
    assert str(caught.value).count("is negative") == 20
    assert str(caught.value).startswith("the table has 500 faults:\nrow 1, column volume")
    assert str(caught.value).endswith("... and 480 more")


def test_an_instrument_without_rows_is_probably_a_typing_error() -> None:
    with pytest.raises(BadDataError, match=r"instrument 'APPL' has no rows; did you mean 'AAPL'"):
        Market.from_table(good(symbol="AAPL"), [Instrument("APPL")])


@pytest.mark.parametrize(
    ("table", "instrument", "message"),
    [
        (
            changed(close={2: 1e15}, high={2: 1e15}),
            Instrument("X", 4),
            r"row 3, column high: .* too large for 4 decimals",
        ),
        (changed(volume={2: 1e16}), Instrument("X", 2, 2), r"row 3, column volume: .*lower the size_precision"),
        (changed(low={2: 0.004}), Instrument("X", 2), r"row 3, column low: 0.004 of X is less than half a tick"),
    ],
)
def test_numbers_that_the_grid_cannot_hold_are_refused(table: pa.Table, instrument: Instrument, message: str) -> None:
    with pytest.raises(DataQualityError, match=message):
        Market.from_table(table, [instrument])


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadDataError, match="cannot be read in zone 'Mars/Olympus'"):
        Market.from_table(naive(), time_zone="Mars/Olympus")


def test_a_local_time_that_exists_twice_is_refused() -> None:
    twice = pa.array(["2024-11-03T01:30"] * 6).cast(pa.timestamp("ns"))
    with pytest.raises(BadDataError, match="column time: cannot be read in zone 'America/New_York'"):
        Market.from_table(changed(time=twice), time_zone="America/New_York")


def test_a_wrong_name_in_columns_is_refused() -> None:
    with pytest.raises(DataError, match=r"columns\['close'\]: there is no column 'lst'; "):
        Market.from_table(good(), columns={"close": "lst"})


# ---------------------------------------------------------------------------------------------------------------- files

HEADER = "time,symbol,open,high,low,close,volume\n"
LINE = "2024-01-01T00:0{}:00Z,X,1,2,0.5,1.5,10\n"


def written(folder: Path, text: str, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


FILES: dict[str, tuple[str, str]] = {
    "a line too short": (HEADER + LINE.format(1) + "2024-01-01T00:02:00Z,X,1\n", "prices.csv, line 3: has 3 fields"),
    "a line too long": (HEADER + LINE.format(1)[:-1] + ",7\n" + LINE.format(2), "prices.csv, line 2: has 8 fields"),
    "a blank line before": (HEADER + "\n" + LINE.format(2) + LINE.format(1), "prices.csv, line 4, column time"),
    "a word for a price": (
        HEADER + LINE.format(1) + "2024-01-01T00:02:00Z,X,1,two,0.5,1.5,10\n",
        "prices.csv, line 3, column high: 'two' is not a number; write a number",
    ),
    "an empty cell": (
        HEADER + "2024-01-01T00:02:00Z,X,1,2,,1.5,10\n" + LINE.format(3),
        "line 2, column low: there is no",
    ),
    "naive times": (HEADER + "2024-01-01T00:02:00,X,1,2,1,1.5,10\n", "prices.csv, column time: .* have no time zone"),
    "times that are words": (
        HEADER + "noon,X,1,2,1,1.5,10\n",
        r"column time: is string \(such as 'noon'\), not a time",
    ),
    "a header only": (HEADER, "prices.csv.* there are no rows"),
    "no header": (LINE.format(1) + LINE.format(2), "prices.csv, column time: there is no column 'time'"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_csv_file_is_refused_with_its_line(name: str, tmp_path: Path) -> None:
    text, message = FILES[name]
    with pytest.raises(BadDataError, match=message):
        Market.from_csv(written(tmp_path, text))


def test_rows_of_several_files_are_counted_in_their_own_file(tmp_path: Path) -> None:
    one = written(tmp_path, HEADER + LINE.format(1) + LINE.format(2), "one.csv")
    other = written(tmp_path, HEADER + LINE.format(3) + "2024-01-01T00:04:00Z,X,1,2,0.5,1.5,-10\n", "two.csv")
    with pytest.raises(BadDataError, match=r"two\.csv, line 3, column volume: -10.* is negative"):
        Market.from_csv([one, other])


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no such file; check the path"):
        Market.from_parquet(tmp_path / "none.parquet")
    with pytest.raises(DataError, match="no file was given"):
        Market.from_csv([])
    with pytest.raises(DataError, match=r"cannot be read as Parquet.*check that it is a whole Parquet file"):
        Market.from_parquet(written(tmp_path, "hello", "hello.parquet"))
    with pytest.raises(DataError, match="cannot be read as CSV"):
        Market.from_csv(written(tmp_path, ""))
    binary = tmp_path / "binary.csv"
    binary.write_bytes(bytes(range(256)) * 4)
    with pytest.raises(DataError, match=r"binary\.csv, line 1: is not text in UTF-8; save the file in UTF-8"):
        Market.from_csv(binary)
    latin = tmp_path / "latin.csv"
    latin.write_bytes((HEADER + LINE.format(1)).encode() + "2024-01-01T00:02:00Z,Öl,1,2,1,1,1\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"latin\.csv, line 3: is not text in UTF-8"):
        Market.from_csv(latin)


def test_whole_numbers_as_times_are_nanoseconds() -> None:
    assert Market.from_table(changed(2, time=pa.array(minutes(1, 2)))).clock[0] > START
