"""`triplebar verify`, as a user types it."""

import json
from pathlib import Path

import pytest

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main

STRATEGY = """
import triplebar as tb


class Cross(tb.samples.MovingAverageCross):
    fast: int = 3
    slow: int = 9


class Moody(tb.Strategy):
    runs = [0]

    def on_bar(self, ctx, bar):
        if bar.index == 0:
            self.runs.append(0)
            Moody.count = getattr(Moody, "count", 0) + 1
            ctx.buy(bar.symbol, Moody.count)
"""


PRESSING = """
import os
import signal

import triplebar as tb


class Pressing(tb.Strategy):
    press_in = {press_in}

    def on_start(self, ctx):
        Pressing.runs = getattr(Pressing, "runs", 0) + 1

    def on_bar(self, ctx, bar):
        if bar.index == 0:
            ctx.buy(bar.symbol, Pressing.runs)
        if bar.index == 50 and Pressing.runs == self.press_in:
            os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return furnished(tmp_path, monkeypatch, tb.Market.synthetic(bars=300, seed=5), {"mine.py": STRATEGY})


@pytest.mark.feature("F-130")
def test_engines_that_agree(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "mine.py:Cross", "--data", "bars.parquet", "--set", "commission_bps=1"]) == 0
    assert capsys.readouterr().out.startswith("agree: custom, reference (strict")


@pytest.mark.feature("F-130")
def test_engines_that_differ(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "verify",
        "mine.py:Moody",
        "--data",
        "bars.parquet",
        "--json",
        "--html",
        "page.html",
        "--param",
        "warmup=0",
    ]
    assert main(words[:-2]) == 1
    printed = capsys.readouterr()
    values = json.loads(printed.out)
    assert values["agree"] is False
    assert values["agreements"][0]["main_cause"] == "unexplained"
    assert "page: " in printed.err
    assert (home / "page.html").stat().st_size > 10_000


@pytest.mark.feature("F-130")
def test_wrong_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "mine.py:Cross", "--data", "bars.parquet", "--engines", "custom,refrence"]) == 2
    assert "did you mean 'reference'" in capsys.readouterr().err
    assert main(["verify", "mine.py:Cross", "--data", "bars.parquet", "--engines", "custom"]) == 2
    assert main(["verify", "mine.py:Cross", "--data", "bars.parquet", "--mode", "loose"]) == 2
    assert main(["verify", "mine.py:Cross", "--data", "nothing.parquet"]) in {2, 3}


@pytest.mark.feature("F-132")
@pytest.mark.parametrize(("press_in", "finished"), [(2, ["custom"]), (4, ["custom", "reference"])])
def test_ctrl_c_keeps_the_engines_that_have_finished(
    home: Path, capsys: pytest.CaptureFixture[str], press_in: int, finished: list[str]
) -> None:
    """In the run of the second engine, or in the second of the runs that explain."""
    (home / "pressing.py").write_text(PRESSING.format(press_in=press_in))
    words = ["verify", "pressing.py:Pressing", "--data", "bars.parquet", "--engines", "custom,reference", "--json"]
    assert main(words) == 130
    values = json.loads(capsys.readouterr().out)
    assert values["interrupted"] is True
    assert list(values["engines"]) == finished
    assert [each["engine"] for each in values["agreements"]] == finished[1:]
