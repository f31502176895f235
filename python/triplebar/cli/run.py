"""`triplebar run`: a strategy from a file on bars from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.leaving import kept_in
from triplebar.cli.output import print_summary
from triplebar.cli.progress import LateBar, waiting
from triplebar.cli.settings_file import assignments, config_of, read_settings
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.result import RunResult
from triplebar.data.snapshots import DataSnapshotRegistry
from triplebar.report.files import write_reports
from triplebar.report.folder import write_run_folder
from triplebar.report.text import json_report
from triplebar.research.factory import create_engine
from triplebar.research.references import strategy_class
from triplebar.research.requests import load_markets
from triplebar.research.run import run
from triplebar.store.runs import ExperimentRegistry


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a run is kept, and whether its data are, too."""

    store: Path | None = None
    snapshot: bool = False

    def snapshots(self) -> DataSnapshotRegistry | None:
        """The registry for the data, if there is to be one."""
        if not self.snapshot:
            return None
        if self.store is None:
            raise ConfigError("needs a store", where="--snapshot", fix="add --store runs.db")
        return DataSnapshotRegistry(self.store)


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the command line."""

    strategy: str
    data: tuple[Path, ...]
    parameters: tuple[str, ...]
    config: Path | None
    settings: tuple[str, ...]
    out: Path | None
    engine: str
    fidelity: str
    mode: str
    reading: Mapping[str, Any]
    kept: Kept = Kept()


def run_strategy(asked: Asked, *, as_json: bool) -> int:
    """Run, print, and write the folder if there is to be one; everything is checked before the data are read."""
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)  # what cannot be written to is better known before the run
    result = _result(asked, Console(stderr=True, emoji=False))
    console = Console(stderr=as_json, emoji=False)
    if as_json:
        print(json_report(result), end="")
    else:
        print_summary(result, console)
    if asked.out is not None:
        with waiting("writing", Console(stderr=True, emoji=False)):
            folder = _write(result, asked.out)
        console.print(f"folder: {folder.resolve()}", markup=False, highlight=False, soft_wrap=True)
    if asked.kept.store is not None:
        console.print(_keep(result, asked.kept.store), markup=False, highlight=False, soft_wrap=True)
    if result.interrupted:
        console.print("interrupted: this is what was done until then", style="yellow")
        return Exit.INTERRUPTED
    return Exit.OK


def _result(asked: Asked, console: Console) -> RunResult:
    found = read_settings(asked.config)
    config = config_of(found, assignments("--set", asked.settings))
    engine, snapshots = create_engine(asked.engine, fidelity=asked.fidelity), asked.kept.snapshots()
    with kept_in(asked.strategy):
        strategy = strategy_class(asked.strategy)(**{**found.parameters, **assignments("--param", asked.parameters)})
    with waiting(f"loading {', '.join(map(str, asked.data))}", console):
        market = load_markets(asked.data, instruments=found.instruments, calendar=config.calendar, **asked.reading)
    with LateBar("running", console) as bar, kept_in(asked.strategy):
        return run(strategy, market, config, engine=engine, mode=asked.mode, progress=bar, snapshots=snapshots)


def _keep(result: RunResult, store: Path) -> str:
    """Keep a run, if it is not kept already, and say so."""
    with ExperimentRegistry(store) as runs:
        if runs.exists(result.run_id) and runs.summary(result.run_id).result_hash == result.result_hash:
            return f"store: {store} has had {result.run_id} already"
        runs.save(result, replace=not result.interrupted)  # what was interrupted before is whole now
    return f"store: {store} keeps {result.run_id}"


def _write(result: RunResult, out: Path) -> Path:
    folder = write_run_folder(result, out)
    write_reports(result, folder / "report")
    return folder
