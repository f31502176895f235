"""Where a row of a table came from: which file, which row of it, and which line of a text file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from triplebar.data.arrays import IntArray


class Lines(Protocol):
    """Finds the line of a row in a text file."""

    def of_row(self, index: int) -> int:
        """Return the line, from 1, of the row with this index."""


@dataclass(frozen=True)
class CsvLines:
    """Lines of a CSV file with a header; blank and broken lines are no rows. The file is read again only if asked."""

    path: Path
    broken: list[int] = field(default_factory=list)
    """Broken lines, counted from 1 among those that are not blank, the header being the first."""

    @cached_property
    def filled(self) -> IntArray:
        """The numbers of the lines that are not blank."""
        with self.path.open("rb") as file:
            return np.array([number for number, line in enumerate(file, 1) if line.strip(b"\r\n")], dtype=np.int64)

    @cached_property
    def rows(self) -> IntArray:
        """The numbers of the lines that became rows."""
        return np.delete(self.filled, [0, *(number - 1 for number in self.broken)])

    def of_row(self, index: int) -> int:
        """Return the line, from 1, of the row with this index."""
        return int(self.rows[index])


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table that came from one file."""

    file: str | None
    rows: int
    lines: Lines | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A row, counted from 1 in its file."""

    row: int
    file: str | None = None
    line: int | None = None

    def text(self, column: str | None = None) -> str:
        """Write it for people.

        >>> Place(7, "x.csv", 8).text("low")
        'x.csv, line 8, column low'
        """
        parts = (
            self.file,
            f"row {self.row}" if self.line is None else f"line {self.line}",
            column and f"column {column}",
        )
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Places:
    """The files of a table, in the order of its rows."""

    parts: tuple[Part, ...] = ()
    rows_before: int = 0
    """Rows of the file before the table, when it is read in chunks."""

    def of(self, index: int) -> Place:
        """Return the place of the row with this index.

        >>> Places((Part("a.parquet", 10), Part("b.parquet", 5))).of(12)
        Place(row=3, file='b.parquet', line=None)
        """
        index += self.rows_before
        for part in self.parts:
            if index < part.rows or part is self.parts[-1]:
                return Place(index + 1, part.file, None if part.lines is None else part.lines.of_row(index))
            index -= part.rows
        return Place(index + 1)

    @property
    def file(self) -> str | None:
        """The names of all files."""
        names = dict.fromkeys(part.file for part in self.parts if part.file)
        return " + ".join(names) or None
