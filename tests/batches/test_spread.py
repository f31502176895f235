"""Batches on several workers: the same results in the same order, each item recorded as it ends, little ever lost."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.batches.strategies import Hold, Mortal, Odd
from triplebar.contracts.errors import ConfigError
from triplebar.data.snapshots import DataSnapshotRegistry
from triplebar.research.batches.axes import Items
from triplebar.research.batches.spread import Workers
from triplebar.store.batch_states import BatchStatus
from triplebar.store.batches import BatchRegistry
from triplebar.store.runs import ExperimentRegistry
from triplebar.store.trials import TrialLedger

MARKET = tb.Market.synthetic(bars=40, seed=1)
EXECUTORS = ["threads", "processes"]
NUMBERS: dict[str, Any] = {"parameters": {"number": [0, 1, 2, 3, 4]}, "commission_bps": [0, 1]}


def sizes(folder: Path, count: int) -> dict[str, Any]:
    return {"parameters": {"size": [float(each) for each in range(count)], "book": str(folder / "book")}}


def begun(folder: Path) -> list[str]:
    return sorted((folder / "book").read_text().split())


@pytest.mark.feature("F-102", "F-103")
@pytest.mark.parametrize("executor", EXECUTORS)
def test_workers_change_nothing_but_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executor: str) -> None:
    monkeypatch.chdir(tmp_path)  # other processes begin elsewhere
    alone = tb.run_batch(Odd, MARKET, **NUMBERS)
    with BatchRegistry("runs.db") as batches, ExperimentRegistry("runs.db") as runs:
        seen: list[tuple[int, int]] = []

        def look(done: int, total: int) -> None:
            seen.append((done, len(batches.get_batch(batches.list_batches()[0].batch_id).item_results)))
            assert total == 10

        found = tb.run_batch(
            Odd,
            MARKET,
            **NUMBERS,
            executor=executor,
            workers=2,
            batch_registry=batches,
            runs=runs,
            snapshots=DataSnapshotRegistry("runs.db"),
            progress=look,
        )
        assert seen == [(each, each) for each in range(1, 11)]  # each is recorded as it ends
        assert found.table.drop_columns("snapshot_id").equals(alone.table)
        assert [each.error_message for each in found.failures] == [each.error_message for each in alone.failures]
        assert runs.count() == 6
        for row in found.table.to_pylist():
            assert runs.load(row["run_id"]).result_hash == row["result_hash"]
            assert row["snapshot_id"]
        (trials,) = TrialLedger(batches.database).of(MARKET.digest)
        assert (trials.trials, trials.evaluations) == (6, 6)
        assert found.status is BatchStatus.PARTIAL


@pytest.mark.feature("F-107")
def test_windows_and_retries_and_limits_do_in_processes_what_they_do_here() -> None:
    options: dict[str, Any] = {**NUMBERS, "duration": "10m", "start_step": "10m", "timeout_seconds": 60.0}
    here = tb.run_batch(Odd, MARKET, **options)
    there = tb.run_batch(Odd, MARKET, **options, executor="processes", workers=2)
    assert len(here.items) == 40
    assert there.table.equals(here.table)


def test_strategies_of_several_files_are_found_by_processes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(
            "import triplebar as tb\n\n\nclass Mine(tb.Strategy):\n    size: float = 1.0\n\n"
            f"    def on_bar(self, ctx: tb.Context, bar: tb.Bar) -> None:\n"
            f"        if bar.index == {len(name)}:\n            ctx.buy(bar.symbol, self.size)\n"
        )
    strategies = [str(tmp_path / name / "mine.py") for name in ("one", "two")]
    given: dict[str, Any] = {"parameters": {"size": [1.0, 2.0]}}
    here = tb.backtest_batch([*strategies, Hold], MARKET, **given)
    there = tb.backtest_batch([*strategies, Hold], MARKET, **given, executor="processes", workers=1)
    assert there.equals(here)
    assert here.num_rows == 6


@pytest.mark.feature("F-104")
@pytest.mark.parametrize("executor", EXECUTORS)
def test_what_is_being_run_is_kept_when_a_batch_is_interrupted(tmp_path: Path, executor: str) -> None:
    def interrupt(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    given = sizes(tmp_path, 8)
    options: dict[str, Any] = {"executor": executor, "workers": 2}
    with BatchRegistry(tmp_path / "runs.db") as registry:
        first = tb.run_batch(Hold, MARKET, **given, **options, batch_registry=registry, progress=interrupt)
        assert (first.interrupted, first.status) == (True, BatchStatus.RUNNING)
        assert 2 <= len(first.items) <= 4
        assert len(begun(tmp_path)) == len(first.items)
        rest = tb.run_batch(Hold, MARKET, **given, **options, batch_registry=registry, resume=first.batch_id)
        assert rest.status is BatchStatus.COMPLETED
    assert len(begun(tmp_path)) == 8  # nothing was run twice


@pytest.mark.feature("F-104")
def test_control_c_waits_for_the_workers(tmp_path: Path) -> None:
    def press(done: int, _: int) -> None:
        if done == 1:
            os.kill(os.getpid(), signal.SIGINT)

    with BatchRegistry(tmp_path / "runs.db") as registry:
        options: dict[str, Any] = {"workers": 2, "batch_registry": registry}
        first = tb.run_batch(Hold, MARKET, **sizes(tmp_path, 8), **options, progress=press)
        assert first.interrupted
        assert 1 <= len(first.items) <= 3
        assert len(begun(tmp_path)) == len(first.items)
        rest = tb.run_batch(Hold, MARKET, **sizes(tmp_path, 8), **options, resume=first.batch_id)
    assert rest.status is BatchStatus.COMPLETED
    assert len(begun(tmp_path)) == 8


@pytest.mark.feature("F-104")
def test_a_second_control_c_does_not_wait(tmp_path: Path) -> None:
    def press(done: int, _: int) -> None:
        if done == 1:
            os.kill(os.getpid(), signal.SIGINT)
            threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()

    # An item waits for ever, if nobody ends it.
    given: dict[str, Any] = {"parameters": {**sizes(tmp_path, 4)["parameters"], "waits_at": 1.0}}
    with BatchRegistry(tmp_path / "runs.db") as registry:
        options: dict[str, Any] = {"executor": "processes", "workers": 2, "batch_registry": registry}
        first = tb.run_batch(Hold, MARKET, **given, **options, progress=press)
        assert first.interrupted
        assert 1 not in {each.item_id for each in first.items}
        Path(f"{tmp_path}/book.go").touch()
        rest = tb.run_batch(Hold, MARKET, **given, **options, resume=first.batch_id)
    assert rest.status is BatchStatus.COMPLETED
    assert begun(tmp_path).count("1") == 2


@pytest.mark.feature("F-104")
@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_cancelled_batch_begins_nothing_more(tmp_path: Path, executor: str) -> None:
    with BatchRegistry(tmp_path / "runs.db") as registry:

        def cancel(done: int, _: int) -> None:
            if done == 1:
                registry.update_status(registry.list_batches()[0].batch_id, "cancelled")

        options: dict[str, Any] = {"executor": executor, "workers": 2, "batch_registry": registry, "progress": cancel}
        found = tb.run_batch(Hold, MARKET, **sizes(tmp_path, 8), **options)
        assert found.status is BatchStatus.CANCELLED
        assert len(begun(tmp_path)) <= 3
        assert registry.get_batch(found.batch_id or "").finished_items == 1


@pytest.mark.feature("F-103", "F-104")
def test_an_item_that_takes_its_process_down_fails_and_the_others_go_on(tmp_path: Path) -> None:
    book = str(tmp_path / "book")
    found = tb.run_batch(
        Mortal, MARKET, parameters={"number": list(range(6)), "book": book}, executor="processes", workers=2
    )
    assert [each.item_id for each in found.failures] == [3]  # 1 dies once, and is tried again by itself
    assert "the process that ran it died, twice" in str(found.failures[0].error_message)
    assert (found.failures[0].error_category, found.failures[0].attempt_count) == ("engine_error", 2)
    assert found.table["item"].to_pylist() == [0, 1, 2, 4, 5]


def test_whoever_says_only_how_many_gets_the_right_kind() -> None:
    column = tb.signals.crossover(fast="SMA", slow="SMA")(fast=2, slow=5)
    items = {
        "python": Items.of(Odd, MARKET),
        "compiled": Items.of(tb.samples.BuyAndHold, MARKET, mode="compiled"),
        "some": Items.of(tb.samples.BuyAndHold, MARKET, mode=["compiled", "interpreted"]),
        "columns": Items.of(column, MARKET),
    }
    chosen = {name: Workers.of(None, 2, each) for name, each in items.items()}
    assert {name: each and each.kind for name, each in chosen.items()} == {
        "python": "processes",
        "compiled": "threads",
        "some": "processes",
        "columns": "threads",
    }
    assert Workers.of(None, None, items["python"]) is None
    assert Workers.of(None, 1, items["python"]) is None
    assert Workers.of("threads", 3, items["python"]) == Workers("threads", 3)
    assert Workers.of("processes", None, items["python"]) == Workers("processes", len(os.sched_getaffinity(0)))
    with pytest.raises(ConfigError, match="executor = 'thread': must be one of threads, processes; did you mean"):
        tb.run_batch(Odd, MARKET, executor="thread")
    with pytest.raises(ConfigError, match="workers = 0"):
        tb.run_batch(Odd, MARKET, workers=0)


def test_columns_run_on_threads() -> None:
    rule = tb.signals.crossover(fast="SMA", slow="SMA")
    several = [rule(fast=fast, slow=9) for fast in (2, 3, 4)]
    assert tb.backtest_batch(several, MARKET, workers=2).equals(tb.backtest_batch(several, MARKET))
