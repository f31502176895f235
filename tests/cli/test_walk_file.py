"""`walkforward` by a study file: the same walk as by options, overridden by them; what is wrong told by its line."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main
from triplebar.cli.located import Located, read_located
from triplebar.cli.schema_check import check_file
from triplebar.cli.sweep_schema import SWEEP_ALONE, sweep_schema, walk_schema
from triplebar.contracts.errors import ConfigError

MARKET = tb.Market.synthetic(symbols=("AA",), bars=300, interval="1d", volatility=0.02, seed=5)
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
STRATEGY = """
import triplebar as tb

cross = tb.signals.crossover(fast="SMA", slow="SMA")
"""
STUDY = """
strategy = "mine.py:cross"
data = "bars.parquet"
where = "fast < slow"
by = "total_return"

[parameters]
fast = "2:6"
slow = [5, 9, 20]

[config]
commission_bps = 1

[walk_forward]
train = "90d"
test = "40d"
embargo = "1d"
anchored = true
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return furnished(tmp_path, monkeypatch, MARKET, {"mine.py": STRATEGY, "study.toml": STUDY})


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["walkforward", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def walked(space: Any = None, **how: Any) -> dict[str, Any]:
    """What the library says of the same walk."""
    rule = tb.signals.crossover(fast="SMA", slow="SMA")
    space = space or tb.spaces.grid({"fast": range(2, 7), "slow": [5, 9, 20]}, where="fast < slow")
    lengths: dict[str, Any] = {"train": "90d", "test": "40d", "embargo": "1d", "anchored": True, **how}
    walk = tb.walk_forward(rule, MARKET, space, tb.BacktestConfig(commission_bps=1), **lengths)
    found: dict[str, Any] = json.loads(json.dumps(walk.to_mapping()))
    return found


def test_a_study_file_options_and_the_library_walk_the_same(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_file = told(capsys, "study.toml")
    by_options = told(
        capsys,
        *("mine.py:cross", "--data", "bars.parquet", "--param", "fast=2:6", "--param", "slow=5,9,20"),
        *("--where", "fast < slow", "--set", "commission_bps=1", "--train", "90d", "--test", "40d"),
        *("--embargo", "1d", "--anchored", "--select", "total_return"),
    )
    assert by_file == by_options == walked(select="total_return")
    assert len(by_file["windows"]) == 5
    assert by_file["select"] == "total_return"
    assert main(["walkforward", "study.toml", "--html", "walk.html"]) == 0
    assert "5 windows, chosen by total_return" in capsys.readouterr().out
    assert (home / "walk.html").is_file()


@pytest.mark.parametrize(
    ("options", "how"),
    [
        (["--rolling", "--embargo", "0d"], {"anchored": False, "embargo": "0d"}),
        (["--train", "100d", "--step", "60d"], {"train": "100d", "step": "60d"}),
        (["--select", "max_drawdown", "--smallest"], {"select": "max_drawdown", "smallest": True}),
        (["--metric", "calmar", "--select", "calmar"], {"metrics": ["calmar"], "select": "calmar"}),
        (["--warmup", "30"], {"warmup": 30}),
        (["--set", "commission_bps=1.0", "--threads", "1", "--mode", "interpreted"], {}),
    ],
)
def test_options_override_the_file(
    home: Path, capsys: pytest.CaptureFixture[str], options: list[str], how: dict[str, Any]
) -> None:
    assert told(capsys, "study.toml", *options) == walked(**{"select": "total_return", **how})


def test_the_section_says_how_to_choose_else_the_study(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    section = "anchored = true\nselect = 'max_drawdown'\nsmallest = true\nwarmup = 30\nclose_at_end = false\n"
    (home / "study.toml").write_text(STUDY.replace("anchored = true\n", section))
    how: dict[str, Any] = {"warmup": 30, "close_at_end": False}
    assert told(capsys, "study.toml") == walked(select="max_drawdown", smallest=True, **how)
    (home / "study.toml").write_text(STUDY.replace('by = "total_return"', 'by = "max_drawdown"\nsmallest = true'))
    assert told(capsys, "study.toml") == walked(select="max_drawdown", smallest=True)


def test_one_file_is_for_both_commands_in_any_folder(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "elsewhere").mkdir()
    monkeypatch.chdir(home / "elsewhere")
    (home / "study.toml").write_text(f'store = "runs.db"\nname = "cross"\ntop = 3\n{STUDY}')
    assert main(["sweep", "../study.toml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["finished"] == 13
    told(capsys, "../study.toml")
    with tb.ExperimentRegistry(home / "runs.db"):
        assert main(["runs", "studies", "--store", "../runs.db", "--json"]) == 0
    names = {each["name"] for each in json.loads(capsys.readouterr().out)}
    assert names == {"cross", *(f"cross, window {number}" for number in range(5))}


def test_sets_can_be_drawn(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    axes = {"fast": tb.spaces.integers(2, 9), "slow": [10, 20]}
    drawn = tb.spaces.random(axes, count=4, seed=3, where="fast < slow")
    options = ["--param", "fast=integers:2:9", "--param", "slow=10,20", "--random", "4", "--seed", "3"]
    assert told(capsys, "study.toml", *options) == walked(drawn, select="total_return")


def test_yaml_and_json_say_the_same(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = dict(read_located(home / "study.toml").values)
    (home / "study.json").write_text(json.dumps(values))
    (home / "study.yaml").write_text(
        "strategy: mine.py:cross\ndata: [bars.parquet]\nwhere: fast < slow\nby: total_return\n"
        "parameters: {fast: '2:6', slow: [5, 9, 20]}\nconfig: {commission_bps: 1}\n"
        "walk_forward: {train: 90d, test: 40d, embargo: 1d, anchored: true}\n"
    )
    assert told(capsys, "study.json") == told(capsys, "study.yaml") == told(capsys, "study.toml")


FAULTS = [
    (STUDY.replace("embargo", "embarg"), "line 17: walk_forward.embarg is not known; did you mean 'embargo'"),
    (STUDY.replace('"40d"', "40"), "line 16: walk_forward.test is a whole number, not a text; How long the window"),
    (STUDY.replace('"90d"', '"90x"'), "line 15: train = '90x': is no length of time; write for example train='30d'"),
    (STUDY.replace('embargo = "1d"', 'step = "1d"'), "line 17: step = '1d': is shorter than a test"),
    (STUDY.replace('train = "90d"\n', ""), "line 14: walk_forward.train is missing; How long the window"),
    (STUDY.replace("anchored = true", "anchored = 1"), "line 18: walk_forward.anchored is a whole number, not true"),
    (STUDY.replace("anchored = true", "warmup = -1"), "line 18: walk_forward.warmup is -1; give at least 0"),
    (STUDY.replace("anchored = true", "select = 'sharp'"), "line 18: select = 'sharp': is no column of a study; did"),
    (STUDY.replace('"total_return"', '"totl_return"'), "line 5: select = 'totl_return': is no column of a study; did"),
    (STUDY.replace('"90d"', '"9000d"'), "line 14: windows: a window takes"),
    (STUDY.replace("[walk_forward]", "[walk_forwards]"), "line 14: walk_forwards is not known; did you mean"),
    (STUDY.partition("[walk_forward]")[0], "study.toml: walk_forward is missing; How triplebar walkforward lays"),
    (STUDY.replace("commission_bps = 1", "commission_bps = -1"), "line 12: commission_bps = -1: must be"),
    (STUDY.replace("fast < slow", "fast < slwo"), "line 4: where = 'fast < slwo': there is no parameter 'slwo'"),
    (STUDY.replace('"2:6"', '"uniform:1:2"'), "line 8: fast: is a range to draw from; say how many"),
    (STUDY.replace("mine.py:cross", "mine.py:corss"), "line 2: mine.py: has no strategy 'corss'"),
    (STUDY.replace('by = "total_return"', "seeds = [1, 2]"), "line 5: seeds cannot be used here; write seed = 1"),
    (STUDY + "\n[optuna]\ntrials = 3\n", "line 20: optuna cannot be used here; leave it out"),
    (STUDY.replace('"bars.parquet"', '{calm = "bars.parquet"}'), "line 3: data is a table of names and values, not"),
    (STUDY.replace('by = "total_return"', 'metrics = ["omga"]'), "line 5: metrics = 'omga': is no metric"),
    (STUDY + 'train = "30d"\n', "study.toml: cannot be read: Cannot overwrite a value (at line 19"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_what_is_wrong_with_a_file_is_told_with_its_line(
    home: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (home / "study.toml").write_text(text)
    assert main(["walkforward", "study.toml"]) in {2, 3}
    assert (f"error: {said}" if said.startswith("study") else f"error: study.toml, {said}") in capsys.readouterr().err


def test_a_key_that_is_there_twice_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "study.yaml").write_text("walk_forward:\n  train: 90d\n  test: 30d\n  train: 60d\n")
    assert main(["walkforward", "study.yaml"]) == 2
    assert "line 4: 'train' is there twice" in capsys.readouterr().err
    (home / "study.json").write_text('{"walk_forward": {"train": "90d", "train": "60d"}}')
    assert main(["walkforward", "study.json"]) == 2
    assert "'train' is there twice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["study.toml", "--train", "9x"], "error: train = '9x': is no length of time"),
        (["study.toml", "--select", "sharp"], "error: select = 'sharp': is no column of a study"),
        (["study.toml", "--seed", "1"], "error: --seed: is the seed of sets that are drawn"),
        (["mine.py:cross", "--data", "bars.parquet", "--param", "fast=2"], "error: walkforward: walk_forward is miss"),
        (
            ["mine.py:cross", "--data", "bars.parquet", "--param", "fast=2", "--train", "90d"],
            "error: walkforward: walk_forward.test is missing; How long",
        ),
        ([], "error: walkforward: strategy is missing"),
    ],
)
def test_an_option_is_not_blamed_on_the_file(
    home: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["walkforward", *options]) == 2
    assert said in capsys.readouterr().err


def test_options_complete_a_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "study.toml").write_text(STUDY.replace('train = "90d"\n', ""))
    assert told(capsys, "study.toml", "--train", "90d") == walked(select="total_return")


# ------------------------------------------------------------------------------------------------------------- schema


def test_the_schema_is_published_and_valid(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = walk_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads((SCHEMAS / "walkforward.schema.json").read_text()) == schema, (
        "python -m triplebar.cli walkforward --schema > docs/schemas/walkforward.schema.json"
    )
    assert main(["walkforward", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema
    assert set(sweep_schema()["properties"]) - set(schema["properties"]) == set(SWEEP_ALONE)


def _accepted(values: dict[str, Any], schema: dict[str, Any]) -> bool:
    try:
        check_file(Located(Path("study.toml"), values), schema)
    except ConfigError:
        return False
    return True


@pytest.mark.parametrize("schema", [walk_schema(), sweep_schema()], ids=["walkforward", "sweep"])
def test_what_the_schema_allows_is_what_is_accepted(home: Path, schema: dict[str, Any]) -> None:
    """Every value of a file in turn is replaced by one of each kind, and left out: an editor says what we say."""
    good = dict(read_located(home / "study.toml").values)
    others: tuple[Any, ...] = (True, 5, -1, 0.5, "90d", "auto", [], [1], ["x"], {}, {"count": 3}, {"trials": 0})
    changed = [{**good, name: other} for name in (*schema["properties"], "unknown") for other in others]
    section, known = good["walk_forward"], schema["properties"]["walk_forward"]["properties"]
    changed += [{**good, "walk_forward": {**section, name: other}} for name in (*known, "unknown") for other in others]
    changed += [{name: each for name, each in good.items() if name != left} for left in good]
    changed += [
        {**good, "walk_forward": {name: each for name, each in section.items() if name != left}} for left in section
    ]
    validator = jsonschema.Draft202012Validator(schema)
    found = [_accepted(each, schema) for each in (good, *changed)]
    assert found == [validator.is_valid(each) for each in (good, *changed)]
    assert found[0]
    assert sum(found) > 50
    assert found.count(False) > 200
