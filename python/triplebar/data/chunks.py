"""Files larger than the memory: read, checked and handed on in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Unpack

import numpy as np
import pyarrow as pa

from triplebar.contracts.errors import ConfigError
from triplebar.data.columns import ALL, NUMBERS, Columns, read_columns, renamed
from triplebar.data.faults import BadDataError, FaultList
from triplebar.data.files import CSV_ENDINGS, PARQUET_ENDINGS, PathLike, path_list, unreadable
from triplebar.data.importing import ImportKeywords, ImportOptions
from triplebar.data.places import Lines, Part, Places
from triplebar.data.rows import Grouping, check_rows, group
from triplebar.data.times import to_text

CHUNK_ROWS: Final = 65_536
CSV_BLOCK_BYTES: Final = 1 << 22
READ_BUFFER_BYTES: Final = 1 << 16


def read_chunks(
    path: PathLike, *, rows: int = CHUNK_ROWS, columns: Mapping[str, str] | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of a Parquet or CSV file in tables of at most `rows`; memory does not grow with the file.

    `columns` tells under which names a CSV file has our columns of numbers, so that all chunks agree on their type.
    """
    if rows < 1:
        raise ConfigError.of("rows", rows, "must be at least 1", fix=f"use {CHUNK_ROWS}")
    file = path_list(path)[0]
    ending = file.suffix.lower()
    if ending not in CSV_ENDINGS | PARQUET_ENDINGS:
        raise ConfigError.of(
            "path", str(file), "is neither Parquet nor CSV by its name", fix="name it .parquet or .csv"
        )
    batches = _csv_batches(file, columns or {}) if ending in CSV_ENDINGS else _parquet_batches(file, rows)
    return _tables(file, batches, rows)


def _tables(file: Path, batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    try:
        for batch in batches:
            for start in range(0, batch.num_rows, rows):
                yield pa.Table.from_batches([batch.slice(start, rows)])
    except (pa.ArrowException, OSError) as problem:
        raise unreadable(file, problem, "Parquet or CSV") from problem


def _parquet_batches(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    from pyarrow import parquet

    # without pre-buffering and with a small buffer, pages are read as they are needed, not whole row groups
    with parquet.ParquetFile(path, pre_buffer=False, buffer_size=READ_BUFFER_BYTES) as file:
        yield from file.iter_batches(batch_size=rows, use_threads=False)


def _csv_batches(path: Path, columns: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    from pyarrow import csv

    options = csv.ReadOptions(use_threads=False, block_size=CSV_BLOCK_BYTES)
    kinds = {columns.get(name, name): pa.float64() for name in NUMBERS}
    convert = csv.ConvertOptions(column_types=kinds, strings_can_be_null=True)
    with csv.open_csv(path, read_options=options, convert_options=convert) as reader:
        yield from reader


def stream_bars(path: PathLike, *, rows: int = CHUNK_ROWS, **options: Unpack[ImportKeywords]) -> Iterator[pa.Table]:
    """Yield the bars of a file in checked chunks; a chunk with a fault raises `BadDataError` with its rows in the file.

    The columns are `time`, `symbol` and the five numbers; within each symbol, times rise through the whole file.
    """
    chosen = ImportOptions.of(options)
    check = _ChunkCheck(path_list(path)[0].name, chosen)
    for table in read_chunks(path, rows=rows, columns=chosen.columns):
        yield check.checked(table)


class _UnknownLines(Lines):
    """Chunks do not know the lines of a text file."""

    def of_row(self, index: int) -> int:
        """The line if no line is blank: the header is the first."""
        return index + 2


@dataclass(slots=True)
class _ChunkCheck:
    """Checks chunk after chunk, and remembers the last time of each symbol."""

    file: str
    options: ImportOptions
    rows: int = 0
    last_ns: dict[str, int] = field(default_factory=dict)

    def checked(self, table: pa.Table) -> pa.Table:
        """Return the columns of a chunk, or raise with its faults."""
        named = renamed(table, self.options.columns)
        faults = FaultList(Places((Part(self.file, table.num_rows),), rows_before=self.rows))
        columns = read_columns(named, faults, symbol=self.options.symbol, time_zone=self.options.time_zone)
        grouping = group(columns)
        check_rows(columns, grouping, faults)
        self._check_seam(columns, grouping, faults)
        if faults.total:
            raise BadDataError(faults)
        self.rows += table.num_rows
        return named.select([name for name in ALL if name in named.column_names])

    def _check_seam(self, columns: Columns, grouping: Grouping, faults: FaultList) -> None:
        """The first time of each symbol must follow its last one of the chunks before."""
        if columns.time is None or columns.rows == 0 or faults.total:
            return
        rows = np.arange(columns.rows) if grouping.order is None else grouping.order
        for number, symbol in enumerate(columns.symbols):
            first, last = int(rows[grouping.bounds[number]]), int(rows[grouping.bounds[number + 1] - 1])
            time_ns = int(columns.time[first])
            if time_ns <= self.last_ns.get(symbol, time_ns - 1):
                before = to_text(self.last_ns[symbol])
                problem = f"{symbol} at {to_text(time_ns)} does not come after its bar at {before}"
                place = faults.places.of(first)
                faults.add("unsorted", problem, "sort the file by time", column="time", place=place)
            self.last_ns[symbol] = int(columns.time[last])
