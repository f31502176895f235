"""No input may crash, hang or panic: each hammer of hammer.py has a process of its own."""

import subprocess
import sys

import pytest

from tests.boundary.hammer import HAMMERS
from tests.house.repository import ROOT
from triplebar import _native
from triplebar.contracts.errors import InternalError, TradingError


def in_a_process(*arguments: str, timeout: float = 280) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout)


@pytest.mark.parametrize("name", HAMMERS)
def test_nothing_but_exceptions_comes_back(name: str) -> None:
    done = in_a_process("-m", "tests.boundary.hammer", name)
    assert done.returncode == 0, done.stderr[-4_000:]
    assert done.stdout == "survived\n"


PANICS = """
from tests.boundary import hammer
from triplebar import _native
hammer._native.canonical_bytes = lambda value: {}
hammer.main("encoding", 20)
"""


@pytest.mark.parametrize("damage", ["_native._panic('planted')", "__import__('os').abort()"])
def test_the_hammer_notices_a_panic_and_a_crash(damage: str) -> None:
    done = in_a_process("-c", PANICS.format(damage))
    assert done.returncode != 0
    assert "survived" not in done.stdout
    assert "planted" in done.stderr or "Fatal Python error: Aborted" in done.stderr


def test_a_panic_is_an_internal_error_that_asks_for_a_report() -> None:
    with pytest.raises(InternalError, match=r"stopped unexpectedly \(planted\).*please report it") as caught:
        _native._panic("planted")
    assert isinstance(caught.value, TradingError)
    assert isinstance(caught.value, RuntimeError)
    assert _native.draw(1, "after", 2) == _native.draw(1, "after", 2)
