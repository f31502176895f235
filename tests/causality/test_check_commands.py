"""`triplebar check`, as a user types it."""

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


class Prophet(tb.Strategy):
    prices = None

    def on_bar(self, ctx, bar):
        closes = PRICES.series(bar.symbol).close
        if bar.index + 1 < len(closes) and closes[bar.index + 1] > bar.close:
            ctx.buy(bar.symbol, 1)


PRICES = tb.Market.from_parquet("bars.parquet")
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return furnished(
        tmp_path, monkeypatch, tb.Market.synthetic(symbols=("AA", "BB"), bars=200, seed=5), {"mine.py": STRATEGY}
    )


@pytest.mark.feature("F-073")
@pytest.mark.parametrize("kind", ["causality", "irrelevance"])
def test_an_honest_strategy(home: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", kind, "mine.py:Cross", "--data", "bars.parquet", "--set", "commission_bps=1"]) == 0
    assert capsys.readouterr().out.startswith(f"{kind}: ok (Cross on custom)")


@pytest.mark.feature("F-073")
def test_a_prophet(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["check", "causality", "mine.py:Prophet", "--data", "bars.parquet", "--cuts", "3", "--json"]
    assert main([*words, "--engine", "reference"]) == 1
    values = json.loads(capsys.readouterr().out)
    assert values["engine"] == "reference"
    assert values["findings"][0]["source"] == "PRICES (global)"
    assert values["tried"]["future mirrored"] == 3


def test_wrong_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "causality", "mine.py:Cross", "--data", "bars.parquet", "--engine", "kustom"]) == 2
    assert "did you mean 'custom'" in capsys.readouterr().err
    assert main(["check", "irrelevance", "mine.py:Nobody", "--data", "bars.parquet"]) == 2
