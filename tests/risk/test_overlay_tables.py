"""Which tables the overlay takes, and what it says to the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from triplebar.contracts.errors import ConfigError, DataQualityError
from triplebar.risk import STEPS, Caps, Overlay, apply_caps, rank_targets

GOOD: Mapping[str, Any] = {
    "group": [1, 1, 2],
    "symbol": ["A", "B", "A"],
    "side": [1, -1, 1],
    "target_usd": [100.0, 50.0, 70.0],
    "account_value": [100.0, 100.0, 200.0],
}
CAPS = Caps(per_position=0.25)
EXPECTED = [25.0, 25.0, 50.0]


def arrow() -> pa.Table:
    return pa.table(dict(GOOD))


@pytest.mark.parametrize(
    "make",
    [
        arrow,
        lambda: dict(GOOD),
        lambda: arrow().to_batches()[0],
        lambda: pa.concat_tables([arrow().slice(0, 1), arrow().slice(1)]),
        lambda: pl.DataFrame(dict(GOOD)),
        lambda: pd.DataFrame(dict(GOOD)),
        lambda: pa.RecordBatchReader.from_batches(arrow().schema, arrow().to_batches()),
    ],
)
def test_any_table_is_taken(make: Callable[[], Any]) -> None:
    out = apply_caps(make(), CAPS)
    assert out.column("capped_usd").to_pylist() == EXPECTED
    assert out.column_names == [*GOOD, "capped_usd", "bound_by", "cut_usd"]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("symbol", pa.large_string()),
        ("symbol", pa.string_view()),
        ("symbol", pa.dictionary(pa.int8(), pa.string())),
        ("side", pa.int8()),
        ("side", pa.int32()),
        ("target_usd", pa.int64()),
        ("target_usd", pa.decimal128(20, 4)),
        ("account_value", pa.decimal128(20, 0)),
        ("group", pa.int16()),
        ("group", pa.timestamp("us", "UTC")),
        ("group", pa.uint32()),
    ],
)
def test_any_fitting_type_is_taken(column: str, kind: pa.DataType) -> None:
    place = arrow().column_names.index(column)
    given = arrow().set_column(place, column, arrow().column(column).cast(kind))
    assert apply_caps(given, CAPS).column("capped_usd").to_pylist() == EXPECTED


def test_groups_may_be_mixed_and_made_of_several_columns() -> None:
    given = {
        "account": ["b", "a", "b", "a"],
        "time": [1, 1, 1, 2],
        "symbol": ["X"] * 4,
        "side": [1, 1, -1, 1],
        "target_usd": [10.0, 10.0, 4.0, 10.0],
        "account_value": [5.0, 8.0, 5.0, 9.0],
    }
    out = apply_caps(given, Caps(total=1), by=["account", "time"])
    assert out.column("capped_usd").to_pylist() == [5.0, 8.0, 0.0, 9.0]
    with pytest.raises(DataQualityError, match="column account_value, row 3: differs"):
        apply_caps(given, Caps(total=1), by="account")


def test_an_empty_table_stays_empty() -> None:
    empty = {name: pa.array([], pa.null()) for name in GOOD}
    out = apply_caps(pa.table(empty), CAPS)
    assert out.num_rows == 0
    assert out.column_names[-3:] == ["capped_usd", "bound_by", "cut_usd"]
    assert apply_caps(arrow().schema.empty_table(), CAPS).num_rows == 0


@pytest.mark.parametrize("account", [0.0, -1.0, -1e6])
def test_an_account_worth_nothing_holds_nothing(account: float) -> None:
    out = apply_caps({**GOOD, "account_value": [account] * 3}, CAPS)
    assert out.column("capped_usd").to_pylist() == [0.0] * 3
    assert out.column("bound_by").to_pylist() == ["account"] * 3


def test_what_is_finer_than_money_is_cut_off() -> None:
    out = apply_caps({**GOOD, "target_usd": [0.019, 0.29, 0.009]}, Caps())
    assert out.column("capped_usd").to_pylist() == [0.01, 0.29, 0.0]


BAD = [
    ("symbol", None, "column symbol is missing; there are: group, "),
    ("target_usd", None, "column target_usd is missing"),
    ("side", [1, 2, 1], "column side, row 1: 2 is no side; write +1 for long and -1 for short"),
    ("side", [1, 0, 1], "column side, row 1: 0 is no side"),
    ("side", [1, None, 1], "column side, row 1: the value is missing"),
    ("side", ["long", "long", "long"], "column side has the type"),
    ("target_usd", [1.0, float("nan"), 1.0], "column target_usd, row 1: NaN cannot be used"),
    ("target_usd", [1.0, 1.0, float("inf")], "column target_usd, row 2: inf cannot be used"),
    ("target_usd", [1.0, -1.0, 1.0], "column target_usd, row 1: the amount is negative"),
    ("target_usd", [1.0, 1e300, 1.0], "column target_usd, row 1"),
    ("target_usd", ["1", "2", "3"], "column target_usd has the type"),
    ("target_usd", [2**62, 1, 1], "column target_usd, row 0"),
    ("account_value", [100.0, None, 200.0], "column account_value, row 1: the value is missing"),
    ("account_value", [100.0, 100.0, float("nan")], "column account_value, row 2: NaN"),
    ("account_value", [100.0, 101.0, 200.0], "column account_value, row 1: differs from another row of its group"),
    ("symbol", ["A", "", "A"], "column symbol, row 1: the name is empty"),
    ("symbol", ["A", None, "A"], "column symbol, row 1: the value is missing"),
    ("symbol", [1, 2, 3], "column symbol has the type"),
    ("group", [1, None, 2], "column group, row 1: the value is missing"),
    ("group", [1.5, 1.5, 2.0], "column group has the type"),
    ("capped_usd", [1.0, 1.0, 1.0], "column capped_usd is there already"),
]


@pytest.mark.feature("F-217")
@pytest.mark.parametrize(("column", "values", "message"), BAD)
def test_bad_rows_are_named(column: str, values: list[object] | None, message: str) -> None:
    given = {name: list(rows) for name, rows in GOOD.items()}
    if values is None:
        del given[column]
    else:
        given[column] = values
    with pytest.raises(DataQualityError) as caught:
        apply_caps(given, CAPS)
    assert message in str(caught.value)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(DataQualityError, match="int is no table"):
        apply_caps(5, CAPS)


@pytest.mark.parametrize(
    ("steps", "message"), [(["nett"], "did you mean 'net'"), ("net", "must be a list"), ([1], "must be one of")]
)
def test_unknown_steps_are_refused(steps: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        apply_caps(GOOD, CAPS, steps=steps)


def test_caps_must_be_caps() -> None:
    with pytest.raises(ConfigError, match="caps"):
        Overlay({"total": 0.5})  # type: ignore[arg-type]


def test_steps_are_taken_in_their_own_order() -> None:
    assert Overlay(CAPS, steps=["total", "net"]).steps == ("net", "total")
    assert Overlay(CAPS).steps == STEPS


def test_ranks_count_what_is_left_after_netting() -> None:
    given = {
        "group": [1, 1, 1, 1, 2],
        "symbol": ["A", "A", "B", "C", "A"],
        "side": [1, -1, 1, -1, 1],
        "target_usd": [90.0, 85.0, 10.0, 10.0, 1.0],
        "account_value": [1.0] * 5,
    }
    assert rank_targets(given).to_pylist() == [3, 0, 1, 2, 1]


def test_the_fast_way_gives_the_same_rows() -> None:
    batch = arrow().to_batches()[0]
    assert pa.table(pa.record_batch(Overlay(CAPS)(batch))).equals(apply_caps(batch, CAPS))


def test_input_columns_are_passed_on_without_a_copy() -> None:
    batch = arrow().to_batches()[0]
    out = pa.record_batch(Overlay(CAPS)(batch))
    addresses = [each.column("target_usd").buffers()[1].address for each in (batch, out)]
    assert addresses[0] == addresses[1]


def test_money_may_be_finer_than_cents() -> None:
    out = apply_caps({**GOOD, "target_usd": [0.000123] * 3}, Caps(decimals=6))
    assert out.column("capped_usd").to_pylist() == [0.000123] * 3


def test_exact_decimals_stay_exact() -> None:
    given = {**GOOD, "target_usd": pa.array([Decimal("0.29")] * 3, pa.decimal128(20, 2))}
    assert apply_caps(given, Caps()).column("capped_usd").to_numpy().tolist() == np.full(3, 0.29).tolist()
