"""While the core runs lanes, its caller does something else: once, in the calling thread, and errors are told."""

import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.contracts.sets import Sets
from triplebar.engines.custom.lanes import LaneRunner
from triplebar.engines.custom.spare import Spare
from triplebar.engines.settings import resolve
from triplebar.research.sweeping.evaluators import RuleEvaluator

MARKET = tb.Market.synthetic(bars=400, seed=3)
RULE = tb.signals.crossover(fast="SMA", slow="SMA")
SPACE = tb.spaces.grid({"fast": range(2, 22), "slow": range(22, 42)})
BLOCK = 60


def runner(columns: int = 1_000, threads: int = 2, space: tb.spaces.Grid = SPACE) -> tuple[LaneRunner, list[Sets]]:
    bytes_max = 8 * columns * MARKET.rows
    lanes = LaneRunner(RULE, MARKET, resolve(tb.BacktestConfig(), MARKET), threads, column_bytes_max=bytes_max)
    return lanes, [space.block(start, start + BLOCK) for start in range(0, len(space), BLOCK)]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_it_is_called_once_in_this_thread(threads: int) -> None:
    lanes, blocks = runner(threads=threads)
    called: list[int] = []
    found, _ = lanes.run(blocks[0], meanwhile=lambda: called.append(threading.get_ident()))
    assert called == [threading.get_ident()]
    assert found.equals(runner()[0].run(blocks[0])[0])


def test_with_nothing_to_run_there_is_no_meanwhile() -> None:
    lanes, blocks = runner()
    called: list[int] = []
    found, _ = lanes.run(blocks[0].part(slice(0, 0)), meanwhile=lambda: called.append(1))
    assert (found.num_rows, called) == (0, [])


@pytest.mark.parametrize("threads", [1, 2])
def test_what_it_raises_ends_the_run(threads: int) -> None:
    lanes, blocks = runner(threads=threads)

    def fail() -> None:
        raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        lanes.run(blocks[0], meanwhile=fail)
    assert lanes.run(blocks[0])[0].equals(runner()[0].run(blocks[0])[0])


@pytest.mark.parametrize("columns", [1_000, 30, 3])
def test_blocks_that_are_made_ready_meanwhile_give_what_they_give_alone(columns: int) -> None:
    """With room for all columns, for some (they may not be dropped while they are compared), and for hardly any."""
    lanes, blocks = runner(columns)
    for block, after in zip(blocks, [*blocks[1:], blocks[0]], strict=True):
        found, _ = lanes.run(block, meanwhile=partial(lanes.prepare, after))
        assert found.equals(runner()[0].run(block)[0])


def test_what_was_made_ready_is_forgotten_if_something_else_is_run() -> None:
    lanes, blocks = runner(3)
    lanes.prepare(blocks[0])
    for block in (blocks[1], blocks[0]):
        assert lanes.run(block)[0].equals(runner()[0].run(block)[0])


def test_where_too_much_is_remembered_nothing_is_made_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triplebar.engines.custom.lane_columns.OPERANDS_MAX", 5)
    lanes, blocks = runner()
    lanes.run(blocks[0])
    lanes.prepare(blocks[1])
    assert lanes._ready is None
    assert lanes.run(blocks[1])[0].equals(runner()[0].run(blocks[1])[0])


def test_sets_that_cannot_be_are_known_ahead() -> None:
    space: Any = tb.spaces.grid({"fast": [2, 0, 3], "slow": [9, 10]})
    lanes, blocks = runner(space=space)
    lanes.prepare(blocks[0])
    found, problems = lanes.run(blocks[0])
    assert sorted(problems) == [2, 3]
    assert found.num_rows == 4
    assert np.isfinite(found.column("final_equity").to_numpy()).all()


def test_the_next_sweep_finds_the_memory_of_the_last_ones_columns() -> None:
    def address(study: Any) -> int:
        arrays = study.evaluator.runner._columns.arrays[0]
        return min(int(each.buffers()[1].address) for each in arrays)

    axes = {"fast": range(2, 12), "slow": range(22, 42)}
    first = tb.sweep(RULE, MARKET, axes)
    there, table = address(first), first.table
    other = tb.sweep(RULE, MARKET, axes)
    assert address(other) != there  # the first one may be asked again
    assert other.table.equals(table)
    del first
    third = tb.sweep(RULE, MARKET, axes)
    assert address(third) == there
    assert third.table.equals(table)


def test_blocks_in_parts_are_kept_and_told_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for a part of the columns of a block only."""
    small = partial(LaneRunner, column_bytes_max=8 * 12 * MARKET.rows)
    monkeypatch.setattr("triplebar.research.sweeping.evaluators.LaneRunner", small)
    told: list[int] = []
    study = tb.sweep(RULE, MARKET, SPACE, store=tmp_path / "runs.db", block=BLOCK, progress=lambda n, _: told.append(n))
    assert isinstance(study.evaluator, RuleEvaluator)
    assert study.evaluator.runner._in_parts
    assert told == sorted(set(told))
    assert told[-1] == len(SPACE) == study.metadata["finished"]
    monkeypatch.undo()
    assert study.table.equals(tb.sweep(RULE, MARKET, SPACE).table)


def test_memory_that_there_is_not_is_an_error_once() -> None:
    spare = Spare()
    spare.lend(10)[:] = 1.0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("triplebar.engines.custom.spare.KEPT_BYTES_MAX", 1 << 62)
        with pytest.raises((MemoryError, ValueError)):
            spare.lend(1 << 56)
    assert spare.lend(10).size == 10
