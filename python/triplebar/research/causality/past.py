"""Whether two runs have the same past: everything sent, done and booked up to a tick of the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from triplebar.contracts.codes import EventKind, OrderKind

Tables = Callable[[str], pa.Table]
Row = Mapping[str, Any]

TIMED: Final = ("events", "fills", "flows", "equity")
FIXED: Final = ("order", "instrument", "side", "kind", "tif", "group", "parent", "tag", "client")
"""What an order is from the moment it is sent."""
CHANGEABLE: Final = ("flags", "quantity", "limit", "trigger", "trail", "expire", "sent")
"""What an order is until it is modified."""


@dataclass(frozen=True, slots=True)
class Change:
    """The first thing in the past that moved."""

    clock: int
    order: int | None
    instrument: int | None
    text: str


def first_change(whole: Tables, other: Tables, until: int) -> Change | None:
    """Compare two runs up to a tick (included); None if their past is the same."""
    found = [*_orders(whole, other, until), *(each for name in TIMED for each in _rows(name, whole, other, until))]
    return min(found, key=lambda each: (each.clock, each.order is None, each.order or 0)) if found else None


def _orders(whole: Tables, other: Tables, until: int) -> Iterator[Change]:
    """Orders of the past that only one run has sent, or that the runs have sent with other numbers."""
    one, two = (_sent_until(tables, until) for tables in (whole, other))
    late = _modified_after(whole, until) | _modified_after(other, until)
    for number in sorted({*one, *two} - late):
        left, right = one.get(number), two.get(number)
        if left is None or right is None:
            row = left or right
            assert row is not None  # noqa: S101 - one of them has it
            yield _change(row, f"order {number} ({_words(row)}) is sent in one of the two runs only")
        elif any(left[name] != right[name] for name in _comparable(left)):
            yield _change(left, f"order {number} is {_words(left)} in one run and {_words(right)} in the other")


def _comparable(row: Row) -> tuple[str, ...]:
    """What must be equal; the trigger of a trailing stop is that of the end, so it is of the future."""
    if row["kind"] == OrderKind.TRAILING_STOP:
        return tuple(name for name in (*FIXED, *CHANGEABLE) if name != "trigger")
    return (*FIXED, *CHANGEABLE)


def _sent_until(tables: Tables, until: int) -> dict[int, Row]:
    rows: list[Row] = tables("orders").to_pylist()
    return {row["order"]: row for row in rows if row["sent"] <= until}


def _modified_after(tables: Tables, until: int) -> set[int]:
    rows: list[Row] = tables("events").select(["clock", "kind", "order"]).to_pylist()
    return {row["order"] for row in rows if row["kind"] == EventKind.MODIFIED and row["clock"] > until}


def _words(row: Row) -> str:
    prices = "".join(f" {name} {row[name]} ticks" for name in ("limit", "trigger", "trail") if row[name])
    return f"{'buy' if row['side'] > 0 else 'sell'} {row['quantity']} lots {OrderKind(row['kind']).text}{prices}"


def _change(row: Row, text: str) -> Change:
    return Change(max(0, row["sent"]), row["order"], row["instrument"], text)


def _rows(name: str, whole: Tables, other: Tables, until: int) -> Iterator[Change]:
    """The first row of a table that is not the same."""
    one, two = (_until(tables(name), until) for tables in (whole, other))
    if one.equals(two):
        return
    left, right = one.to_pylist(), two.to_pylist()
    place = next((row for row, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), None)
    place = min(len(left), len(right)) if place is None else place
    rows = [each[place] for each in (left, right) if place < len(each)]
    row = min(rows, key=lambda each: each["clock"])
    order = row.get("order")
    what = {"events": "what happened to", "fills": "a fill of"}.get(name)
    text = f"{what} order {order} is another" if what else f"{name} differs"
    yield Change(max(0, row["clock"]), order, row.get("instrument"), text)


def _until(table: pa.Table, until: int) -> pa.Table:
    """The rows up to a tick; clocks never go down in these tables."""
    from triplebar.contracts.arrow import to_numpy

    clocks = to_numpy(table.column("clock"))
    return table.slice(0, int((clocks <= until).sum()))
