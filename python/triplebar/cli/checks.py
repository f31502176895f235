"""`triplebar check causality` and `triplebar check irrelevance`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.progress import LateBar, waiting
from triplebar.cli.settings_file import assignments, config_of, read_settings
from triplebar.contracts.config import BacktestConfig
from triplebar.data.market import Market
from triplebar.research.causality.causality import check_causality
from triplebar.research.causality.findings import CheckReport
from triplebar.research.causality.irrelevance import check_irrelevance
from triplebar.research.factory import create_engine
from triplebar.research.references import strategy_class
from triplebar.research.requests import load_markets


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the command line."""

    strategy: str
    data: tuple[Path, ...]
    parameters: tuple[str, ...]
    config: Path | None
    settings: tuple[str, ...]
    engine: str
    cuts: int = 12


def check_causality_of(asked: Asked, *, as_json: bool) -> int:
    """Change the future and print what moves."""
    strategy, market, config = _subject(asked)
    with LateBar("changing the future", Console(stderr=True)) as bar:
        report = check_causality(strategy, market, config, engine=asked.engine, cuts=asked.cuts, progress=bar)
    return _told(report, as_json=as_json)


def check_irrelevance_of(asked: Asked, *, as_json: bool) -> int:
    """Change what should not matter and print what moves."""
    strategy, market, config = _subject(asked)
    with LateBar("changing what should not matter", Console(stderr=True)) as bar:
        report = check_irrelevance(strategy, market, config, engine=asked.engine, progress=bar)
    return _told(report, as_json=as_json)


def _subject(asked: Asked) -> tuple[Any, Market, BacktestConfig]:
    found = read_settings(asked.config)
    config = config_of(found, assignments("--set", asked.settings))
    create_engine(asked.engine)  # what is not installed is better known before the data are read
    strategy = strategy_class(asked.strategy)(**{**found.parameters, **assignments("--param", asked.parameters)})
    with waiting(f"loading {', '.join(map(str, asked.data))}", Console(stderr=True)):
        market = load_markets(asked.data, instruments=found.instruments, calendar=config.calendar)
    return strategy, market, config


def _told(report: CheckReport, *, as_json: bool) -> int:
    print(json.dumps(report.to_mapping(), indent=2, ensure_ascii=False) if as_json else report)
    if report.interrupted:
        return Exit.INTERRUPTED
    return Exit.OK if report.ok else Exit.DIFFERENT
