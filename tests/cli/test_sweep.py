"""`sweep`, as a user types it: options, study files, what goes wrong."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main
from triplebar.cli.located import read_located
from triplebar.cli.spaces import space_from, values_of
from triplebar.cli.sweep_schema import sweep_schema

MARKET = tb.Market.synthetic(symbols=("AA",), bars=300, interval="1d", volatility=0.02, seed=5)
PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "sweep.schema.json"
STRATEGY = '''
import triplebar as tb

cross = tb.signals.crossover(fast=tb.indicators.SMA, slow=tb.indicators.SMA)


def steps(length):
    return tb.Signals(target=[(row // length) % 2 for row in range(300)])


class Steps(tb.Strategy):
    """Long every other stretch of bars."""

    length: int = 5
    size: float = 1.0

    def validate(self):
        if self.length == 7:
            raise ValueError("seven is unlucky")

    def on_bar(self, ctx, bar):
        ctx.target(bar.symbol, self.size * ((bar.index // self.length) % 2))
'''
STUDY = """
strategy = "mine.py:cross"
data = "bars.parquet"
where = "fast < slow"
store = "runs.db"
name = "crosses"
top = 3

[parameters]
fast = "2:6"
slow = [5, 9, 20]

[config]
commission_bps = 1
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with strategies, a study file and bars, where the commands are given."""
    return furnished(tmp_path, monkeypatch, MARKET, {"mine.py": STRATEGY, "study.toml": STUDY})


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert main(["sweep", *arguments, "--json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.feature("F-260")
def test_options_and_a_study_file_are_the_same_study(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_options = told(
        capsys,
        "mine.py:cross",
        *("--data", "bars.parquet", "--param", "fast=2:6", "--param", "slow=5,9,20", "--where", "fast < slow"),
        *("--set", "commission_bps=1", "--top", "3"),
    )
    by_file = told(capsys, "study.toml")
    assert by_file["study"] == by_options["study"]
    assert by_file["digest"] == by_options["digest"]
    assert by_file["best"] == by_options["best"]
    rule = tb.signals.crossover(fast="SMA", slow="SMA")
    space = tb.spaces.grid({"fast": range(2, 7), "slow": [5, 9, 20]}, where="fast < slow")
    study = tb.sweep(rule, MARKET, space, tb.BacktestConfig(commission_bps=1))
    assert by_file["digest"] == study.digest
    assert by_file["best"] == study.best(3).to_pylist()
    assert by_file["verdict"]["trials"] > 0
    assert told(capsys, "study.toml")["evaluated"] == 0
    assert told(capsys, "study.toml", "--no-resume")["resumed"] == 0


def test_it_is_printed_for_people(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "study.toml", "--html", "study.html"]) == 0
    printed = capsys.readouterr().out
    for text in (
        "final equity",
        "13 of 15 sets, 0 failed",
        "lanes on threads, best by sharpe",
        "study: st-",
        "verdict: ",
    ):
        assert text in printed
    assert (home / "study.html").stat().st_size > 1_000
    assert main(["sweep", "study.toml"]) == 0
    assert "15 were there already" in capsys.readouterr().out


def test_sets_that_fail_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["mine.py:Steps", "--data", "bars.parquet", "--param", "length=5:8"]
    found = told(capsys, *arguments, code=1)
    assert found["failed"] == 1
    assert "seven is unlucky" in found["failures"][0]["message"]
    assert main(["sweep", *arguments, "--mode", "interpreted"]) == 1
    assert "set 2: ParameterError" in capsys.readouterr().out


def test_spaces_are_drawn_or_chosen(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", "bars.parquet"]
    drawn = told(capsys, "mine.py:Steps", *data, "--param", "length=integers:8:40", "--random", "7", "--seed", "3")
    assert drawn["finished"] == 7
    same = told(
        capsys,
        "mine.py:steps",
        *data,
        "--param",
        "length=integers:8:40",
        "--random",
        "7",
        "--seed",
        "3",
        "--executor",
        "processes",
        "--threads",
        "1",
    )
    assert same["digest"] == drawn["digest"]
    pytest.importorskip("optuna")
    chosen = told(
        capsys, "mine.py:cross", *data, "--param", "fast=2:20", "--param", "slow=integers:21:60", "--trials", "12"
    )
    assert chosen["finished"] == 12


def test_a_file_in_another_folder(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "elsewhere").mkdir()
    monkeypatch.chdir(home / "elsewhere")
    found = told(capsys, "../study.toml", "--set", "commission_bps=2", "--store", "own.db", "--name", "other")
    assert (home / "elsewhere" / "own.db").is_file()
    assert not (home / "runs.db").exists()
    assert found["study"] != told(capsys, "../study.toml")["study"]


FAULTS = [
    (STUDY.replace("top = 3", "topp = 3"), "study.toml, line 7: topp is not known; did you mean 'top'"),
    (
        STUDY.replace("commission_bps = 1", "comission_bps = 1"),
        "line 14: config.comission_bps is not known",
    ),
    (STUDY.replace("commission_bps = 1", "commission_bps = -1"), "study.toml, line 14: commission_bps = -1: must be"),
    (
        STUDY.replace("commission_bps = 1", "risk.drawdown_totl = 1"),
        "study.toml, line 14: RiskLimits: unknown field 'drawdown_totl'",
    ),
    (
        STUDY.replace('where = "fast < slow"', 'where = "fast < slwo"'),
        "study.toml, line 4: where = 'fast < slwo': there is no parameter 'slwo'; did you mean 'slow'",
    ),
    (STUDY.replace("top = 3", "top = 0"), "study.toml, line 7: top is 0; give at least 1"),
    (STUDY.replace("top = 3", 'by = "sharp"'), "study.toml, line 7: by = 'sharp': is no metric of this sweep"),
    (STUDY.replace('fast = "2:6"', 'fast = "2:"'), "study.toml, line 10: fast: '2:' is no range; write e.g. 5:45:5"),
    (
        STUDY.replace('fast = "2:6"', 'fasst = "2:6"').replace("fast < slow", "slow > 0"),
        "line 10: sweep: no parameter 'fasst'",
    ),
    (STUDY.replace('fast = "2:6"', "fast = {a = 1}"), "study.toml, line 10: parameters.fast is a table"),
    (STUDY.replace('fast = "2:6"', 'fast = "log:0:1:3"'), "must be above 0 on a log scale"),
    (STUDY.replace('fast = "2:6"', 'fast = "log:1:x:3"'), "study.toml, line 10: fast: 'log:1:x:3' is no range"),
    (STUDY.replace('fast = "2:6"', 'fast = "uniform:1:2"'), "say how many sets to draw"),
    (STUDY.replace("top = 3", "[random]\ncount = 3\n[optuna]\ntrials = 3"), "random and optuna are both given"),
    (STUDY.replace('data = "bars.parquet"', ""), "data is missing"),
    (STUDY.replace("mine.py:cross", "mine.py:corss"), "study.toml, line 2: mine.py: has no strategy 'corss'"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_what_is_wrong_with_a_file_is_told_with_its_line(
    home: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (home / "study.toml").write_text(text)
    assert main(["sweep", "study.toml"]) == 2
    assert said in capsys.readouterr().err


def test_data_that_are_not_there_are_told_with_their_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "study.toml").write_text(STUDY.replace("bars.parquet", "barss.parquet"))
    assert main(["sweep", "study.toml"]) == 3
    assert "study.toml, line 3: barss.parquet: there is no such file" in capsys.readouterr().err


def test_several_markets_and_seeds_are_axes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(MARKET.between(end=int(MARKET.clock[200])).table(), home / "short.parquet")
    options = ["--market", "all=bars.parquet", "--market", "short=short.parquet", "--seeds", "1:2"]
    found = told(capsys, "mine.py:cross", *options, "--param", "fast=2,3", "--param", "slow=9")
    assert found["sets"] == 8
    text = "strategy: mine.py:cross\ndata: {all: bars.parquet, short: [short.parquet]}\nseeds: [1, 2]\n"
    (home / "several.yaml").write_text(text + "parameters: {fast: [2, 3], slow: [9]}\n")
    assert told(capsys, "several.yaml")["study"] == found["study"]
    assert {row["market"] for row in found["best"]} == {"all", "short"}
    assert main(["sweep", "mine.py:cross", "--market", "all", "--param", "fast=2"]) == 2
    assert "is not name=file" in capsys.readouterr().err


def test_studies_of_a_store_are_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "study.toml")
    capsys.readouterr()
    assert main(["runs", "studies", "--store", "runs.db", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["study"], listed["name"], listed["state"]) == (found["study"], "crosses", "completed")
    assert (listed["sets"], listed["finished"], listed["failed"]) == (found["sets"], found["finished"], 0)
    assert main(["runs", "studies", "--store", "runs.db"]) == 0
    assert found["study"] in capsys.readouterr().out


def test_a_key_that_is_there_twice_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "study.yaml").write_text("strategy: mine.py:cross\nparameters: {fast: 2}\nparameters: {fast: 3}\n")
    assert main(["sweep", "study.yaml"]) == 2
    assert "line 3: 'parameters' is there twice" in capsys.readouterr().err
    (home / "study.json").write_text('{"strategy": "mine.py:cross", "data": "bars.parquet", "data": "others.parquet"}')
    assert main(["sweep", "study.json"]) == 2
    assert "study.json: cannot be read: 'data' is there twice" in capsys.readouterr().err


def test_an_option_is_not_blamed_on_the_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option, said in (("--param", "fast=2:x"), ("--set", "commission_bps=-1")):
        assert main(["sweep", "study.toml", option, said]) == 2
        assert "line" not in capsys.readouterr().err


WRONG = [
    (["mine.py:cross"], "data is missing"),
    (["mine.py:cross", "--data", "bars.parquet", "--param", "fast"], "is not name=values"),
    (["study.toml", "--param", "fast=2", "--param", "fast=3"], "--param: 'fast' is given twice"),
    (["study.toml", "--seed", "1"], "is the seed of sets that are drawn, and none are; add --random 1000"),
    (["study.toml", "--by", "sharp"], "is no metric of this sweep; did you mean 'sharpe'"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong_with_options_is_told(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["sweep", *arguments]) == 2
    assert said in capsys.readouterr().err


SETTINGS = """
[parameters]
size = 2.0
[config]
initial_cash = 50_000
[[instruments]]
symbol = "AA"
"""


def test_a_configuration_file_gives_fixed_parameters(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "settings.toml").write_text(
        "[parameters]\nsize = 2.0\n[config]\ninitial_cash = 50_000\n[[instruments]]\nsymbol = 'AA'\n"
    )
    data = [
        "--data",
        "bars.parquet",
        "--config",
        "settings.toml",
        "--set",
        "risk.drawdown_total=0.9",
        "--by",
        "final_equity",
    ]
    found = told(capsys, "mine.py:Steps", *data, "--param", "length=3,4")
    assert [row["size"] for row in found["best"]] == [2.0, 2.0]
    assert all(row["final_equity"] < 90_000 for row in found["best"])


def test_the_schema_is_published_valid_and_says_the_same_as_ours(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = sweep_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(PUBLISHED.read_text()) == schema, (
        "python -m triplebar.cli sweep --schema > docs/schemas/sweep.schema.json"
    )
    assert main(["sweep", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema
    jsonschema.validate(dict(read_located(home / "study.toml").values), schema)


SLOW = """
    def on_start(self, ctx):
        import time

        time.sleep(0.02)
"""


def test_control_c_keeps_what_was_finished(home: Path) -> None:
    (home / "slow.py").write_text(STRATEGY + SLOW)
    command = [sys.executable, "-m", "triplebar.cli", "sweep", "slow.py:Steps", "--data", "bars.parquet"]
    command += ["--param", "length=10:300", "--mode", "interpreted", "--store", "runs.db", "--json"]
    running = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (home / "runs.db").exists() and running.poll() is None:
        time.sleep(0.01)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert json.loads(out)["status"] == "interrupted"


def test_texts_stand_for_values() -> None:
    assert values_of("a", "log:1:100:3") == [1, 10, 100]
    assert values_of("a", True) == [True]
    assert len(space_from({"a": "uniform:0:1"}, where=None, count=None, seed=0, chosen=True)) == 1
