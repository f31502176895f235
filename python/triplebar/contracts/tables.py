"""The canonical integer tables: what every engine returns, and what is hashed.

Prices are ticks, sizes are lots, money is minor units, times are ticks of the clock. `0` stands for
"none" in the optional columns of `orders`; `tag`, `client` and `group` are 1-based places in the run's
list of labels.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

TIME: Final = pa.timestamp("ns", tz="UTC")
NO_INSTRUMENT: Final = 65_535
"""Value of `instrument` in rows that belong to no instrument."""
NEVER: Final = -1
"""Value of `arrived` and `ended` of an order that never did, and of `sent` before the first tick."""


def _schema(columns: dict[str, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns.items()])


EQUITY: Final = _schema(
    {"clock": pa.int32(), "time": TIME, "equity": pa.int64(), "cash": pa.int64(), "stale": pa.bool_()}
)

ORDERS: Final = _schema(
    {
        "order": pa.uint32(),
        "instrument": pa.uint16(),
        "side": pa.int8(),
        "kind": pa.uint8(),
        "tif": pa.uint8(),
        "flags": pa.uint8(),
        "quantity": pa.int64(),
        "filled": pa.int64(),
        "limit": pa.int64(),
        "trigger": pa.int64(),
        "trail": pa.int64(),
        "expire": pa.int64(),
        "group": pa.uint32(),
        "parent": pa.uint32(),
        "tag": pa.uint32(),
        "client": pa.uint32(),
        "sent": pa.int32(),
        "arrived": pa.int32(),
        "ended": pa.int32(),
        "status": pa.uint8(),
        "reason": pa.uint8(),
    }
)

FILLS: Final = _schema(
    {
        "order": pa.uint32(),
        "clock": pa.int32(),
        "moment": pa.uint8(),
        "role": pa.uint8(),
        "cause": pa.uint8(),
        "instrument": pa.uint16(),
        "side": pa.int8(),
        "price": pa.int64(),
        "quantity": pa.int64(),
        "fee": pa.int64(),
        "half_spread": pa.int64(),
        "slippage": pa.int64(),
    }
)

EVENTS: Final = _schema(
    {
        "clock": pa.int32(),
        "moment": pa.uint8(),
        "kind": pa.uint8(),
        "order": pa.uint32(),
        "reason": pa.uint8(),
        "value": pa.int64(),
    }
)

FLOWS: Final = _schema(
    {
        "clock": pa.int32(),
        "kind": pa.uint8(),
        "instrument": pa.uint16(),
        "currency": pa.uint8(),
        "amount": pa.int64(),
    }
)

POSITIONS: Final = _schema(
    {
        "clock": pa.int32(),
        "instrument": pa.uint16(),
        "position": pa.int64(),
        "cost": pa.int64(),
        "realised": pa.int64(),
    }
)

TRADES: Final = _schema(
    {
        "instrument": pa.uint16(),
        "side": pa.int8(),
        "quantity": pa.int64(),
        "opened": pa.int32(),
        "closed": pa.int32(),
        "cost": pa.int64(),
        "proceeds": pa.int64(),
        "fees": pa.int64(),
        "profit": pa.int64(),
        "order": pa.uint32(),
    }
)

POSTINGS: Final = _schema(
    {
        "source": pa.uint8(),
        "row": pa.uint32(),
        "account": pa.uint8(),
        "instrument": pa.uint16(),
        "currency": pa.uint8(),
        "amount": pa.int64(),
    }
)

REFUSALS: Final = _schema(
    {
        "order": pa.uint32(),
        "clock": pa.int32(),
        "moment": pa.uint8(),
        "rule": pa.uint8(),
        "limit": pa.int64(),
        "value": pa.int64(),
    }
)
"""What a limit said when it refused an order: sizes in lots, values in minor units."""

SCHEMAS: Final[dict[str, pa.Schema]] = {
    "equity": EQUITY,
    "orders": ORDERS,
    "fills": FILLS,
    "events": EVENTS,
    "flows": FLOWS,
    "positions": POSITIONS,
    "trades": TRADES,
    "postings": POSTINGS,
    "refusals": REFUSALS,
}
"""All canonical tables by name."""

LATER: Final = frozenset({"refusals"})
"""The tables that results of older versions do not have."""

HASHED: Final = ("equity", "orders", "fills", "events", "flows")
"""The tables that make up a run's `result_hash`, in this order; the others follow from them or explain them."""


def empty(name: str) -> pa.Table:
    """A table of this name without rows.

    >>> empty("flows").column_names
    ['clock', 'kind', 'instrument', 'currency', 'amount']
    """
    return SCHEMAS[name].empty_table()


def conform(name: str, table: pa.Table) -> pa.Table:
    """The table with exactly the canonical schema; `ValueError` if columns are missing or do not fit.

    >>> conform("flows", empty("flows")).num_rows
    0
    """
    schema = SCHEMAS[name]
    if table.column_names != schema.names:
        raise ValueError(f"table {name!r} has columns {table.column_names}, expected {schema.names}")
    return table if table.schema.equals(schema) else table.cast(schema)
