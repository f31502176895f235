"""Ctrl-C in what consists of many runs: the result is that of whole runs, and says so, or there is none."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main
from triplebar.research.interruption import all_or_nothing, stoppable
from triplebar.research.sweeping.study import Study
from triplebar.research.validation.compared import compare_sets
from triplebar.research.validation.sensitivity import Sensitivity
from triplebar.research.validation.study_verdict import verdict_of
from triplebar.research.validation.walked import WalkForward

MARKET = tb.Market.synthetic(symbols=("AA",), bars=100, seed=5, interval="1d", volatility=0.02)
LENGTHS: dict[str, Any] = {"train": "40d", "test": "15d"}
GRID = {"length": [3, 5]}


class Bars:
    """How many bars all runs have seen, and at which of them somebody presses Ctrl-C."""

    seen = 0
    pressed_at = -1

    @classmethod
    def begin(cls, pressed_at: int = -1) -> None:
        cls.seen, cls.pressed_at = 0, pressed_at

    @classmethod
    def see(cls) -> None:
        cls.seen += 1
        if cls.seen == cls.pressed_at:
            os.kill(os.getpid(), signal.SIGINT)


class Steps(tb.Strategy):
    """Long every other stretch of bars."""

    length: int = 5

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        Bars.see()
        ctx.target(bar.symbol, (bar.index // self.length) % 2)


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C is heard, whatever began the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def moments(count: int) -> list[int]:
    """Bars of what is done, from its first to its last, and some that are near an edge of a run."""
    return sorted({1, *range(2, Bars.seen, max(1, Bars.seen // count)), Bars.seen - 1, Bars.seen})


def walk(**options: Any) -> WalkForward:
    return tb.walk_forward(Steps, MARKET, GRID, mode="interpreted", **LENGTHS, **options)


def study() -> Study:
    return tb.sweep(Steps, MARKET, {"length": [2, 3, 5]}, mode="interpreted")


def test_walking_forward_keeps_whole_windows() -> None:
    Bars.begin()
    whole = walk()
    assert (len(whole), whole.status, whole.to_mapping()["status"]) == (4, "completed", "completed")
    ended: set[int] = set()
    for moment in moments(24):
        Bars.begin(moment)
        try:
            found = walk()
        except KeyboardInterrupt:
            ended.add(0)
            continue
        ended.add(len(found))
        assert found.left == 4 - len(found)
        assert found.status == ("interrupted" if found.left else "completed")
        rows = found.curve.num_rows
        assert rows == 15 * len(found)
        assert found.curve.equals(whole.curve.slice(0, rows))
        assert found.windows.equals(whole.windows.slice(0, len(found)))
        if found.left:
            assert found.to_mapping()["verdict"] is None
            assert f"interrupted, {found.left} left" in repr(found)
    assert ended >= {0, 1, 2, 3}


def test_walking_forward_stops_between_windows() -> None:
    Bars.begin()
    found = walk(progress=lambda done, _: os.kill(os.getpid(), signal.SIGINT) if done == 2 else None)
    assert (len(found), found.left) == (2, 2)


def test_a_verdict_is_whole_or_there_is_none() -> None:
    known = study()
    Bars.begin()
    whole = verdict_of(known)
    for moment in moments(12):
        Bars.begin(moment)
        with pytest.raises(KeyboardInterrupt):
            verdict_of(known)
    assert whole.sharpe_low is not None


def test_a_sensitivity_is_whole_or_there_is_none() -> None:
    def found() -> Sensitivity:
        return tb.sensitivity(Steps(), MARKET, slippage_bps=(), latency=(), start=("0d", "1d"))

    Bars.begin()
    whole = found()
    for moment in moments(12):
        Bars.begin(moment)
        with pytest.raises(KeyboardInterrupt):
            found()
    Bars.begin()
    assert found().table.equals(whole.table)


def test_the_best_sets_are_all_run_again_or_none() -> None:
    known = study()
    Bars.begin()
    whole = [each.result_hash for each in known.winners(3, by="final_equity")]
    assert len(set(whole)) == 3
    for moment in moments(6):
        Bars.begin(moment)
        with pytest.raises(KeyboardInterrupt):
            known.winners(3, by="final_equity")
        Bars.begin(moment)
        with pytest.raises(KeyboardInterrupt):
            compare_sets(known, [0, 1, 2], draws=200)
    Bars.begin(5)
    assert known.run(0).interrupted  # one run says it by itself


def test_what_is_inside_hears_the_wish_only_if_it_should() -> None:
    with stoppable() as outer:
        os.kill(os.getpid(), signal.SIGINT)
        with stoppable() as inner:
            assert (outer(), inner()) == (True, False)
    with stoppable(inside=True) as outer:
        os.kill(os.getpid(), signal.SIGINT)
        with stoppable() as inner:
            assert (outer(), inner()) == (True, True)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), all_or_nothing():
        os.kill(os.getpid(), signal.SIGINT)


SLOW = """
from tests.validation.test_interrupted import Steps as Known


class Steps(Known):
    length: int = 5
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a strategy and a file of bars, where the commands are given."""
    return furnished(tmp_path, monkeypatch, MARKET, {"slow.py": SLOW})


GIVEN = ["slow.py", "--data", "bars.parquet", "--param", "length=3,5"]


def test_the_command_that_walks_forward_says_how_far_it_came(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Bars.begin(280)  # 2 sets of 40 bars and a test of 55 are a window: in the training of the third one
    assert main(["walkforward", *GIVEN, "--train", "40d", "--test", "15d", "--store", str(home / "runs.db")]) == 130
    told = capsys.readouterr()
    assert "interrupted after 2 of 4 windows; the same command goes on where it was" in told.err
    assert "2 windows" in told.out
    assert "verdict" not in told.out


def test_the_command_that_sweeps_says_that_the_verdict_is_missing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Bars.begin(250)  # after 2 sets of 100 bars
    assert main(["sweep", *GIVEN]) == 130
    told = capsys.readouterr()
    assert "2 of 2 sets" in told.out
    assert "verdict" not in told.out
    assert "the verdict is not; with --store FILE the same command would go on" in told.err
    Bars.begin(250)
    assert main(["sweep", *GIVEN, "--json"]) == 130
    found = json.loads(capsys.readouterr().out)
    assert (found["finished"], found["verdict"]) == (2, None)


def test_a_sweep_that_was_interrupted_says_how_to_go_on(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for store, said in (([], "with --store FILE the same"), (["--store", "runs.db"], "the same command goes on")):
        Bars.begin(20)
        assert main(["sweep", *GIVEN, *store]) == 130
        assert f"interrupted: this is what was done until then; {said}" in capsys.readouterr().err
