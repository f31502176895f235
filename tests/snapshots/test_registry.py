"""The registry of snapshots: identity, storing once, reading back checked, lists, house-keeping (F-030, F-034)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import triplebar as tb
from triplebar.contracts.errors import (
    ConfigError,
    DataQualityError,
    NotFound,
    SnapshotMismatchError,
    UnknownSymbolError,
)
from triplebar.data.snapshots import DataSnapshotRegistry
from triplebar.store.runs import ExperimentRegistry

DAY = datetime(2024, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.feature("F-030")


def prices(first: float = 100.0, rows: int = 10) -> pa.Table:
    times = [DAY + timedelta(days=each) for each in range(rows)]
    return pa.table(
        {"time": pa.array(times, pa.timestamp("us", "UTC")), "close": [first + each for each in range(rows)]}
    )


DATA = {"A": prices(), "B": prices(50.0)}


@pytest.fixture
def registry(tmp_path: Path) -> DataSnapshotRegistry:
    return DataSnapshotRegistry(tmp_path / "kept")


def test_the_id_is_of_the_content(registry: DataSnapshotRegistry, tmp_path: Path) -> None:
    record = registry.create_snapshot(["A", "B"], DATA)
    elsewhere = DataSnapshotRegistry(tmp_path / "other").create_snapshot(["A", "B"], DATA)
    assert record.snapshot_id == elsewhere.snapshot_id == f"snap-{record.data_hash[:16]}"
    assert len(record.snapshot_id) == len("snap-") + 16


def test_the_id_differs_when_the_data_differ(registry: DataSnapshotRegistry) -> None:
    ids = {registry.create_snapshot(["A"], {"A": prices(first)}).snapshot_id for first in (1.0, 2.0, 3.0)}
    assert len(ids) == registry.count() == 3


def test_the_order_of_the_symbols_does_not_matter(registry: DataSnapshotRegistry) -> None:
    one = registry.create_snapshot(["A", "B"], DATA)
    other = registry.create_snapshot(["B", "A"], dict(reversed(DATA.items())))
    assert one == other
    assert one.symbols == ("A", "B")


def test_the_same_content_is_stored_once(registry: DataSnapshotRegistry) -> None:
    first = registry.create_snapshot(["A", "B"], DATA)
    files = sorted(registry.folder.iterdir())
    assert registry.create_snapshot(["A", "B"], DATA) == first  # with the time of the first
    assert registry.count() == 1
    assert sorted(registry.folder.iterdir()) == files


def test_a_symbol_that_two_snapshots_share_is_stored_once(registry: DataSnapshotRegistry) -> None:
    one = registry.create_snapshot(["A"], DATA)
    both = registry.create_snapshot(["A", "B"], DATA)
    assert len(list(registry.folder.iterdir())) == 2
    registry.delete_snapshot(one.snapshot_id)
    assert registry.load_snapshot(both.snapshot_id)["A"].equals(DATA["A"])


def test_no_symbols_are_refused(registry: DataSnapshotRegistry) -> None:
    for nothing in (["A"][:0], "A"):
        with pytest.raises(ValueError, match="symbols"):
            registry.create_snapshot(nothing, DATA)


def test_data_that_are_missing_are_refused(registry: DataSnapshotRegistry) -> None:
    with pytest.raises(ValueError, match="Unknown instrument 'C'"):
        registry.create_snapshot(["A", "C"], DATA)
    with pytest.raises(UnknownSymbolError):
        registry.create_snapshot(["X"], tb.Market.synthetic(symbols=("A",), bars=3))
    assert registry.count() == 0


def test_a_range_without_rows_is_refused(registry: DataSnapshotRegistry) -> None:
    with pytest.raises(DataQualityError, match="A: has no rows in this range"):
        registry.create_snapshot(["A"], DATA, "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z")


def test_what_is_no_table_is_refused(registry: DataSnapshotRegistry) -> None:
    with pytest.raises(ConfigError, match="must be a Market or tables by symbol"):
        registry.create_snapshot(["A"], [1, 2])  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="use create_snapshot for tables"):
        registry.create(DATA)  # type: ignore[arg-type]
    with pytest.raises(DataQualityError, match=r"A, column 'who': a column of .* cannot be kept"):
        registry.create_snapshot(["A"], {"A": pa.table({"who": [[1, 2], [3]]})})
    with pytest.raises(DataQualityError, match="two columns have the same name"):
        registry.create_snapshot(["A"], {"A": pa.Table.from_arrays([pa.array([1])] * 2, names=["n", "n"])})
    with pytest.raises(DataQualityError, match="no column of times to cut at"):
        registry.create_snapshot(["A"], {"A": pa.table({"n": [1]})}, start=0)
    with pytest.raises(ConfigError, match="must be a text"):
        registry.create_snapshot(["A", 1], DATA)  # type: ignore[list-item]


def test_tables_come_back_as_they_were(registry: DataSnapshotRegistry) -> None:
    record = registry.create_snapshot(["A", "B"], DATA)
    loaded = registry.load_snapshot(record.snapshot_id)
    assert list(loaded) == ["A", "B"]
    assert all(loaded[symbol].equals(DATA[symbol]) for symbol in DATA)
    with pytest.raises(ConfigError, match="holds tables, not a market"):
        registry.load(record.snapshot_id)


def test_only_the_range_is_kept(registry: DataSnapshotRegistry) -> None:
    start, end = DAY + timedelta(days=2), DAY + timedelta(days=5)
    record = registry.create_snapshot(["A"], DATA, start, end)
    assert (record.total_rows, record.start_date, record.end_date) == (3, start, end)
    assert registry.load_snapshot(record.snapshot_id)["A"]["close"].to_pylist() == [102.0, 103.0, 104.0]


def test_a_frame_with_an_index_is_kept_with_it(registry: DataSnapshotRegistry) -> None:
    import pandas as pd

    index = pd.date_range("2024-01-01", periods=4, name="day")
    frame = pd.DataFrame({"close": [1.0, 2.0, 3.0, 4.0]}, index=index)
    record = registry.create_snapshot(["A"], {"A": frame}, start="2024-01-02T00:00:00Z")
    assert registry.load_snapshot(record.snapshot_id)["A"].to_pydict() == {
        "close": [2.0, 3.0, 4.0],
        "day": [datetime(2024, 1, day) for day in (2, 3, 4)],  # noqa: DTZ001 - as in the frame
    }
    moved = frame.set_index(index.shift(1))
    assert registry.create_snapshot(["A"], {"A": moved}).snapshot_id != record.snapshot_id


def test_what_is_not_there_is_said(registry: DataSnapshotRegistry) -> None:
    for ask in (
        registry.load,
        registry.load_snapshot,
        registry.get_metadata,
        registry.delete_snapshot,
        registry.verify,
    ):
        with pytest.raises(FileNotFoundError, match="snap-0: there is no such snapshot"):
            ask("snap-0")
        with pytest.raises(NotFound):
            ask("snap-0")
    assert not registry.snapshot_exists("snap-0")


def test_the_record_says_what_is_in_it(registry: DataSnapshotRegistry) -> None:
    before = datetime.now(UTC)
    record = registry.create_snapshot(["A", "B"], DATA)
    assert registry.get_metadata(record.snapshot_id) == record
    assert (record.symbols, record.total_rows, record.kind) == (("A", "B"), 20, "tables")
    assert (record.start_date, record.end_date) == (DAY, DAY + timedelta(days=9))
    assert before <= record.created_at <= datetime.now(UTC)
    assert record.file_sizes.keys() == {"A", "B"}
    assert record.total_bytes == sum(each.stat().st_size for each in registry.folder.iterdir())
    assert record.to_mapping()["start_date"] == "2024-01-01T00:00:00+00:00"


def kept_three(registry: DataSnapshotRegistry) -> list[str]:
    wanted: list[list[str]] = [["A"], ["A", "B"], ["B"]]
    return [registry.create_snapshot(each, DATA).snapshot_id for each in wanted]


def test_lists_are_newest_first(registry: DataSnapshotRegistry) -> None:
    assert registry.list_snapshots() == []
    ids = kept_three(registry)
    assert [each.snapshot_id for each in registry.list_snapshots()] == ids[::-1]


def test_lists_ask_for_all_symbols(registry: DataSnapshotRegistry) -> None:
    only_a, both, only_b = kept_three(registry)
    found = {
        symbols: [each.snapshot_id for each in registry.list_snapshots(symbols)] for symbols in ("A", "B", "AB", "AC")
    }
    assert found == {"A": [both, only_a], "B": [only_b, both], "AB": [both], "AC": []}


def test_lists_have_a_first_moment_and_a_limit(registry: DataSnapshotRegistry) -> None:
    only_a, both, only_b = kept_three(registry)
    since = registry.database.row("select created_ns from snapshots where snapshot_id = ?", (both,))
    assert since is not None
    assert [each.snapshot_id for each in registry.list_snapshots(since=since[0])] == [only_b, both]
    assert [each.snapshot_id for each in registry.list_snapshots(limit=1)] == [only_b]
    assert [each.snapshot_id for each in registry.list_snapshots(["A"], limit=1)] == [both]
    assert registry.list_snapshots(limit=0) == []
    with pytest.raises(ConfigError, match="limit = -1"):
        registry.list_snapshots(limit=-1)
    assert registry.snapshot_exists(only_a)


def test_what_is_deleted_is_gone(registry: DataSnapshotRegistry) -> None:
    only_a, both, only_b = kept_three(registry)
    registry.delete_snapshot(both)
    assert (registry.count(), registry.snapshot_exists(both)) == (2, False)
    registry.delete_snapshot(only_a)
    registry.delete_snapshot(only_b)
    assert list(registry.folder.iterdir()) == []


def test_a_file_that_was_lost_is_written_again(registry: DataSnapshotRegistry) -> None:
    record = registry.create_snapshot(["A"], DATA)
    next(registry.folder.iterdir()).unlink()
    assert registry.create_snapshot(["A"], DATA) == record
    assert registry.verify() == {}


@pytest.mark.feature("F-034")
def test_statistics_count_a_shared_file_once(registry: DataSnapshotRegistry) -> None:
    assert registry.get_snapshot_stats()["oldest"] is None
    kept_three(registry)
    stats = registry.get_snapshot_stats()
    files = list(registry.folder.iterdir())
    assert (stats["snapshots"], stats["symbols"], stats["total_rows"], stats["files"]) == (3, 2, 40, len(files))
    assert stats["total_bytes"] == sum(each.stat().st_size for each in files)
    assert (stats["orphaned"], stats["oldest"] <= stats["newest"]) == (3, True)


@pytest.mark.feature("F-034")
def test_a_clean_up_shows_first_and_spares_what_a_run_names(tmp_path: Path) -> None:
    registry = DataSnapshotRegistry(tmp_path / "all.db")
    market, other = (tb.Market.synthetic(bars=30, seed=seed) for seed in (1, 2))
    used = tb.run(tb.samples.BuyAndHold(), market, snapshots=registry)
    orphan = registry.create(other).snapshot_id
    with ExperimentRegistry(tmp_path / "all.db") as runs:
        runs.save(used)
        assert runs.snapshot_ids() == {used.metadata.snapshot_id}
    files = sorted(registry.folder.iterdir())
    assert registry.cleanup_orphaned_snapshots() == registry.orphans() == [orphan]  # a dry run
    assert registry.cleanup_orphaned_snapshots(dry_run=False, referenced=[orphan]) == []
    assert sorted(registry.folder.iterdir()) == files
    assert registry.cleanup_orphaned_snapshots(dry_run=False) == [orphan]
    assert not registry.snapshot_exists(orphan)
    assert used.metadata.snapshot_id is not None
    assert registry.load(used.metadata.snapshot_id).digest == market.digest
    assert len(list(registry.folder.iterdir())) == 1


@pytest.mark.feature("F-034")
def test_a_clean_up_takes_what_a_killed_writer_left(registry: DataSnapshotRegistry) -> None:
    record = registry.create_snapshot(["A"], DATA)
    (registry.folder / f"{'0' * 64}.parquet").write_bytes(b"of nobody")
    assert registry.cleanup_orphaned_snapshots(dry_run=False, referenced=[record.snapshot_id]) == []
    assert len(list(registry.folder.iterdir())) == 1
    assert registry.verify() == {}


def test_what_the_message_of_a_damaged_file_says_helps(tmp_path: Path) -> None:
    market = tb.Market.synthetic(bars=30, seed=2)
    with tb.DataSnapshotRegistry(tmp_path) as registry:
        known = registry.create(market).snapshot_id
        (file,) = tmp_path.rglob("*.parquet")
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(SnapshotMismatchError, match="delete it and take the snapshot again"):
            registry.load(known)
        file.unlink()
        assert registry.create(market).snapshot_id == known
        assert registry.load(known).digest == market.digest
