"""Batches: what they give, what they keep, how they fail and try again (F-102, F-103, F-105, F-106)."""

import contextlib
import resource
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import triplebar as tb
from tests.batches.strategies import Flaky, Greedy, Hold, Odd, Stuck
from triplebar.contracts import errors
from triplebar.contracts.errors import BatchFailedError, ConfigError, TradingError, WrongTypeError
from triplebar.data.snapshots import DataSnapshotRegistry
from triplebar.research.batches.faults import category_of, is_transient
from triplebar.research.batches.limit import ItemTimeoutError, TimeLimit, call_within
from triplebar.store.batch_records import CATEGORIES
from triplebar.store.batch_states import BatchStatus
from triplebar.store.batches import BatchRegistry
from triplebar.store.runs import ExperimentRegistry
from triplebar.store.trials import TrialLedger

MARKET = tb.Market.synthetic(bars=40, seed=1)
ODD: dict[str, Any] = {"parameters": {"number": [0, 1, 2, 3, 4]}}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[BatchRegistry]:
    with BatchRegistry(tmp_path / "runs.db") as found:
        yield found


# ------------------------------------------------------------------------------------------------------- what it gives


def test_each_row_is_a_run_of_its_own() -> None:
    found = tb.run_batch(
        Hold, MARKET, parameters={"size": [1.0, 2.0]}, commission_bps=[0, 10], metrics=["ending_value"]
    )
    assert found.table.column_names == ["item", "size", "commission_bps", "run_id", "result_hash", "ending_value"]
    for row in found.table.to_pylist():
        config = tb.BacktestConfig(commission_bps=row["commission_bps"])
        alone = tb.run(Hold(size=row["size"]), MARKET, config)
        assert (row["run_id"], row["result_hash"]) == (alone.run_id, alone.result_hash)
        assert row["ending_value"] == alone.ending_value
    assert (found.status, found.batch_id, found.failures) == (BatchStatus.COMPLETED, None, ())


@pytest.mark.feature("F-102")
def test_tracking_changes_nothing_of_the_table(registry: BatchRegistry) -> None:
    plain = tb.backtest_batch(Odd, MARKET, **ODD, track_batch=False)
    untracked = tb.backtest_batch(Odd, MARKET, **ODD, batch_registry=registry, track_batch=False)
    assert registry.count() == 0
    tracked = tb.backtest_batch(Odd, MARKET, **ODD, batch_registry=registry, track_batch=True)
    assert registry.count() == 1
    assert plain.equals(untracked)
    assert plain.equals(tracked)


@pytest.mark.feature("F-102")
def test_some_that_fail_leave_the_others(registry: BatchRegistry) -> None:
    found = tb.run_batch(Odd, MARKET, **ODD, batch_registry=registry)
    assert found.table["item"].to_pylist() == [0, 2, 4]
    assert [each.item_id for each in found.failures] == [1, 3]
    assert found.batch_id is not None
    kept = registry.get_batch(found.batch_id)
    assert kept.item_results == found.items
    assert (kept.status, kept.succeeded_items, kept.failed_items) == (BatchStatus.PARTIAL, 3, 2)
    assert [each.run_id for each in kept.item_results if each.success] == found.table["run_id"].to_pylist()
    assert all("ZeroDivisionError: number" in (each.error_message or "") for each in found.failures)
    assert found.to_mapping()["error_summary"] == {"unknown": 2}


@pytest.mark.feature("F-102")
def test_if_all_fail_the_error_says_which_batch_and_how_many(registry: BatchRegistry) -> None:
    with pytest.raises(
        RuntimeError, match=r"batch-\w{16}: all 2 items failed \(2 unknown; item 0: .*number 1"
    ) as caught:
        tb.backtest_batch(Odd, MARKET, parameters={"number": [1, 3]}, batch_registry=registry, track_batch=True)
    problem = caught.value
    assert isinstance(problem, BatchFailedError)
    (kept,) = registry.list_batches()
    assert (problem.batch_id, problem.total, problem.failed) == (kept.batch_id, 2, 2)
    assert kept.status is BatchStatus.FAILED
    with pytest.raises(BatchFailedError, match="batch: all 1 items failed"):
        tb.backtest_batch(Odd, MARKET, parameters={"number": 1})
    assert tb.run_batch(Odd, MARKET, parameters={"number": 1}).table.num_rows == 0


@pytest.mark.feature("U-07")
def test_windows_of_a_batch_are_trials_on_the_whole_market(registry: BatchRegistry) -> None:
    found = tb.run_batch(tb.samples.BuyAndHold, MARKET, duration="10m", start_step="5m", batch_registry=registry)
    (trials,) = TrialLedger(registry.database).of(MARKET.digest)
    assert found.total_items == 7
    assert (trials.trials, trials.shared) == (7, 7)


def test_results_and_data_are_kept_if_there_is_a_place(tmp_path: Path, registry: BatchRegistry) -> None:
    runs, snapshots = ExperimentRegistry(tmp_path / "runs.db"), DataSnapshotRegistry(tmp_path / "runs.db")
    for _ in range(2):  # the second time every run is there already
        found = tb.run_batch(
            Odd, MARKET, **ODD, duration="20m", batch_registry=registry, runs=runs, snapshots=snapshots, metrics=[]
        )
    assert runs.count() == len(found.successes) == 6
    assert snapshots.count() == 2  # a window each
    for row in found.table.to_pylist():
        assert runs.load(row["run_id"]).result_hash == row["result_hash"]
    ids = {each.snapshot_id for each in snapshots.list_snapshots()}
    assert runs.snapshot_ids() == set(found.table["snapshot_id"].to_pylist()) == ids
    for row in runs.list_runs():
        runs.delete(row.run_id)
    assert snapshots.orphans() == []  # the batch names them


def test_trials_are_counted_once_however_they_were_run(tmp_path: Path, registry: BatchRegistry) -> None:
    given: dict[str, Any] = {"parameters": {"fast": [2, 3], "slow": [9]}}
    with TrialLedger(registry.database.path) as ledger, ExperimentRegistry(registry.database.path) as runs:
        tb.run_batch(tb.samples.MovingAverageCross, MARKET, **given)  # nobody keeps it
        assert ledger.of(MARKET.digest) == []
        for kept in (None, runs, ExperimentRegistry(tmp_path / "other.db")):
            tb.run_batch(tb.samples.MovingAverageCross, MARKET, **given, batch_registry=registry, runs=kept)
            assert [each.trials for each in ledger.of(MARKET.digest)] == [2]
        tb.run_batch(tb.samples.MovingAverageCross, MARKET, **given, commission_bps=5, batch_registry=registry)
        assert [each.trials for each in ledger.of(MARKET.digest)] == [4]


def test_a_run_that_was_interrupted_before_is_replaced_by_the_whole_one(tmp_path: Path) -> None:
    with ExperimentRegistry(tmp_path / "runs.db") as runs:
        whole = tb.run(tb.samples.BuyAndHold(), MARKET)
        runs.save(tb.run(tb.samples.BuyAndHold(), MARKET, until=10))
        assert runs.load(whole.run_id).result_hash != whole.result_hash
        tb.run_batch(tb.samples.BuyAndHold, MARKET, runs=runs)
        assert runs.load(whole.run_id).result_hash == whole.result_hash
        assert runs.count() == 1


def test_progress_is_heard_after_each_item() -> None:
    heard: list[tuple[int, int]] = []
    tb.run_batch(Odd, MARKET, **ODD, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(number, 5) for number in range(1, 6)]


def test_columns_of_mixed_values_are_texts() -> None:
    found = tb.run_batch(Hold, MARKET, parameters={"size": [1, 2.5]}, risk=[None, tb.RiskLimits(drawdown_total=0.5)])
    assert found.table.schema.field("size").type == pa.float64()
    assert found.table.schema.field("risk").type == pa.string()
    mixed = tb.run_batch(Hold, MARKET, initial_cash=[1_000, {"USD": 5_000}])
    assert mixed.table["initial_cash"].to_pylist() == ["1000", "{'USD': 5000}"]


# ------------------------------------------------------------------------------------------------------------ argument


@pytest.mark.feature("F-106")
def test_tracking_needs_a_registry() -> None:
    with pytest.raises(ValueError, match="track_batch = True: needs a registry; give batch_registry="):
        tb.backtest_batch(Hold, MARKET, track_batch=True)


@pytest.mark.feature("F-106")
@pytest.mark.parametrize("name", ["batch_registry", "runs"])
def test_the_wrong_registry_is_a_type_error(name: str, tmp_path: Path) -> None:
    wrong = {"batch_registry": ExperimentRegistry(tmp_path), "runs": "runs.db"}
    with pytest.raises(TypeError, match=f"{name}: must be a .*Registry, not") as caught:
        tb.backtest_batch(Hold, MARKET, **{name: wrong[name]})
    assert isinstance(caught.value, WrongTypeError)


@pytest.mark.feature("F-106")
def test_trying_again_needs_tracking(registry: BatchRegistry) -> None:
    with pytest.raises(ValueError, match="retry_failed = True: needs a batch that is tracked"):
        tb.backtest_batch(Hold, MARKET, retry_failed=True)
    with pytest.raises(ValueError, match="retry_failed"):
        tb.backtest_batch(Hold, MARKET, retry_failed=True, batch_registry=registry, track_batch=False)


@pytest.mark.feature("F-106")
def test_an_empty_price_history_is_refused() -> None:
    with pytest.raises(ValueError, match="the price history is empty"):
        tb.backtest_batch(Hold, MARKET.table().slice(0, 0))


@pytest.mark.feature("F-106")
@pytest.mark.parametrize(
    "arguments",
    [
        {"max_retry_attempts": 0},
        {"max_retry_attempts": 1.5},
        {"retry_backoff_seconds": -0.1},
        {"timeout_seconds": 0},
        {"metrics": ["sharp"]},
        {"track_batch": 1},
        {"resume": "batch-0"},
        {"snapshots": "kept"},
        {"comission_bps": 1},
    ],
    ids=lambda each: next(iter(each)),
)
def test_other_arguments_are_checked_before_anything_runs(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(arguments))):
        tb.backtest_batch(Greedy, MARKET, **arguments)


# -------------------------------------------------------------------------------------------------------- trying again


def flaky(registry: BatchRegistry, book: Path, times: int, kind: str = "flaky", **options: Any) -> tb.BatchResult:
    return tb.run_batch(
        Flaky,
        MARKET,
        parameters={"kind": kind, "times": times, "book": str(book)},
        batch_registry=registry,
        **{"retry_failed": True, "retry_backoff_seconds": 0.02, **options},
    )


@pytest.mark.feature("F-103")
@pytest.mark.parametrize("kind", ["flaky", "slow"])
@pytest.mark.parametrize(
    ("times", "attempts", "success"), [(0, 1, True), (1, 2, True), (2, 3, True), (3, 3, False), (9, 3, False)]
)
def test_what_is_transient_is_tried_again(
    registry: BatchRegistry, tmp_path: Path, kind: str, times: int, attempts: int, success: bool
) -> None:
    found = flaky(registry, tmp_path / "tries", times, kind, max_retry_attempts=2)
    (item,) = registry.get_batch(found.batch_id or "").item_results
    assert (item.attempt_count, item.success, item.final_attempt_success) == (attempts, success, success)
    tries = [float(each) for each in (tmp_path / "tries").read_text().split()]
    assert len(tries) == attempts
    # The pause before each try is at least what was asked for, and doubles.
    assert all(other - one >= 0.02 * 2**number for number, (one, other) in enumerate(pairwise(tries)))


@pytest.mark.feature("F-103")
@pytest.mark.parametrize("kind", ["value", "data", "internal"])
def test_what_is_permanent_is_not(registry: BatchRegistry, tmp_path: Path, kind: str) -> None:
    (item,) = flaky(registry, tmp_path / "tries", 1, kind).items
    assert (item.attempt_count, item.success) == (1, False)


@pytest.mark.feature("F-103")
def test_nothing_is_tried_again_unless_asked(registry: BatchRegistry, tmp_path: Path) -> None:
    (item,) = flaky(registry, tmp_path / "tries", 1, retry_failed=False).items
    assert (item.attempt_count, item.success) == (1, False)


# ---------------------------------------------------------------------------------------------------------- categories

BY_TYPE = {
    "TradingError": "unknown",
    "ConfigError": "parameter_error",
    "WrongTypeError": "parameter_error",
    "DataError": "data_error",
    "InsufficientDataError": "data_error",
    "DataQualityError": "data_error",
    "SnapshotMismatchError": "data_error",
    "LookAheadError": "data_error",
    "UnknownSymbolError": "data_error",
    "StrategyError": "unknown",
    "ParameterError": "parameter_error",
    "ExecutionError": "engine_error",
    "OrderError": "engine_error",
    "OrderRejected": "engine_error",
    "AdapterError": "engine_error",
    "EngineNotAvailableError": "engine_error",
    "UnknownEngineError": "engine_error",
    "EngineCrashedError": "engine_error",
    "EngineTimeoutError": "timeout",
    "TranslationError": "engine_error",
    "UnsupportedSettingError": "parameter_error",
    "RegistryError": "unknown",
    "NotFound": "unknown",
    "DuplicateId": "unknown",
    "IllegalTransition": "unknown",
    "BatchFailedError": "unknown",
    "ExternalApiError": "data_error",
    "AuthError": "data_error",
    "RateLimitError": "data_error",
    "InternalError": "engine_error",
}
BUILT_IN = {
    TimeoutError: "timeout",
    MemoryError: "memory_error",
    FileNotFoundError: "data_error",
    KeyError: "data_error",
    IndexError: "data_error",
    ValueError: "parameter_error",
    TypeError: "parameter_error",
    RuntimeError: "engine_error",
    ZeroDivisionError: "unknown",
    OSError: "unknown",
    Exception: "unknown",
}


@pytest.mark.feature("F-105")
def test_every_error_of_the_tree_has_its_category() -> None:
    defined = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, TradingError)}
    assert defined == set(BY_TYPE)
    assert {name: category_of(getattr(errors, name)("message")) for name in BY_TYPE} == BY_TYPE
    assert {kind: category_of(kind("message")) for kind in BUILT_IN} == BUILT_IN
    assert set(BY_TYPE.values()) | set(BUILT_IN.values()) == set(CATEGORIES)


@pytest.mark.feature("F-105")
@pytest.mark.parametrize(
    ("strategy", "parameters", "category"),
    [
        (tb.samples.MovingAverageCross, {"fast": 9, "slow": 2}, "parameter_error"),
        (tb.samples.BuyAndHold, {"no_such": 1}, "parameter_error"),
        (Flaky, {"kind": "data", "times": 1}, "data_error"),
        (Flaky, {"kind": "internal", "times": 1}, "engine_error"),
        (Flaky, {"kind": "slow", "times": 1}, "timeout"),
        (Flaky, {"kind": "value", "times": 1}, "unknown"),
        (Greedy, {}, "memory_error"),
        (Odd, {"number": 1}, "unknown"),
    ],
)
def test_items_fail_by_the_type_of_their_error(
    tmp_path: Path, strategy: type, parameters: dict[str, Any], category: str
) -> None:
    book = {"book": str(tmp_path / "tries")} if strategy is Flaky else {}
    found = tb.run_batch(strategy, MARKET, parameters={**parameters, **book})
    assert found.error_summary == {category: 1}, found.items[0].error_message


@pytest.mark.feature("F-105")
def test_settings_and_engines_that_cannot_be_are_items_that_fail() -> None:
    found = tb.run_batch(tb.samples.BuyAndHold, MARKET, engine=["custom", "refrence"], leverage=[1, 0])
    assert [each.error_category for each in found.items] == [None, "parameter_error", "engine_error", "parameter_error"]


@pytest.mark.feature("F-105")
@pytest.mark.parametrize("engine", ["custom", "reference", "backtrader"])
def test_a_handler_that_never_returns_is_ended(engine: str) -> None:
    tb.run(tb.samples.BuyAndHold(), MARKET, engine=engine)  # loads the engine, which takes its time
    found = tb.run_batch(Stuck, MARKET, engine=engine, timeout_seconds=0.2)
    assert found.error_summary == {"timeout": 1}
    assert "(timeout_seconds = 0.2)" in (found.items[0].error_message or "")


@pytest.mark.feature("F-105")
@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
def test_a_run_without_python_in_its_loop_is_ended_too(mode: str) -> None:
    market = tb.Market.synthetic(bars=50_000, seed=1)
    ended = TimeLimit(1.0)  # whose second is over, as nobody has begun it
    with pytest.raises(ItemTimeoutError):
        tb.run(tb.samples.MovingAverageCross(fast=2, slow=3), market, mode=mode, progress=ended)
    assert ended.hit


class Deaf(tb.Strategy):
    """Swallows whatever is raised, so many times, and then trades on."""

    times: int = 1

    def on_bar(self, ctx: tb.Context, bar: tb.Bar) -> None:
        for _ in range(self.times if bar.index == 1 else 0):
            try:
                while True:
                    pass
            except Exception:  # noqa: BLE001 - that is what it is about
                ctx.log("heard nothing")


@pytest.mark.feature("F-105")
def test_an_end_that_was_swallowed_is_an_end() -> None:
    found = tb.run_batch(Deaf, MARKET, parameters={"times": [1, 1_000]}, timeout_seconds=0.2)
    assert found.error_summary == {"timeout": 2}


@pytest.mark.feature("F-105")
def test_memory_that_the_system_refuses_is_told_apart(tmp_path: Path) -> None:
    code = (
        "import resource, triplebar as tb\n"
        "class Grows(tb.Strategy):\n"
        "    def on_bar(self, ctx, bar):\n"
        "        self.kept = [*getattr(self, 'kept', ()), bytearray(64 << 20)]\n"
        "market = tb.Market.synthetic(bars=2_000, seed=1)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "found = tb.run_batch([Grows, tb.samples.BuyAndHold], market, metrics=['ending_value'])\n"
        "print([(each.success, each.error_category) for each in found.items])\n"
    )
    assert resource.getrlimit(resource.RLIMIT_AS)
    environment = {"PYTHONPATH": str(Path(tb.__file__).parents[1]), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.strip() == "[(False, 'memory_error'), (True, None)]", done.stderr


def work(number: int, limit: TimeLimit) -> None:
    for _ in range(number):
        np.zeros(1_000).sum()


def test_nothing_is_raised_after_the_end() -> None:
    for number in range(200):  # the end comes before, in, and after the beginning, the work, and the end
        with contextlib.suppress(ItemTimeoutError):
            call_within(0.0002, partial(work, number))
    total = 0
    for each in range(2_000_000):
        total += each
    assert total == 1_999_999_000_000


def test_words_make_an_error_transient() -> None:
    assert [
        is_transient("unknown", each) for each in ("Connection reset", "server BUSY", "RateLimitError", "wrong")
    ] == [
        True,
        True,
        True,
        False,
    ]


class Leaves(tb.Strategy):
    """Ends the program, if it is told to."""

    size: object = 1

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if self.size == 0:
            sys.exit(3)


def test_an_item_that_calls_exit_has_failed_and_the_others_go_on() -> None:
    found = tb.run_batch(Leaves, tb.Market.synthetic(bars=5, seed=1), parameters={"size": [0, 2**70]})
    assert (found.status.text, found.table["size"].to_pylist()) == ("partial", [str(2**70)])
    assert "Leaves.on_bar" in str(found.failures[0].error_message)
