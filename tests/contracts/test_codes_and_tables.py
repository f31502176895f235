"""The integers of the tables: their values, their texts, and the columns they stand in."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from triplebar.contracts import codes, tables
from triplebar.contracts.codes import Code

RUST = Path(__file__).parents[2] / "rust" / "core" / "src" / "codes.rs"
SHARED = ["OrderKind", "TimeInForce", "OrderStatus", "EventKind", "Moment", "Role", "Cause", "FlowKind", "AccountKind",
          "FillConvention", "PathRule", "Reason"]  # fmt: skip


@pytest.mark.parametrize("name", SHARED)
def test_values_count_from_zero_and_texts_are_read_back(name: str) -> None:
    kind: type[Code] = getattr(codes, name)
    assert [int(member) for member in kind] == list(range(len(kind)))
    assert [kind.from_text(text) for text in kind.texts()] == list(kind)


@pytest.mark.parametrize("name", SHARED)
def test_the_rust_core_lists_the_same_names_in_the_same_order(name: str) -> None:
    found = re.search(rf"\b{name} \{{([^}}]*)\}}", RUST.read_text("utf-8"))
    assert found is not None, f"{name} is not in codes.rs"
    assert re.findall(r'= "(\w+)"', found[1]) == getattr(codes, name).texts()


@pytest.mark.parametrize("text", ["LIMIT", "limt", "", None, 1])
def test_a_text_that_is_not_there_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="OrderKind has no"):
        codes.OrderKind.from_text(text)


def test_sides_are_signs() -> None:
    assert [int(side) for side in codes.Side] == [1, -1]
    assert codes.Side.BUY.opposite is codes.Side.SELL


@pytest.mark.parametrize("name", tables.SCHEMAS)
def test_canonical_tables_hold_only_whole_numbers(name: str) -> None:
    schema = tables.SCHEMAS[name]
    for field in schema:
        assert pa.types.is_integer(field.type) or field.type in {pa.bool_(), tables.TIME}
        assert not field.nullable
    assert tables.empty(name).schema == schema
    loose = pa.table({field.name: pa.array([], field.type) for field in schema})
    assert tables.conform(name, loose).schema == schema
    with pytest.raises(ValueError, match="has columns"):
        tables.conform(name, pa.table({"x": [1]}))


def test_hashed_tables_exist() -> None:
    assert set(tables.HASHED) < set(tables.SCHEMAS)
