"""Folders where a user gives commands: strategies, study files, and bars to run them on."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import triplebar as tb

BARS = "bars.parquet"


def furnished(
    folder: Path, monkeypatch: pytest.MonkeyPatch, market: tb.Market, files: Mapping[str, str] | None = None
) -> Path:
    """Put a file of bars and others into a folder, and go there until the test ends."""
    for name, text in (files or {}).items():
        (folder / name).write_text(text)
    pq.write_table(market.table(), folder / BARS)
    monkeypatch.chdir(folder)
    return folder
