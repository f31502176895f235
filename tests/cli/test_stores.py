"""Commands that keep things and look at what was kept: `run --store`, `runs`, `data snapshot`, `batch`."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main
from triplebar.cli.batch_schema import batch_schema
from triplebar.cli.located import Located, read_located
from triplebar.cli.schema_check import USED, check_file
from triplebar.contracts.errors import ConfigError
from triplebar.store.batches import BatchRegistry
from triplebar.store.runs import ExperimentRegistry
from triplebar.store.schema import STORE

MARKET = tb.Market.synthetic(symbols=("AA", "BB"), bars=300, seed=5)
CROSS = "triplebar.strategy.samples:MovingAverageCross"
HOLD = "triplebar.strategy.samples:BuyAndHold"
PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "batch.schema.json"

STUDY = f"""
strategy = "{CROSS}"
data = "bars.parquet"
store = "study.db"
keep_results = true
keep_data = true
metrics = ["ending_value", "trades"]

[parameters]
fast = [2, 3, 40]
slow = 20

[config]
commission_bps = [0.0, 1.0]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return furnished(tmp_path, monkeypatch, MARKET, {"study.toml": STUDY})


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(list(words))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def values_of(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    found, out, err = call(capsys, *words, "--json")
    assert found == code, out + err
    return json.loads(out)


# --------------------------------------------------------------------------------------------------------------- runs


@pytest.mark.feature("F-100")
def test_runs_are_kept_listed_shown_and_compared(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for bps in (0, 1):
        run = ["run", HOLD, "--data", "bars.parquet", "--set", f"commission_bps={bps}"]
        code, out, _ = call(capsys, *run, "--store", "runs.db", "--snapshot")
        assert code == 0
        assert "store: runs.db keeps tb-" in out
    again = call(capsys, *run, "--store", "runs.db")
    assert again[0] == 0
    assert "store: runs.db has had tb-" in again[1]
    listed = values_of(capsys, "runs", "list")
    newest, oldest = (each["run_id"] for each in listed)
    assert len({each["snapshot_id"] for each in listed}) == 1
    _, out, _ = call(capsys, "runs", "list", "--limit", "1")
    assert newest in out
    assert oldest not in out
    assert (
        values_of(
            capsys, "runs", "list", "--strategy", "Nobody", "--engine", "custom", "--since", "2020-01-01T00:00:00Z"
        )
        == []
    )
    shown = values_of(capsys, "runs", "show", newest[:9])
    assert shown["metadata"]["run_id"] == newest
    code, out, _ = call(capsys, "runs", "show", newest)
    assert f"snapshot: {listed[0]['snapshot_id']}" in out
    assert values_of(capsys, "runs", "compare", newest, newest)["equal"] is True
    assert values_of(capsys, "runs", "compare", newest, oldest, code=1)["equal"] is False
    code, out, _ = call(capsys, "runs", "compare", newest, oldest)
    assert "config.commission_bps" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["runs", "list"], "runs.db: there is no such store; give --store FILE"),
        (["runs", "show", "tb-0", "--store", "study"], "study: there is no such store"),
        (["data", "list"], "runs.db: there is no such store"),
        (["data", "verify"], "runs.db: there is no such store"),
        (["data", "gc"], "runs.db: there is no such store"),
        (["run", HOLD, "--data", "bars.parquet", "--snapshot"], "--snapshot: needs a store; add --store runs.db"),
        (["batch"], "batch: no file is given"),
        (["batch", "study.toml", "--resume", "batch-0"], "batch-0: there is no such batch"),
    ],
)
def test_what_is_not_there_is_said(home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    code, _, err = call(capsys, *words)
    assert code == 2
    assert said in err
    assert not (home / "runs.db").exists()


def test_an_unknown_run_and_a_newer_store_are_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ExperimentRegistry("runs.db")
    code, _, err = call(capsys, "runs", "show", "tb-0")
    assert (code, "tb-0: there is no such run; `triplebar runs list` says what runs.db has" in err) == (2, True)
    with store.database.writing() as connection:
        connection.execute(f"pragma user_version = {len(STORE) + 1}")
    code, _, err = call(capsys, "runs", "list")
    assert (code, "install a newer triplebar" in err) == (2, True)


# ----------------------------------------------------------------------------------------------------------- snapshots


@pytest.mark.feature("F-030", "F-034")
def test_snapshots_are_kept_listed_verified_and_cleaned_up(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = values_of(capsys, "data", "snapshot", "bars.parquet")
    assert (kept["data_hash"], kept["total_rows"], kept["symbols"]) == (MARKET.digest, 600, ["AA", "BB"])
    part = values_of(capsys, "data", "snapshot", "bars.parquet", "--symbol", "BB", "--end", "2024-01-01T01:01:00Z")
    assert (part["total_rows"], part["symbols"], part["end_date"]) == (60, ["BB"], "2024-01-01T01:01:00+00:00")
    listed = values_of(capsys, "data", "list")
    assert [each["snapshot_id"] for each in listed] == [part["snapshot_id"], kept["snapshot_id"]]
    _, out, _ = call(capsys, "data", "list", "--symbol", "AA", "--limit", "5")
    assert kept["snapshot_id"] in out
    assert part["snapshot_id"] not in out
    assert "2 snapshots, 2 of no run" in out
    assert values_of(capsys, "data", "verify") == {"snapshots": 2, "faults": {}}
    assert "2 of 2 snapshots are as they were kept" in call(capsys, "data", "verify")[1]
    assert values_of(capsys, "data", "gc") == {
        "deleted": False,
        "snapshots": [kept["snapshot_id"], part["snapshot_id"]],
    }
    assert "2 snapshots of no run; --delete deletes them" in call(capsys, "data", "gc")[1]
    assert len(values_of(capsys, "data", "list")) == 2
    assert "2 snapshots deleted" in call(capsys, "data", "gc", "--delete")[1]
    assert values_of(capsys, "data", "list") == []


@pytest.mark.feature("F-032")
def test_a_flipped_byte_is_bad_data(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = values_of(capsys, "data", "snapshot", "bars.parquet")
    path = next((home / "runs.db.tables" / "snapshots").iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert list(values_of(capsys, "data", "verify", code=3)["faults"]) == [kept["snapshot_id"]]
    code, out, _ = call(capsys, "data", "verify", kept["snapshot_id"])
    assert code == 3
    assert "was changed" in out
    assert "0 of 1 snapshots are as they were kept" in out


# --------------------------------------------------------------------------------------------------------------- batch


@pytest.mark.feature("F-102", "F-104")
def test_a_batch_runs_what_its_file_describes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = values_of(capsys, "batch", "study.toml", code=1)
    assert (found["status"], found["succeeded_items"], found["error_summary"]) == ("partial", 4, {"parameter_error": 2})
    first = found["items"][0]
    alone = tb.run(tb.samples.MovingAverageCross(fast=2, slow=20), MARKET, tb.BacktestConfig(commission_bps=0.0))
    assert (first["run_id"], first["columns"]["result_hash"]) == (alone.run_id, alone.result_hash)
    with ExperimentRegistry("study.db") as runs, BatchRegistry("study.db") as batches:
        assert runs.count() == 4
        assert runs.summary(alone.run_id).snapshot_id is not None
        assert batches.get_batch(found["batch_id"]).finished_items == 6
    again = values_of(capsys, "batch", "study.toml", "--resume", found["batch_id"], code=1)
    assert again == found
    code, out, err = call(capsys, "batch", "study.toml", "--store", "other.db")
    assert code == 1
    assert "partial: 4 of 6 items succeeded, 2 failed, 0 left" in out
    assert "item 4: parameter_error: ParameterError: " in out + err


def test_a_batch_of_several_markets_files_and_windows(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(MARKET.select(["AA"]).table(), home / "aa.parquet")
    pq.write_table(MARKET.select(["BB"]).table(), home / "bb.parquet")
    (home / "mine.py").write_text("import triplebar as tb\nclass Mine(tb.Strategy):\n    pass\n")
    (home / "wide.yaml").write_text(
        f"strategy: [mine.py, '{HOLD}']\n"
        "data: [aa.parquet, [aa.parquet, bb.parquet]]\n"
        "instruments: [{symbol: AA, price_precision: 4}, {symbol: BB}]\n"
        "duration: 2h\nstart_step: 1h\nmetrics: [trades]\nsort: true\n"
        "config: {calendar: 24/7}\n"
    )
    (home / "wide.yaml").write_text((home / "wide.yaml").read_text().replace("instruments", "# instruments"))
    found = values_of(capsys, "batch", "wide.yaml")
    assert (found["status"], found["total_items"], found["batch_id"]) == ("completed", 2 * 2 * 4, None)
    assert {each["columns"]["strategy"] for each in found["items"]} == {"Mine", "BuyAndHold"}
    (home / "threads.yaml").write_text((home / "wide.yaml").read_text() + "executor: threads\nworkers: 2\n")
    for command in (["wide.yaml", "--workers", "2"], ["threads.yaml"]):
        at_once = values_of(capsys, "batch", *command)
        assert [each["columns"] for each in at_once["items"]] == [each["columns"] for each in found["items"]]
    (home / "one.json").write_text(
        json.dumps(
            {
                "strategy": "mine.py:Mine",
                "data": "aa.parquet",
                "instruments": [{"symbol": "AA", "price_precision": 4}],
                "retry": {"attempts": 2, "backoff_seconds": 0},
                "store": "one.db",
                "timeout_seconds": 60,
            }
        )
    )
    assert values_of(capsys, "batch", "one.json")["total_items"] == 1


FAULTS = {
    "line 3: engin is not known; did you mean 'engine'?": "strategy = 'a.py'\ndata = 'b.csv'\nengin = 'custom'\n",
    "line 4: config.comission_bps is not known; did you mean 'commission_bps'?": (
        "strategy = 'a.py'\ndata = 'b.csv'\n[config]\ncomission_bps = 1\n"
    ),
    "line 2: data is a whole number, not a text or a list; A Parquet": "strategy = 'a.py'\ndata = 5\n",
    "line 3: mode.1 is 'quick'": "strategy = 'a.py'\ndata = 'b.csv'\nmode = ['auto', 'quick']\n",
    "line 3: metrics.1 is a whole number, not a text": "strategy = 'a.py'\ndata = 'b.csv'\nmetrics = ['sharpe', 1]\n",
    "line 4: retry.attempts is 0; give at least 1": "strategy = 'a.py'\ndata = 'b.csv'\n[retry]\nattempts = 0\n",
    "line 3: timeout_seconds is 0; give more than 0": "strategy = 'a.py'\ndata = 'b.csv'\ntimeout_seconds = 0\n",
    "line 3: sort is a text, not true or false": "strategy = 'a.py'\ndata = 'b.csv'\nsort = 'yes'\n",
    "line 3: keep_data is a whole number, not true or false": "strategy = 'a.py'\ndata = 'b.csv'\nkeep_data = 1\n",
    "line 1: strategy is an empty list; give at least one": "strategy = []\ndata = 'b.csv'\n",
    "data is missing; A Parquet or CSV file": "strategy = 'a.py'\n",
    "line 6: instruments.1.simbol is not known; did you mean 'symbol'?": (
        "strategy = 'a.py'\ndata = 'b.csv'\n[[instruments]]\nsymbol = 'A'\n[[instruments]]\nsimbol = 'B'\n"
    ),
    "line 3: instruments.0.symbol is missing": "strategy = 'a.py'\ndata = 'b.csv'\n[[instruments]]\nvenue = 'A'\n",
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_fault_in_a_file_names_its_line(home: Path, capsys: pytest.CaptureFixture[str], said: str) -> None:
    (home / "bad.toml").write_text(FAULTS[said])
    code, _, err = call(capsys, "batch", "bad.toml")
    assert code == 2
    assert f"error: bad.toml{', ' if said.startswith('line') else ': '}{said}" in err
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(dict(read_located(home / "bad.toml").values), batch_schema())


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "a.yaml",
            "strategy: a.py\ndata:\n  - b.csv\n  - 5\n",
            "a.yaml, line 4: data.1 is a whole number, not a text or a list",
        ),
        ("a.json", '{"strategy": "a.py",\n "data": "b.csv",\n "mode": "quick"}', "a.json, line 3: mode is 'quick'"),
        ("a.toml", "strategy = 'a.py'\ndata = = 1\n", "(at line 2, column 8)"),
        ("a.yaml", "strategy: a.py\ndata: [b.csv\n", "line 3, column 1"),
        ("a.yaml", "- 1\n", "a.yaml: holds no settings"),
        ("a.toml", "strategy = 'a.py'\n\ndata = ['b.csv']\n", "a.toml, line 3: there is no file"),
        ("a.toml", "strategy = 'a.py'\ndata = 'b.csv'\n", "a.toml, line 2: there is no file"),
        (
            "a.toml",
            f"strategy = '{HOLD}'\ndata = 'bars.parquet'\n\nkeep_data = true\n",
            "line 4: keep_data needs a store",
        ),
        (
            "a.toml",
            f"strategy = '{HOLD}'\ndata = 'bars.parquet'\n[retry]\nattempts = 1\n",
            "line 3: retry needs a store",
        ),
    ],
)
def test_faults_in_other_files(home: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, said: str) -> None:
    (home / name).write_text(text)
    code, _, err = call(capsys, "batch", name)
    assert code == 2
    assert said in err


def test_the_schema_is_published_valid_and_says_the_same_as_ours(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = batch_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(PUBLISHED.read_text()) == schema, (
        "python -m triplebar.cli batch --schema > docs/schemas/batch.schema.json"
    )
    assert json.loads(call(capsys, "batch", "--schema")[1]) == schema
    good = dict(read_located(home / "study.toml").values)
    jsonschema.validate(good, schema)
    check_file(Located(Path("study.toml"), good), schema)
    words = set(_words(schema))
    assert len(words) >= 12
    assert words <= USED


def _words(schema: Any) -> list[str]:
    """The words of the standard that a schema uses."""
    if isinstance(schema, list):
        return [word for each in schema for word in _words(each)]
    if not isinstance(schema, dict):
        return []
    found = list(schema)
    for name, each in schema.items():
        inner = list(each.values()) if name == "properties" else each
        found += _words(inner) if name in {"properties", "items", "anyOf"} else []
    return found


def test_a_value_that_fits_no_choice_is_told_what_would(home: Path) -> None:
    with pytest.raises(
        ConfigError, match="engine is true or false, not a text or a list; custom, reference, or a guest"
    ):
        check_file(Located(Path("a.toml"), {"strategy": "a", "data": "b", "engine": True}), batch_schema())


@pytest.mark.parametrize("command", [["runs", "list"], ["data", "list"]])
def test_a_moment_is_a_date_or_a_time_or_refused(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    with tb.ExperimentRegistry(home / "runs.db") as runs:
        assert runs.list_runs(since="2024-01-01") == runs.list_runs(since="2024-01-01T00:00:00Z")
    assert main([*command, "--store", "runs.db", "--since", "2024-01-01"]) == 0
    capsys.readouterr()
    assert main([*command, "--store", "runs.db", "--since", "bad"]) == 2
    assert "since = 'bad'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STUDY.replace('"trades"]', '"omga"]'), "study.toml, line 7: metrics: unknown field 'omga'"),
        ('duration = "9x"' + STUDY, "study.toml, line 1: duration = '9x': is no length of time"),
    ],
)
def test_what_is_wrong_with_a_batch_is_told_with_its_line(
    home: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (home / "study.toml").write_text(text)
    assert main(["batch", "study.toml"]) == 2
    assert said in capsys.readouterr().err
