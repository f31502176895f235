"""`triplebar data check`, `explain`, `compare`, `version`: commands that look at what is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.progress import waiting
from triplebar.contracts.errors import DataError, NotFound
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_storage import DOCUMENT
from triplebar.data.market import Market
from triplebar.data.validate import check_file
from triplebar.research import machine
from triplebar.research.compare import compare
from triplebar.research.explain import explain
from triplebar.research.factory import available_engines
from triplebar.research.requests import load_markets


def _print_json(values: Mapping[str, Any]) -> None:
    print(json.dumps(values, indent=2, ensure_ascii=False, default=str))


def check_data(files: list[Path], calendar: str, options: Mapping[str, Any], *, as_json: bool) -> int:
    """Print everything that is wrong with a file."""
    with waiting("checking", Console(stderr=True, emoji=False)):
        report = check_file(files if len(files) > 1 else files[0], calendar=calendar, **options)
    if as_json:
        _print_json(report.to_mapping())
    else:
        print(report.text())
    return Exit.OK if report.ok else Exit.DIFFERENT


def load_run(place: Path) -> RunResult:
    """Read a run: from its folder, or the newest one below a folder of runs."""
    if (place / DOCUMENT).is_file() or not place.is_dir():
        return RunResult.load(place)
    found = sorted(place.glob(f"*/*/*/{DOCUMENT}"))
    if not found:
        raise NotFound("no stored result in here", where=str(place), fix="give the folder that a run was saved in")
    Console(stderr=True, emoji=False).print(
        f"newest run: {found[-1].parent}", markup=False, highlight=False, soft_wrap=True
    )
    return RunResult.load(found[-1].parent)


def explain_order(place: Path, order: int, data: Path | None, *, as_json: bool) -> int:
    """Print the chain of facts of one order."""
    result = load_run(place)
    market = None if data is None else market_of(result, [data])
    found = explain(result, order, market)
    if as_json:
        _print_json(found.to_mapping())
    else:
        print(found)
    return Exit.OK


def market_of(result: RunResult, data: list[Path]) -> Market:
    """The bars of a run, on the grid that the run had."""
    instruments = [
        Instrument(each.symbol, each.price_precision, each.size_precision) for each in result.settings.instruments
    ]
    named = ", ".join(map(str, data))
    with waiting(f"loading {named}", Console(stderr=True, emoji=False)):
        market = load_markets(data, instruments=instruments, calendar=result.record.calendar)
    if not np.array_equal(market.clock[: result.clock.size], result.clock):
        raise DataError("these are not the bars of the run", where=named, fix="give the file that it was run on")
    return market


def compare_runs(left: Path, right: Path, rung: int, *, as_json: bool) -> int:
    """Print the first difference between two runs."""
    found = compare(load_run(left), load_run(right), rung=rung)
    if as_json:
        _print_json(found.to_mapping())
    else:
        print(found)
    return Exit.OK if found.equal else Exit.DIFFERENT


def show_version(*, as_json: bool) -> int:
    """Print the versions of everything that computes, and the engines there are."""
    values = {**machine.versions(), "engines": list(available_engines())}
    if as_json:
        _print_json(values)
    else:
        print(f"triplebar {values['triplebar']}")
        print(f"python {values['python']}, numpy {values['numpy']}, pyarrow {values['pyarrow']}")
        print(f"engines: {', '.join(available_engines())}")
    return Exit.OK
