"""The parts of the command line: exit codes, progress, installation hint, interruption."""

import builtins
import io
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from triplebar.cli import INSTALL, app, inspect, main
from triplebar.cli.codes import CODES, Exit, exit_code
from triplebar.cli.progress import LateBar, waiting
from triplebar.cli.settings_file import assignments
from triplebar.contracts import errors


def console() -> tuple[Console, io.StringIO]:
    target = io.StringIO()
    return Console(file=target, force_terminal=True, width=100), target


def test_progress_is_silent_for_what_is_quick() -> None:
    screen, target = console()
    with LateBar("running", screen) as bar:
        for done in range(1_000):
            bar(done, 1_000)
    assert target.getvalue() == ""


def test_progress_shows_share_and_time_left_for_what_is_slow() -> None:
    screen, target = console()
    with LateBar("running", screen, patience_seconds=0.0) as bar:
        bar.note = "12 sets/s, best 1.5"
        bar(250, 1_000)
        assert bar.bar is not None
        assert bar.bar.tasks[0].percentage == 25.0
        bar.bar.refresh()
    assert "running" in target.getvalue()
    assert "25%" in target.getvalue()
    assert "left" in target.getvalue()
    assert "12 sets/s, best 1.5" in target.getvalue()


def test_waiting_shows_nothing_for_what_is_quick_and_ends_with_the_block() -> None:
    screen, target = console()
    with waiting("loading", screen):
        pass
    assert "loading" not in target.getvalue()


def test_without_the_extra_the_command_says_how_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = builtins.__import__

    def without_typer(name: str, *rest: Any, **more: Any) -> Any:
        if name == "typer":
            raise ModuleNotFoundError("No module named 'typer'", name="typer")
        return plain(name, *rest, **more)

    for module in [name for name in sys.modules if name.startswith(("typer", "triplebar.cli.app"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", without_typer)
    assert main(["version"]) == 2
    assert capsys.readouterr().err.strip() == INSTALL
    assert "pip install 'triplebar[cli]'" in INSTALL


def test_another_missing_module_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "triplebar.cli.app", None)
    with pytest.raises(ModuleNotFoundError, match="triplebar"):
        main(["version"])


@pytest.mark.feature("F-011")
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.ConfigError, 2),
        (errors.ParameterError, 2),
        (errors.UnsupportedSettingError, 2),
        (errors.EngineNotAvailableError, 2),
        (errors.NotFound, 2),
        (errors.DuplicateId, 2),
        (errors.DataQualityError, 3),
        (errors.SnapshotMismatchError, 3),
        (errors.UnknownSymbolError, 3),
        (errors.StrategyError, 4),
        (errors.OrderError, 4),
        (errors.InternalError, 5),
        (ZeroDivisionError, 5),
        (PermissionError, 2),
        (KeyboardInterrupt, 130),
    ],
)
def test_exit_codes(kind: type[BaseException], code: int) -> None:
    assert exit_code(kind()) == code
    assert {each for _, each in CODES} | {Exit.OK, Exit.DIFFERENT} == set(Exit)


def test_the_help_documents_the_exit_codes() -> None:
    assert {int(number) for number in re.findall(r"\b(\d+) [a-z]", app.HELP)} == {int(code) for code in Exit}


def test_a_defect_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*, as_json: bool) -> int:
        raise ZeroDivisionError("oh no")

    monkeypatch.setattr(inspect, "show_version", fail)
    assert main(["version"]) == Exit.INTERNAL
    problem = capsys.readouterr().err
    assert "ZeroDivisionError: oh no; this is a defect of triplebar, --debug shows where" in problem


def test_ctrl_c_outside_of_a_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(*, as_json: bool) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(inspect, "show_version", stop)
    assert main(["version"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


ENDLESS = """
import time
import triplebar as tb


class Slow(tb.Strategy):
    def on_bar(self, ctx, bar):
        if bar.index == 5:
            print("ready", flush=True)
        if bar.index > 5:
            time.sleep(0.01)
"""


@pytest.mark.feature("F-081")
def test_ctrl_c_in_a_run_keeps_what_was_done(tmp_path: Path) -> None:
    import triplebar as tb

    (tmp_path / "slow.py").write_text(ENDLESS)
    tb.Market.synthetic(symbols=("AA",), bars=100_000, seed=1).table().to_pandas().to_parquet(tmp_path / "bars.parquet")
    command = [sys.executable, "-m", "triplebar.cli", "run", "slow.py", "--data", "bars.parquet", "--out", "runs"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGINT)
        out, problem = running.communicate(timeout=280)
    assert running.returncode == 130, problem
    assert "interrupted: this is what was done until then" in out
    found = tb.RunResult.load(next((tmp_path / "runs").glob("*/*/*")))
    assert found.metadata.status == "interrupted"
    assert 5 < found.equity.num_rows < 100_000


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ([], {}),
        (["a=1", "b=1.5", "c=true", "d=null"], {"a": 1, "b": 1.5, "c": True, "d": None}),
        (["a=x y", "b=", "c=a=b"], {"a": "x y", "b": "", "c": "a=b"}),
        (["a=[1, 2]", 'b={"EUR": 1}', 'c="5"'], {"a": [1, 2], "b": {"EUR": 1}, "c": "5"}),
        (["a = 1"], {"a": 1}),
    ],
)  # fmt: skip
def test_assignments(given: list[str], values: dict[str, Any]) -> None:
    assert assignments("--param", given) == values
