"""What a caller names, symbols of a market or of tables in a range, as content to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from triplebar.contracts.errors import ConfigError, DataQualityError, UnknownSymbolError
from triplebar.data.market import Market
from triplebar.data.snapshot_bytes import plain_table, tables_digest
from triplebar.data.snapshot_market import content_of
from triplebar.data.snapshot_record import Content
from triplebar.data.times import Instant, instant_ns

NS_OF_UNIT: Final = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def content_of_tables(symbols: Sequence[str], data: object, start: Instant | None, end: Instant | None) -> Content:
    """Cut what is meant, and check that every symbol has something.

    >>> table = {"time": pa.array([1, 2, 3], pa.timestamp("ns", "UTC")), "close": [1.0, 2.0, 3.0]}
    >>> content_of_tables(["X"], {"X": table}, 2, None).total_rows
    2
    """
    wanted = _symbols(symbols)
    if isinstance(data, Market):
        chosen = data.select(wanted).between(start, end)
        _check_all_there(wanted, chosen.symbols)
        return content_of(chosen).within(*_range(start, end))
    if not isinstance(data, Mapping):
        fix = "write e.g. {'AAPL': table}"
        raise ConfigError.of("data", type(data).__name__, "must be a Market or tables by symbol", fix=fix)
    _check_all_there(wanted, data)
    tables = {symbol: _cut(symbol, plain_table(symbol, data[symbol]), start, end) for symbol in wanted}
    spans = [span for each in tables.values() if (span := _span(each)) is not None]
    first = min((each[0] for each in spans), default=None)
    last = max((each[1] for each in spans), default=None)
    content = Content("tables", tables_digest(tables), tables, {}, None, first, last)
    return content.within(*_range(start, end))


def _symbols(symbols: object) -> list[str]:
    if isinstance(symbols, str) or not isinstance(symbols, Sequence) or not symbols:
        raise ConfigError.of("symbols", symbols, "must be a list of symbols", fix="write e.g. ['AAPL']")
    for each in symbols:
        if not isinstance(each, str) or not each:
            raise ConfigError.of("symbols", each, "must be a text", fix="write e.g. ['AAPL']")
    return sorted(set(symbols), key=str.encode)


def _check_all_there(wanted: Sequence[str], known: Any) -> None:  # noqa: ANN401 - a sequence or a mapping
    for symbol in wanted:
        if symbol not in known:
            raise UnknownSymbolError.of(symbol, known)


def _range(start: Instant | None, end: Instant | None) -> tuple[int | None, int | None]:
    return (
        None if start is None else instant_ns(start, "start"),
        None if end is None else instant_ns(end, "end"),
    )


def _time_name(table: pa.Table) -> str | None:
    """The column of times: the one called so, or the only one."""
    times = [each.name for each in table.schema if pa.types.is_timestamp(each.type)]
    return "time" if "time" in times else times[0] if len(times) == 1 else None


def _times_ns(table: pa.Table, name: str) -> pa.ChunkedArray:
    column = table.column(name)
    return pc.multiply_checked(column.cast(pa.int64()), NS_OF_UNIT[column.type.unit])


def _cut(symbol: str, table: pa.Table, start: Instant | None, end: Instant | None) -> pa.Table:
    first, last = _range(start, end)
    if first is not None or last is not None:
        name = _time_name(table)
        if name is None:
            fix = "call it 'time', or leave out start and end"
            raise DataQualityError("no column of times to cut at", where=symbol, fix=fix)
        times = _times_ns(table, name)
        inside = pc.is_valid(times) if first is None else pc.greater_equal(times, first)
        table = table.filter(inside if last is None else pc.and_(inside, pc.less(times, last))).combine_chunks()
    if not table.num_rows:
        raise DataQualityError("has no rows in this range", where=symbol, fix="ask for another range")
    return table


def _span(table: pa.Table) -> tuple[int, int] | None:
    name = _time_name(table)
    if name is None:
        return None
    found = pc.min_max(_times_ns(table, name)).as_py()
    return None if found["min"] is None else (found["min"], found["max"])
