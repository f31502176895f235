"""Reports as files: CSV tables, and all kinds of report side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from triplebar.contracts import atomic
from triplebar.contracts.result import RunResult
from triplebar.report.text import json_report, markdown_report, text_report

TABLES: Final = ("equity", "orders", "fills", "trades", "positions", "flows", "costs")
"""The tables that are written as CSV."""


def csv_text(table: pa.Table) -> str:
    """Write a table as CSV with a header; times in ISO form, numbers so that they read back the same.

    >>> print(csv_text(pa.table({"symbol": ["X"], "price": [0.1]})), end="")
    "symbol","price"
    "X",0.1
    """
    from pyarrow import csv  # costs time, and few results are written as CSV

    target = pa.BufferOutputStream()
    csv.write_csv(_with_plain_times(table), target)
    text: str = target.getvalue().to_pybytes().decode()
    return text


def _with_plain_times(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            text = pc.strftime(table.column(place), format="%Y-%m-%dT%H:%M:%SZ")
            table = table.set_column(place, field.name, text)
    return table


def write_reports(result: RunResult, folder: str | Path, *, html: bool = True) -> list[Path]:
    """Write `report.txt`, `.md` and `.json`, a CSV file for each table, and `report.html`."""
    place = Path(folder)
    written = [
        atomic.write_text(place / "report.txt", text_report(result)),
        atomic.write_text(place / "report.md", markdown_report(result)),
        atomic.write_text(place / "report.json", json_report(result)),
    ]
    for name in TABLES:
        table: Any = getattr(result, name)
        written.append(atomic.write_text(place / f"{name}.csv", csv_text(table)))
    if html:
        from triplebar.report.page import write_html

        written.append(write_html(result, place / "report.html"))
    return written
