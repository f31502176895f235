"""Kernels are kept on disk where that is possible, and run where it is not."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import triplebar
from triplebar.metrics.kernels.jit import fingerprint

PACKAGE = Path(triplebar.__file__).parent

KERNEL = """
from triplebar.metrics.kernels.jit import kernel

@kernel
def double_nb(x):
    return 2 * x
"""


def run_kernel(folder: Path, **environment: str) -> str:
    """Run the kernel in a process of its own and say what its cache did."""
    code = "import own_nb; print(own_nb.double_nb(4), sum(own_nb.double_nb.stats.cache_hits.values()))"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "XDG"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def write_kernel(folder: Path) -> None:
    (folder / "own_nb.py").write_text(KERNEL)


KERNELS = sorted(path for path in (PACKAGE / "metrics").rglob("*_nb.py"))


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.name)
def test_what_is_on_disk_was_compiled_with_these_constants(path: Path) -> None:
    """Numba looks at the kernel's own file alone: a constant from elsewhere must leave a trace in it."""
    name = ".".join(("triplebar", *path.relative_to(PACKAGE).with_suffix("").parts))
    module = importlib.import_module(name)
    assert fingerprint(module) == module.CONSTANTS, f"write CONSTANTS = {fingerprint(module)!r} in {path.name}"


def test_a_change_of_a_constant_is_noticed() -> None:
    from triplebar.metrics.kernels import curve_nb

    assert len(KERNELS) >= 7
    other = ModuleType("other")
    vars(other).update(vars(curve_nb))
    assert fingerprint(other) == curve_nb.CONSTANTS
    vars(other)["NO_CAPITAL"] = 99
    assert fingerprint(other) != curve_nb.CONSTANTS


def test_a_second_process_takes_what_the_first_compiled(tmp_path: Path) -> None:
    write_kernel(tmp_path)
    assert run_kernel(tmp_path) == "8 0"
    assert list((tmp_path / "__pycache__").glob("*.nbi"))
    assert run_kernel(tmp_path) == "8 1"


def test_a_folder_that_cannot_be_written_leaves_the_users_cache(tmp_path: Path) -> None:
    write_kernel(tmp_path)
    (tmp_path / "__pycache__").write_text("this is no folder")
    cache = tmp_path / "cache"
    assert run_kernel(tmp_path, XDG_CACHE_HOME=str(cache)) == "8 0"
    assert run_kernel(tmp_path, XDG_CACHE_HOME=str(cache)) == "8 1"


def test_without_any_folder_to_write_to_it_still_runs(tmp_path: Path) -> None:
    write_kernel(tmp_path)
    (tmp_path / "__pycache__").write_text("this is no folder")
    for _ in range(2):
        assert run_kernel(tmp_path, XDG_CACHE_HOME="/dev/null", HOME="/dev/null") == "8 0"
