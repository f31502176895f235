"""Tables as plain lines: nothing is cut off or folded, so that ids can be copied and lines be searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NUMERIC = frozenset("0123456789.,-+einf% ")


def plain_columns(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table, numbers to the right.

    >>> print(plain_columns(["run", "trades"], [["tb-1", 12], ["tb-02", None]]))
    run    trades
    tb-1       12
    tb-02
    """
    shown = [[_cell(each) for each in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *shown, strict=True)]
    right = [bool(shown) and all(set(row[place]) <= NUMERIC for row in shown) for place in range(len(names))]
    return "\n".join(_line(row, widths, right) for row in [names, *shown])


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = zip(row, widths, right, strict=True)
    return "  ".join(cell.rjust(width) if numeric else cell.ljust(width) for cell, width, numeric in cells).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.6g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
