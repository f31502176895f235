"""Batches that are kept: their states, their items, their lists (F-101)."""

from dataclasses import replace
from pathlib import Path

import pytest

from triplebar.contracts.errors import ConfigError, DuplicateId, IllegalTransition, NotFound
from triplebar.store.batch_records import CATEGORIES, BatchItemResult
from triplebar.store.batch_states import TRANSITIONS, BatchStatus
from triplebar.store.batches import BatchRegistry

pytestmark = pytest.mark.feature("F-101")
STATES = list(BatchStatus)


@pytest.fixture
def batches(tmp_path: Path) -> BatchRegistry:
    return BatchRegistry(tmp_path / "runs.db")


def done(number: int) -> BatchItemResult:
    return BatchItemResult(number, success=True, run_id=f"tb-{number}", columns={"sharpe": 1.5})


def failed(number: int, category: str = "timeout") -> BatchItemResult:
    return BatchItemResult(number, success=False, error_message="too slow", error_category=category)


def brought_to(batches: BatchRegistry, state: BatchStatus) -> str:
    """A batch in a state, by legal steps."""
    batch_id = batches.create_batch(3)
    if state not in {BatchStatus.PENDING, BatchStatus.CANCELLED}:
        batches.update_status(batch_id, BatchStatus.RUNNING)
    if state.final:
        batches.update_status(batch_id, state)
    return batch_id


def test_a_new_batch_waits(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(3, {"strategy": "Cross", "days": 5})
    found = batches.get_batch(batch_id)
    assert batch_id.startswith("batch-")
    assert len(batch_id) == len("batch-") + 16
    assert (found.status, found.total_items, found.item_results) == (BatchStatus.PENDING, 3, ())
    assert (found.started_at, found.completed_at, found.total_duration_seconds) == (None, None, None)
    assert found.configuration == {"strategy": "Cross", "days": 5}
    assert not found.is_complete()


@pytest.mark.parametrize("number", [0, -1, 1.5, "3", True])
def test_a_batch_of_nothing_is_refused(batches: BatchRegistry, number: object) -> None:
    with pytest.raises(ValueError, match="total_items"):
        batches.create_batch(number)  # type: ignore[arg-type]
    assert batches.count() == 0


def test_ids_differ(batches: BatchRegistry) -> None:
    assert len({batches.create_batch(1) for _ in range(20)}) == batches.count() == 20


@pytest.mark.parametrize("state", STATES, ids=lambda each: each.text)
@pytest.mark.parametrize("wanted", STATES, ids=lambda each: each.text)
def test_every_pair_of_states_is_legal_or_refused(
    batches: BatchRegistry, state: BatchStatus, wanted: BatchStatus
) -> None:
    batch_id = brought_to(batches, state)
    assert batches.status(batch_id) is state
    if TRANSITIONS[state, wanted]:
        batches.update_status(batch_id, wanted.name)
        assert batches.status(batch_id) is wanted
    else:
        with pytest.raises(IllegalTransition, match=f"'{wanted.text}' is not possible in state '{state.text}'"):
            batches.update_status(batch_id, wanted)
        assert batches.status(batch_id) is state


def test_the_table_of_states_is_total() -> None:
    assert len(TRANSITIONS) == len(STATES) ** 2
    assert {state.text: sum(TRANSITIONS[state, each] for each in STATES) for state in STATES} == {
        "pending": 2,
        "running": 4,
        "completed": 0,
        "partial": 0,
        "failed": 0,
        "cancelled": 0,
    }


def test_starting_and_ending_are_timed(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(1)
    batches.update_status(batch_id, "running")
    started = batches.get_batch(batch_id)
    assert started.started_at is not None
    assert started.items_per_second is None
    batches.add_item_result(batch_id, done(0))
    ended = batches.complete_batch(batch_id)
    assert ended.completed_at is not None
    assert ended.created_at <= started.started_at <= ended.completed_at
    assert ended.total_duration_seconds is not None
    assert ended.items_per_second == 1 / ended.total_duration_seconds


def test_an_unknown_state_is_refused(batches: BatchRegistry) -> None:
    with pytest.raises(ConfigError, match="status = 'done': is no state of a batch; known: pending"):
        batches.update_status(batches.create_batch(1), "done")


def test_all_items_well_is_completed(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(3)
    for number in (2, 0, 1):
        batches.add_item_result(batch_id, done(number))
    found = batches.complete_batch(batch_id)
    assert (found.status, found.succeeded_items, found.failed_items) == (BatchStatus.COMPLETED, 3, 0)
    assert [each.item_id for each in found.item_results] == [0, 1, 2]
    assert (found.is_complete(), found.success_rate(), found.failure_rate()) == (True, 1.0, 0.0)


def test_some_items_well_is_partial(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(4)
    for item in (done(0), failed(1), failed(3, "data_error"), done(2)):
        batches.add_item_result(batch_id, item)
    found = batches.complete_batch(batch_id)
    assert (found.status, found.success_rate(), found.failure_rate()) == (BatchStatus.PARTIAL, 0.5, 0.5)
    assert found.error_summary == {"data_error": 1, "timeout": 1}


def test_no_item_well_is_failed(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(2)
    for number in range(2):
        batches.add_item_result(batch_id, failed(number))
    assert batches.complete_batch(batch_id).status is BatchStatus.FAILED


@pytest.mark.parametrize(("items", "status"), [((), "failed"), ((0,), "partial"), ((0, 1), "partial")])
def test_items_that_never_ran_are_no_success(batches: BatchRegistry, items: tuple[int, ...], status: str) -> None:
    batch_id = brought_to(batches, BatchStatus.RUNNING)
    for number in items:
        batches.add_item_result(batch_id, done(number))
    assert batches.complete_batch(batch_id).status.text == status


def test_a_batch_that_has_not_begun_cannot_end(batches: BatchRegistry) -> None:
    with pytest.raises(IllegalTransition, match="'failed' is not possible in state 'pending'"):
        batches.complete_batch(batches.create_batch(1))


def test_what_was_cancelled_stays_so(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(3)
    batches.add_item_result(batch_id, done(0))
    batches.update_status(batch_id, BatchStatus.CANCELLED)
    with pytest.raises(IllegalTransition, match="'add_item_result' is not possible in state 'cancelled'"):
        batches.add_item_result(batch_id, done(1))
    with pytest.raises(IllegalTransition):
        batches.complete_batch(batch_id)
    found = batches.get_batch(batch_id)
    assert (found.status, found.succeeded_items, found.is_complete()) == (BatchStatus.CANCELLED, 1, True)


def test_the_first_item_starts_the_batch(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(2)
    batches.add_item_result(batch_id, done(0))
    found = batches.get_batch(batch_id)
    assert found.status is BatchStatus.RUNNING
    assert found.started_at is not None


def test_items_are_seen_the_moment_they_end(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(3)
    with BatchRegistry(batches.database.path) as onlooker:
        for number in range(3):
            batches.add_item_result(batch_id, done(number))
            assert onlooker.get_batch(batch_id).finished_items == number + 1


def test_an_item_ends_once(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(2)
    batches.add_item_result(batch_id, failed(0))
    with pytest.raises(DuplicateId, match="item 0 has ended already"):
        batches.add_item_result(batch_id, done(0))
    assert not batches.get_batch(batch_id).item_results[0].success


def test_an_item_that_is_none_is_refused(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(2)
    with pytest.raises(ConfigError, match=r"item_id = 2: is no item of batch-.*; give a number from 0 to 1"):
        batches.add_item_result(batch_id, done(2))


def test_an_item_comes_back_as_it_was(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(2)
    values = {"fast": 5, "sharpe": 0.1 + 0.2, "name": "x", "none": None, "on": True}
    one = replace(done(0), duration_seconds=0.25, attempt_count=3, columns=values)
    two = replace(failed(1, "memory_error"), attempt_count=4)
    for each in (one, two):
        batches.add_item_result(batch_id, each)
    assert batches.get_batch(batch_id).item_results == (one, two)
    assert batches.get_failed_items(batch_id) == [two]
    assert batches.get_error_summary(batch_id) == {"memory_error": 1}
    assert two.to_mapping()["attempt_count"] == 4


def test_items_that_contradict_themselves_are_refused() -> None:
    assert BatchItemResult(0, success=False).error_category == "unknown"
    for category in CATEGORIES:
        assert failed(0, category).error_category == category
    with pytest.raises(ConfigError, match="error_category = 'odd': must be one of"):
        failed(0, "odd")
    with pytest.raises(ConfigError, match="makes no sense for a success"):
        BatchItemResult(0, success=True, error_category="timeout")
    with pytest.raises(ConfigError, match="is not what success says"):
        BatchItemResult(0, success=True, final_attempt_success=False)
    with pytest.raises(ConfigError, match="attempt_count"):
        BatchItemResult(0, success=True, attempt_count=0)


def test_an_unknown_batch_is_said(batches: BatchRegistry) -> None:
    asks = [
        batches.get_batch,
        batches.status,
        batches.get_failed_items,
        batches.get_error_summary,
        batches.complete_batch,
    ]
    for ask in asks:
        with pytest.raises(FileNotFoundError, match="batch-0: there is no such batch"):
            ask("batch-0")
    with pytest.raises(NotFound):
        batches.update_status("batch-0", "running")
    with pytest.raises(NotFound):
        batches.add_item_result("batch-0", done(0))
    assert not batches.batch_exists("batch-0")


@pytest.mark.feature("F-111")
def test_lists_are_newest_first_with_filters(batches: BatchRegistry) -> None:
    assert batches.list_batches() == []
    ids = [brought_to(batches, state) for state in STATES]
    assert [each.batch_id for each in batches.list_batches()] == ids[::-1]
    assert [each.batch_id for each in batches.list_batches("PARTIAL")] == [ids[3]]
    assert [each.batch_id for each in batches.list_batches(BatchStatus.RUNNING)] == [ids[1]]
    assert [each.batch_id for each in batches.list_batches(limit=2)] == ids[:-3:-1]
    since = batches.get_batch(ids[4]).created_at
    assert [each.batch_id for each in batches.list_batches(since=since)] == ids[:3:-1]
    assert batches.count() == len(ids)
    assert all(batches.batch_exists(each) for each in ids)


def test_a_record_is_plain_values(batches: BatchRegistry) -> None:
    batch_id = batches.create_batch(1)
    batches.add_item_result(batch_id, done(0))
    values = batches.complete_batch(batch_id).to_mapping()
    assert (values["status"], values["item_results"][0]["run_id"]) == ("completed", "tb-0")
    assert values["total_duration_seconds"] > 0
