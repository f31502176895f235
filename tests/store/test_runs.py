"""Runs that are kept (F-100), whole and newest first (F-111)."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import triplebar as tb
from triplebar.contracts.errors import ConfigError, DuplicateId, NotFound, SnapshotMismatchError
from triplebar.contracts.result import RunResult
from triplebar.contracts.time import to_ns, to_text
from triplebar.store.runs import ExperimentRegistry

pytestmark = pytest.mark.feature("F-100")
MARKET = tb.Market.synthetic(symbols=("A", "B"), bars=60, seed=3)
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


def made(commission_bps: float = 0.0, *, hours: int = 0, fast: int | None = None, engine: str = "custom") -> RunResult:
    """A run that says that it was made some hours after noon."""
    strategy = tb.samples.BuyAndHold() if fast is None else tb.samples.MovingAverageCross(fast=fast, slow=9)
    result = tb.run(strategy, MARKET, tb.BacktestConfig(commission_bps=commission_bps), engine=engine)
    at = to_text(to_ns(NOON + timedelta(hours=hours)))
    return replace(result, record=replace(result.record, created_at=at))


@pytest.fixture
def runs(tmp_path: Path) -> ExperimentRegistry:
    return ExperimentRegistry(tmp_path / "runs.db")


def test_a_run_is_kept_whole(runs: ExperimentRegistry) -> None:
    result = made(1.0)
    assert runs.save(result) == result.run_id
    loaded = runs.load(result.run_id)
    assert tb.compare(result, loaded, rung=0).equal
    assert loaded.metadata == result.metadata
    assert dict(loaded.metrics) == dict(result.metrics)
    assert loaded.settings == result.settings


def test_tables_lie_in_folders_of_months(runs: ExperimentRegistry) -> None:
    result = made()
    runs.save(result)
    (folder,) = (runs.folder / "2024" / "02").iterdir()
    assert folder.name.startswith(f"{result.run_id}-")


def test_a_second_save_is_refused(runs: ExperimentRegistry) -> None:
    result = made()
    runs.save(result)
    with pytest.raises(ValueError, match=f"{result.run_id}: this run is kept already; load it, or say replace=True"):
        runs.save(result)
    with pytest.raises(DuplicateId):
        runs.save(made(hours=3))  # the same run, later
    assert runs.count() == 1
    assert len(list(runs.folder.glob("*/*/*"))) == 1


def test_a_run_can_be_replaced(runs: ExperimentRegistry) -> None:
    runs.save(made())
    runs.save(made(hours=5), replace=True)
    assert [each.created_at for each in runs.list_runs()] == [NOON + timedelta(hours=5)]
    assert len(list(runs.folder.glob("*/*/*"))) == 1
    assert runs.load(made().run_id).record.created_at == "2024-02-29T17:00:00Z"


def test_an_unknown_run_is_said(runs: ExperimentRegistry) -> None:
    for ask in (runs.load, runs.summary, runs.delete, runs.find):
        with pytest.raises(FileNotFoundError, match="tb-0: there is no such run"):
            ask("tb-0")
        with pytest.raises(NotFound):
            ask("tb-0")
    assert not runs.exists("tb-0")


def test_what_is_no_result_is_refused(runs: ExperimentRegistry) -> None:
    with pytest.raises(ConfigError, match="result = 'str': must be a RunResult"):
        runs.save("run")  # type: ignore[arg-type]


@pytest.mark.feature("F-111")
def test_lists_are_newest_first(runs: ExperimentRegistry) -> None:
    assert runs.list_runs() == []
    hours = [5, 1, 9, 3]
    for each in hours:
        runs.save(made(float(each), hours=each))
    assert [each.created_at.hour - 12 for each in runs.list_runs()] == sorted(hours, reverse=True)


@pytest.mark.feature("F-111")
def test_of_equal_times_the_one_kept_last_comes_first(runs: ExperimentRegistry) -> None:
    ids = [runs.save(made(float(each))) for each in range(3)]
    assert [each.run_id for each in runs.list_runs()] == ids[::-1]


def test_lists_by_strategy_engine_and_status(runs: ExperimentRegistry) -> None:
    hold, cross = runs.save(made()), runs.save(made(fast=3))
    slow = runs.save(made(1.0, engine="reference"))
    assert [each.run_id for each in runs.list_runs("MovingAverageCross")] == [cross]
    assert [each.run_id for each in runs.list_runs(strategy="BuyAndHold", engine="custom")] == [hold]
    assert [each.run_id for each in runs.list_runs(engine="reference")] == [slow]
    assert runs.list_runs(status="interrupted") == []
    assert len(runs.list_runs(status="completed")) == 3


def test_lists_by_time(runs: ExperimentRegistry) -> None:
    for each in range(4):
        runs.save(made(float(each), hours=each))
    found = runs.list_runs(since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=3))
    assert [each.created_at.hour for each in found] == [14, 13]
    with pytest.raises(ValueError, match="has no time zone"):
        runs.list_runs(since="2024-02-29T12:00:00")


def test_lists_have_a_limit(runs: ExperimentRegistry) -> None:
    for each in range(3):
        runs.save(made(float(each), hours=each))
    assert [each.created_at.hour for each in runs.list_runs(limit=2)] == [14, 13]
    assert runs.list_runs(limit=0) == []
    with pytest.raises(ConfigError, match="limit"):
        runs.list_runs(limit=-1)


def test_runs_are_found_by_the_hash_of_their_configuration(runs: ExperimentRegistry) -> None:
    first, second, other = made(hours=0), made(hours=1, fast=3), made(9.0)
    for each in (first, second, other):
        runs.save(each)
    found = runs.find_by_hash(first.metadata.config_hash)
    assert [each.run_id for each in found] == [second.run_id, first.run_id]
    assert runs.find_by_hash("no such hash") == []


def test_an_id_is_found_by_its_beginning(runs: ExperimentRegistry) -> None:
    one, other = runs.save(made()), runs.save(made(1.0))
    assert runs.find(one) == runs.find(one[:-2]) == one
    assert one != other
    with pytest.raises(ConfigError, match="begins 2 ids and more; write more of it"):
        runs.find("tb-")
    with pytest.raises(NotFound):
        runs.find("%")


def test_what_is_deleted_is_gone(runs: ExperimentRegistry) -> None:
    one, other = runs.save(made()), runs.save(made(1.0))
    runs.delete(one)
    assert (runs.count(), runs.exists(one), runs.exists(other)) == (1, False, True)
    assert len(list(runs.folder.glob("*/*/*"))) == 1
    runs.save(made())
    assert runs.count() == 2


def test_a_summary_says_what_the_list_needs(runs: ExperimentRegistry) -> None:
    result = made(fast=3)
    runs.save(result)
    found = runs.summary(result.run_id)
    assert found == runs.list_runs()[0]
    assert (found.strategy, found.engine, found.symbols) == ("MovingAverageCross", "custom", ("A", "B"))
    assert found.parameters == result.metadata.parameters
    assert found.metrics["total_return"] == result.metrics["total_return"]
    assert (found.first, found.last) == (result.equity["time"][0].as_py(), result.equity["time"][-1].as_py())
    assert found.to_mapping()["created_at"] == NOON.isoformat()


def test_two_stores_know_nothing_of_each_other(tmp_path: Path) -> None:
    ExperimentRegistry(tmp_path / "one.db").save(made())
    assert ExperimentRegistry(tmp_path / "other.db").count() == 0
    with ExperimentRegistry(tmp_path / "one.db") as again:
        assert again.count() == 1


def tables_of(runs: ExperimentRegistry) -> Path:
    (folder,) = runs.folder.glob("*/*/*")
    return folder


@pytest.mark.feature("F-111")
def test_tables_of_another_run_are_noticed(runs: ExperimentRegistry) -> None:
    run_id = runs.save(made(fast=3))
    shutil.rmtree(tables_of(runs))
    made(2.0).save(runs.folder.parent / runs._row(run_id)["folder"])
    with pytest.raises(SnapshotMismatchError, match="delete it, and run again"):
        runs.load(run_id)


@pytest.mark.feature("F-111")
def test_a_save_that_fails_leaves_nothing(runs: ExperimentRegistry) -> None:
    result = made()

    def fails(_: RunResult) -> None:
        raise RuntimeError("no metrics today")

    failing: Callable[..., RunResult] = replace
    with pytest.raises(RuntimeError, match="no metrics today"):
        runs.save(failing(result, measure=fails))
    assert runs.count() == 0
    assert list(runs.folder.glob("*/*/*")) == []
    runs.save(result)


@pytest.mark.feature("F-111")
def test_a_clean_up_takes_old_folders_of_no_run(runs: ExperimentRegistry) -> None:
    runs.save(made())
    left, fresh = runs.folder / "2024" / "02" / "tb-left", runs.folder / "2024" / "02" / "tb-fresh"
    for folder in (left, fresh):
        folder.mkdir()
    yesterday = time.time() - 86_400
    os.utime(left, (yesterday, yesterday))
    os.utime(tables_of_run(runs), (yesterday, yesterday))
    assert runs.clean() == [left]
    assert fresh.is_dir()
    assert runs.load(made().run_id).result_hash == made().result_hash


def tables_of_run(runs: ExperimentRegistry) -> Path:
    return runs.database.folder / str(runs._row(made().run_id)["folder"])
