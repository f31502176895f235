"""`--keep`: the best of a sweep, or of each window of a walk, are runs of the store; `runs` lists and compares them."""

import json
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main

MARKET = tb.Market.synthetic(symbols=("AA",), bars=200, interval="1d", volatility=0.02, seed=5)
STRATEGY = """
import triplebar as tb

cross = tb.signals.crossover(fast="SMA", slow="SMA")


def steps(length):
    return tb.Signals(target=[(row // length) % 2 for row in range(200)])
"""
STUDY = """
strategy = "mine.py:steps"
data = "bars.parquet"
store = "runs.db"
name = "steps"
keep = 2

[parameters]
length = "3:7"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return furnished(tmp_path, monkeypatch, MARKET, {"mine.py": STRATEGY, "study.toml": STUDY})


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_the_best_are_kept_listed_shown_and_compared(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "sweep", "study.toml")
    best = [row["set"] for row in found["best"]]
    assert [each["set"] for each in found["kept"]] == best[:2]
    more = told(capsys, "sweep", "study.toml", "--keep", "3")["kept"]
    assert more[:2] == found["kept"]
    assert len({each["run_id"] for each in more}) == 3
    length = {row["set"]: row["length"] for row in found["best"]}
    for name in ("steps", found["study"]):
        listed = told(capsys, "runs", "list", "--study", name)
        assert {each["run_id"]: each["set"] for each in listed} == {each["run_id"]: each["set"] for each in more}
        assert all(each["parameters"] == {"length": length[each["set"]]} for each in listed)
    assert len(told(capsys, "runs", "list", "--study", "steps", "--limit", "1")) == 1
    assert len(told(capsys, "runs", "list")) == 3
    shown = told(capsys, "runs", "show", more[0]["run_id"])
    assert shown["metadata"]["run_id"] == more[0]["run_id"]
    study = tb.sweep(lambda length: tb.Signals(target=[(row // length) % 2 for row in range(200)]), MARKET, LENGTHS)
    assert shown["metadata"]["result_hash"] == study.run(best[0]).result_hash
    two = [each["run_id"] for each in more[:2]]
    assert told(capsys, "runs", "compare", *two, code=1)["equal"] is False
    assert main(["runs", "list", "--study", "steps"]) == 0
    head, row, *_ = capsys.readouterr().out.splitlines()
    assert head.split()[3:5] == ["set", "parameters"]
    assert "length=" in row


LENGTHS = {"length": [3, 4, 5, 6, 7]}


def test_what_is_kept_is_printed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--data", "bars.parquet", "--param", "fast=2,3", "--param", "slow=9", "--store", "own.db", "--keep", "1"]
    assert main(["sweep", "mine.py:cross", *options]) == 0
    out = capsys.readouterr().out
    with tb.ExperimentRegistry("own.db") as runs:
        (run,) = runs.list_runs()
    assert f" as {run.run_id}\n" in out
    assert "kept: set " in out
    pytest.importorskip("optuna")
    found = told(capsys, "sweep", "mine.py:cross", *options, "--trials", "2")
    assert [each["run_id"] for each in found["kept"]] == [run.run_id]


@pytest.mark.parametrize("way", ["option", "file"])
@pytest.mark.parametrize("select", [[], ["--select", "max_drawdown"], ["--select", "trades", "--smallest"]])
def test_the_best_of_each_window_of_a_walk_are_kept(
    home: Path, capsys: pytest.CaptureFixture[str], way: str, select: list[str]
) -> None:
    text = STUDY if way == "file" else STUDY.replace("keep = 2\n", "")
    text = text.replace(":steps", ":cross").replace('length = "3:7"', "fast = [2, 3, 4]\nslow = 9")
    (home / "study.toml").write_text(text)
    kept = ["--keep", "2"] if way == "option" else []
    asked = ["walkforward", "study.toml", "--train", "80d", "--test", "40d", *select, *kept]
    found = told(capsys, *asked)
    chosen = {row["window"]: row["set"] for row in found["windows"]}
    assert [each["window"] for each in found["kept"]] == [window for window in chosen for _ in range(2)]
    assert [each["set"] for each in found["kept"][::2]] == list(chosen.values())
    listed = {each["run_id"] for each in told(capsys, "runs", "list")}
    assert {each["run_id"] for each in found["kept"]} <= listed
    assert main(asked) == 0
    first = found["kept"][0]
    assert f"kept: set {first['set']} of window {first['window']} as {first['run_id']}\n" in capsys.readouterr().out


def test_without_any_nothing_is_kept(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "study.toml").write_text(STUDY.replace("keep = 2\n", ""))
    assert told(capsys, "sweep", "study.toml")["kept"] == []
    assert told(capsys, "runs", "list", "--study", "steps") == []


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (STUDY.replace('store = "runs.db"\n', ""), [], "study.toml, line 5: keep = 2: needs a store; give store="),
        (STUDY.replace("keep = 2", "keep = 0"), [], "study.toml, line 6: keep is 0; give at least 1"),
        (STUDY.replace('store = "runs.db"\n', ""), ["--keep", "3"], "error: keep = 3: needs a store"),
    ],
)
def test_what_is_wrong_is_told(
    home: Path, capsys: pytest.CaptureFixture[str], text: str, options: list[str], said: str
) -> None:
    (home / "study.toml").write_text(text)
    assert main(["sweep", "study.toml", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_study_that_is_not_there_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "sweep", "study.toml")
    assert main(["runs", "list", "--study", "stepps"]) == 2
    assert "there is no study 'stepps'; did you mean 'steps'" in capsys.readouterr().err
