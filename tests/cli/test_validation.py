"""`walkforward` and `trials`, as a user types them; values of parameters; how a verdict is printed."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main
from triplebar.cli.codes import Exit
from triplebar.cli.ranges import listed, pairs
from triplebar.cli.verdict import print_verdict
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.time import to_text
from triplebar.report.svg import shown
from triplebar.research.references import strategy_class
from triplebar.research.validation.verdict import Verdict
from triplebar.store.studies import StudyStore

MARKET = tb.Market.synthetic(symbols=("AA",), bars=300, interval="1d", volatility=0.02, seed=5)
STRATEGY = '''
import triplebar as tb


class Steps(tb.Strategy):
    """Long every other stretch of bars."""

    length: int = 5
    size: float = 1.0

    def on_bar(self, ctx, bar):
        ctx.target(bar.symbol, self.size * ((bar.index // self.length) % 2))
'''
WALK = [
    "walkforward",
    "mine.py",
    "--data",
    "bars.parquet",
    "--train",
    "90d",
    "--test",
    "30d",
    "--param",
    "length=3:9:2",
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a strategy and a file of bars, where the commands are given."""
    return furnished(tmp_path, monkeypatch, MARKET, {"mine.py": STRATEGY})


@pytest.mark.feature("F-261")
def test_walkforward_prints_what_walking_forward_found(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WALK, "--embargo", "1d", "--set", "commission_bps=1", "--html", "walk.html"]) == 0
    printed = capsys.readouterr().out
    steps = strategy_class(str(home / "mine.py"))
    walk = tb.walk_forward(
        steps,
        MARKET,
        {"length": [3, 5, 7, 9]},
        tb.BacktestConfig(commission_bps=1),
        train="90d",
        test="30d",
        embargo="1d",
    )
    assert f"{len(walk)} windows, chosen by sharpe" in printed
    inside, outside = (shown("sharpe", each) for each in (walk.degradation.inside, walk.degradation.outside))
    assert f"sharpe: {inside} inside, {outside} outside" in printed
    assert f"verdict: {walk.verdict.kind}" in printed
    assert "stitched curve: total return" in printed
    assert (home / "walk.html").read_text().startswith("<!doctype html>")
    assert main([*WALK, "--embargo", "1d", "--set", "commission_bps=1", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["windows"] == json.loads(json.dumps(walk.to_mapping()))["windows"]
    assert found["verdict"]["kind"] == walk.verdict.kind
    assert found["anchored"] is False


@pytest.mark.feature("F-261")
def test_walkforward_takes_parameters_from_the_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "settings.toml").write_text("[parameters]\nsize = 3.0\n[config]\ncommission_bps = 2\n")
    assert main([*WALK, "--config", "settings.toml", "--anchored", "--select", "total_return", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["size"] for row in found["windows"]} == {3.0}
    assert len({row["train_start"] for row in found["windows"]}) == 1
    assert found["select"] == "total_return"


@pytest.mark.feature("F-261")
def test_walkforward_leaves_out_what_does_not_meet_a_condition(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = [*WALK, "--param", "size=1:4", "--json"]
    assert main([*two, "--where", "size > length - 2", "--select", "total_return"]) == 0
    chosen = [(row["length"], row["size"]) for row in json.loads(capsys.readouterr().out)["windows"]]
    assert chosen
    assert set(chosen) <= {(3, size) for size in (2, 3, 4)} | {(5, 4)}
    assert main([*two, "--where", "size > lenght"]) == Exit.USAGE
    assert "lenght" in capsys.readouterr().err


def test_walkforward_takes_what_sweep_takes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = '\ncross = tb.signals.crossover(fast="SMA", slow="SMA")\n'
    (home / "mine.py").write_text(STRATEGY + rule)
    walk = ["walkforward", "mine.py:cross", *WALK[2:8], "--param", "fast=2,3", "--param", "slow=9,20", "--json"]
    assert main([*walk, "--select", "max_drawdown", "--smallest", "--threads", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    market = tb.Market.from_parquet(home / "bars.parquet")
    for row in found["windows"]:
        part = market.between(row["train_start"], row["train_end"])
        table = tb.sweep(tb.signals.crossover(fast="SMA", slow="SMA"), part, {"fast": [2, 3], "slow": [9, 20]}).table
        assert row["train_max_drawdown"] == min(table.column("max_drawdown").to_pylist())
    assert main([*walk, "--select", "calmar", "--metric", "calmar"]) == 0
    assert all("test_calmar" in row for row in json.loads(capsys.readouterr().out)["windows"])
    assert main([*walk, "--select", "calmar"]) == Exit.USAGE


def test_the_studies_of_a_named_walk_have_names_of_their_own(tmp_path: Path) -> None:
    rule = tb.signals.crossover(fast="SMA", slow="SMA")
    how: Any = {"train": "90d", "test": "60d", "store": tmp_path / "runs.db", "name": "walk"}
    walk = tb.walk_forward(rule, MARKET, {"fast": [2, 3], "slow": [9]}, **how)
    with StudyStore(tmp_path / "runs.db") as store:
        names = {each.name for each in store.studies()}
    assert names == {f"walk, window {each.window.number}" for each in walk.walked}


@pytest.mark.feature("U-07")
def test_trials_tells_what_was_tried(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = strategy_class(str(home / "mine.py"))
    study = tb.sweep(steps, MARKET, {"length": [3, 5, 7]}, store=home / "runs.db")
    assert study.verdict.trials == 3
    assert main(["trials", "bars.parquet"]) == 0
    printed = capsys.readouterr().out
    assert "Steps" in printed
    assert "3 trials, worth " in printed
    assert main(["trials", MARKET.digest[:8], "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["data_digest"], found["trials"]) == (MARKET.digest, 3)
    assert found["effective_trials"] == pytest.approx(study.verdict.effective_trials)
    assert [each["strategy"] for each in found["strategies"]] == ["Steps"]
    assert main(["trials", "--store", "runs.db"]) == 0
    assert MARKET.digest[:16] in capsys.readouterr().out


def test_trials_without_anything(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trials"]) != 0
    assert "runs.db: there is no such store; give --store FILE" in capsys.readouterr().err
    from triplebar.store.trials import TrialLedger

    TrialLedger(home / "runs.db").close()
    assert main(["trials"]) == 0
    assert "nothing was tried yet" in capsys.readouterr().out
    assert main(["trials", "abc"]) != 0
    assert "no trial is known on data 'abc'" in capsys.readouterr().err


def test_trials_on_a_file_where_nothing_was_tried_are_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from triplebar.store.trials import TrialLedger

    TrialLedger(home / "runs.db").close()
    assert main(["trials", "bars.parquet"]) == 0
    assert capsys.readouterr().out == f"data {MARKET.digest[:16]}\n0 trials, worth 0.0 independent ones\n"
    assert main(["trials", "bars.parquet", "--json"]) == 0
    nothing = {"data_digest": MARKET.digest, "trials": 0, "effective_trials": 0, "strategies": []}
    assert json.loads(capsys.readouterr().out) == [nothing]


def test_nothing_of_trials_is_cut_off(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from triplebar.store.trials import TrialLedger

    with TrialLedger(home / "runs.db") as ledger:
        many = np.random.default_rng(1).integers(0, 2**64, 20_000, dtype=np.uint64)
        ledger.add("data", "f", "AStrategyWithQuiteALongNameThatSaysWhatItDoes", many)
        last = to_text(ledger.of("data")[0].last_ns)[:19]
    assert main(["trials"]) == 0
    title, head, row, _ = capsys.readouterr().out.splitlines()
    assert (title, head.split()[0], head.split()[-1]) == ("data data", "strategy", "last")
    assert row.startswith("AStrategyWithQuiteALongNameThatSaysWhatItDoes  ~")
    assert row.endswith(last)


def test_values_of_parameters() -> None:
    given = pairs("--param", ["a=1:3", "b=0.5:1:0.25,9", "c=x,true,null", "d=-1:1"])
    found = {name: listed(name, text) for name, text in given.items()}
    assert found == {"a": [1, 2, 3], "b": [0.5, 0.75, 1.0, 9], "c": ["x", True, None], "d": [-1, 0, 1]}


@pytest.mark.parametrize("text", ["a", "a=", "=3"])
def test_names_and_values_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^--param: .* is not name=values; write --param fast=5:45"):
        pairs("--param", [text])


@pytest.mark.parametrize("text", ["3:1", "1:2:0", "1:x", "1:2:3:4", "1:2:-1", "0:9:0.000001"])
def test_values_that_are_none(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^a: .*; write e.g. 5:45:5"):
        listed("a", text)


def test_a_parameter_is_given_once() -> None:
    with pytest.raises(ConfigError, match="'a' is given twice"):
        pairs("--param", ["a=1", "a=2"])


@pytest.mark.parametrize("kind", ["edge", "no edge shown", "too little data"])
def test_a_verdict_is_printed(kind: str) -> None:
    out = io.StringIO()
    verdict = Verdict(
        kind, ("yes: it is [so]",), 0.95, 1_000, 12.5, 500, 252.0, sharpe=1.5, sharpe_low=0.5, sharpe_high=2.5, bar=0.75
    )
    print_verdict(verdict, Console(file=out, width=200))
    more = "Sharpe ratio 1.50 a year, luck gives the best 0.75; 95% of resamplings lie from 0.50 to 2.50"
    assert out.getvalue().splitlines() == [
        f"verdict: {kind}",
        f"  1,000 trials, worth 12.5 independent, over 500 daily returns; {more}",
        "  yes: it is [so]",
    ]
