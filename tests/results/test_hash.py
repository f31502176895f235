"""The result hash is what it is said to be: SHA-256 over names, columns and labels, byte for byte."""

import hashlib
import struct
from typing import Any

import pyarrow as pa
import pytest

from tests.results.plain_facts import TABLES, result_of, table
from tests.results.runs import quiet_run, random_run, rich_run
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_hash import result_hash

FORMATS = {
    pa.int8(): "b",
    pa.uint8(): "B",
    pa.bool_(): "B",
    pa.uint16(): "H",
    pa.int32(): "i",
    pa.uint32(): "I",
    pa.int64(): "q",
}


def by_definition(result: RunResult) -> str:
    """The hash, written down a second time with `struct`."""
    sha = hashlib.sha256()
    for name in ("equity", "orders", "fills", "events", "flows"):
        sha.update(name.encode())
        found = result.canonical(name)
        for field in found.schema:
            sha.update(field.name.encode())
            kind = "q" if pa.types.is_timestamp(field.type) else FORMATS[field.type]
            values = found.column(field.name)
            plain = values.cast(pa.int64()) if kind == "q" else values
            sha.update(b"".join(struct.pack(f"<{kind}", value) for value in plain.to_pylist()))
    for label in result.labels:
        sha.update(struct.pack("<I", len(label.encode())) + label.encode())
    return sha.hexdigest()


@pytest.mark.feature("F-090", "F-077")
@pytest.mark.parametrize("result", [rich_run(), quiet_run(), random_run(5), random_run(6), result_of()], ids=repr)
def test_hash_by_definition(result: RunResult) -> None:
    assert result.result_hash == by_definition(result)


@pytest.mark.feature("F-077")
def test_the_hash_does_not_depend_on_how_columns_are_cut() -> None:
    cut = {name: pa.concat_tables([found.slice(0, 1), found.slice(1)]) for name, found in TABLES.items()}
    assert result_of(cut).result_hash == result_of().result_hash


CHANGES: list[tuple[str, tuple[Any, ...]]] = [
    ("equity", (0, 60 * 10**9, 1, 1000 * 10**8, False)),
    ("equity", (0, 60 * 10**9, 1000 * 10**8, 1000 * 10**8, True)),
    ("fills", (1, 1, 1, 0, 0, 0, 1, 1000, 10, 0, 0, 1)),
    ("events", (1, 1, 2, 1, 1, 0)),
    ("flows", (2, 1, 65535, 0, 5 * 10**8)),
]


@pytest.mark.feature("F-077")
@pytest.mark.parametrize(("name", "row"), CHANGES)
def test_any_changed_cell_changes_the_hash(name: str, row: tuple[Any, ...]) -> None:
    rest = TABLES[name].slice(1)
    changed = pa.concat_tables([table(name, row), rest])
    assert changed.num_rows == TABLES[name].num_rows
    assert result_of({name: changed}).result_hash != result_of().result_hash


@pytest.mark.feature("F-077")
def test_labels_count() -> None:
    hashes = {result_of(labels=labels).result_hash for labels in (("a", "b"), ("ab",), ("a",), ("b", "a"))}
    assert len(hashes) == 4


def test_derived_tables_do_not_count() -> None:
    assert result_of({"trades": table("trades")}).result_hash == result_of().result_hash
    assert len(result_hash(TABLES.__getitem__, [])) == 64
