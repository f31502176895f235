"""The page of metrics is what the registry says."""

import subprocess
import sys
from pathlib import Path

from triplebar.metrics.measure import ordered
from triplebar.metrics.page import FAMILIES, render

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python -m triplebar.metrics.page > docs/metrics.md"


def test_the_page_has_every_metric_once() -> None:
    rows = [line.split("|")[1].strip() for line in render().splitlines() if line.startswith("| ")]
    names = [each.name for each in ordered()]
    assert [name for name in rows if name in names] == names
    assert len(names) >= 70
    assert len(FAMILIES) == render().count("\n## ")


def test_the_command_writes_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "triplebar.metrics.page"], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout == render()
