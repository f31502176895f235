"""Every version of NautilusTrader that is in an environment of its own gives the same as the core (F-124, F-129).

`python -m tests.engines.environments` makes such environments, if there is a CPython for them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import triplebar as tb
from tests.engines.environments import NEEDS, interpreter_for, interpreters, version_of
from tests.house.repository import ROOT
from triplebar.engines.nautilus.versions import KNOWN, installed_version
from triplebar.engines.remote.store import Installed, installed

CASES = 60
MARKET = tb.Market.synthetic(bars=200, seed=9, symbols=("A", "B"))


def environment_of(version: str) -> Installed:
    """An environment with this version, or a skip that names what is missing."""
    found = [each for each in installed() if each.engine == "nautilus" and each.version.startswith(f"{version}.")]
    if not found:
        pytest.skip(f"no environment with NautilusTrader {version}: python -m tests.engines.environments")
    return found[0]


OTHERS = [version for version in KNOWN if not installed_version().startswith(version)]


@pytest.mark.feature("F-124", "F-129")
@pytest.mark.parametrize("version", OTHERS)
def test_random_cases_are_equal_there(version: str) -> None:
    variables = {**os.environ, "PYTHONPATH": f"{ROOT / 'python'}{os.pathsep}{ROOT}"}
    words = [environment_of(version).python, "-m", "tests.engines.campaign", "nautilus", "--cases", str(CASES)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT, env=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{CASES} cases, {CASES} equal in all tables" in done.stdout


@pytest.mark.feature("F-124", "F-129")
@pytest.mark.parametrize("version", OTHERS)
def test_a_run_over_there_is_the_run_here(version: str) -> None:
    config = tb.BacktestConfig(commission_bps=3, slippage_bps=1)
    theirs = tb.run(tb.samples.MovingAverageCross(), MARKET, config, engine=environment_of(version).name)
    assert theirs.metadata.engine_version.startswith(version)
    assert theirs.result_hash == tb.run(tb.samples.MovingAverageCross(), MARKET, config).result_hash


def test_every_version_knows_its_interpreters() -> None:
    assert set(NEEDS) == set(KNOWN)
    here = Path(sys.executable)
    assert version_of(here) == sys.version_info[:2]
    assert version_of(Path("/bin/true")) is None
    assert interpreter_for(next(each for each in KNOWN if installed_version().startswith(each)), [here]) == here
    assert interpreter_for("1.231", [Path("/bin/true")]) is None
    assert any(version_of(each) is not None for each in interpreters())
