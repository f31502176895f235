"""Files larger than the memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from tests.data.tables import changed, good, minutes, two
from triplebar.contracts.errors import ConfigError, DataError
from triplebar.data.chunks import read_chunks, stream_bars
from triplebar.data.faults import BadDataError
from triplebar.data.market import Market
from triplebar.data.merge import by_span, merge_chunks
from triplebar.data.synthetic import synthetic_table

PEAK = """
import sys
from pathlib import Path
from triplebar.data import chunks
chunks.CSV_BLOCK_BYTES = 1 << 17  # some forty of them are read ahead, which is less than the small file
rows, total = 0, 0.0
for chunk in chunks.stream_bars(sys.argv[1], rows=20_000):
    rows += chunk.num_rows
    total += chunk["close"].to_numpy().sum()
# not ru_maxrss: that remembers the process this one was forked from
status = Path("/proc/self/status").read_text().splitlines()
print(rows, total, next(line for line in status if line.startswith("VmHWM")).split()[1])
"""


def write(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        parquet.write_table(table, path)
    return path


def peak(path: Path) -> tuple[int, float, float]:
    """Rows, sum of closes and peak memory of a process that streams the file."""
    done = subprocess.run([sys.executable, "-c", PEAK, str(path)], check=True, capture_output=True, text=True)
    rows, total, memory = done.stdout.split()
    return int(rows), float(total), float(memory)


@pytest.mark.feature("F-027")
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_ten_times_the_data_needs_less_than_half_as_much_memory_again(tmp_path: Path, ending: str) -> None:
    large = synthetic_table(bars=1_000_000, seed=1)
    small = large.slice(0, 100_000)
    rows_small, total_small, memory_small = peak(write(small, tmp_path / f"small.{ending}"))
    rows_large, total_large, memory_large = peak(write(large, tmp_path / f"large.{ending}"))
    assert (rows_small, rows_large) == (100_000, 1_000_000)
    assert total_small == pytest.approx(small["close"].to_numpy().sum())
    assert total_large == pytest.approx(large["close"].to_numpy().sum())
    assert memory_large < 1.5 * memory_small


@pytest.mark.feature("F-027")
@pytest.mark.parametrize("ending", ["parquet", "csv"])
@pytest.mark.parametrize("rows", [1, 3, 100])
def test_chunks_are_the_file(tmp_path: Path, ending: str, rows: int) -> None:
    path = write(two(5), tmp_path / f"bars.{ending}")
    chunks = list(stream_bars(path, rows=rows))
    assert max(chunk.num_rows for chunk in chunks) <= rows
    assert Market.from_table(pa.concat_tables(chunks)).digest == Market.from_table(two(5)).digest
    assert sum(chunk.num_rows for chunk in read_chunks(path, rows=rows)) == 10


@pytest.mark.feature("F-027", "F-026")
def test_files_of_single_symbols_become_one_stream_of_days(tmp_path: Path) -> None:
    whole = synthetic_table(symbols=("A", "B"), bars=72, interval="1h", seed=3, missing_chance=0.2)
    paths = []
    for symbol in ("A", "B"):
        mine = whole.filter(pa.array([each == symbol for each in whole["symbol"].to_pylist()]))
        paths.append(write(mine, tmp_path / f"{symbol}.parquet"))
    days = list(by_span(merge_chunks(stream_bars(path, rows=7) for path in paths)))
    assert len(days) == 3
    assert Market.from_table(pa.concat_tables(days)).digest == Market.from_table(whole).digest


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_fault_is_named_by_its_row_in_the_file(tmp_path: Path, ending: str) -> None:
    path = write(changed(10, low={7: -1.0}), tmp_path / f"bars.{ending}")
    with pytest.raises(BadDataError, match=f"bars.{ending}, row 8, column low: -1"):
        list(stream_bars(path, rows=3))


def test_order_is_checked_across_chunks(tmp_path: Path) -> None:
    path = write(changed(6, time={3: minutes(3)[0]}), tmp_path / "bars.parquet")
    with pytest.raises(BadDataError, match=r"row 4, column time: X at .* does not come after its bar at"):
        list(stream_bars(path, rows=3))
    backwards = write(good(6).take([3, 4, 5, 0, 1, 2]), tmp_path / "back.parquet")
    with pytest.raises(BadDataError, match="row 4, column time"):
        list(stream_bars(backwards, rows=3))


def test_whole_numbers_first_and_fractions_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triplebar.data.chunks.CSV_BLOCK_BYTES", 200)
    lines = [f"2024-01-01T00:{n:02}:00Z,X,1,2,1,{1 if n < 20 else 1.5},{n}" for n in range(1, 40)]
    path = tmp_path / "bars.csv"
    path.write_text("\n".join(["time,symbol,open,high,low,Last,volume", *lines]))
    chunks = list(stream_bars(path, columns={"close": "Last"}))
    assert len(chunks) > 2
    assert pa.concat_tables(chunks)["close"].to_pylist() == [1.0] * 19 + [1.5] * 20


def test_options_work_in_chunks_too(tmp_path: Path) -> None:
    table = changed(6, symbol=None).rename_columns(["time", "open", "high", "low", "last", "volume"])
    path = write(table, tmp_path / "bars.parquet")
    chunks = list(stream_bars(path, rows=4, symbol="X", columns={"close": "last"}))
    assert Market.from_table(pa.concat_tables(chunks), symbol="X").digest == Market.from_table(good()).digest


def test_what_cannot_be_streamed_is_refused(tmp_path: Path) -> None:
    path = write(good(), tmp_path / "bars.parquet")
    with pytest.raises(ConfigError, match="rows = 0"):
        list(read_chunks(path, rows=0))
    with pytest.raises(FileNotFoundError):
        list(read_chunks(tmp_path / "none.parquet"))
    (tmp_path / "bars.feather").write_text("")
    with pytest.raises(ConfigError, match="neither Parquet nor CSV"):
        list(read_chunks(tmp_path / "bars.feather"))
    (tmp_path / "bad.parquet").write_text("hello")
    with pytest.raises(DataError, match=r"bad\.parquet: cannot be read"):
        list(read_chunks(tmp_path / "bad.parquet"))
