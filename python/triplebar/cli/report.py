"""`triplebar report`: the report of a stored run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.inspect import load_run, market_of
from triplebar.cli.progress import waiting
from triplebar.contracts.result import RunResult
from triplebar.report import writing

KINDS: Final = {
    ".html": writing.html,
    ".md": writing.markdown,
    ".txt": writing.text,
    ".json": writing.json,
    "": writing.csv,
}
"""By the end of the name; a name without an end is a folder for tables."""


def write_report(place: Path, data: list[Path], out: Path | None) -> int:
    """Write the report beside the run, or where it is asked for, and say where."""
    from triplebar.contracts.errors import ConfigError

    result = load_run(place)
    target = Path("report.html") if out is None else out
    if target.suffix.lower() not in KINDS:
        fix = "let it end in .html, .md, .txt or .json, or name a folder"
        raise ConfigError.of("--out", str(target), "is no kind of report", fix=fix)
    if data:
        result = _with_market(result, data)
    with waiting("writing", Console(stderr=True, emoji=False)):
        KINDS[target.suffix.lower()](result, target)
    console = Console(emoji=False)
    console.print(f"report: {target.resolve()}", markup=False, highlight=False, soft_wrap=True)
    return Exit.OK


def _with_market(result: RunResult, data: list[Path]) -> RunResult:
    return replace(result, market=market_of(result, data))
