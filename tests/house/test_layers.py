"""Imports point downwards only: the contracts of pyproject.toml hold, and they would notice if not."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.repository import ROOT

ANALYSED = re.compile(r"Analyzed (\d+) files, (\d+) dependencies")
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
PACKAGE = ROOT / "python" / "triplebar"
MAY_IMPORT_NATIVE = {
    "data/market.py",
    "strategy/compile/fingerprint.py",
    "strategy/compile/link.py",
    "strategy/compile/machine/mean.py",
    "strategy/compile/machine/words.py",
    "strategy/indicators.py",
}
MAY_IMPORT_NATIVE_UNDER = ("engines/custom/", "risk/")
MAY_USE_PUBLIC_NAMES = ("cli/", "report/", "research/")


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache", *options], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.feature("F-014")
def test_every_import_points_downwards() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    match = ANALYSED.search(done.stdout)
    assert match, done.stdout
    modules, edges = map(int, match.groups())
    assert modules >= 20
    assert edges >= modules


@pytest.mark.feature("F-014")
@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("contracts/orders.py", "from triplebar.engines import custom"),
        ("strategy/base.py", "import triplebar.research.run"),
        ("metrics/kernels.py", "from triplebar.report import html"),
        ("contracts/config.py", "import pandas"),
        ("contracts/logs.py", "import socket"),
    ],
)
def test_an_import_that_points_upwards_is_noticed(tmp_path: Path, module: str, statement: str) -> None:
    package = tmp_path / "triplebar"
    layers = ("cli", "report", "research", "engines", "strategy", "data", "metrics", "risk", "store", "contracts")
    for layer in layers:
        (package / layer).mkdir(parents=True)
        (package / layer / "__init__.py").touch()
    for name in ("__init__", "engines/custom", "research/run", "report/html"):
        (package / f"{name}.py").touch()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    assert lint(tmp_path).returncode == 0
    (package / module).write_text(statement)
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout


def native_imports(source: str) -> Iterator[int]:
    """Find the lines of a module that import triplebar._native."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names) if any(name.name == "triplebar._native" for name in names):
                yield node.lineno
            case ast.ImportFrom(module="triplebar._native"):
                yield node.lineno
            case ast.ImportFrom(module="triplebar", names=names) if any(name.name == "_native" for name in names):
                yield node.lineno


def facade_imports(source: str) -> Iterator[int]:
    """Find the lines of a module that import the package itself, which knows every layer."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names) if any(name.name == "triplebar" for name in names):
                yield node.lineno
            case ast.ImportFrom(module="triplebar", names=names) if any(name.name != "_native" for name in names):
                yield node.lineno


def users(find: Callable[[str], Iterator[int]]) -> dict[str, list[int]]:
    """List the modules of the package in which something is found, with the lines."""
    modules = sorted(PACKAGE.rglob("*.py"))
    assert len(modules) >= 100
    found = {path.relative_to(PACKAGE).as_posix(): list(find(path.read_text(encoding="utf-8"))) for path in modules}
    return {name: lines for name, lines in found.items() if lines}


@pytest.mark.feature("F-014")
def test_only_thin_modules_import_the_native_one() -> None:
    found = users(native_imports)
    assert len(found) >= 3
    thin = MAY_IMPORT_NATIVE | {name for name in found if name.startswith(MAY_IMPORT_NATIVE_UNDER)}
    assert set(found) == thin


@pytest.mark.feature("F-014")
def test_no_lower_layer_goes_through_the_public_names() -> None:
    found = users(facade_imports)
    assert not [name for name in found if not name.startswith(MAY_USE_PUBLIC_NAMES)]


@pytest.mark.parametrize("statement", ["import triplebar", "import triplebar as tb", "from triplebar import run"])
def test_every_way_to_go_through_the_public_names_is_seen(statement: str) -> None:
    assert list(facade_imports(f"import os\n{statement}\nfrom triplebar import _native\n")) == [2]


@pytest.mark.parametrize(
    "statement",
    ["from triplebar import _native", "import triplebar._native as n", "from triplebar._native import Desk"],
)
def test_every_way_to_import_the_native_module_is_seen(statement: str) -> None:
    assert list(native_imports(f"import os\n{statement}\n")) == [2]
