"""Folders that are shared between processes: nothing of them is left, whatever happens to their owner."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from triplebar.research import scratch
from triplebar.research.scratch import Scratch

WAITS = """
import sys, time
from triplebar.research.scratch import Scratch
kept = Scratch()
print(kept.folder, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.mark.feature("F-109")
def test_what_a_killed_process_leaves_behind_is_removed_by_the_next_one(folder: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    theirs = Path(owner.stdout.readline().strip())
    with Scratch() as mine:
        assert theirs.is_dir()  # its owner lives
        owner.kill()
        owner.communicate()
        with Scratch() as another:
            assert not theirs.exists()
            assert sorted(folder.iterdir()) == sorted([mine.folder, another.folder])
    assert list(folder.iterdir()) == []


def test_where_nothing_can_be_locked_everything_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    abandoned = folder / f"{scratch.PREFIX}x"
    abandoned.mkdir()
    (abandoned / scratch.OWNER).touch()
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "fcntl", None)
        Scratch().close()
        assert abandoned.is_dir()
    scratch.remove_abandoned()
    assert not abandoned.exists()
