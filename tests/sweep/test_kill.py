"""A sweep that is killed at any moment is gone on with; nothing finished is repeated.

`TRIPLEBAR_KILLS=100 pytest tests/sweep/test_kill.py` for a hundred kills.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.sweep.killed import swept, swept_in_lanes
from triplebar.store.studies import StudyStore

KILLS = int(os.environ.get("TRIPLEBAR_KILLS", "2"))
ROOT = Path(__file__).parents[2]


@pytest.mark.feature("F-109", "F-111", "U-18")
@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_sweep_repeats_a_block_for_each_worker_at_most(tmp_path: Path, executor: str, kill: int) -> None:
    store, started = tmp_path / "runs.db", tmp_path / "started.txt"
    started.touch()
    kill_at(random.Random(f"{executor} {kill}").uniform(0.05, 0.95), store, started, executor)
    before, finished = lines(started), sets_kept(store)
    study = swept(str(store), str(started), executor)
    assert study.metadata["resumed"] == finished
    assert study.metadata["evaluated"] == 40 - finished
    assert lines(started) - before == 40 - finished
    workers = {"threads": 1, "processes": 2}[executor]  # a block of threads is run by all of them
    assert before - finished <= workers * study.plan.block
    assert study.table.num_rows == 40
    assert study.digest == swept(None, os.devnull, "threads").digest


@pytest.mark.feature("F-109", "F-111", "U-18")
@pytest.mark.parametrize("kill", range(KILLS))
def test_lanes_that_are_killed_go_on_with_the_blocks_that_are_kept(tmp_path: Path, kill: int) -> None:
    """A block is kept while the next one is run: neither is lost that was kept, nor run again."""
    store, moment = tmp_path / "runs.db", random.Random(f"lanes {kill}").uniform(0.05, 0.95)
    command = [sys.executable, "-m", "tests.sweep.killed", str(store), os.devnull, "lanes"]
    victim = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)
    blocks = tmp_path / "runs.db.tables" / "studies"
    while victim.poll() is None and len(list(blocks.glob("*/*.parquet"))) < 20 * moment:
        time.sleep(0.001)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    finished = sets_kept(store)
    assert finished >= 3 * int(20 * moment) - 3  # the last file may have been written and not counted
    study = swept_in_lanes(str(store))
    assert study.metadata["resumed"] == finished
    assert study.metadata["evaluated"] == 60 - finished
    assert study.digest == swept_in_lanes(None).digest


def kill_at(moment: float, store: Path, started: Path, executor: str, **environment: str) -> None:
    """Kill a sweep and all that it began when this share of its sets has been started."""
    command = [sys.executable, "-m", "tests.sweep.killed", str(store), str(started), executor]
    victim = subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    while victim.poll() is None and lines(started) < 40 * moment:
        time.sleep(0.003)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()


def lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")


def sets_kept(store: Path) -> int:
    if not store.exists():
        return 0
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    with StudyStore(store) as kept:
        studies = kept.studies()
        return kept.finished(studies[0].id)[0] if studies else 0
