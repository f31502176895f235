"""The best sets of a sweep are kept with all their tables, as runs of its store."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.sweep.strategies import Counted, Steps
from triplebar.contracts.errors import ConfigError
from triplebar.store.studies import StudyStore
from triplebar.store.trials import TrialLedger

BARS = 200
MARKET = tb.Market.synthetic(symbols=("AA",), bars=BARS, interval="1d", volatility=0.02, seed=5)
OTHER = tb.Market.synthetic(symbols=("AA",), bars=BARS, interval="1d", volatility=0.02, seed=6)
LONG = tb.Market.synthetic(symbols=("AA",), bars=20_000, interval="1m", seed=7)
RULE = tb.signals.crossover(fast="SMA", slow="SMA")
GRID: dict[str, Any] = {"fast": [2, 3, 5], "slow": [8, 13]}
LENGTHS: dict[str, Any] = {"length": [3, 4, 5, 6]}


def columns(length: int) -> tb.Signals:
    """A function that makes columns: a run of them does not know the parameters."""
    return tb.Signals(target=[(row // length) % 2 for row in range(BARS)])


class Interrupting(Counted):
    """Presses Ctrl-C when so many runs were begun."""

    begun: int = 0

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if bar.index == 150 and starts(self.file) == self.begun:
            os.kill(os.getpid(), signal.SIGINT)
        super().on_bar(ctx, bar)


def starts(file: str) -> int:
    """How often a `Counted` strategy was run."""
    path = Path(file)
    return len(path.read_text().splitlines()) if path.exists() else 0


def counted(tmp_path: Path, **values: Any) -> dict[str, Any]:
    return {"file": [str(tmp_path / "starts")], **LENGTHS, **values}


def counts(ledger: TrialLedger) -> list[list[tuple[str, int]]]:
    """The trials of each strategy on each market."""
    return [[(each.family, each.trials) for each in ledger.of(market.digest)] for market in (MARKET, OTHER)]


KINDS: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "lanes": (RULE, GRID, {}),
    "compiled": (tb.samples.MovingAverageCross, GRID, {}),
    "interpreted": (Steps, LENGTHS, {"mode": "interpreted"}),
    "signals": (columns, LENGTHS, {}),
    "measures": (tb.samples.MovingAverageCross, GRID, {"metrics": ["calmar"], "by": "calmar"}),
    "reference": (Steps, LENGTHS, {"engine": "reference"}),
}
MODES = dict.fromkeys(KINDS, "interpreted") | dict.fromkeys(("lanes", "signals"), "columns")
MODES |= dict.fromkeys(("compiled", "measures"), "compiled")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_is_what_running_the_set_gives(tmp_path: Path, kind: str) -> None:
    strategy, space, options = KINDS[kind]
    markets, store = {"one": MARKET, "two": OTHER}, tmp_path / "runs.db"
    how: dict[str, Any] = {"seeds": [1, 2], "store": store, **options}
    without = tb.sweep(strategy, markets, space, **how)
    assert "kept" not in without.metadata
    with TrialLedger(store) as ledger:
        before = counts(ledger)
    study = tb.sweep(strategy, markets, space, keep=13, **how)
    assert study.metadata["evaluated"] == 0
    kept = study.metadata["kept"]
    assert list(kept) == study.best(13).column("set").to_pylist()
    if kind != "measures":
        assert {study.row(number)["market"] for number in kept} == {"one", "two"}
    with tb.ExperimentRegistry(store) as runs, TrialLedger(store) as ledger:
        for number, run_id in kept.items():
            again, loaded = study.run(number), runs.load(run_id)
            assert loaded.run_id == again.run_id == run_id
            assert loaded.result_hash == again.result_hash
            assert loaded.fills.equals(again.fills)
            assert loaded.ending_value == study.row(number)["final_equity"]
            assert runs.summary(run_id).mode == MODES[kind]
        assert runs.count() == len(set(kept.values()))
        assert counts(ledger) == before  # they are trials of the sweep already


def test_what_is_kept_is_not_run_twice(tmp_path: Path) -> None:
    store, space, file = tmp_path / "runs.db", counted(tmp_path), str(tmp_path / "starts")
    how: dict[str, Any] = {"mode": "interpreted", "store": store, "name": "steps"}
    study = tb.sweep(Counted, MARKET, space, keep=2, **how)
    assert starts(file) == 4 + 2
    again = tb.sweep(Counted, MARKET, space, keep=2, **how)
    assert again.metadata["kept"] == study.metadata["kept"]
    assert starts(file) == 6
    more = again.keep(3)
    assert list(more) == study.best(3).column("set").to_pylist()
    assert starts(file) == 7
    with tb.ExperimentRegistry(store) as runs:
        (new,) = set(more.values()) - set(study.metadata["kept"].values())
        runs.delete(new)
        assert len(StudyStore(runs.database).runs(study.id)) == 2
    assert again.keep(3) == more
    assert starts(file) == 8
    assert again.keep(0) == {}
    anew = tb.sweep(Counted, MARKET, space, keep=3, resume=False, **how)  # the study is forgotten, its runs are not
    assert anew.metadata["kept"] == more
    assert starts(file) == 8 + 4


def test_a_run_that_was_kept_by_hand_is_not_run_again(tmp_path: Path) -> None:
    store, space, file = tmp_path / "runs.db", counted(tmp_path), str(tmp_path / "starts")
    study = tb.sweep(Counted, MARKET, space, mode="interpreted", store=store)
    with tb.ExperimentRegistry(store) as runs:
        best = study.best(1).column("set")[0].as_py()
        run_id = runs.save(study.run(best))
        assert starts(file) == 5
        assert study.keep(1) == {best: run_id}
        assert starts(file) == 5
        (kept,) = StudyStore(runs.database).runs(study.id)
    assert (kept.number, kept.run_id, kept.parameters) == (best, run_id, study.parameters(best))


def test_sets_that_failed_are_skipped_and_the_smallest_may_be_the_best(tmp_path: Path) -> None:
    how: dict[str, Any] = {"store": tmp_path / "runs.db", "by": "max_drawdown", "smallest": True}
    study = tb.sweep(Steps, MARKET, {"length": [5, 7, 9, 11]}, keep=9, **how)
    assert study.metadata["failed"] == 2
    assert list(study.metadata["kept"]) == study.best(9).column("set").to_pylist()
    assert sorted(study.metadata["kept"]) == [0, 3]
    assert (
        list(study.keep(1, by="final_equity", smallest=False))
        == study.best(1, by="final_equity", smallest=False).column("set").to_pylist()
    )


def test_a_sweep_that_was_interrupted_keeps_the_best_when_it_is_gone_on_with(tmp_path: Path) -> None:
    space, file = counted(tmp_path, begun=[2]), str(tmp_path / "starts")
    how: dict[str, Any] = {"mode": "interpreted", "store": tmp_path / "runs.db", "keep": 2, "block": 1}
    study = tb.sweep(Interrupting, MARKET, space, **how)
    assert (study.metadata["status"], "kept" in study.metadata) == ("interrupted", False)
    again = tb.sweep(Interrupting, MARKET, space, **how)
    assert again.metadata["status"] == "completed"
    assert again.metadata["resumed"] > 0
    assert list(again.metadata["kept"]) == again.best(2).column("set").to_pylist()
    assert starts(file) == 2 + (4 - again.metadata["resumed"]) + 2


@pytest.mark.parametrize(("market", "finished"), [(MARKET, 2), (LONG, 1)], ids=["between runs", "within a run"])
def test_control_c_while_keeping_keeps_what_was_finished(tmp_path: Path, market: tb.Market, finished: int) -> None:
    space, file = counted(tmp_path, begun=[6]), tmp_path / "starts"
    how: dict[str, Any] = {"mode": "interpreted", "store": tmp_path / "runs.db", "by": "final_equity"}
    study = tb.sweep(Interrupting, market, space, keep=3, **how)
    assert (study.metadata["status"], study.metadata["finished"]) == ("interrupted", 4)
    assert list(study.metadata["kept"]) == study.best(finished).column("set").to_pylist()
    with tb.ExperimentRegistry(tmp_path / "runs.db") as runs:
        assert [each.status for each in runs.list_runs()] == ["completed"] * finished
    again = tb.sweep(Interrupting, market, space, keep=3, **how)
    assert again.metadata["status"] == "completed"
    assert list(again.metadata["kept"]) == again.best(3).column("set").to_pylist()
    assert starts(str(file)) == 6 + 3 - finished
    file.write_text("x\n" * 5)
    with pytest.raises(KeyboardInterrupt):
        again.keep(4)
    assert len(again.keep(3)) == 3


def test_keeping_needs_a_store() -> None:
    with pytest.raises(ConfigError, match=r"keep = 2: needs a store; give store='runs.db'"):
        tb.sweep(RULE, MARKET, GRID, keep=2)
    with pytest.raises(ConfigError, match="keep = -1"):
        tb.sweep(RULE, MARKET, GRID, keep=-1)
    with pytest.raises(ConfigError, match=r"st-.*: is in no store; sweep with store='runs.db'"):
        tb.sweep(RULE, MARKET, GRID).keep(1)


def test_what_optuna_chose_is_kept_too(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    space = tb.spaces.random({"fast": range(2, 9), "slow": range(9, 30)}, count=1)
    how: dict[str, Any] = {"trials": 9, "store": tmp_path / "runs.db", "keep": 2}
    study = tb.optimise(RULE, MARKET, space, **how)
    with tb.ExperimentRegistry(tmp_path / "runs.db") as runs:
        for number, run_id in study.metadata["kept"].items():
            assert runs.load(run_id).result_hash == study.run(number).result_hash
        assert runs.count() == 2
    assert tb.optimise(RULE, MARKET, space, **how).metadata["kept"] == study.metadata["kept"]


def test_every_window_of_a_walk_can_keep_its_best(tmp_path: Path) -> None:
    how: dict[str, Any] = {"train": "60d", "test": "60d", "store": tmp_path / "runs.db"}
    walk = tb.walk_forward(RULE, MARKET, GRID, keep=1, **how)
    for each in walk.walked:
        assert list(each.study.metadata["kept"]) == [each.chosen]
    with tb.ExperimentRegistry(tmp_path / "runs.db") as runs:
        assert runs.count() == len(walk) == 2
