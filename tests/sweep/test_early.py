"""How large the blocks of strategies in Python are: sets are timed first, and what Ctrl-C or a kill loses is little."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest

import triplebar as tb
from triplebar.research.sweeping.early import Early, laid
from triplebar.research.sweeping.evaluators import Task, evaluator_for
from triplebar.research.sweeping.plan import BLOCK_MAX, Plan, Recipe, block_size, scenes_of
from triplebar.research.sweeping.space import space_of
from triplebar.research.sweeping.threads import Threads
from triplebar.store.studies import StudyStore

MARKET = tb.Market.synthetic(bars=60, seed=4)
OTHER = tb.Market.synthetic(bars=90, seed=5)
INTERPRETED: dict[str, Any] = {"mode": "interpreted"}


class Seen:
    """The sets that were begun, and at which of them somebody presses Ctrl-C."""

    begun: ClassVar[list[int]] = []
    press_at: ClassVar[int] = -1

    @classmethod
    def press(cls, at: int) -> None:
        cls.press_at = at

    @classmethod
    def begin(cls, length: int, seconds: float) -> None:
        cls.begun.append(length)
        mine = len(cls.begun) == cls.press_at
        time.sleep(seconds)
        if mine:
            os.kill(os.getpid(), signal.SIGINT)


class Steps(tb.Strategy):
    """Long every other stretch of bars; some lengths are refused, some raise."""

    length: int = 5
    seconds: float = 0.0

    def validate(self) -> None:
        if self.length == 7:
            raise ValueError("seven is unlucky")

    def on_start(self, ctx: Any) -> None:
        Seen.begin(self.length, self.seconds)

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if self.length == 9 and bar.index == 50:
            ctx.buy("no such symbol", 1)
        ctx.target(bar.symbol, (bar.index // self.length) % 2)


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C is heard, and nobody has begun anything."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    Seen.begun.clear()
    Seen.press(-1)
    yield
    Seen.press(-1)
    signal.signal(signal.SIGINT, before)


def test_control_c_keeps_the_slow_sets_that_were_finished(tmp_path: Path) -> None:
    space = {"length": range(2, 7), "seconds": [0.26]}
    Seen.press(4)
    first = tb.sweep(Steps, MARKET, space, store=tmp_path / "runs.db", **INTERPRETED)
    assert first.metadata["status"] == "interrupted"
    assert first.plan.block <= 3  # by a guess, all of them would be one block
    kept = first.metadata["finished"]  # the study itself reads what is in the store at any time
    assert 3 <= kept < 5
    Seen.press(-1)
    again = tb.sweep(Steps, MARKET, space, store=tmp_path / "runs.db", **INTERPRETED)
    assert again.plan.block == first.plan.block
    assert again.metadata["resumed"] == kept
    assert again.metadata["evaluated"] == 5 - kept
    quick = tb.sweep(Steps, MARKET, {"length": range(2, 7)}, **INTERPRETED, block=5)
    assert again.table["final_equity"].equals(quick.table["final_equity"])


def test_control_c_in_the_first_set_ends_the_sweep(tmp_path: Path) -> None:
    Seen.press(1)
    study = tb.sweep(Steps, MARKET, {"length": range(10, 40)}, store=tmp_path / "runs.db", **INTERPRETED)
    assert study.metadata["status"] == "interrupted"
    assert Seen.begun == [10]
    with StudyStore(tmp_path / "runs.db") as store:
        assert store.study(study.id).state == "interrupted"


def test_control_c_in_the_first_sets_of_workers_keeps_them(tmp_path: Path) -> None:
    Seen.press(1)
    space = {"length": range(10, 40), "seconds": [0.51]}
    with ThreadPoolExecutor(2) as pool:
        study = tb.sweep(Steps, MARKET, space, store=tmp_path / "runs.db", executor=pool, **INTERPRETED)
    assert study.metadata["status"] == "interrupted"
    assert study.plan.block == 1
    assert study.table["set"].to_pylist() == sorted(each - 10 for each in Seen.begun)


def spaces() -> dict[str, Any]:
    lengths = range(5, 17)
    return {
        "grid": tb.spaces.grid({"length": lengths}),
        "gaps": tb.spaces.grid({"length": lengths, "seconds": [0.0, 1e-9]}, where="length > 6 and seconds < 1e-10"),
        "failures": tb.spaces.grid({"length": [7, 9, 7.0, 5, 6, 8]}),
        "one": tb.spaces.grid({"length": [5]}),
    }


@pytest.mark.parametrize("name", list(spaces()))
def test_numbers_do_not_depend_on_blocks_or_on_what_was_run_before_them(tmp_path: Path, name: str) -> None:
    space = spaces()[name]
    markets = {"one": MARKET, "other": OTHER}
    whole = tb.sweep(Steps, markets, space, **INTERPRETED, block=BLOCK_MAX)
    begun = sorted(Seen.begun)
    kept = [tmp_path / f"{number}.db" for number in range(3)]
    with ThreadPoolExecutor(3) as pool:
        ways: list[dict[str, Any]] = [{"block": 1}, {"block": 3, "store": kept[0]}, {"store": kept[1]}]
        for options in (*ways, {"executor": pool}, {"executor": pool, "store": kept[2]}):
            Seen.begun.clear()
            found = tb.sweep(Steps, markets, space, **INTERPRETED, **options)
            assert found.table.equals(whole.table)
            assert found.failures.equals(whole.failures)
            assert found.digest == whole.digest
            assert sorted(Seen.begun) == begun  # each of them once
            assert found.metadata["status"] == "completed"
            assert found.metadata["evaluated"] == len(found) + found.failures.num_rows


def test_a_failure_that_should_end_the_sweep_ends_it_at_once(tmp_path: Path) -> None:
    with pytest.raises(tb.errors.ParameterError, match="seven is unlucky"):
        tb.sweep(
            Steps, MARKET, {"length": [7, *range(10, 30)]}, store=tmp_path / "runs.db", on_error="raise", **INTERPRETED
        )
    assert len(Seen.begun) <= 3


def planned(lengths: list[Any], market: tb.Market = MARKET) -> tuple[Plan, Any, Threads]:
    plan = Plan.of(Recipe(Steps, scenes_of(market, None, None), mode="interpreted"), space_of({"length": lengths}))
    evaluator = evaluator_for(Steps, Task(market, tb.BacktestConfig()), plan.first()[0][0], "interpreted")
    return plan, evaluator, Threads(1, evaluator, plan.recipe.scenes[0])


def test_sets_are_timed_only_if_blocks_matter(tmp_path: Path) -> None:
    plan, evaluator, runs = planned(list(range(10, 40)))
    with StudyStore(tmp_path / "runs.db") as store:
        assert laid(plan, evaluator, runs, None, bool, resume=True)[1] == Early()
        assert Seen.begun == []
        timed, early = laid(plan, evaluator, runs, store, bool, resume=True)
        assert Seen.begun == [10, 11, 12]
        assert early.seconds is not None
        assert early.took_seconds >= 3 * early.seconds
        assert 1 <= timed.block <= max(1.0, 1.01 / early.seconds)
        store.open(plan.id, plan.definition, total=30, block=4)
        assert laid(plan, evaluator, runs, store, bool, resume=True)[1] == Early()
        assert laid(plan, evaluator, runs, store, bool, resume=False)[1] != Early()
        assert laid(plan, evaluator, runs, store, lambda: True, resume=False)[1] == Early()


def test_if_all_fail_the_size_is_guessed(tmp_path: Path) -> None:
    plan, evaluator, runs = planned([7] + [7.0] * 20)
    with StudyStore(tmp_path / "runs.db") as store:
        timed, early = laid(plan, evaluator, runs, store, bool, resume=True)
    assert (len(early.failures), early.seconds) == (8, None)
    assert timed.block == block_size(plan, evaluator.rate, 1)
