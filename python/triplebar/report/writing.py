"""Reports of a result as files, one function for each kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from triplebar.contracts import atomic
from triplebar.contracts.result import RunResult
from triplebar.report.files import TABLES, csv_text
from triplebar.report.page import write_html
from triplebar.report.text import json_report, markdown_report, text_report

if TYPE_CHECKING:
    from triplebar.research.sweeping.study import Study
    from triplebar.research.validation.alike import Alike
    from triplebar.research.validation.walked import WalkForward


def html(result: RunResult, path: str | Path = "report.html") -> Path:
    """Write the page: charts and tables in one file that needs no network."""
    return write_html(result, path)


def study_html(study: Study, path: str | Path = "study.html") -> Path:
    """Write the page of a study: verdict, heatmaps, parallel coordinates, neighbours, halves, correlations."""
    from triplebar.report.study_page import write_study_html

    return write_study_html(study, path)


def walk_html(walk: WalkForward, path: str | Path = "walk.html") -> Path:
    """Write the page of walking forward: windows, the stitched curve, what was chosen and what was left of it."""
    from triplebar.report.study_page import write_walk_html

    return write_walk_html(walk, path)


def correlation_html(found: Alike, path: str | Path = "correlation.html") -> Path:
    """Write the page of `tb.correlate`: the matrix, the pairs worth combining, each strategy, and all together."""
    from triplebar.report.correlation_page import write_correlation_html

    return write_correlation_html(found, path)


def markdown(result: RunResult, path: str | Path = "report.md") -> Path:
    """Write tables of facts, metrics, profit, costs and remarks as Markdown."""
    return atomic.write_text(Path(path), markdown_report(result))


def text(result: RunResult, path: str | Path = "report.txt") -> Path:
    """Write plain text, one fact a line."""
    return atomic.write_text(Path(path), text_report(result))


def json(result: RunResult, path: str | Path = "report.json") -> Path:
    """Write everything but the tables as JSON."""
    return atomic.write_text(Path(path), json_report(result))


def csv(result: RunResult, folder: str | Path = "report") -> list[Path]:
    """Write each table as a CSV file with a header into a folder."""
    return [atomic.write_text(Path(folder) / f"{name}.csv", csv_text(getattr(result, name))) for name in TABLES]
