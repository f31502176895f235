"""Long tables of signals and planned orders as Arrow: what cannot be a table is named by column and row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from triplebar.contracts.errors import DataQualityError
from triplebar.contracts.suggest import hint

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_table(name: str, given: object, needed: Iterable[str]) -> pa.Table:
    """A long table as Arrow, with the columns that it must have.

    >>> arrow_table("orders", {"time": [60], "symbol": ["X"]}, ("time", "symbol")).num_rows
    1
    >>> arrow_table("orders", {"time": [60, 61], "symbol": ["X"]}, ("time",))
    Traceback (most recent call last):
    triplebar.contracts.errors.DataQualityError: orders, symbol, row 1: has 1 rows, but time has 2; give each a value
    """
    if isinstance(given, Mapping):
        table = _of_columns(name, given)
    elif hasattr(given, "__arrow_c_stream__"):
        table = _of_stream(name, given)
    else:
        raise DataQualityError("is no table", where=name, fix="give a pyarrow, polars or pandas table")
    for column in needed:
        if column not in table.column_names:
            raise DataQualityError(f"has no column {column!r}", where=name, fix=hint(column, table.column_names))
    return table


def _of_stream(name: str, given: Any) -> pa.Table:  # noqa: ANN401 - anything that speaks Arrow
    import pyarrow as pa

    try:
        return pa.RecordBatchReader.from_stream(given).read_all()
    except (pa.ArrowException, TypeError, ValueError) as problem:
        if hasattr(given, "columns") and hasattr(given, "__getitem__"):
            return _of_columns(name, {column: given[column] for column in given.columns})
        raise DataQualityError(f"is no table: {problem}", where=name, fix="give columns with names") from problem


def _of_columns(name: str, given: Mapping[Any, Any]) -> pa.Table:
    import pyarrow as pa

    columns = {str(key): _column(f"{name}, {key}", value) for key, value in given.items()}
    first = next(iter(columns), "")
    for key, column in columns.items():
        lengths = len(column), len(columns[first])
        if lengths[0] != lengths[1]:
            problem = f"has {lengths[0]} rows, but {first} has {lengths[1]}"
            raise DataQualityError(problem, where=f"{name}, {key}, row {min(lengths)}", fix="give each a value")
    return pa.table(columns)


def _column(where: str, value: Any) -> pa.ChunkedArray | pa.Array:  # noqa: ANN401 - anything that a column can be made of
    import pyarrow as pa

    is_single = isinstance(value, (str, bytes, Mapping)) or getattr(value, "ndim", 1) == 0
    if is_single or not isinstance(value, Iterable):
        raise DataQualityError(f"{value!r} is no column", where=where, fix="give a value for each row")
    values = value if hasattr(value, "__len__") and hasattr(value, "__getitem__") else list(value)
    wrong = (pa.ArrowException, TypeError, ValueError, OverflowError)
    try:
        return _arrow(values)
    except wrong as problem:
        row = _first_bad(values, wrong)
        raise DataQualityError(
            f"{_item(values, row)!r} has no place in this column",
            where=f"{where}, row {row}",
            fix="give values of one kind",
        ) from problem


def _arrow(values: Any) -> pa.ChunkedArray | pa.Array:  # noqa: ANN401 - anything that a column can be made of
    import pyarrow as pa

    return pa.chunked_array(values) if hasattr(values, "__arrow_c_stream__") else pa.array(values)


def _first_bad(values: Any, wrong: tuple[type[Exception], ...]) -> int:  # noqa: ANN401 - anything with a length
    """The row with which making an array begins to fail, by halves."""
    low, high = 0, len(values)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            _arrow(values[:middle])
        except wrong:
            high = middle
        else:
            low = middle
    return low


def _item(values: Any, row: int) -> object:  # noqa: ANN401 - anything with a length
    found: object = values.iloc[row] if hasattr(values, "iloc") else values[row]
    return found
