"""`triplebar batch`: every combination that a file describes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from triplebar.cli.batch_schema import batch_schema
from triplebar.cli.codes import Exit
from triplebar.cli.columns import plain_columns
from triplebar.cli.located import Located, Place, read_located
from triplebar.cli.progress import LateBar, waiting
from triplebar.cli.schema_check import check_file
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.instruments import Instrument
from triplebar.data.market import Market
from triplebar.data.snapshots import DataSnapshotRegistry
from triplebar.research.batch import run_batch
from triplebar.research.batches.result import BatchResult
from triplebar.research.requests import load_markets
from triplebar.store.batches import BatchRegistry
from triplebar.store.runs import ExperimentRegistry

ROWS_SHOWN: Final = 40
DIRECT: Final = (
    *("engine", "mode", "fidelity", "parameters", "duration", "start_step"),
    *("metrics", "timeout_seconds", "executor", "workers"),
)
"""What a file and `run_batch` call by the same name."""


@dataclass(frozen=True)
class Asked:
    """A file that describes a batch, and what stands on the command line."""

    file: Located
    store: Path | None
    resume: str | None
    workers: int | None

    @property
    def values(self) -> Mapping[str, Any]:
        """What the file holds."""
        return self.file.values

    def path(self, name: str) -> Path:
        """A path from the folder of the file."""
        return self.file.path.parent / name

    @property
    def place(self) -> Path | None:
        """The store, if there is one."""
        if self.store is not None:
            return self.store
        return self.path(self.values["store"]) if "store" in self.values else None


def batch(
    file: Annotated[
        Path | None, typer.Argument(help="TOML, YAML or JSON: strategy, data, parameters, config, ...")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="The file that records the batch; that of the file if left out.")
    ] = None,
    resume: Annotated[str | None, typer.Option(help="Run only what is left of this batch.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Run so many items at once.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of such files.")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,  # noqa: FBT002
) -> int:
    """Run every combination that a file describes; 0 if all succeeded, 1 if some failed."""
    if schema:
        print(json.dumps(batch_schema(), indent=2))
        return Exit.OK
    if file is None:
        raise ConfigError("no file is given", where="batch", fix="write triplebar batch study.toml")
    found = read_located(file)
    check_file(found, batch_schema())
    return _show(_run(Asked(found, store, resume, workers), Console(stderr=True, emoji=False)), as_json=as_json)


def _run(asked: Asked, console: Console) -> BatchResult:
    values = asked.values
    with ExitStack() as opened, LateBar("running", console) as bar, asked.file.told():
        return run_batch(
            _strategies(asked),
            _markets(asked, console),
            **_direct(asked),
            **_config(asked),
            **_retry(values),
            **_registries(asked, opened),
            resume=asked.resume,
            progress=bar,
        )


def _direct(asked: Asked) -> dict[str, Any]:
    found = {name: asked.values[name] for name in DIRECT if name in asked.values}
    return found if asked.workers is None else {**found, "workers": asked.workers}


def _strategies(asked: Asked) -> Any:  # noqa: ANN401 - a reference or a list
    given = asked.values["strategy"]
    return [_reference(asked, each) for each in given] if isinstance(given, list) else _reference(asked, given)


def _reference(asked: Asked, reference: str) -> str:
    """A reference to a file is from the folder of the batch file."""
    place, _, _ = reference.partition(":")
    return str(asked.path(reference)) if place.endswith(".py") else reference


def _markets(asked: Asked, console: Console) -> Any:  # noqa: ANN401 - a market or a list
    given = asked.values["data"]
    with waiting("loading", console):
        if not isinstance(given, list):
            return _market(asked, given, ("data",))
        return [_market(asked, each, ("data", number)) for number, each in enumerate(given)]


def _market(asked: Asked, files: str | list[str], place: Place) -> Market:
    values = asked.values
    paths = [asked.path(each) for each in ([files] if isinstance(files, str) else files)]
    for path in paths:
        if not path.is_file():
            raise ConfigError(
                f"there is no file {path}", where=asked.file.where(place), fix="paths are from its folder"
            )
    rows = values.get("instruments")
    options = {name: values[name] for name in ("time_zone", "columns", "sort") if name in values}
    calendar = values.get("config", {}).get("calendar", "24/7")
    return load_markets(
        paths,
        instruments=None if rows is None else [Instrument.from_mapping(each) for each in rows],
        calendar=calendar if isinstance(calendar, str) else "24/7",
        **options,
    )


def _config(asked: Asked) -> dict[str, Any]:
    return dict(asked.values.get("config", {}))


def _retry(values: Mapping[str, Any]) -> dict[str, Any]:
    if "retry" not in values:
        return {}
    names = {"attempts": "max_retry_attempts", "backoff_seconds": "retry_backoff_seconds"}
    return {"retry_failed": True, **{names[name]: value for name, value in values["retry"].items()}}


def _registries(asked: Asked, opened: ExitStack) -> dict[str, Any]:
    """Open what the file asks for, in one store."""
    place, values = asked.place, asked.values
    if place is None:
        for name in ("keep_results", "keep_data", "retry"):
            if values.get(name):
                raise ConfigError(f"{name} needs a store", where=asked.file.where((name,)), fix="add store = 'runs.db'")
        return {}
    found: dict[str, Any] = {"batch_registry": opened.enter_context(BatchRegistry(place))}
    if values.get("keep_results"):
        found["runs"] = opened.enter_context(ExperimentRegistry(place))
    if values.get("keep_data"):
        found["snapshots"] = opened.enter_context(DataSnapshotRegistry(place))
    return found


def _show(result: BatchResult, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(result.to_mapping(), indent=2, ensure_ascii=False, default=str))
    else:
        _print(result, Console(emoji=False))
    if result.interrupted:
        return Exit.INTERRUPTED
    return Exit.DIFFERENT if result.failures else Exit.OK


def _print(result: BatchResult, console: Console) -> None:
    table = result.table.slice(0, ROWS_SHOWN)
    names = [name for name in table.column_names if name != "result_hash"]
    if table.num_rows:
        rows = [[row[name] for name in names] for row in table.to_pylist()]
        print(plain_columns([each.replace("_", " ") for each in names], rows))
    left = result.total_items - len(result.items)
    ended = f"{result.status.text}: {len(result.successes):,} of {result.total_items:,} items succeeded"
    print(f"{ended}, {len(result.failures):,} failed, {left:,} left")
    for each in result.failures[:ROWS_SHOWN]:
        text = f"item {each.item_id}: {each.error_category}: {each.error_message}"
        console.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)
    if result.batch_id is not None:
        print(f"batch: {result.batch_id}" + (f"; go on with --resume {result.batch_id}" if result.interrupted else ""))
