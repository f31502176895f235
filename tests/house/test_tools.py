"""The linter and the type checker find nothing, and would find something."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.repository import ROOT


def tool(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.feature("F-019")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("arguments", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)])
def test_the_tree_is_clean(arguments: tuple[str, ...]) -> None:
    done = tool(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.feature("F-019")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(("ruff", "check"), "ANN201"), (("mypy",), "Function is missing a return type annotation")],
)
def test_a_fault_is_noticed(tmp_path: Path, arguments: tuple[str, ...], complaint: str) -> None:
    (tmp_path / "bad.py").write_text('"""Bad."""\n\n\ndef price(x: int):\n    """Double."""\n    return 2 * x\n')
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    done = tool(*arguments, "bad.py", folder=tmp_path)
    assert done.returncode != 0
    assert complaint in done.stdout


def test_the_wheel_depends_on_three_packages_only() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [text.split(">")[0] for text in project["dependencies"]] == ["numpy", "pyarrow", "numba"]
