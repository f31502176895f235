"""Columns of signals, in whatever form they come: checked value by value, then bar by bar against a market."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from triplebar.contracts.errors import DataQualityError, UnknownSymbolError
from triplebar.contracts.time import to_text
from triplebar.strategy.signal_tables import arrow_table

if TYPE_CHECKING:
    from triplebar.data.market import Market

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

TABLE: Final = ("time", "symbol", "value")
ROWS_SHOWN: Final = 3


@dataclass(frozen=True)
class Columns:
    """Values by symbol, and the times they are for where a long table said so; None stands for the only instrument."""

    values: Mapping[str | None, FloatArray]
    times: Mapping[str | None, IntArray] | None = None

    def of(self, symbol: str | None) -> FloatArray:
        """The column of a symbol, or the only one."""
        if symbol is None and len(self.values) == 1:
            return next(iter(self.values.values()))
        if symbol not in self.values:
            raise UnknownSymbolError.of(symbol, [each for each in self.values if each is not None])
        return self.values[symbol]


def read_columns(name: str, given: object) -> Columns:
    """Take one column, a mapping from symbols to columns, or a long table; every value must be finite."""
    if is_table(given):
        return _of_table(name, given)
    if isinstance(given, Mapping):
        if not given:
            raise DataQualityError("is empty", where=name, fix="give at least one column")
        return Columns({_symbol(name, key): numbers(f"{name} of {key}", value) for key, value in given.items()})
    return Columns({None: numbers(name, given)})


def read_flags(name: str, given: object) -> dict[str | None, BoolArray]:
    """Take columns of truth values in the same forms."""
    if isinstance(given, Mapping) and not is_table(given):
        return {_symbol(name, key): flags(f"{name} of {key}", value) for key, value in given.items()}
    return {None: flags(name, given)}


def numbers(where: str, given: object) -> FloatArray:
    """One column of finite numbers.

    >>> numbers("target", [1, 2.5]).tolist()
    [1.0, 2.5]
    >>> numbers("target", ["1"])
    Traceback (most recent call last):
    triplebar.contracts.errors.DataQualityError: target: <U1 are not numbers; give a column of numbers
    """
    found = array_of(where, given)
    if found.dtype.kind not in "biuf":
        raise DataQualityError(f"{found.dtype.str[0:3]} are not numbers", where=where, fix="give a column of numbers")
    column: FloatArray = np.array(found, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(column))
    if bad.size:
        raise _bad_row(where, int(bad[0]), column[bad[0]], "is not a finite number", "fill it before")
    column.flags.writeable = False
    return column


def flags(where: str, given: object) -> BoolArray:
    """One column of truth values; numbers must be 0 or 1.

    >>> flags("entries", [1, 0]).tolist()
    [True, False]
    """
    found = array_of(where, given)
    if found.dtype.kind == "b":
        return np.asarray(found, dtype=np.bool_)
    column = numbers(where, found)
    bad = np.flatnonzero((column != 0) & (column != 1))
    if bad.size:
        raise _bad_row(where, int(bad[0]), column[bad[0]], "is neither true nor false", "compare before")
    return np.asarray(column, dtype=np.bool_)


def array_of(where: str, given: object) -> npt.NDArray[Any]:
    """A one-dimensional array of what was given; an Arrow null is named by its row."""
    if hasattr(given, "__arrow_c_array__") or hasattr(given, "__arrow_c_stream__"):
        given = _of_arrow(where, given)
    try:
        found = np.asarray(given)
    except ValueError as problem:
        raise DataQualityError(f"is no column: {problem}", where=where, fix="give one number a bar") from problem
    if found.ndim != 1:
        raise DataQualityError(f"has {found.ndim} dimensions", where=where, fix="give one number a bar")
    return found


def _of_arrow(where: str, given: Any) -> npt.NDArray[Any]:  # noqa: ANN401 - anything that speaks Arrow
    import pyarrow as pa

    from triplebar.contracts.arrow import to_numpy

    column = pa.chunked_array(given) if hasattr(given, "__arrow_c_stream__") else pa.array(given)
    if column.null_count:
        row = next(row for row, value in enumerate(column) if not value.is_valid)
        raise _bad_row(where, row, None, "is not a number", "fill it before")
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.asarray(column.to_pylist(), dtype=object)
    try:
        return to_numpy(column)
    except (ValueError, NotImplementedError, pa.ArrowException) as problem:
        raise DataQualityError(
            f"is of kind {column.type}", where=where, fix="give numbers, texts or times"
        ) from problem


def is_table(given: object) -> bool:
    """Whether something is a long table: it has named columns, `time` and `symbol` among them."""
    names = getattr(given, "column_names", None) or getattr(given, "columns", None)
    if names is None and isinstance(given, Mapping):
        names = list(given)
    return names is not None and not callable(names) and {"time", "symbol"} <= {str(each) for each in names}


def times_of(name: str, column: object) -> IntArray:
    """Times as nanoseconds since 1970: aware timestamps of any unit, or whole nanoseconds."""
    import pyarrow as pa

    kind = column.type if isinstance(column, pa.ChunkedArray) else None
    if kind is not None and pa.types.is_timestamp(kind):
        if kind.tz is None:
            raise DataQualityError("time has no zone", where=name, fix="use timestamps in UTC")
        try:
            column = column.cast(pa.timestamp("ns", "UTC")).cast(pa.int64())  # type: ignore[attr-defined]
        except pa.ArrowInvalid as problem:
            raise DataQualityError(f"{problem}", where=f"{name}, time", fix="give times from 1678 to 2261") from problem
    found = array_of(f"{name}, time", column)
    if found.dtype.kind not in "iu":
        raise DataQualityError("time is no time", where=name, fix="give timestamps in UTC or whole nanoseconds")
    bad = np.flatnonzero(found > np.iinfo(np.int64).max)
    if bad.size:
        raise _bad_row(f"{name}, time", int(bad[0]), found[bad[0]], "is no time", "give nanoseconds since 1970")
    return np.asarray(found, dtype=np.int64)


def _of_table(name: str, given: object) -> Columns:
    names = getattr(given, "column_names", None) or (list(given) if isinstance(given, Mapping) else [])
    value = name if name in names else "value"
    table = arrow_table(name, given, ("time", "symbol", value))
    symbols = array_of(f"{name}, symbol", table.column("symbol"))
    times, values = times_of(name, table.column("time")), numbers(name, table.column(value))
    rows = {str(symbol): np.flatnonzero(symbols == symbol) for symbol in dict.fromkeys(symbols.tolist())}
    return Columns(
        {symbol: values[places] for symbol, places in rows.items()},
        {symbol: times[places] for symbol, places in rows.items()},
    )


def aligned(name: str, columns: Columns, market: Market) -> dict[str, FloatArray]:
    """The columns by symbol, each one value for each bar of its instrument."""
    found = {}
    for key, values in columns.values.items():
        if key is None and len(market.symbols) != 1:
            fix = f"give a mapping: {{{market.symbols[0]!r}: column, ...}}"
            raise DataQualityError(f"is one column for {len(market.symbols)} instruments", where=name, fix=fix)
        symbol = market.symbols[0] if key is None else key
        series = market.series(symbol)
        given = None if columns.times is None else columns.times[key]
        if given is not None:
            _check_times(f"{name} of {symbol}", given, series.time)
        if values.size != len(series):
            row = min(values.size, len(series))
            problem = f"has {values.size} values for {len(series)} bars"
            where = f"{name} of {symbol}, row {row}"
            raise DataQualityError(problem, where=where, fix="give one value for each bar of the market")
        found[symbol] = values
    return found


def _check_times(where: str, given: IntArray, bars: IntArray) -> None:
    count = min(given.size, bars.size)
    off = np.flatnonzero(given[:count] != bars[:count])
    if off.size:
        row = int(off[0])
        problem = f"the value is for {to_text(int(given[row]))}, the bar is that of {to_text(int(bars[row]))}"
        fix = "give one value for each bar, in order of time"
        raise DataQualityError(problem, where=f"{where}, row {row}", fix=fix)


def digest_of(content: object) -> str:
    """SHA-256 of columns or planned orders: what they say, not where they came from."""
    sha = hashlib.sha256()
    if isinstance(content, Columns):
        for symbol, values in sorted(content.values.items(), key=lambda item: item[0] or ""):
            sha.update(f"{symbol!r} {values.size}\n".encode())
            sha.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    else:
        sha.update(repr(content).encode())
    return sha.hexdigest()


def _symbol(name: str, key: object) -> str:
    if not isinstance(key, str):
        raise DataQualityError(f"{key!r} is no symbol", where=name, fix="give a mapping from symbols to columns")
    return key


def _bad_row(where: str, row: int, value: object, problem: str, fix: str) -> DataQualityError:
    shown = "null" if value is None else f"{value}"
    return DataQualityError(f"{shown} {problem}", where=f"{where}, row {row}", fix=fix)
