"""Small tables are read where they lie; the answer is that of the general way, and so are the refusals."""

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.risk.groups import drawn, table
from triplebar import _native
from triplebar.contracts.errors import DataQualityError
from triplebar.risk import Caps, Overlay

CAPS = Caps.COPY_TRADING
OVERLAY = Overlay(CAPS)
PLAIN = table(drawn(4, seed=2)[0]).combine_chunks().to_batches()[0]


def put(name: str, values: Any) -> pa.RecordBatch:
    """The plain table with another column under a name."""
    return PLAIN.set_column(PLAIN.schema.get_field_index(name), name, values)


def general(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A table with the same rows that is not plain: text by dictionary is read by the general way."""
    return batch.set_column(1, "symbol", batch.column("symbol").dictionary_encode())


def answers(batch: pa.RecordBatch, overlay: Overlay = OVERLAY) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pa.record_batch(overlay(batch)).to_pylist()
    return found


@pytest.mark.feature("F-217")
def test_both_ways_give_the_same_rows() -> None:
    seen = 0
    for seed in range(60):
        groups, rules = drawn(1 + seed % 3, seed)
        overlay = Overlay(rules)
        batch = table(groups).combine_chunks().to_batches()[0]
        assert isinstance(overlay(batch), _native.Capped)
        assert not isinstance(overlay(general(batch)), _native.Capped)
        assert answers(batch, overlay) == answers(general(batch), overlay)
        seen += batch.num_rows
    assert seen > 1_000


def test_a_slice_begins_where_it_begins() -> None:
    for start in range(PLAIN.num_rows - 3):
        part = PLAIN.slice(start, 3)
        assert isinstance(OVERLAY(part), _native.Capped)
        assert answers(part) == answers(general(part))


def test_no_groups_are_one_group() -> None:
    batch = PLAIN.slice(0, 2).set_column(4, "account_value", pa.array([100.0, 100.0]))
    overlay = Overlay(CAPS, by=())
    assert isinstance(overlay(batch), _native.Capped)
    assert answers(batch, overlay) == answers(general(batch), overlay)


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(put("side", PLAIN.column("side").cast(pa.int64())), id="wide sides"),
        pytest.param(put("symbol", PLAIN.column("symbol").cast(pa.large_string())), id="large text"),
        pytest.param(put("target_usd", PLAIN.column("target_usd").cast(pa.int64(), safe=False)), id="whole money"),
        pytest.param(put("group", PLAIN.column("group").cast(pa.string())), id="groups by name"),
        pytest.param(put("group", PLAIN.column("group").cast(pa.int32())), id="narrow groups"),
        pytest.param(PLAIN.take(pa.array(np.arange(PLAIN.num_rows)[::-1].copy())), id="groups in another order"),
        pytest.param(PLAIN.slice(0, 0), id="no rows"),
        pytest.param(pa.concat_batches([PLAIN] * (1_000 // PLAIN.num_rows + 1)).sort_by("group"), id="many rows"),
    ],
)
def test_what_is_not_plain_goes_the_general_way(batch: pa.RecordBatch) -> None:
    assert not isinstance(OVERLAY(batch), _native.Capped)
    assert answers(batch) == answers(general(batch))


ROWS = PLAIN.num_rows


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (put("side", pa.array([3] * ROWS, pa.int8())), "row 0: 3 is no side"),
        (put("target_usd", pa.array([-1.0] * ROWS)), "target_usd, row 0: the amount is negative"),
        (put("target_usd", pa.array([1.0] * (ROWS - 1) + [None])), f"row {ROWS - 1}: the value is missing"),
        (put("account_value", pa.array([float("nan")] * ROWS)), "account_value, row 0"),
        (put("account_value", pa.array(np.arange(ROWS) + 1.0)), "give one value a group"),
        (put("symbol", pa.array([""] * ROWS)), "the name is empty"),
        (PLAIN.drop_columns(["symbol"]), "column symbol is missing"),
        (PLAIN.drop_columns(["group"]), "column group is missing"),
        (PLAIN.append_column("cut_usd", PLAIN.column("side")), "cut_usd is there already"),
    ],
)
def test_what_is_wrong_is_refused_at_once(batch: pa.RecordBatch, message: str) -> None:
    with pytest.raises(DataQualityError, match=message):
        OVERLAY(batch)


@pytest.mark.parametrize("lend", [lambda _: None, lambda _: (1, 2)])
def test_what_is_no_capsule_is_no_table(lend: Callable[[object], Any]) -> None:
    odd = type("Odd", (), {"__arrow_c_array__": lend})()
    with pytest.raises((TypeError, ValueError)):
        OVERLAY(odd)
    with pytest.raises((TypeError, ValueError)):
        OVERLAY(object())  # type: ignore[arg-type]


def test_the_answer_owns_what_it_needs_and_may_be_asked_twice() -> None:
    batch = PLAIN.slice(0)
    expected, answer = answers(batch), OVERLAY(batch)
    del batch
    gc.collect()
    assert [pa.record_batch(answer).to_pylist() for _ in range(2)] == [expected, expected]


def test_answers_nobody_asks_for_are_given_back() -> None:
    def grown() -> int:
        before: int = pa.total_allocated_bytes()
        for _ in range(200):
            OVERLAY(pa.record_batch([each.cast(each.type) for each in PLAIN.columns], PLAIN.schema))
        now: int = pa.total_allocated_bytes()
        return now - before

    grown()
    assert grown() == 0
