"""The stub of the extension module is there, says what the module has, and a lie in it would be noticed."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import triplebar._native
from tests.house.repository import ROOT

STUB = ROOT / "python" / "triplebar" / "_native.pyi"


def stubtest(folder: Path) -> subprocess.CompletedProcess[str]:
    """Compare the stub in a package folder with the module beside it."""
    command = [sys.executable, "-m", "mypy.stubtest", "triplebar._native"]
    options = ["--mypy-config-file", str(ROOT / "pyproject.toml")]
    environment = {**os.environ, "MYPYPATH": str(folder), "PYTHONPATH": str(folder)}
    return subprocess.run(
        [*command, *options], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of nothing but the extension module and its stub."""
    folder = tmp_path / "triplebar"
    folder.mkdir()
    (folder / "__init__.py").touch()
    shutil.copy(str(triplebar._native.__file__), folder)
    shutil.copy(STUB, folder)
    return folder


def public_names(tree: ast.Module) -> set[str]:
    defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    return defined | {ast.unparse(node.target) for node in tree.body if isinstance(node, ast.AnnAssign)}


def test_the_stub_has_what_the_module_has() -> None:
    names = public_names(ast.parse(STUB.read_text(encoding="utf-8")))
    assert len(names) >= 15
    found = {name for name in dir(triplebar._native) if not name.startswith("_")}
    assert {name for name in names if not name.startswith("_")} == found


@pytest.mark.timeout(600)
def test_stubtest_agrees(package: Path) -> None:
    done = stubtest(package.parent)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lie", ["def no_such_function() -> int: ...\n", "class NoSuchClass: ...\n"])
def test_a_lie_is_noticed(package: Path, lie: str) -> None:
    with (package / "_native.pyi").open("a", encoding="utf-8") as stub:
        stub.write(lie)
    assert stubtest(package.parent).returncode != 0
