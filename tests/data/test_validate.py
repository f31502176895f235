"""`check_table` and `check_file`: everything at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from tests.data.tables import changed, columns, good, minutes, two
from triplebar.contracts.errors import DataError
from triplebar.data.faults import BadDataError
from triplebar.data.market import Market
from triplebar.data.validate import check_file, check_table


def test_a_good_table_has_nothing_to_report() -> None:
    report = check_table(two(), "prices.parquet")
    assert report.ok
    assert (report.rows, report.fault_count, report.warnings, report.gaps) == (8, 0, (), ())
    assert [(each.symbol, each.bars) for each in report.symbols] == [("A", 4), ("B", 4)]
    assert str(report).splitlines()[0] == "prices.parquet: 8 rows, 0 faults, 0 warnings, 0 gaps"
    assert "A: 4 bars of 1m, 2024-01-01T00:01:00Z to 2024-01-01T00:04:00Z" in str(report)


@pytest.mark.feature("F-022")
def test_several_faults_are_found_at_once() -> None:
    table = changed(
        12,
        time={9: minutes(3)[0]},
        symbol={6: None},
        open={1: float("nan")},
        high={3: 1.0},
        low={5: -1.0},
        close={7: 500.0},
        volume={0: -5.0, 11: 0.0},
    )
    report = check_table(table)
    assert report.kinds == {
        "null": 1,
        "not_finite": 1,
        "high_below_low": 1,
        "not_positive": 1,
        "close_outside": 1,
        "negative_volume": 1,
        "duplicate": 1,
    }
    assert [fault.row for fault in report.faults] == [1, 2, 4, 6, 7, 8, 10]
    assert report.warnings == ("1 of 12 bars have no volume",)


def with_bar(row: int, price: float) -> pa.Table:
    """Thirty bars about 100; one of them whole at another price."""
    price_of = np.full(30, 100.0) + np.arange(30) % 3 / 10
    price_of[row] = price
    one = {"open": price_of, "high": price_of + 0.1, "low": price_of - 0.1, "close": price_of}
    return pa.table({"time": pa.array(minutes(*range(30))), "symbol": ["X"] * 30, **one, "volume": np.ones(30)})


@pytest.mark.feature("F-022")
@pytest.mark.parametrize("price", [1.0, 90.0, 110.0, 10_000.0])
def test_a_bar_that_stands_apart_whole_is_a_warning_with_its_place(price: float) -> None:
    report = check_table(with_bar(12, price), "x.parquet")
    assert report.ok
    (warning,) = report.warnings
    assert "1 bar stands apart from the bars before and after: X at 2024-01-01T00:12:00Z (x.parquet, row 13)" in warning
    assert f"{price - 0.1:g} to {price + 0.1:g}; a wrong price?" in warning


@pytest.mark.feature("F-022")
@pytest.mark.parametrize(("row", "price"), [(12, 102.0), (0, 200.0), (29, 200.0)])
def test_moves_that_a_market_makes_are_no_spikes(row: int, price: float) -> None:
    """A small move, and the first and last bar, which have only one neighbour."""
    assert check_table(with_bar(row, price)).warnings == ()


@pytest.mark.feature("F-022")
def test_a_new_level_is_no_spike_and_each_instrument_is_judged_alone() -> None:
    step = with_bar(12, 100.0)
    higher = pa.array(np.where(np.arange(30) < 15, 100.0, 300.0))
    level = dict.fromkeys(("open", "high", "low", "close"), higher)
    table = pa.table({**{name: step[name] for name in step.column_names}, **level})
    assert check_table(table).warnings == ()
    other = with_bar(5, 900.0)
    both = pa.concat_tables([table, other.set_column(1, "symbol", pa.array(["Y"] * 30))])
    assert ["Y at 2024-01-01T00:05:00Z" in each for each in check_table(both).warnings] == [True]


def test_many_spikes_are_counted_and_the_first_are_shown() -> None:
    prices = np.where(np.arange(200) % 20 == 10, 300.0, 100.0 + np.arange(200) % 7 / 10)
    one = dict.fromkeys(("open", "high", "low", "close"), prices)
    table = {"time": pa.array(minutes(*range(200))), "symbol": ["X"] * 200, **one, "volume": np.ones(200)}
    (warning,) = check_table(table).warnings
    assert warning.startswith("10 bars stand apart")
    assert " and 5 more; a wrong price?" in warning


@pytest.mark.feature("F-022")
@pytest.mark.parametrize("first", [".csv", ".parquet"])
def test_parquet_and_csv_are_one_table(tmp_path: Path, first: str) -> None:
    from pyarrow import csv

    table = two()
    second = ".parquet" if first == ".csv" else ".csv"
    halves = {first: table.slice(0, 4), second: table.slice(4)}
    csv.write_csv(halves[".csv"], tmp_path / "half.csv")
    parquet.write_table(halves[".parquet"], tmp_path / "half.parquet", use_dictionary=True)
    files = [tmp_path / f"half{ending}" for ending in halves]
    report = check_file(files)
    assert report.ok, str(report)
    assert report.rows == 8
    assert report.file == " + ".join(each.name for each in files)
    other = tmp_path / "half.gz"
    other.touch()
    with pytest.raises(DataError, match="neither Parquet nor CSV"):
        check_file([files[0], other])


def test_columns_that_are_missing_do_not_hide_faults_in_others() -> None:
    report = check_table(changed(close=None, time=pa.array([0] * 6, pa.timestamp("ns")), low={2: -1.0}))
    assert report.kinds == {"missing_column": 1, "naive_time": 1, "not_positive": 1}


def test_null_prices_are_not_compared() -> None:
    assert check_table(changed(high={2: None})).kinds == {"null": 1}


def test_the_report_is_json() -> None:
    found = json.loads(check_table(changed(low={2: float("inf")}, volume={1: float("nan")}), "x.parquet").to_json())
    assert found["ok"] is False
    assert found["file"] == "x.parquet"
    assert found["faults"][0] == {
        "kind": "not_finite",
        "problem": "nan is not a number",
        "fix": "fill it in or remove the row",
        "column": "volume",
        "row": 2,
        "line": None,
        "value": "nan",
    }
    assert found["symbols"][0]["interval"] == "1m"


def test_very_many_faults_are_counted_and_some_are_kept() -> None:
    report = check_table(changed(5_000, volume=pa.array([-1.0] * 5_000)))
    assert report.fault_count == 5_000
    assert len(report.faults) == 100
    assert "... and 4980 more" in report.text()


def test_gaps_and_early_times_are_no_faults() -> None:
    report = check_table(good(10).take([0, 1, 2, 6, 7, 9]))
    assert report.ok
    assert [gap.missing for gap in report.gaps] == [3, 1]
    assert "gap: X: 3 bars missing between 2024-01-01T00:03:00Z and 2024-01-01T00:07:00Z" in str(report)
    seconds = check_table(changed(time=pa.array(np.arange(1_704_067_200, 1_704_067_206))))
    assert seconds.ok
    assert "are they really nanoseconds" in seconds.warnings[0]


def test_many_gaps_are_cut_short() -> None:
    report = check_table(good(60).take([n for n in range(60) if n % 4 or n > 55]))
    assert len(report.gaps) > 10
    assert str(report).splitlines()[-1] == f"... and {len(report.gaps) - 10} more gaps"


@pytest.mark.parametrize("ending", ["parquet", "pq"])
def test_a_parquet_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"prices.{ending}"
    parquet.write_table(changed(low={2: -1.0}), path)
    report = check_file(path)
    assert (report.file, report.fault_count) == (f"prices.{ending}", 1)
    assert str(report.faults[0]).startswith(f"prices.{ending}, row 3, column low: -1.0 is not above 0")


def test_a_csv_file_names_lines(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(
        "time,symbol,open,high,low,close,volume\n"
        "2024-01-01T00:01:00Z,X,1,2,0.5,1.5,10\n"
        "2024-01-01T00:02:00Z,X,1,2,abc,1.5,10\n"
        "2024-01-01T00:03:00Z,X,1,2\n"
        "\n"
        "2024-01-01T00:04:00Z,X,-1,2,1,1.5,10\n"
    )
    report = check_file(path)
    assert [(fault.line, fault.kind) for fault in report.faults] == [
        (3, "wrong_type"),
        (4, "broken_line"),
        (6, "not_positive"),
        (6, "open_outside"),
    ]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.xlsx"
    path.write_text("")
    with pytest.raises(DataError, match="neither Parquet nor CSV by its name; let it end in"):
        check_file(path)


# ------------------------------------------------------------------------------------------------------- properties

PRICE = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(0.01, 100.0), st.none())


@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(-(2**62), 2**62), st.none()), st.sampled_from(["A", "B", "", None]), *[PRICE] * 5
        ),
        max_size=8,
    )
)
def test_a_table_is_used_exactly_if_the_check_finds_no_fault(rows: list[tuple[object, ...]]) -> None:
    names = ("time", "symbol", "open", "high", "low", "close", "volume")
    kinds = (pa.int64(), pa.string(), *[pa.float64()] * 5)
    cells = list(zip(*rows, strict=True)) if rows else [()] * 7
    table = pa.table({name: pa.array(list(each), kind) for name, kind, each in zip(names, kinds, cells, strict=True)})
    report = check_table(table)
    broken = [row for row in rows if _breaks_a_rule(row)]
    assert not (report.ok and (broken or not rows))
    if report.ok:
        assert len({(row[0], row[1]) for row in rows}) == len(rows)
    else:
        with pytest.raises(BadDataError) as caught:
            Market.from_table(table)
        assert caught.value.count == report.fault_count


def _breaks_a_rule(row: tuple[object, ...]) -> bool:
    time, symbol, *numbers = row
    if time is None or not symbol or None in numbers:
        return True
    first, high, low, last, volume = (float(str(number)) for number in numbers)
    if not all(np.isfinite([first, high, low, last, volume])):
        return True
    return not (0 < low <= min(first, last) and max(first, last) <= high and volume >= 0)


@given(st.integers(2, 30), st.data())
def test_each_planted_fault_is_found_in_its_row(bars: int, data: st.DataObject) -> None:
    row = data.draw(st.integers(1, bars - 1))
    kind, name, value = data.draw(
        st.sampled_from(
            [
                ("not_finite", "close", float("nan")),
                ("not_positive", "low", 0.0),
                ("high_below_low", "high", 0.5),
                ("negative_volume", "volume", -0.5),
                ("open_outside", "open", 1e6),
                ("null", "open", None),
                ("duplicate", "time", columns(bars)["time"][row - 1].value),
            ]
        )
    )
    report = check_table(changed(bars, **{name: {row: value}}))
    assert [(fault.kind, fault.row, fault.column) for fault in report.faults] == [(kind, row + 1, name)]
