"""No file and no table may end in anything but a market or an error of our own."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from tests.data.tables import columns, good
from triplebar.contracts.errors import ConfigError, TradingError
from triplebar.data.calendars import calendar
from triplebar.data.market import Market
from triplebar.data.validate import check_file, check_table

ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
CELL = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=6), st.floats().map(str), st.just("2024-01-01T00:01:00Z")
)


@ONE_FOLDER
@given(st.binary(max_size=300), st.sampled_from([".csv", ".parquet"]))
def test_any_bytes(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"hostile{ending}"
    path.write_bytes(content)
    with contextlib.suppress(TradingError):
        check_file(path)
    with contextlib.suppress(TradingError):
        Market.from_csv(path) if ending == ".csv" else Market.from_parquet(path)


@ONE_FOLDER
@given(st.lists(st.lists(CELL, max_size=9).map(",".join), max_size=6))
def test_any_lines(tmp_path: Path, lines: list[str]) -> None:
    path = tmp_path / "hostile.csv"
    text = "\n".join(["time,symbol,open,high,low,close,volume", *lines])
    path.write_text(text, encoding="utf-8", newline="")
    with contextlib.suppress(TradingError):
        check_file(path)


@ONE_FOLDER
@given(st.integers(0, 2_000), st.integers(0, 255))
def test_a_parquet_file_with_one_byte_flipped(tmp_path: Path, place: int, byte: int) -> None:
    path = tmp_path / "flipped.parquet"
    parquet.write_table(good(50), path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= byte
    path.write_bytes(bytes(content))
    with contextlib.suppress(TradingError):
        check_file(path)


KINDS: list[pa.DataType] = [
    pa.null(),
    pa.bool_(),
    pa.int8(),
    pa.uint64(),
    pa.float16(),
    pa.float32(),
    pa.float64(),
    pa.decimal128(38, 10),
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.date32(),
    pa.date64(),
    pa.time64("ns"),
    pa.duration("s"),
    pa.timestamp("s"),
    pa.timestamp("ns", "UTC"),
    pa.list_(pa.float64()),
    pa.struct([("x", pa.float64())]),
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.int8(), pa.float64()),
]


@pytest.mark.parametrize("name", ["time", "symbol", "open", "volume"])
@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("rows", [0, 3])
def test_any_type_of_column_in_any_place(name: str, kind: pa.DataType, rows: int) -> None:
    """A column of nulls of each type is a fault, never a crash."""
    table = pa.table({**columns(rows), name: pa.nulls(rows, kind)})
    report = check_table(table)
    assert not report.ok
    assert all(str(fault) and fault.fix for fault in report.faults)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("open", np.array([1.0, 2.0, 3.0])[::-1]),
        ("open", np.array([1, 2, 3], dtype=np.int64)),
        ("open", np.array([[1.0], [2.0], [3.0]])),
        ("open", np.array([1, 2, 3], dtype=object)),
        ("open", np.array([1 + 2j, 2, 3])),
        ("open", np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])),
        ("time", np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[s]")),
        ("time", np.array([2**63, 2**63 + 1, 2**63 + 2], dtype=np.uint64)),
        ("symbol", np.array(["A", "A", "A"])),
        ("symbol", [b"A", b"A", b"A"]),
        ("symbol", ["A", None, 3]),
        ("volume", "many"),
        ("volume", 3),
    ],
)
def test_any_array_in_a_dict(name: str, values: Any) -> None:
    with contextlib.suppress(TradingError):
        Market.from_table({**columns(3), name: values})


def test_a_reversed_array_is_copied_in_order() -> None:
    close = np.array([100.0, 100.25, 100.5])[::-1]
    market = Market.from_table({**columns(3), "close": close, "high": [101.0] * 3, "low": [99.0] * 3})
    assert market.series("X").close.tolist() == [100.5, 100.25, 100.0]


def test_without_the_library_of_calendars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(ConfigError, match=r"calendar = 'XNYS': is not built in; use '24/7' or 'weekdays', or install"):
        calendar("XNYS")
    assert Market.from_table(good(), calendar="weekdays").calendar.name == "weekdays"
