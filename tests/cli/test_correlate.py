"""`runs correlate`: which runs of a store earn at the same times."""

import json
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main

MARKET = tb.Market.synthetic(symbols=("AA",), bars=200, interval="1d", volatility=0.02, seed=5)
SHORT = MARKET.between(end=int(MARKET.clock[150]))
RULE = tb.signals.crossover(fast="SMA", slow="SMA")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A store with a study, of which two are kept, and two runs more, the second over fewer days."""
    furnished(tmp_path, monkeypatch, MARKET)
    grid: dict[str, Any] = {"fast": [2, 9], "slow": [20]}
    study = tb.sweep(RULE, MARKET, grid, store="runs.db", name="crosses", keep=2)
    with tb.ExperimentRegistry("runs.db") as runs:
        more = [runs.save(tb.run(tb.samples.MovingAverageCross(fast=3, slow=20), each)) for each in (MARKET, SHORT)]
    return [*study.metadata["kept"].values(), *more]


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["runs", "correlate", *words])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_runs_are_correlated_by_id_and_by_study(
    kept: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = call(capsys, kept[2][:12], "--study", "crosses", "--json", "--html", "alike.html")
    assert code == 0
    found = json.loads(out)
    assert set(found["runs"]) == set(kept[:3])
    with tb.ExperimentRegistry("runs.db") as runs:
        wanted = tb.correlate([runs.load(each) for each in found["runs"]])
    assert found["matrix"] == wanted.matrix.tolist()
    assert found["effective"] == wanted.effective
    assert found["days"] == 200
    assert sorted(found["names"]) == [
        "MovingAverageCross fast 3, slow 20, quantity 1.0",
        "Rule fast 2, slow 20",
        "Rule fast 9, slow 20",
    ]
    assert (tmp_path / "alike.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    code, out, err = call(capsys, *kept[:2], "--low", "0.99", "--high", "1", "--html", "two.html")
    assert code == 0
    head, first, second, pair, *_, last = out.splitlines()
    assert head.split() == ["run", "strategy", "1", "2"]
    assert first.split()[1] == kept[0]
    assert second.split()[1] == kept[1]
    assert pair.startswith("worth combining: Rule ")
    assert last.startswith("2 runs over 200 days, worth 1.")
    assert f"page: {tmp_path / 'two.html'}" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "runs correlate: are less than two runs; give two ids or more, or --study NAME"),
        ([0, 0], 2, "are less than two runs"),
        ([0, "tb-nothing"], 2, "tb-nothing: there is no such run"),
        ([0, "--study", "cross"], 2, "there is no study 'cross'; did you mean 'crosses'"),
        ([0, 3], 3, "curve 'MovingAverageCross fast 3, slow 20, quantity 1.0': has other days than the first"),
        ([2, 3], 3, "has other days than the first; compare runs over the same days"),
        ([0, 1, "--low", "0.9"], 2, "low = 0.9: must be from -1 to high = 0.8"),
        ([0, 1, "--store", "other.db"], 2, "other.db: there is no such store"),
    ],
)
def test_what_is_wrong_is_told(
    kept: list[str], capsys: pytest.CaptureFixture[str], words: list[Any], code: int, said: str
) -> None:
    given = [kept[each] if isinstance(each, int) else each for each in words]
    found, _, err = call(capsys, *given)
    assert found == code
    assert said in err
