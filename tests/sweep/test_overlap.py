"""Blocks of lanes are kept while the next ones run: numbers, trials and failures are those of one by one."""

import gc
import signal
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import triplebar as tb
from triplebar.contracts.errors import ParameterError, RegistryError
from triplebar.contracts.sets import TABLE_MAX, Looked, Values
from triplebar.store.studies import StudyStore
from triplebar.store.trials import TrialLedger

MARKET = tb.Market.synthetic(bars=300, seed=6)
RULE = tb.signals.crossover(fast="SMA", slow="SMA", size="size")
GRID = {"fast": range(2, 7), "slow": range(9, 13), "size": [1.0, 2.0, 3.0]}


@pytest.mark.feature("F-109", "F-261")
def test_the_numbers_and_the_trials_are_those_of_one_thread(tmp_path: Path) -> None:
    told: list[int] = []

    def swept(threads: int) -> Any:
        watch = (lambda standing: told.append(standing.done)) if threads == 2 else None
        store = tmp_path / f"{threads}.db"
        study = tb.sweep(RULE, MARKET, GRID, store=store, threads=threads, block=7, watch=watch)
        with TrialLedger(store) as ledger:
            (counted,) = ledger.of(MARKET.digest)
        return study.digest, study.table, counted.trials, counted.evaluations

    one, two = swept(1), swept(2)
    assert one[0] == two[0]
    assert one[1].equals(two[1])
    assert one[2:] == two[2:] == (60, 60)
    assert told == [*range(7, 60, 7), 60]


@pytest.mark.feature("F-109")
def test_a_block_that_cannot_be_kept_ends_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "runs.db.tables").mkdir()
    (tmp_path / "runs.db.tables" / "studies").write_text("in the way")
    with pytest.raises(RegistryError, match="cannot be used"):
        tb.sweep(RULE, MARKET, GRID, store=tmp_path / "runs.db", threads=2, block=7)
    with TrialLedger(tmp_path / "runs.db") as ledger:
        assert ledger.of(MARKET.digest) == []  # what was not kept was not counted


@pytest.mark.parametrize("threads", [1, 2])
def test_sets_that_cannot_be_fail_in_every_block(tmp_path: Path, threads: int) -> None:
    grid: dict[str, Any] = {"fast": [2, 0, 3], "slow": [9, 10], "size": [1.0, -1.0]}
    study = tb.sweep(RULE, MARKET, grid, store=tmp_path / "runs.db", threads=threads, block=3)
    assert study.failures.column("set").to_pylist() == [1, 3, 4, 5, 6, 7, 9, 11]
    assert study.table.column("set").to_pylist() == [0, 2, 8, 10]


def test_what_follows_from_values_is_found_once() -> None:
    asked: list[tuple[Any, ...]] = []

    def product(one: int, other: int) -> int:
        asked.append((one, other))
        return one * other

    looked, first, second = Looked(np.int64), range(10, 14), [2, 3]
    for codes in ([0, 3], [3, 0, 1]):
        columns = [Values(first, np.array(codes)), Values(second, np.ones(len(codes), np.int64))]
        found, different = looked.up(columns, product)
        assert found.tolist() == [(10 + code) * 3 for code in codes]
        assert different.tolist() == sorted(found.tolist())
    assert asked == [(10, 3), (13, 3), (11, 3)]
    others = [Values([1, 1, 1, 1], np.array([0])), Values(second, np.array([0]))]
    assert looked.up(others, product)[0].tolist() == [2]


def test_all_values_of_a_short_axis_are_found_ahead() -> None:
    looked = Looked(np.int64, ahead=4)
    found, different = looked.up([Values([5, 6, 7, 8], np.array([2, 2]))], lambda value: value)
    assert (found.tolist(), different.tolist()) == ([7, 7], [5, 6, 7, 8])


def test_an_axis_that_is_too_long_to_remember_is_looked_up_each_time() -> None:
    looked, axis = Looked(np.int64), range(TABLE_MAX + 1)
    for _ in range(2):
        found, different = looked.up([Values(axis, np.array([TABLE_MAX, 7, TABLE_MAX]))], lambda value: value)
        assert (found.tolist(), different.tolist()) == ([TABLE_MAX, 7, TABLE_MAX], [7, TABLE_MAX])


@pytest.mark.parametrize("threads", [1, 2])
def test_several_scenes_give_what_each_gives_alone(tmp_path: Path, threads: int) -> None:
    other = tb.Market.synthetic(bars=200, seed=7)
    both = tb.sweep(RULE, {"a": MARKET, "b": other}, GRID, store=tmp_path / "runs.db", threads=threads, block=7)
    alone = [tb.sweep(RULE, market, GRID).table.drop_columns("set") for market in (MARKET, other)]
    assert both.table.drop_columns(["set", "market"]).equals(pa.concat_tables(alone))
    with TrialLedger(tmp_path / "runs.db") as ledger:
        assert [ledger.of(market.digest)[0].trials for market in (MARKET, other)] == [60, 60]


def test_what_watches_may_raise_and_what_was_finished_is_kept(tmp_path: Path) -> None:
    def watch(standing: Any) -> None:
        if standing.done > 20:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tb.sweep(RULE, MARKET, GRID, store=tmp_path / "runs.db", threads=2, block=7, watch=watch)
    study = tb.sweep(RULE, MARKET, GRID, store=tmp_path / "runs.db", threads=2)
    assert study.metadata["resumed"] in {21, 28}  # one more may have come back meanwhile
    assert study.digest == tb.sweep(RULE, MARKET, GRID).digest


@pytest.mark.parametrize("threads", [1, 2])
def test_a_wish_to_stop_keeps_the_blocks_that_came_back(tmp_path: Path, threads: int) -> None:
    def watch(standing: Any) -> None:
        if standing.done == 14:
            signal.raise_signal(signal.SIGINT)

    first = tb.sweep(RULE, MARKET, GRID, store=tmp_path / "runs.db", threads=threads, block=7, watch=watch)
    assert first.metadata["status"] == "interrupted"
    kept = first.metadata["finished"]
    assert kept in {14, 21}
    second = tb.sweep(RULE, MARKET, GRID, store=tmp_path / "runs.db", threads=threads)
    assert second.metadata["resumed"] == kept
    assert second.digest == tb.sweep(RULE, MARKET, GRID).digest


def test_a_study_that_nobody_has_any_more_is_gone_with_its_columns(tmp_path: Path) -> None:
    gc.collect()
    gc.disable()
    try:
        for store in (None, tmp_path / "runs.db"):
            study = tb.sweep(RULE, MARKET, GRID, store=store, block=7)
            evaluator = weakref.ref(study.evaluator)
            assert evaluator() is not None
            del study
            assert evaluator() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_wrong_with_a_block_does_not_lose_the_one_before(tmp_path: Path, threads: int) -> None:
    space = tb.spaces.grid(GRID, where=lambda each: 1 / (each["fast"] - 5) != each["slow"])
    with pytest.raises(ParameterError, match="division by zero"):
        tb.sweep(RULE, MARKET, space, store=tmp_path / "runs.db", threads=threads, block=12)
    with StudyStore(tmp_path / "runs.db") as store:
        (study,) = store.studies()
        assert (store.blocks(study.id), study.state) == ([0, 1, 2], "failed")
