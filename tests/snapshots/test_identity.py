"""What an id stands for, every value, type, name and order (F-031), and that nothing was changed since (F-032)."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import triplebar as tb
from triplebar.contracts.errors import DataError, SnapshotMismatchError
from triplebar.data.calendars import Weekdays
from triplebar.data.snapshot_bytes import parquet_bytes, plain_table, schema_bytes, table_from, tables_digest
from triplebar.data.snapshot_market import KeptSessions
from triplebar.data.snapshots import DataSnapshotRegistry

BASE = pa.table({"time": pa.array([1, 2, 3], pa.timestamp("ns", "UTC")), "close": [1.5, 2.5, 3.5], "volume": [7, 8, 9]})


def changed(name: str, values: Any, kind: pa.DataType | None = None) -> pa.Table:
    return BASE.set_column(BASE.column_names.index(name), name, pa.array(values, kind))


VARIANTS = {
    "as it is": BASE,
    "another order of rows": BASE.take([0, 2, 1]),
    "another name of a column": BASE.rename_columns(["time", "last", "volume"]),
    "another order of columns": BASE.select(["close", "time", "volume"]),
    "another type, the same numbers": changed("volume", [7.0, 8.0, 9.0]),
    "a shorter integer": changed("volume", [7, 8, 9], pa.int32()),
    "times of another unit": BASE.set_column(0, "time", pa.array([0, 0, 0], pa.timestamp("ms", "UTC"))),
    "one ulp": changed("close", [1.5, math.nextafter(2.5, 3), 3.5]),
    "minus zero": changed("close", [1.5, -0.0, 3.5]),
    "zero": changed("close", [1.5, 0.0, 3.5]),
    "none": changed("close", [1.5, None, 3.5]),
    "not a number": changed("close", [1.5, math.nan, 3.5]),
    "one row less": BASE.slice(0, 2),
    "no rows": BASE.slice(0, 0),
    "texts": changed("volume", ["7", "8", "9"]),
    "texts split elsewhere": changed("volume", ["7", "89", ""]),
}


@pytest.mark.feature("F-031")
def test_every_change_gives_another_id() -> None:
    found = {tables_digest({"X": plain_table("X", table)}) for table in VARIANTS.values()}
    assert len(found) == len(VARIANTS) >= 15
    assert tables_digest({"Y": BASE}) != tables_digest({"X": BASE})


@pytest.mark.feature("F-031")
def test_how_a_table_lies_in_memory_is_no_change() -> None:
    pieces = pa.concat_tables([BASE.slice(0, 1), BASE.slice(1)])
    texts = pa.table({"who": pa.array(["a", None, "b", "c"])})
    coded = pa.table({"who": texts["who"].dictionary_encode()})
    marked = BASE.replace_schema_metadata({"pandas": "{}"})
    for one, other in ((BASE, pieces), (BASE, marked), (texts, coded), (texts.slice(1), texts.take([1, 2, 3]))):
        assert tables_digest({"X": plain_table("X", one)}) == tables_digest({"X": plain_table("X", other)})


@pytest.mark.feature("F-031")
def test_a_market_is_known_by_its_digest_whatever_the_order(tmp_path: Path) -> None:
    market = tb.Market.synthetic(symbols=("A", "B"), bars=20, seed=1)
    table = market.table()
    shuffled = tb.Market.from_table(
        pa.concat_tables([table.filter(pa.compute.equal(table["symbol"], each)) for each in "BA"]), market.instruments
    )
    registry = DataSnapshotRegistry(tmp_path)
    record = registry.create(market)
    assert record.data_hash == market.digest
    assert registry.create(shuffled) == record
    assert registry.create_snapshot(["B", "A"], market) == record
    assert registry.create(market.select(["A"])) != record


columns = st.one_of(
    st.lists(st.one_of(st.none(), st.floats(width=64)), min_size=1).map(lambda each: pa.array(each, pa.float64())),
    st.lists(st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)), min_size=1).map(
        lambda each: pa.array(each, pa.int32())
    ),
    st.lists(st.one_of(st.none(), st.text()), min_size=1).map(lambda each: pa.array(each, pa.string())),
    st.lists(st.one_of(st.none(), st.booleans()), min_size=1).map(lambda each: pa.array(each, pa.bool_())),
    st.lists(st.integers(0, 2**40), min_size=1).map(lambda each: pa.array(each, pa.timestamp("s"))),
)


@given(columns)
def test_what_is_stored_is_what_is_read(column: pa.Array) -> None:
    table = plain_table("X", pa.table({"n": column}))
    again = table_from(parquet_bytes(table), schema_bytes(table))
    assert again.schema == table.schema
    assert tables_digest({"X": again}) == tables_digest({"X": table})


def test_all_plain_types_come_back(tmp_path: Path) -> None:
    whole = {str(kind): pa.array([1, None, 3], kind) for kind in (pa.int8(), pa.int64(), pa.uint16(), pa.float32())}
    table = pa.table(
        {
            **whole,
            "day": pa.array([date(2024, 1, 1), None, date(1960, 1, 1)]),
            "money": pa.array([Decimal("1.50"), None, Decimal("-2.25")]),
            "at": pa.array([datetime(2024, 1, 1, tzinfo=UTC)] * 3, pa.timestamp("ms", "UTC")),
            "long": pa.array(["a", None, "ü"], pa.large_string()),
        }
    )
    registry = DataSnapshotRegistry(tmp_path)
    record = registry.create_snapshot(["X"], {"X": table})
    assert registry.load_snapshot(record.snapshot_id)["X"].equals(table)


# ------------------------------------------------------------------------------------------------------- verification


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.feature("F-032")
def test_any_byte_that_was_flipped_is_found(tmp_path: Path) -> None:
    registry = DataSnapshotRegistry(tmp_path)
    market = tb.Market.synthetic(bars=20, seed=1)
    record = registry.create(market)
    (path,) = registry.folder.iterdir()
    whole = path.read_bytes()
    places = sorted({*np.random.default_rng(1).integers(0, len(whole), 40).tolist(), 0, len(whole) - 1})
    for place in places:
        flip(path, place)
        with pytest.raises(SnapshotMismatchError, match=rf"{record.snapshot_id}, X: the file .* was changed"):
            registry.load(record.snapshot_id)
        assert list(registry.verify()) == [record.snapshot_id]
        path.write_bytes(whole)
    assert len(places) >= 30
    assert registry.load(record.snapshot_id).digest == market.digest


@pytest.mark.feature("F-032")
def test_a_file_that_is_gone_or_of_another_is_found(tmp_path: Path) -> None:
    registry = DataSnapshotRegistry(tmp_path)
    one, other = (registry.create(tb.Market.synthetic(bars=20, seed=seed)) for seed in (1, 2))
    rows = registry.database.rows("select snapshot_id, file from snapshot_tables")
    paths = {row["snapshot_id"]: registry.folder / f"{row['file']}.parquet" for row in rows}
    paths[one.snapshot_id].unlink()
    with pytest.raises(SnapshotMismatchError, match="is missing; restore the file"):
        registry.load(one.snapshot_id)
    # An index that points to a whole file of other data: the hash of the data tells.
    with registry.database.writing() as connection:
        connection.execute(
            "update snapshot_tables set file = ? where snapshot_id = ?",
            (paths[other.snapshot_id].stem, one.snapshot_id),
        )
    with pytest.raises(SnapshotMismatchError, match="the data have the hash"):
        registry.load_snapshot(one.snapshot_id)
    assert list(registry.verify()) == [one.snapshot_id]


@pytest.mark.feature("F-032")
def test_an_index_that_was_changed_is_found(tmp_path: Path) -> None:
    registry = DataSnapshotRegistry(tmp_path)
    record = registry.create_snapshot(["X"], {"X": BASE})
    with registry.database.writing() as connection:
        connection.execute("update snapshots set data_hash = 'ff'")
    with pytest.raises(SnapshotMismatchError, match="the index says ff"):
        registry.load_snapshot(record.snapshot_id)
    with pytest.raises(SnapshotMismatchError, match="two data sets have this id"):
        registry.create_snapshot(["X"], {"X": BASE})
    market = registry.create(tb.Market.synthetic(bars=5, seed=1))
    with registry.database.writing() as connection:
        connection.execute('update snapshot_tables set instrument = \'{"symbol": "Z"}\' where instrument is not null')
    with pytest.raises(SnapshotMismatchError, match="is no market any more"):
        registry.load(market.snapshot_id)


# ----------------------------------------------------------------------------------------------------------- sessions


def test_the_sessions_of_the_run_come_back_though_the_calendar_has_changed(tmp_path: Path) -> None:
    holidays = Weekdays(holidays=frozenset({date(2024, 1, 4)}))  # a calendar of its own under a common name
    market = tb.Market.synthetic(bars=200, interval="1h", seed=1).with_calendar(holidays)
    registry = DataSnapshotRegistry(tmp_path)
    loaded = registry.load(registry.create(market).snapshot_id)
    assert loaded.digest == market.digest
    assert np.array_equal(loaded.sessions, market.sessions)
    kept = loaded.calendar
    assert isinstance(kept, KeptSessions)
    with pytest.raises(DataError, match="the hours of this calendar were not kept"):
        kept.stretches(0, 1)
    with pytest.raises(DataError, match="only the sessions of the kept bars are known"):
        kept.sessions(market.clock + 1)


def test_a_calendar_that_is_unknown_today_is_no_obstacle(tmp_path: Path) -> None:
    market = tb.Market.synthetic(bars=50, seed=1).with_calendar(Weekdays(name="house"))
    registry = DataSnapshotRegistry(tmp_path)
    assert registry.load(registry.create(market).snapshot_id).digest == market.digest
