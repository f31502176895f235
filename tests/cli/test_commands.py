"""Each command, as a user types it: what it prints, what it writes, and its exit code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main
from triplebar.contracts.result import RunResult
from triplebar.report.folder import FILES
from triplebar.research.references import strategy_class

MARKET = tb.Market.synthetic(symbols=("AA",), bars=600, interval="1h", volatility=0.004, seed=5)

STRATEGY = '''
import triplebar as tb


class Cross(tb.Strategy):
    """Long while the quick mean is above the calm one."""

    fast: int = 10
    slow: int = 50

    def on_start(self, ctx):
        self.quick, self.calm = tb.indicators.SMA(self.fast), tb.indicators.SMA(self.slow)

    def on_bar(self, ctx, bar):
        quick, calm = self.quick.update(bar.close), self.calm.update(bar.close)
        held = ctx.position(bar.symbol)
        if self.calm.ready and quick > calm and held == 0:
            ctx.buy(bar.symbol, 10, tag="cross")
        elif quick < calm and held > 0:
            ctx.sell(bar.symbol, held)


class Broken(tb.Strategy):
    """Raise at the tenth bar."""

    def on_bar(self, ctx, bar):
        if bar.index == 10:
            raise RuntimeError("ouch")


class Leaves(tb.Strategy):
    """End the program at the tenth bar."""

    def on_bar(self, ctx, bar):
        if bar.index == 10:
            raise SystemExit


class Patient(tb.Strategy):
    """Wait far below the market."""

    def on_bar(self, ctx, bar):
        if bar.index == 0:
            ctx.buy(bar.symbol, 1, limit=round(bar.close / 2, 2))
'''


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a strategy and a file of bars, where the commands are given."""
    return furnished(tmp_path, monkeypatch, MARKET, {"mine.py": STRATEGY})


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Give a command; its exit code, and what it printed."""
    capsys.readouterr()
    code = main(words)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def saved_run(capsys: pytest.CaptureFixture[str], *words: str, strategy: str = "Cross") -> Path:
    """Run and keep: the folder of the run."""
    code, _, problem = call(capsys, "run", f"mine.py:{strategy}", "--data", "bars.parquet", "--out", "runs", *words)
    assert code == 0, problem
    return max(Path("runs").glob("*/*/*"), key=lambda each: (each / "result.json").stat().st_mtime_ns)


# ----------------------------------------------------------------------------------------------------------- demo


def test_demo_prints_a_summary_and_draws_a_picture(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, problem = call(capsys, "demo", "--bars", "2000")
    assert (code, problem) == (0, "")
    for word in ("MovingAverageCross on custom", "total return", "max drawdown", "sharpe", "win rate"):
        assert word in text
    picture = home / "triplebar-demo.html"
    assert f"picture: {picture}" in text
    assert "</html>" in picture.read_text()[-20:]


def test_demo_for_machines_and_by_the_other_engine(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hashes = []
    for engine in ("custom", "reference"):
        code, text, _ = call(capsys, "demo", "--bars", "500", "--engine", engine, "--json", "--out", f"{engine}.html")
        assert code == 0
        hashes.append(json.loads(text)["metadata"]["result_hash"])
        assert (home / f"{engine}.html").is_file()
    assert hashes[0] == hashes[1]


# ------------------------------------------------------------------------------------------------------------ run


def test_run_prints_a_summary(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = call(capsys, "run", "mine.py:Cross", "--data", "bars.parquet", "--param", "fast=5")
    assert code == 0
    assert "Cross on custom" in text
    assert not (home / "runs").exists()


@pytest.mark.usefixtures("home")
def test_the_summary_shows_where_the_profit_comes_from_and_what_was_rejected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ("run", "mine.py:Cross", "--data", "bars.parquet", "--set", "commission_bps=1")
    code, text, _ = call(capsys, *words)
    assert code == 0
    assert all(name in text for name in ("realised before fees", "unrealised", "commission", "total profit"))
    assert "rejected orders" not in text
    _, text, _ = call(capsys, *words, "--set", "initial_cash=10")
    assert "rejected orders" in text
    assert "(insufficient_funds " in text


def test_run_for_machines_is_the_run_from_python(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--param", "fast=5", "--param", "slow=30", "--set", "commission_bps=1.5", "--set", "seed=7")
    code, text, problem = call(capsys, "run", "mine.py:Cross", "--data", "bars.parquet", *words, "--json")
    assert code == 0
    assert problem == ""
    values = json.loads(text)
    from triplebar.research.references import strategy_class

    strategy: Any = strategy_class(str(home / "mine.py:Cross"))
    config = tb.BacktestConfig(commission_bps=1.5, seed=7)
    expected = tb.run(strategy(fast=5, slow=30), tb.Market.from_parquet(home / "bars.parquet"), config)
    assert values["metadata"]["result_hash"] == expected.result_hash
    assert values["metadata"]["run_id"] == expected.run_id
    assert values["metrics"] == dict(expected.metrics)


@pytest.mark.feature("F-097", "F-096")
def test_run_writes_a_folder(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved_run(capsys)
    assert folder.name == "Cross_backtest"
    assert {each.name for each in folder.iterdir()} >= {*FILES, "result.json", "tables", "report"}
    assert {"report.html", "report.md", "equity.csv"} <= {each.name for each in (folder / "report").iterdir()}
    assert RunResult.load(folder).metadata.strategy == "Cross"


CONFIGS = {
    "a.toml": "[config]\ncommission_bps = 2\nseed = 3\n[parameters]\nfast = 7\n[[instruments]]\nsymbol = 'AA'\n",
    "b.json": json.dumps(
        {"config": {"commission_bps": 2, "seed": 3}, "parameters": {"fast": 7}, "instruments": [{"symbol": "AA"}]}
    ),
    "c.yaml": "config: {commission_bps: 2, seed: 3}\nparameters: {fast: 7}\ninstruments: [{symbol: AA}]\n",
}


def test_configuration_files_say_the_same_in_three_languages(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = set()
    for name, text in CONFIGS.items():
        (home / name).write_text(text)
        code, out, _ = call(capsys, "run", "mine.py:Cross", "--data", "bars.parquet", "--config", name, "--json")
        assert code == 0
        metadata = json.loads(out)["metadata"]
        assert metadata["config"]["commission_bps"] == 2
        assert metadata["parameters"] == {"fast": 7, "slow": 50}
        found.add(metadata["run_id"])
    assert len(found) == 1


def test_a_file_may_hold_the_configuration_alone_and_the_command_line_wins(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "plain.toml").write_text("commission_bps = 2\nseed = 3\n")
    words = ("--config", "plain.toml", "--set", "seed=4", "--json")
    code, out, _ = call(capsys, "run", "mine.py:Cross", "--data", "bars.parquet", *words)
    assert code == 0
    config = json.loads(out)["metadata"]["config"]
    assert (config["commission_bps"], config["seed"]) == (2, 4)


def test_csv_files_run_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    MARKET.table().to_pandas().to_csv(home / "bars.csv", index=False)
    hashes = set()
    for name in ("bars.csv", "bars.parquet"):
        _, out, _ = call(capsys, "run", "mine.py:Cross", "--data", name, "--json")
        hashes.add(json.loads(out)["metadata"]["result_hash"])
    assert len(hashes) == 1


# ----------------------------------------------------------------------------------------- data, explain, compare


def test_several_files_run_together(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tb.Market.synthetic(symbols=("BB",), bars=600, interval="1h", volatility=0.004, seed=6)
    table = other.table()
    csv.write_csv(table.set_column(1, "symbol", table["symbol"].cast(pa.string())), home / "more.csv")
    both = ("--data", "bars.parquet", "--data", "more.csv")
    code, text, _ = call(capsys, "run", "mine.py:Cross", *both, "--json")
    expected = tb.run(saved_strategy(home), tb.Market.joined(MARKET, other))
    assert (code, json.loads(text)["metadata"]["result_hash"]) == (0, expected.result_hash)
    assert set(expected.fills["symbol"].to_pylist()) == {"AA", "BB"}


def saved_strategy(home: Path) -> Any:
    """The strategy of the file."""
    return strategy_class(f"{home / 'mine.py'}:Cross")()


@pytest.mark.feature("F-022")
def test_data_check(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = call(capsys, "data", "check", "bars.parquet")
    assert code == 0
    assert "600 rows, 0 faults" in text
    table = MARKET.table().slice(0, 5)
    low = table.column_names.index("low")
    pq.write_table(table.set_column(low, "low", pa.array([1e9] * 5)), home / "bad.parquet")
    code, text, _ = call(capsys, "data", "check", "bad.parquet")
    assert code == 1
    assert "row" in text
    code, text, _ = call(capsys, "data", "check", "bad.parquet", "--json")
    assert code == 1
    assert json.loads(text)["ok"] is False


def test_explain(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved_run(capsys)
    code, text, _ = call(capsys, "explain", str(folder), "1")
    assert code == 0
    assert text.startswith("Order 1: buy 10 AA at market")
    assert "[S-20]" in text
    code, text, _ = call(capsys, "explain", str(folder), "1", "--json")
    assert json.loads(text)["status"] == "filled"
    code, text, problem = call(capsys, "explain", "runs", "1")
    assert code == 0
    assert "newest run: " in problem
    assert home.exists()


@pytest.mark.usefixtures("home")
def test_explain_with_the_bars_says_how_near_the_price_came(capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved_run(capsys, strategy="Patient")
    _, without, _ = call(capsys, "explain", str(folder), "1")
    code, text, _ = call(capsys, "explain", str(folder), "1", "--data", "bars.parquet")
    assert code == 0
    assert "Why it did not fill" not in without
    assert "Why it did not fill: the nearest the price came to its limit" in text


def test_compare(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, same, other = saved_run(capsys), saved_run(capsys), saved_run(capsys, "--set", "commission_bps=0.01")
    assert len({one, same, other}) == 3
    code, text, _ = call(capsys, "compare", str(one), str(same))
    assert code == 0
    assert text.startswith("identical: ")
    code, text, _ = call(capsys, "compare", str(one), str(other))
    assert code == 1
    assert "first difference: fills, row 0, fee: 0.0 and" in text
    code, text, _ = call(capsys, "compare", str(one), str(other), "--json", "--rung", "1")
    assert code == 0
    assert json.loads(text)["first"]["table"] == "fills"
    assert home.exists()


@pytest.mark.feature("F-096")
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("name", "begin"),
    [("r.html", "<!doctype html>"), ("r.md", "# Cross on custom"), ("r.txt", "strategy"), ("r.json", "{")],
)
def test_report_writes_what_the_name_asks_for(capsys: pytest.CaptureFixture[str], name: str, begin: str) -> None:
    folder = saved_run(capsys)
    code, text, problem = call(capsys, "report", str(folder), "--out", name)
    assert (code, problem) == (0, "")
    assert f"report: {Path(name).resolve()}" in text
    assert Path(name).read_text().startswith(begin)


@pytest.mark.usefixtures("home")
def test_report_of_the_newest_run_with_its_bars(capsys: pytest.CaptureFixture[str]) -> None:
    saved_run(capsys)
    assert call(capsys, "report", "runs")[0] == 0
    without = Path("report.html").read_text()
    assert "The prices are not stored with a result" in without
    assert call(capsys, "report", "runs", "--data", "bars.parquet")[0] == 0
    assert "The prices are not stored" not in Path("report.html").read_text()
    assert call(capsys, "report", "runs", "--out", "tables")[0] == 0
    assert {"equity.csv", "trades.csv"} <= {each.name for each in Path("tables").iterdir()}
    code, _, problem = call(capsys, "report", "runs", "--out", "r.pdf")
    assert code == 2
    assert "is no kind of report" in problem


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = call(capsys, "version")
    assert code == 0
    assert text.startswith(f"triplebar {tb.__version__}\n")
    code, text, _ = call(capsys, "version", "--json")
    assert json.loads(text)["engines"] == list(tb.available_engines())


def test_the_command_itself(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "triplebar.cli", "version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("triplebar ")
    assert home.exists()


def test_help_names_all_commands_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = call(capsys, "--help")
    assert code == 0
    assert all(name in text for name in ("demo", "run", "data", "explain", "compare", "version", "Exit codes"))


# --------------------------------------------------------------------------------------------------------- errors

RUN = ("run", "mine.py:Cross", "--data", "bars.parquet")
WRONG: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no command": (("fly",), 2, "No such command"),
    "no data": (("run", "mine.py"), 2, "--data"),
    "no strategy file": (("run", "yours.py", "--data", "bars.parquet"), 2, "yours.py: there is no such file"),
    "no such strategy": (("run", "mine.py:Cros", "--data", "bars.parquet"), 2, "did you mean 'Cross'"),
    "several strategies": (("run", "mine.py", "--data", "bars.parquet"), 2, "has 4 strategies; say which"),
    "an unknown parameter": ((*RUN, "--param", "fsat=5"), 2, "did you mean 'fast'"),
    "a text for a number": ((*RUN, "--param", "fast=x"), 2, "must be int"),
    "no value": ((*RUN, "--param", "fast"), 2, "'fast' is not name=value"),
    "twice": ((*RUN, "--param", "fast=1", "--param", "fast=2"), 2, "'fast' is given twice"),
    "an unknown setting": ((*RUN, "--set", "comission_bps=1"), 2, "did you mean 'commission_bps'"),
    "a bad setting": ((*RUN, "--set", "fill=now"), 2, "fill = 'now'"),
    "an unknown engine": ((*RUN, "--engine", "fast"), 2, "engine 'fast' is not known"),
    "no configuration": ((*RUN, "--config", "none.toml"), 2, "none.toml: there is no such file"),
    "a configuration of another kind": ((*RUN, "--config", "mine.py"), 2, "is not a configuration file"),
    "no data file": (("run", "mine.py:Cross", "--data", "none.parquet"), 3, "none.parquet"),
    "a data file of another kind": (("run", "mine.py:Cross", "--data", "mine.py"), 2, "is neither Parquet nor CSV"),
    "a strategy that raises": (("run", "mine.py:Broken", "--data", "bars.parquet"), 4, "RuntimeError: ouch"),
    "a strategy that leaves": (
        ("run", "mine.py:Leaves", "--data", "bars.parquet"),
        4,
        "mine.py:Leaves: called sys.exit(None)",
    ),
    "a strategy that leaves is named with its line": (
        ("run", "mine.py:Leaves", "--data", "bars.parquet"),
        4,
        "mine.py, line 36: raise SystemExit",
    ),
    "an unknown setting in a model": ((*RUN, "--set", "risk.max_drawdown=0.2"), 2, "unknown field 'max_drawdown'"),
    "a setting in what is no model": ((*RUN, "--set", "seed=1", "--set", "seed.x=2"), 2, "seed = 1: has no field 'x'"),
    "no run": (("explain", "nowhere", "1"), 2, "no stored result"),
    "a folder without runs": (("explain", ".", "1"), 2, "no stored result in here"),
    "an order that is no number": (("explain", ".", "x"), 2, "x"),
    "no run to compare": (("compare", "nowhere", "nowhere"), 2, "no stored result"),
    "a rung that is not there": (("compare", ".", ".", "--rung", "9"), 2, "--rung"),
}


@pytest.mark.feature("F-018")
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("words", "code", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_message_and_a_code(
    words: tuple[str, ...], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found, out, problem = call(capsys, *words)
    assert found == code, problem
    assert message in problem
    assert "Traceback" not in problem
    assert out == ""


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "seed = ", "a.toml: cannot be read"),
        ("b.json", "{", "b.json: cannot be read"),
        ("c.yaml", "a: [", "c.yaml: cannot be read"),
        ("d.json", "[1]", "must be a mapping"),
        ("e.toml", "[config]\nseed = 1\n[paramters]\n", "e.toml, line 3: unknown section 'paramters'; did you mean"),
        ("j.toml", "[config]\nseed = 1\nsede = 2\n", "j.toml, line 3: unknown field 'sede'; did you mean 'seed'?"),
        ("k.json", '{\n "config": {},\n "instrument": []}', "k.json, line 3: unknown section 'instrument'; did you"),
        ("l.yaml", "config:\n  seed: 1\n  fil: x\n", "l.yaml, line 3: unknown field 'fil'; did you mean 'fill'?"),
        ("m.toml", "[confg]\nseed = 1\n", "m.toml, line 1: unknown section 'confg'; did you mean 'config'?"),
        ("f.json", '{"config": 5}', "config = 5"),
        ("g.json", '{"instruments": 5}', "must be a list"),
        ("h.json", '{"instruments": [{"symbl": "A"}]}', "did you mean 'symbol'"),
        ("i.toml", "sede = 1\n", "did you mean 'seed'"),
    ],
)
def test_bad_configuration_files(name: str, text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(name).write_text(text)
    code, _, problem = call(capsys, *RUN, "--config", name)
    assert code == 2
    assert message in problem


@pytest.fixture
def foreign(home: Path) -> str:
    """A file with times without a zone, a column of another name, and its rows upside down."""
    table = MARKET.table()
    names = {"close": "Adj Close"}
    table = table.rename_columns([names.get(name, name) for name in table.column_names])
    naive = table.column("time").cast(pa.timestamp("us")).cast(pa.timestamp("us"))
    table = table.set_column(0, "time", naive).take(pa.array(range(table.num_rows - 1, -1, -1)))
    pq.write_table(table, home / "foreign.parquet")
    return "foreign.parquet"


READING = ("--time-zone", "UTC", "--column", "close=Adj Close", "--sort")


def test_data_check_reads_files_as_they_are(foreign: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = call(capsys, "data", "check", foreign)
    assert code == 1
    assert "no column 'close'" in text
    assert call(capsys, "data", "check", foreign, *READING)[0] == 0
    assert call(capsys, "data", "check", foreign, *READING[:-1])[0] == 1


def test_run_reads_files_as_data_check_does(foreign: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("run", "mine.py:Cross", "--json", "--data")
    hashes = []
    for more in (("bars.parquet",), (foreign, *READING)):
        code, text, problem = call(capsys, *words, *more)
        assert code == 0, problem
        hashes.append(json.loads(text)["metadata"]["result_hash"])
    assert hashes[0] == hashes[1]
    code, _, problem = call(capsys, *words, "bars.parquet", "--column", "clos=x")
    assert (code, "did you mean 'close'" in problem) == (2, True)
    assert call(capsys, *words, "bars.parquet", "--column", "close")[0] == 2


@pytest.mark.usefixtures("home")
def test_settings_reach_into_models(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.toml").write_text("[config.risk]\ngross_exposure = 2\n")
    words = ("--set", "risk.drawdown_total=0.2", "--set", "per_symbol.AA.participation=0.3", "--config", "a.toml")
    code, out, problem = call(capsys, *RUN, *words, "--json")
    assert code == 0, problem
    config = json.loads(out)["metadata"]["config"]
    assert (config["risk"]["gross_exposure"], config["risk"]["drawdown_total"]) == (2, 0.2)
    assert config["per_symbol"]["AA"]["participation"] == 0.3


@pytest.mark.usefixtures("home")
def test_a_strategy_file_that_leaves_when_it_is_read_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    Path("gone.py").write_text("import sys\n\nsys.exit(0)\n")
    code, _, problem = call(capsys, "run", "gone.py", "--data", "bars.parquet")
    assert code == 4
    assert "gone.py: called sys.exit(0) (gone.py, line 3: sys.exit(0)); " in problem


@pytest.mark.usefixtures("home")
def test_errors_for_machines_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "run", "yours.py", "--data", "bars.parquet", "--json")
    values = json.loads(out)
    assert code == values["exit_code"] == 2
    assert values["error"] == "ConfigError"
    assert "no such file" in values["message"]


@pytest.mark.usefixtures("home")
def test_debug_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, problem = call(capsys, "--debug", "run", "mine.py:Broken", "--data", "bars.parquet")
    assert code == 4
    assert "Traceback" in problem
    assert 'raise RuntimeError("ouch")' in problem


@pytest.mark.usefixtures("home")
def test_other_bars_than_those_of_the_run_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved_run(capsys, strategy="Patient")
    pq.write_table(MARKET.table().slice(1), "later.parquet")
    code, _, problem = call(capsys, "explain", str(folder), "1", "--data", "later.parquet")
    assert code == 3
    assert "these are not the bars of the run" in problem


@pytest.mark.usefixtures("home")
def test_a_changed_folder_is_bad_data(capsys: pytest.CaptureFixture[str]) -> None:
    folder = saved_run(capsys)
    file = folder / "tables" / "equity.parquet"
    pq.write_table(pq.read_table(file).slice(1), file)
    code, _, problem = call(capsys, "explain", str(folder), "1")
    assert code == 3
    assert "the files were changed after they were stored" in problem
