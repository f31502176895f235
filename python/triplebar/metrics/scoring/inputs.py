"""The three tables that a score is made of, checked: what is wrong is named with its table, row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from triplebar.contracts.arrow import to_numpy
from triplebar.contracts.errors import DataError, LookAheadError
from triplebar.contracts.suggest import hint
from triplebar.contracts.time import to_text
from triplebar.metrics.inputs import FloatArray, IntArray

ACTIONS: Final = ("open", "add", "reduce", "close")
SIDES: Final[Mapping[str, int]] = {"short": 0, "-1": 0, "sell": 0, "long": 1, "1": 1, "+1": 1, "buy": 1}
"""The side of the position; a buy that reduces a short is still a record of the short side."""

TRADE_COLUMNS: Final = ("trader", "time", "token", "side", "action", "size", "value_usd", "closed_pnl")
POSITION_COLUMNS: Final = ("trader", "token", "side", "leverage")
FIGURES: Final = tuple(
    f"{figure}_{days}d{unit}" for figure, unit in (("roi", "_percent"), ("pnl", "")) for days in (7, 30, 90)
)
LEADERBOARD_COLUMNS: Final = ("trader", "label", "account_value", *FIGURES)


def arrow_table(source: Any, name: str, columns: Sequence[str]) -> pa.Table:  # noqa: ANN401 - anything Arrow
    """Take a table that has these columns."""
    if not hasattr(source, "__arrow_c_stream__"):
        fix = "give a pyarrow, polars or pandas table"
        raise DataError(f"{type(source).__name__} is not an Arrow table", where=name, fix=fix)
    table = pa.table(source)
    for column in columns:
        if column not in table.column_names:
            raise DataError(f"column {column!r} is missing", where=name, fix=hint(column, table.column_names))
    return table


def numbers(table: pa.Table, column: str, name: str, *, nulls: bool = False) -> FloatArray:
    """A column as floats; NaN where it is null, which only some columns may be."""
    data = table.column(column)
    if not (pa.types.is_floating(data.type) or pa.types.is_integer(data.type) or pa.types.is_decimal(data.type)):
        if not pa.types.is_null(data.type):
            raise DataError(
                f"{data.type} is not a number", where=f"{name}, column {column!r}", fix="cast it to float64"
            )
        data = pa.chunked_array([pa.nulls(table.num_rows, pa.float64())])
    data = data if pa.types.is_float64(data.type) else data.cast(pa.float64())
    found = np.asarray(to_numpy(data))
    bad = pc.fill_null(pc.is_nan(data), fill_value=False)
    if pc.any(bad).as_py():
        raise _fault(name, int(np.argmax(to_numpy(bad))), column, "nan is not a number", "leave it null or repair it")
    if data.null_count:
        none = np.asarray(to_numpy(pc.is_null(data)))
        if not nulls:
            raise _fault(name, int(np.argmax(none)), column, "is null", "fill it in, or leave the row out")
        found = np.where(none, np.nan, found)
    return found


def times_ns(table: pa.Table, column: str, name: str, *, nulls: bool = False) -> IntArray:
    """A column of times as nanoseconds; a null, which only some columns may have, is the largest number there is."""
    data = table.column(column)
    if pa.types.is_timestamp(data.type):
        if data.type.tz is None:
            fix = "give it the time zone UTC"
            raise DataError("the times have no zone", where=f"{name}, column {column!r}", fix=fix)
        data = data.cast(pa.timestamp("ns", "UTC"))
    elif not pa.types.is_int64(data.type):
        fix = "give timestamps, or nanoseconds since 1970 as int64"
        raise DataError(f"{data.type} is not a time", where=f"{name}, column {column!r}", fix=fix)
    found = np.asarray(to_numpy(data))
    if not data.null_count:
        return found
    none = np.asarray(to_numpy(pc.is_null(data)))
    if not nulls:
        raise _fault(name, int(np.argmax(none)), column, "is null", "fill it in, or leave the row out")
    return np.where(none, np.iinfo(np.int64).max, found)


def _fault(name: str, row: int, column: str, problem: str, fix: str) -> DataError:
    return DataError(problem, where=f"{name}, row {row}, column {column!r}", fix=fix)


def encoded(table: pa.Table, column: str, name: str) -> tuple[list[Any], npt.NDArray[np.int32]]:
    """A column of few different values: these, and for each row which one it is; nulls are refused."""
    data = table.column(column)
    if not pa.types.is_dictionary(data.type):
        data = pc.dictionary_encode(data)
    data = data.unify_dictionaries()
    if data.null_count:
        row = int(np.argmax(to_numpy(pc.is_null(data))))
        raise _fault(name, row, column, "is null", "fill it in, or leave the row out")
    if data.num_chunks == 0:
        return [], np.zeros(0, dtype=np.int32)
    places = np.concatenate([np.asarray(to_numpy(chunk.indices.cast(pa.int32()))) for chunk in data.chunks])
    return data.chunk(0).dictionary.to_pylist(), places


def coded(table: pa.Table, column: str, name: str, codes: Mapping[str, int]) -> npt.NDArray[np.int8]:
    """A column of words, or of +1 and -1, as codes."""
    words, places = encoded(table, column, name)
    table_of_codes = np.full(max(len(words), 1), -1, dtype=np.int8)
    for place, word in enumerate(words):
        table_of_codes[place] = codes.get(str(word).strip().lower(), -1)
    found = table_of_codes[places]
    bad = np.flatnonzero(found < 0)
    if bad.size:
        row = int(bad[0])
        fix = f"use one of {', '.join(sorted(codes))}"
        raise _fault(name, row, column, f"{words[places[row]]!r} is unknown", fix)
    return found


def traders_of(table: pa.Table, name: str, known: Sequence[str]) -> npt.NDArray[np.int32]:
    """For each row the place of its trader among those of the leaderboard."""
    words, places = encoded(table, "trader", name)
    place_of = {trader: place for place, trader in enumerate(known)}
    mapped = np.array([place_of.get(str(word), -1) for word in words] or [0], dtype=np.int32)
    found = mapped[places]
    bad = np.flatnonzero(found < 0)
    if bad.size:
        row = int(bad[0])
        fix = "add the trader to the leaderboard or leave the row out"
        raise _fault(name, row, "trader", f"{words[places[row]]!r} is not on the leaderboard", fix)
    return found


def not_after(table: pa.Table, name: str, as_of_ns: int) -> None:
    """Refuse a snapshot that was taken after the moment of the score."""
    if "time" in table.column_names and table.num_rows:
        late = np.flatnonzero(times_ns(table, "time", name) > as_of_ns)
        if late.size:
            fix = "give the snapshot that was known then"
            where = f"{name}, row {int(late[0])}"
            raise LookAheadError(f"was taken after as_of = {to_text(as_of_ns)}", where=where, fix=fix)


@dataclass(frozen=True)
class Leaderboard:
    """One row per trader; NaN where a figure is missing."""

    traders: list[str]
    labels: pa.Array
    account_value: FloatArray
    figures: Mapping[str, FloatArray]
    first_trade_ns: IntArray
    """When each traded first, as far as the leaderboard knows; else the largest number there is."""

    @classmethod
    def of(cls, source: Any, as_of_ns: int) -> Leaderboard:  # noqa: ANN401 - anything Arrow
        """Check the table."""
        table = arrow_table(source, "leaderboard", LEADERBOARD_COLUMNS)
        not_after(table, "leaderboard", as_of_ns)
        words, places = encoded(table, "trader", "leaderboard")
        _refuse_twice(places, [str(words[place]) for place in places], "leaderboard", "trader")
        label = table.column("label")
        first = np.full(table.num_rows, np.iinfo(np.int64).max)
        if "first_trade" in table.column_names:
            first = times_ns(table, "first_trade", "leaderboard", nulls=True)
        return cls(
            [str(words[place]) for place in places],
            pc.fill_null(label.cast(pa.string()), "").combine_chunks(),
            numbers(table, "account_value", "leaderboard", nulls=True),
            {name: numbers(table, name, "leaderboard", nulls=True) for name in FIGURES},
            first,
        )


def _refuse_twice(keys: npt.NDArray[Any], shown: Sequence[str], name: str, what: str) -> None:
    _, first = np.unique(keys, return_index=True)
    if first.size < keys.size:
        row = int(np.setdiff1d(np.arange(keys.size), first)[0])
        raise DataError(f"{what} {shown[row]} is there twice", where=f"{name}, row {row}", fix="keep one of the rows")


@dataclass(frozen=True)
class TradeRecords:
    """One entry per record, in the order given."""

    trader: npt.NDArray[np.int32]
    position: npt.NDArray[np.int32]
    """Numbers of trader, token and side together."""
    positions: int
    time_ns: IntArray
    action: npt.NDArray[np.int8]
    size: FloatArray
    value: FloatArray
    pnl: FloatArray

    @classmethod
    def of(cls, source: Any, leaderboard: Leaderboard) -> TradeRecords:  # noqa: ANN401 - anything Arrow
        """Check the table, all but order and numbers, which the kernel checks as it goes."""
        table = arrow_table(source, "trades", TRADE_COLUMNS)
        trader = traders_of(table, "trades", leaderboard.traders)
        tokens, token = encoded(table, "token", "trades")
        side = coded(table, "side", "trades", SIDES)
        position, count = _positions(trader, token, side, (len(leaderboard.traders), max(len(tokens), 1)))
        if "id" in table.column_names:
            _refuse_repeated_ids(table)
        return cls(
            trader,
            position,
            count,
            times_ns(table, "time", "trades"),
            coded(table, "action", "trades", {word: code for code, word in enumerate(ACTIONS)}),
            numbers(table, "size", "trades"),
            numbers(table, "value_usd", "trades"),
            numbers(table, "closed_pnl", "trades", nulls=True),
        )


DENSE_POSITIONS_MAX: Final = 20_000_000


def _positions(
    trader: npt.NDArray[np.int32], token: npt.NDArray[np.int32], side: npt.NDArray[np.int8], sizes: tuple[int, int]
) -> tuple[npt.NDArray[np.int32], int]:
    """Number trader, token and side together; as small numbers as there are of them if it could be too many."""
    traders, tokens = sizes
    if traders * tokens * 2 <= DENSE_POSITIONS_MAX:
        return (trader * np.int32(tokens) + token) * np.int32(2) + side, traders * tokens * 2
    wide = (trader.astype(np.int64) * tokens + token) * 2 + side
    found, places = np.unique(wide, return_inverse=True)
    return places.astype(np.int32), found.size


def _refuse_repeated_ids(table: pa.Table) -> None:
    """An id is unique; records that are alike but have none may be two fills, and count as two."""
    ids = table.column("id")
    if pc.count_distinct(ids, mode="all").as_py() < table.num_rows:
        _, places = encoded(table, "id", "trades")
        _refuse_twice(places, [repr(each) for each in ids.to_pylist()], "trades", "id")


def mean_leverage(source: Any, leaderboard: Leaderboard, as_of_ns: int) -> FloatArray:  # noqa: ANN401 - anything Arrow
    """The mean leverage of each trader's open positions; NaN without one."""
    table = arrow_table(source, "positions", POSITION_COLUMNS)
    not_after(table, "positions", as_of_ns)
    trader = traders_of(table, "positions", leaderboard.traders)
    tokens, token = encoded(table, "token", "positions")
    side = coded(table, "side", "positions", SIDES)
    shown = [f"{leaderboard.traders[one]}, {tokens[other]}" for one, other in zip(trader, token, strict=True)]
    wide = (trader.astype(np.int64) * max(len(tokens), 1) + token) * 2 + side
    _refuse_twice(wide, shown, "positions", "the position of")
    leverage = numbers(table, "leverage", "positions")
    bad = np.flatnonzero(~((leverage > 0) & np.isfinite(leverage)))
    if bad.size:
        row = int(bad[0])
        raise _fault("positions", row, "leverage", f"{leverage[row]} is not above 0", "repair it or leave the row out")
    count = np.bincount(trader, minlength=len(leaderboard.traders))
    total = np.bincount(trader, weights=leverage, minlength=len(leaderboard.traders))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
