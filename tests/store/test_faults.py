"""What happens to a store that is written: other processes, a kill, a full disk, a newer triplebar (F-111, U-24)."""

import json
import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import triplebar as tb
from triplebar.contracts.errors import RegistryError
from triplebar.data.snapshots import DataSnapshotRegistry
from triplebar.store.batches import BatchRegistry
from triplebar.store.runs import ExperimentRegistry
from triplebar.store.schema import STORE

pytestmark = pytest.mark.feature("U-24")
KILLS = int(os.environ.get("TRIPLEBAR_KILLS", "2"))
PATIENCE_SECONDS = 120
SPAWN = multiprocessing.get_context("spawn")


def market(seed: int) -> tb.Market:
    return tb.Market.synthetic(symbols=("A", "B"), bars=200, seed=seed)


def save(place: Path, seeds: range) -> None:
    """Keep runs with their data, one after the other."""
    with ExperimentRegistry(place) as runs, DataSnapshotRegistry(place) as snapshots:
        for seed in seeds:
            runs.save(tb.run(tb.samples.BuyAndHold(), market(seed), snapshots=snapshots))


def check(place: Path) -> int:
    """Look at everything that the store says it has, and give the number of runs."""
    with sqlite3.connect(place) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    with ExperimentRegistry(place) as runs, DataSnapshotRegistry(place) as snapshots:
        found = runs.list_runs()
        for each in found:
            assert runs.load(each.run_id).result_hash == each.result_hash
            assert each.snapshot_id is not None
            assert snapshots.get_metadata(each.snapshot_id).data_hash == each.data_digest
        assert snapshots.verify() == {}
        return len(found)


def has_more_than(runs: ExperimentRegistry, number: int) -> bool:
    return runs.count() > number


def until(true: Callable[[], object]) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < ends_at, "nothing happens"
        time.sleep(0.005)


@pytest.mark.feature("F-111")
def test_a_killed_writer_leaves_whole_runs_or_none(tmp_path: Path) -> None:
    place = tmp_path / "runs.db"
    draws = random.Random(2)
    for number in range(KILLS):
        with ExperimentRegistry(place) as runs:
            before = runs.count()
            worker = SPAWN.Process(target=save, args=(place, range(1_000 * number, 1_000 * (number + 1))))
            worker.start()
            until(partial(has_more_than, runs, before))
            time.sleep(draws.uniform(0.0, 0.1))
            worker.kill()
            worker.join()
        assert check(place) > before
    with ExperimentRegistry(place) as runs, DataSnapshotRegistry(place) as snapshots:
        for left in snapshots.folder.glob(".*.new"):
            os.utime(left, (0, 0))  # as if it had been there for long
        runs.clean(older_than_seconds=0)
        snapshots.cleanup_orphaned_snapshots(dry_run=False)
        assert len(list(runs.folder.glob("*/*/*"))) == runs.count()
        assert len(list(snapshots.folder.glob("*.parquet"))) == 2 * snapshots.count() == 2 * runs.count()
        assert [each for each in snapshots.folder.iterdir() if each.suffix != ".parquet"] == []
    save(place, range(900_000, 900_002))  # others write on
    check(place)


def test_two_processes_keep_runs_in_one_store(tmp_path: Path) -> None:
    place = tmp_path / "runs.db"
    workers = [SPAWN.Process(target=save, args=(place, seeds)) for seeds in (range(5), range(5, 10))]
    for worker in workers:
        worker.start()
    with DataSnapshotRegistry(place) as snapshots:
        while any(worker.is_alive() for worker in workers):
            snapshots.cleanup_orphaned_snapshots()  # somebody who only looks disturbs nobody
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert check(place) == 10


def snapshot(place: Path, seeds: range) -> None:
    with DataSnapshotRegistry(place) as snapshots:
        for seed in seeds:
            record = snapshots.create(market(seed))
            assert record.snapshot_id.startswith("snap-")


def test_a_clean_up_beside_a_writer_leaves_whole_snapshots(tmp_path: Path) -> None:
    place = tmp_path / "runs.db"
    with DataSnapshotRegistry(place) as snapshots:
        first = snapshots.create(market(99)).snapshot_id
        worker = SPAWN.Process(target=snapshot, args=(place, range(15)))
        worker.start()
        taken = 0
        while worker.is_alive():
            taken += len(snapshots.cleanup_orphaned_snapshots(dry_run=False, referenced=[first]))
        assert worker.exitcode == 0
        assert snapshots.verify() == {}
        assert snapshots.count() + taken == 16


def test_a_store_of_a_newer_triplebar_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "runs.db"
    save(place, range(1))
    with sqlite3.connect(place) as connection:
        connection.execute(f"pragma user_version = {len(STORE) + 1}")
    for kind in (ExperimentRegistry, DataSnapshotRegistry, BatchRegistry):
        with pytest.raises(
            RegistryError, match=f"its schema has version {len(STORE) + 1}, .*install a newer triplebar"
        ):
            kind(place)
    with sqlite3.connect(place) as connection:
        connection.execute(f"pragma user_version = {len(STORE)}")
    assert check(place) == 1


# --------------------------------------------------------------------------------------------------------- a full disk

FILL = """
import json, sys
from pathlib import Path
import triplebar as tb
from tests.store.test_faults import check, market, save
folder = Path(sys.argv[1])
place, ballast = folder / "runs.db", folder / "ballast"
ballast.write_bytes(bytes(400_000))
save(place, range(1))
said = ""
kept = 0
for seed in range(1, 500):
    try:
        save(place, range(seed, seed + 1))
    except tb.errors.RegistryError as problem:
        said = str(problem)
        break
kept = check(place)
ballast.unlink()
save(place, range(seed, seed + 2))
print(json.dumps({"said": said, "kept": kept, "after": check(place), "seed": seed}))
"""


def test_a_full_disk_is_told_of_and_what_was_finished_is_kept(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no disk of one's own")
    (tmp_path / "fill.py").write_text(FILL)
    inside = 'mount -t tmpfs -o size=1500k tmpfs "$1" && exec "$2" "$3" "$1"'
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(tb.__file__).parents[1])])}
    done = subprocess.run(
        [*alone, "sh", "-c", inside, "sh", str(disk), sys.executable, str(tmp_path / "fill.py")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "the disk is full; free some space and go on; what was finished is kept" in found["said"]
    assert (found["kept"], found["after"]) == (found["seed"], found["seed"] + 2)
    assert found["kept"] >= 1


LIMITED = """
import json, resource, sys
from pathlib import Path
import triplebar as tb
from tests.store.test_faults import check, market, save
place = Path(sys.argv[1]) / "runs.db"
save(place, range(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, resource.RLIM_INFINITY))
said = []
for keep in (lambda: save(place, range(1, 2)), lambda: tb.DataSnapshotRegistry(place).create(market(1))):
    try:
        keep()
    except tb.errors.RegistryError as problem:
        said.append(str(problem))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
before = check(place)
save(place, range(1, 2))
print(json.dumps({"said": said, "before": before, "after": check(place)}))
"""


def test_files_that_cannot_grow_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "limited.py").write_text(LIMITED)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(tb.__file__).parents[1])])}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "limited.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["said"]) == 2
    assert all("runs.db: " in each for each in found["said"])
    assert (found["before"], found["after"]) == (1, 2)
