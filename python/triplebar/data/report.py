"""What the import changed: the prices and volumes that were moved to the grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

EXAMPLES_MAX: Final = 5
"""Moved rows named for each column."""


@dataclass(frozen=True, slots=True)
class MovedRow:
    """One value that was moved; `row` counts from 1 in the table that was read."""

    row: int
    value: float
    shown: float


@dataclass(frozen=True, slots=True)
class MovedColumn:
    """The moves of one column of one instrument.

    >>> print(MovedColumn("X", "close", 2, 1000, 1, 0.4, (MovedRow(7, 1.304, 1.3),)))
    X close: 1 of 1000 values moved to 2 decimals, by at most 0.4 of one unit; row 7: 1.304 -> 1.3
    """

    symbol: str
    column: str
    precision: int
    checked: int
    moved: int
    largest_ticks: float
    examples: tuple[MovedRow, ...]

    def __str__(self) -> str:
        named = "; ".join(f"row {each.row}: {each.value!r} -> {each.shown!r}" for each in self.examples)
        return (
            f"{self.symbol} {self.column}: {self.moved} of {self.checked} values moved to {self.precision} decimals, "
            f"by at most {self.largest_ticks:.3g} of one unit; {named}"
        )


@dataclass(frozen=True, slots=True)
class GridReport:
    """All moves of an import; false if there were none.

    >>> bool(GridReport()), GridReport().moved
    (False, 0)
    """

    columns: tuple[MovedColumn, ...] = ()

    @property
    def moved(self) -> int:
        """How many values were moved."""
        return sum(column.moved for column in self.columns)

    @property
    def largest_ticks(self) -> float:
        """The largest move, in ticks or lots."""
        return max((column.largest_ticks for column in self.columns), default=0.0)

    def __bool__(self) -> bool:
        return bool(self.columns)

    def __iter__(self) -> Iterator[MovedColumn]:
        return iter(self.columns)

    def __str__(self) -> str:
        return "\n".join(str(column) for column in self.columns) or "every value was on the grid"
