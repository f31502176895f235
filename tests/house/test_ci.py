"""Continuous integration runs exactly what the README shows, and fails when that fails."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.repository import ROOT


def run_ci(folder: Path, *commands: str) -> subprocess.CompletedProcess[str]:
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    (folder / "README.md").write_text("\n".join(f"```console\n$ {command}\n```" for command in commands) + "\n")
    return subprocess.run([folder / ".ci" / "run"], capture_output=True, text=True, check=False)


def test_both_commands_run_in_environments_of_their_own(tmp_path: Path) -> None:
    first = "pip install --help > help && echo $VIRTUAL_ENV > first"
    second = 'pip install --help > help && echo $VIRTUAL_ENV > second && echo "pytest: 3 passed in 1.00s"'
    done = run_ci(tmp_path, first, second)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith("3 passed in 1.00s")
    assert len({(tmp_path / name).read_text() for name in ("first", "second")}) == 2


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        (["pip install --help > help && false", "pip install --help > help"], 1),
        (["pip install --help > help"], 2),
        (["pip install --help > help"] * 3, 2),
    ],
)
def test_a_failure_or_a_wrong_number_of_commands_fails(tmp_path: Path, commands: list[str], code: int) -> None:
    assert run_ci(tmp_path, *commands).returncode == code
