"""Bars from Parquet and CSV files."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import pyarrow as pa

from triplebar.contracts.errors import DataError
from triplebar.data.columns import ALL
from triplebar.data.faults import FaultList
from triplebar.data.places import CsvLines, Part, Place, Places

PathLike: TypeAlias = str | Path
Paths: TypeAlias = PathLike | Sequence[PathLike]

CSV_ENDINGS: Final = frozenset({".csv", ".txt"})
BLOCK_BYTES: Final = 1 << 20
PARQUET_ENDINGS: Final = frozenset({".parquet", ".pq"})


class Naming(Protocol):
    """The part of the import options that a reader of files must know."""

    @property
    def columns(self) -> Mapping[str, str] | None:
        """Our names of columns to those of the file."""


class DataFileError(DataError, FileNotFoundError):
    """A file of market data is not there."""


def read_file(paths: Paths, options: Naming, faults: FaultList) -> pa.Table:
    """Read Parquet and CSV files, each told by the ending of its name, one below the other."""
    listed = path_list(paths)
    for path in listed:
        if path.suffix.lower() not in CSV_ENDINGS | PARQUET_ENDINGS:
            fix = "let it end in .parquet or .csv"
            raise DataError("is neither Parquet nor CSV by its name", where=str(path), fix=fix)
    return _read(listed, options, faults)


def read_parquet(paths: Paths, options: Naming, faults: FaultList) -> pa.Table:
    """Return the columns that matter of one file or of several, one below the other."""
    return _read(path_list(paths), options, faults, csv=False)


def _read(paths: list[Path], options: Naming | None, faults: FaultList, *, csv: bool | None = None) -> pa.Table:
    """Read files of one kind, or (`csv` None) each by its ending."""
    tables, parts = [], []
    for path in paths:
        lines = CsvLines(path) if (path.suffix.lower() in CSV_ENDINGS if csv is None else csv) else None
        tables.append(read_one_parquet(path, options) if lines is None else _read_one_csv(path, lines, faults))
        parts.append(Part(path.name, tables[-1].num_rows, lines))
    faults.places = Places(tuple(parts))
    return joined(tables, paths)


def read_one_parquet(path: Path, options: Naming | None) -> pa.Table:
    """Return the columns that matter of one file; others are not even read."""
    from pyarrow import parquet

    theirs = {*ALL, *((options and options.columns) or {}).values()}
    try:
        with parquet.ParquetFile(path) as file:
            names = [name for name in file.schema_arrow.names if name in theirs]
        texts = [name for name in names if name == "symbol"]  # pyarrow refuses a name that the file does not have
        with parquet.ParquetFile(path, read_dictionary=texts) as file:
            return file.read(columns=names)
    except (pa.ArrowException, OSError) as problem:
        raise unreadable(path, problem, "Parquet") from problem


def read_csv(paths: Paths, faults: FaultList) -> pa.Table:
    """Return the table of one file with a header or of several; broken lines become faults."""
    return _read(path_list(paths), None, faults, csv=True)


def _read_one_csv(path: Path, lines: CsvLines, faults: FaultList) -> pa.Table:
    from pyarrow import csv

    _check_text(path)
    broken: list[csv.InvalidRow] = []

    def remember(row: csv.InvalidRow) -> str:
        broken.append(row)
        lines.broken.append(row.number)
        return "skip"

    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=False),
            parse_options=csv.ParseOptions(invalid_row_handler=remember),
            convert_options=csv.ConvertOptions(strings_can_be_null=True),
        )
    except (pa.ArrowException, OSError) as problem:
        raise unreadable(path, problem, "CSV") from problem
    for row in broken:
        place = Place(row.number - 1, path.name, int(lines.filled[row.number - 1]))
        problem_text = f"has {row.actual_columns} fields instead of {row.expected_columns}: {row.text[:60]!r}"
        faults.add("broken_line", problem_text, "mend the line", place=place)
    return table


def _check_text(path: Path) -> None:
    """Refuse what is no text in UTF-8, before the reader stumbles over it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            try:
                decoder.decode(block.replace(b"\0", b"\xff"))
            except UnicodeDecodeError as problem:
                line += block[: problem.start].count(b"\n")
                where = f"{path.name}, line {line}"
                raise DataError("is not text in UTF-8", where=where, fix="save the file in UTF-8") from problem
            line += block.count(b"\n")


def path_list(paths: Paths) -> list[Path]:
    """Return the paths as a list; a missing one is a `DataFileError`.

    >>> path_list("no-such-file.csv")
    Traceback (most recent call last):
    triplebar.data.files.DataFileError: no-such-file.csv: there is no such file; check the path
    """
    try:
        listed = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    except TypeError:
        raise DataError(
            f"{paths!r} is not a path", where="path", fix="give a text, a Path, or a list of them"
        ) from None
    if not listed:
        raise DataError("no file was given", where="path", fix="name at least one file")
    for path in listed:
        if path.is_dir():
            raise DataFileError("is a folder, not a file", where=str(path), fix="name the files in it")
        if not path.is_file():
            raise DataFileError("there is no such file", where=str(path), fix="check the path")
    return listed


def joined(tables: list[pa.Table], paths: list[Path]) -> pa.Table:
    """Put tables one below the other; their columns must agree."""
    if len(tables) == 1:
        return tables[0]
    try:
        return pa.concat_tables([_plain_symbols(table) for table in tables], promote_options="permissive")
    except pa.ArrowException as problem:
        where = ", ".join(str(path) for path in paths)
        raise DataError(f"the files do not have the same columns: {problem}", where=where) from problem


def _plain_symbols(table: pa.Table) -> pa.Table:
    """Symbols as texts: dictionaries of different files do not always go together."""
    place = table.schema.get_field_index("symbol")
    if place < 0 or not pa.types.is_dictionary(table.schema.field(place).type):
        return table
    return table.set_column(place, "symbol", table.column(place).cast(pa.string()))


def unreadable(path: Path, problem: Exception, kind: str) -> DataError:
    """Return the error for a file that is there but broken."""
    fix = f"check that it is a whole {kind} file"
    return DataError(f"cannot be read as {kind}: {str(problem).splitlines()[0]}", where=str(path), fix=fix)
