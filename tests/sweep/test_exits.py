"""Strategies that call `sys.exit` in one of many sets, and studies that something else ends."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.homes import furnished
from triplebar.cli import main
from triplebar.store.studies import StudyStore
from triplebar.strategy.failures import HandlerError

MARKET = tb.Market.synthetic(symbols=("AA",), bars=60, seed=4)


class Steps(tb.Strategy):
    """Long every other stretch of bars."""

    length: int = 5

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        ctx.target(bar.symbol, (bar.index // self.length) % 2)


class AtABar(Steps):
    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if self.length == 9 and bar.index == 20:
            sys.exit(3)
        super().on_bar(ctx, bar)


class AtTheStart(Steps):
    def on_start(self, ctx: Any) -> None:
        if self.length == 9:
            sys.exit()


class AtTheEnd(Steps):
    def on_stop(self, ctx: Any) -> None:
        if self.length == 9:
            sys.exit("bye")


class WhenMade(Steps):
    def validate(self) -> None:
        if self.length == 9:
            sys.exit(3)


def by_name(length: int) -> tb.Signals:
    if length == 9:
        sys.exit(3)
    return tb.Signals(target=[(row // length) % 2 for row in range(60)])


CASES: list[tuple[Any, str, str]] = [
    (AtABar, "HandlerError", "AtABar.on_bar, AA, tick 20 at 2024-01-01T00:21:00Z: SystemExit: 3 (test_exits.py"),
    (AtTheStart, "HandlerError", "AtTheStart.on_start, before the first tick: SystemExit:"),
    (AtTheEnd, "HandlerError", "AtTheEnd.on_stop, tick 59 at 2024-01-01T01:00:00Z: SystemExit: bye"),
    (WhenMade, "StrategyError", "cannot be made: SystemExit: 3"),
    (by_name, "StrategyError", "cannot be made: SystemExit: 3"),
]


@pytest.mark.parametrize(("strategy", "error", "said"), CASES, ids=[case[0].__name__ for case in CASES])
@pytest.mark.parametrize("lengths", [[9, 5, 6], [5, 9, 6]], ids=["first", "second"])
@pytest.mark.parametrize("engine", ["custom", "reference"])
def test_a_set_that_exits_has_failed_and_the_others_have_not(
    engine: str, lengths: list[int], strategy: Any, error: str, said: str
) -> None:
    study = tb.sweep(strategy, MARKET, {"length": lengths}, mode="interpreted", engine=engine)
    (row,) = study.failures.to_pylist()
    assert (row["set"], row["error"]) == (lengths.index(9), error)
    assert said in row["message"]
    assert study.table["length"].to_pylist() == [5, 6]
    assert study.table["final_equity"].to_pylist() == [
        row["final_equity"] for row in tb.sweep(Steps, MARKET, {"length": [5, 6]}, mode="interpreted").table.to_pylist()
    ]


@pytest.mark.parametrize("strategy", [AtTheStart, AtTheEnd, WhenMade])
def test_so_it_is_with_sets_that_are_compiled(strategy: type[Steps]) -> None:
    second = tb.sweep(strategy, MARKET, {"length": [5, 9, 6]})
    assert second.metadata["evaluator"] == "compiled"
    first = tb.sweep(strategy, MARKET, {"length": [9, 5, 6]})  # what the first one is like is not known then
    for study in (first, second):
        assert "SystemExit" in study.failures["message"][0].as_py()
        assert study.table["length"].to_pylist() == [5, 6]


def test_a_first_set_that_fails_does_not_end_the_sweep() -> None:
    class Picky(Steps):
        def validate(self) -> None:
            if self.length == 7:
                raise ValueError("seven is unlucky")

    study = tb.sweep(Picky, MARKET, {"length": [7, 5, 6]})
    assert "seven is unlucky" in study.metadata["interpreted_because"]
    assert study.failures["set"].to_pylist() == [0]
    assert len(study) == 2
    with pytest.raises(tb.errors.ParameterError, match="seven is unlucky"):
        tb.sweep(Picky, MARKET, {"length": [7, 5, 6]}, mode="compiled")


def test_a_worker_that_should_exit_goes_on() -> None:
    options: dict[str, Any] = {"mode": "interpreted", "executor": "processes", "threads": 1}
    study = tb.sweep(AtABar, MARKET, {"length": [5, 9, 6]}, **options)
    assert study.failures["message"].to_pylist()[0].startswith("AtABar.on_bar, AA, tick 20")
    assert len(study) == 2


def test_what_ends_a_sweep_is_told_in_its_study(tmp_path: Path) -> None:
    class Ended(BaseException):
        pass

    class Ending(Steps):
        def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
            if self.length == 6:
                raise Ended
            super().on_bar(ctx, bar)

    for strategy, raised in ((Ending, Ended), (AtABar, HandlerError)):
        options: dict[str, Any] = {
            "mode": "interpreted",
            "block": 1,
            "on_error": "raise",
            "store": tmp_path / "runs.db",
        }
        with pytest.raises(raised):
            tb.sweep(strategy, MARKET, {"length": [5, 6, 9]}, **options)
        with StudyStore(tmp_path / "runs.db") as store:
            study = store.studies()[0]
            assert study.state == ("interrupted" if strategy is Ending else "failed")
            assert str(study.reason).startswith(raised.__name__)
            assert store.finished(study.id)[0] == (1 if strategy is Ending else 2)


def test_the_command_names_the_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = "from tests.sweep.test_exits import AtABar\nclass Mine(AtABar): length: int = 5\n"
    furnished(tmp_path, monkeypatch, MARKET, {"mine.py": mine})
    given = ["sweep", "mine.py", "--data", "bars.parquet", "--param", "length=5,9,6", "--mode", "interpreted", "--json"]
    assert main(given) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["finished"], found["failed"], found["failures"][0]["set"]) == (2, 1, 1)
