"""Bars from Parquet and CSV files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from triplebar.contracts.errors import DataError
from triplebar.data.columns import ALL
from triplebar.data.faults import FaultList

PathLike: TypeAlias = str | Path
Paths: TypeAlias = PathLike | Sequence[PathLike]


class DataFileError(DataError, FileNotFoundError):
    """A file of market data is not there."""


def read_parquet(
    paths: Paths, columns: Mapping[str, str] | None = None, symbol: str | None = None
) -> tuple[pa.Table, str]:
    """Return the columns that matter of one file or of several, one below the other, and what to call them."""
    from pyarrow import parquet

    theirs = {*ALL, *(columns or {}).values()} - ({"symbol"} if symbol and "symbol" not in (columns or {}) else set())
    tables = []
    for path in path_list(paths):
        try:
            with parquet.ParquetFile(path) as file:
                wanted = [name for name in file.schema_arrow.names if name in theirs]
                tables.append(file.read(columns=wanted))
        except (pa.ArrowException, OSError) as problem:
            raise _unreadable(path, problem, "Parquet") from problem
    return joined(tables, path_list(paths)), paths_text(paths)


def read_csv(paths: Paths, faults: FaultList) -> tuple[pa.Table, str]:
    """Return the table of one file with a header or of several, and what to call it; broken lines become faults."""
    tables = [read_one_csv(path, faults) for path in path_list(paths)]
    return joined(tables, path_list(paths)), paths_text(paths)


def read_one_csv(path: Path, faults: FaultList) -> pa.Table:
    """Return the table of one CSV file; a line with too many or too few fields becomes a fault."""
    from pyarrow import csv

    def broken(row: csv.InvalidRow) -> str:
        problem = f"has {row.actual_columns} fields instead of {row.expected_columns}"
        faults.add("broken_line", f"{problem}: {row.text[:60]!r}", "mend the line", line=row.number)
        return "skip"

    try:
        return csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=False),
            parse_options=csv.ParseOptions(invalid_row_handler=broken),
            convert_options=csv.ConvertOptions(strings_can_be_null=True),
        )
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise _unreadable(path, problem, "CSV") from problem


def path_list(paths: Paths) -> list[Path]:
    """Return the paths as a list; a missing one is a `DataFileError`.

    >>> path_list("no-such-file.csv")
    Traceback (most recent call last):
    triplebar.data.files.DataFileError: no-such-file.csv: there is no such file; check the path
    """
    listed = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    if not listed:
        raise DataError("no file was given", where="path", fix="name at least one file")
    for path in listed:
        if not path.is_file():
            raise DataFileError("there is no such file", where=str(path), fix="check the path")
    return listed


def paths_text(paths: Paths) -> str:
    """Name the files in a message.

    >>> paths_text(["a/x.csv", "a/y.csv"])
    'x.csv + y.csv'
    """
    listed = [paths] if isinstance(paths, (str, Path)) else list(paths)
    return " + ".join(Path(path).name for path in listed)


def joined(tables: list[pa.Table], paths: list[Path]) -> pa.Table:
    """Put tables one below the other; their columns must agree."""
    try:
        return pa.concat_tables(tables, promote_options="permissive") if len(tables) > 1 else tables[0]
    except pa.ArrowException as problem:
        where = ", ".join(str(path) for path in paths)
        raise DataError(f"the files do not have the same columns: {problem}", where=where) from problem


def _unreadable(path: Path, problem: Exception, kind: str) -> DataError:
    fix = f"check that it is a whole {kind} file"
    return DataError(f"cannot be read as {kind}: {str(problem).splitlines()[0]}", where=str(path), fix=fix)
