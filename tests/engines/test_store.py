"""Environments of guests: made, listed, used by name, removed."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

import triplebar as tb
from triplebar.cli import main
from triplebar.engines.places import GUESTS
from triplebar.engines.remote import store
from triplebar.research.factory import create_engine

MARKET = tb.Market.synthetic(bars=60, seed=5)
VERSION = version("backtrader")
PIP = "TRIPLEBAR_TEST_PIP"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPLEBAR_HOME", str(tmp_path))


def without_a_network(words: Sequence[str]) -> None:
    """Make the environment as always; what pip would fetch is taken from this Python's packages."""
    if "pip" in words:
        lib = Path(words[0]).parents[1] / "lib"
        (packages,) = lib.glob("python*/site-packages")
        (packages / "here.pth").write_text(sysconfig.get_path("purelib"))
    else:
        store.command([*words, "--without-pip"])


def test_an_environment_is_made_listed_used_and_removed() -> None:
    made = store.add("backtrader", VERSION, run=without_a_network)
    assert store.installed() == [made]
    assert made.name == f"backtrader@{VERSION}"
    for name in (made.name, "backtrader@1.9", "backtrader@1"):
        assert create_engine(name).name == "backtrader"
    result = tb.run(tb.samples.BuyAndHold(), MARKET, engine="backtrader@1.9.78")
    assert (result.metadata.engine, result.metadata.engine_version) == ("backtrader", VERSION)
    assert result.metadata.requested_engine == "backtrader@1.9.78"
    assert result.result_hash == tb.run(tb.samples.BuyAndHold(), MARKET).result_hash
    store.remove(made.name)
    assert store.installed() == []


def test_a_version_that_is_not_there_says_how_to_add_it() -> None:
    fix = "triplebar engines add nautilus --version 9.9"
    with pytest.raises(tb.EngineNotAvailableError, match=f"'9.9' is in no environment .there are: none.; {fix}"):
        create_engine("nautilus@9.9")
    with pytest.raises(ValueError, match="'custom' is not a guest"):
        store.add("custom")


def test_an_environment_that_cannot_be_completed_leaves_nothing() -> None:
    def without_packages(words: Sequence[str]) -> None:
        if "pip" not in words:
            store.command([*words, "--without-pip"])

    with pytest.raises(tb.EngineNotAvailableError, match=r"backtrader is not in the environment that was made"):
        store.add("backtrader", run=without_packages)
    with pytest.raises(
        tb.EngineNotAvailableError, match=r"(?s)ended with code 1; its last words:.*No module named pip"
    ):
        store.add("backtrader", run=lambda words: store.command([*words, *(["--without-pip"] * ("venv" in words))]))
    assert list(store.home().iterdir()) == []


def test_the_command_lists_engines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engines", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) >= {"custom", "reference", "backtrader", "nautilus"}
    assert rows["backtrader"] == {
        "name": "backtrader", "available": True, "version": VERSION, "where": "in this Python",
    }  # fmt: skip
    assert main(["engines"]) == 0
    text = capsys.readouterr().out
    assert "backtrader" in text
    assert VERSION in text


def test_the_command_says_how_to_install_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setitem(GUESTS, "nautilus", "no_such_package")
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["engines"]) == 0
    assert "not installed: pip install 'triplebar[nautilus]'" in capsys.readouterr().out


def test_the_command_adds_and_removes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.add, "__kwdefaults__", {"python": None, "run": without_a_network})
    assert main(["engines", "add", "backtrader", "--version", VERSION, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == f"backtrader@{VERSION}"
    assert main(["engines", "add", "backtrader", "--version", VERSION]) == 0
    assert f"use it with --engine backtrader@{VERSION}" in capsys.readouterr().out
    assert main(["engines", "remove", f"backtrader@{VERSION}"]) == 0
    assert store.installed() == []


def other_python() -> str | None:
    """Another CPython of this machine that triplebar can run on, if there is one."""
    names = [f"python3.{minor}" for minor in range(11, 16) if minor != sys.version_info.minor]
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"]
    found = [path for name in names for root in roots for path in sorted(root.glob(f"*/bin/{name}"))]
    onpath = (shutil.which(name) for name in names)
    return next((str(each) for each in [*found, *onpath] if each and works(str(each))), None)


def works(python: str) -> bool:
    return subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not os.environ.get(PIP), reason=f"fetches packages: set {PIP}=1")
def test_a_guest_runs_in_another_python() -> None:
    python = other_python()
    if python is None:
        pytest.skip("there is no other CPython from 3.11 on")
    made = store.add("backtrader", VERSION, python=python)
    result = tb.run(tb.samples.MovingAverageCross(), MARKET, engine=made.name)
    assert result.result_hash == tb.run(tb.samples.MovingAverageCross(), MARKET).result_hash
