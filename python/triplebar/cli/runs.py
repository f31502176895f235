"""`triplebar runs`: what a store has kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.columns import plain_columns
from triplebar.cli.correlate import correlate_runs
from triplebar.cli.opened import JsonOption, StoreOption, existing
from triplebar.cli.output import print_summary
from triplebar.contracts.result import RunResult
from triplebar.contracts.time import from_ns
from triplebar.report.text import json_report
from triplebar.research.compare import compare as compare_results
from triplebar.store.runs import ExperimentRegistry, RunSummary
from triplebar.store.studies import KeptSet, StudyStore

app = typer.Typer(help="Runs that a store has kept.", no_args_is_help=True)
DEFAULT: Final = Path("runs.db")
SHOWN: Final = ("total_return", "sharpe", "max_drawdown", "trades")
STUDY_COLUMNS: Final = ("study", "name", "strategy", "begun", "state", "sets", "finished", "failed", "reason")

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The id of a run, or how it begins.")]


app.command("correlate")(correlate_runs)


@app.command("list")
def list_runs(
    store: StoreOption = DEFAULT,
    strategy: Annotated[str | None, typer.Option(help="Only this strategy.")] = None,
    engine: Annotated[str | None, typer.Option(help="Only this engine.")] = None,
    since: Annotated[str | None, typer.Option(help="Made at or after this time: 2024-01-01T00:00:00Z.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many.")] = None,
    study: Annotated[str | None, typer.Option(help="Only those that `sweep --keep` kept of this study.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """List runs, the newest first."""
    with ExperimentRegistry(existing(store)) as runs:
        if study is None:
            found: list[Listed] = [(each, None) for each in runs.list_runs(strategy, since, limit=limit, engine=engine)]
        else:
            whole = runs.list_runs(strategy, since, engine=engine)
            found = _of_study(whole, StudyStore(runs.database), study)[:limit]
    if as_json:
        print(json.dumps([_mapping(*each) for each in found], indent=2, ensure_ascii=False))
    else:
        _print_list(found, of_study=study is not None)
    return Exit.OK


Listed = tuple[RunSummary, KeptSet | None]


def _of_study(found: list[RunSummary], store: StudyStore, study: str) -> list[Listed]:
    """The runs of a study, each with the set that it is."""
    kept = store.runs(store.study(study).id)
    return [(run, each) for run in found for each in kept if each.run_id == run.run_id]


def _mapping(run: RunSummary, kept: KeptSet | None) -> dict[str, Any]:
    return run.to_mapping() | ({} if kept is None else {"set": kept.number, "parameters": dict(kept.parameters)})


def _print_list(found: list[Listed], *, of_study: bool) -> None:
    rows = [
        (
            each.run_id,
            f"{each.created_at:%Y-%m-%d %H:%M:%S}",
            each.strategy,
            *([] if kept is None else [kept.number]),
            ", ".join(f"{name}={value}" for name, value in (kept or each).parameters.items()),
            each.engine,
            *(each.metrics.get(name) for name in SHOWN),
            each.snapshot_id,
        )
        for each, kept in found
    ]
    names = ("run", "made", "strategy", *(["set"] * of_study), "parameters", "engine", *SHOWN, "snapshot")
    print(plain_columns([each.replace("_", " ") for each in names], rows))


@app.command()
def studies(store: StoreOption = DEFAULT, as_json: JsonOption = False) -> int:  # noqa: FBT002
    """List studies, the newest first: sweeps whose blocks the store has kept."""
    with StudyStore(existing(store)) as kept:
        found = [(each, *kept.finished(each.id)) for each in kept.studies()]
    rows = [
        {
            "study": each.id,
            "name": each.name,
            "strategy": each.definition.get("strategy", {}).get("name"),
            "begun": f"{from_ns(each.created_ns):%Y-%m-%d %H:%M:%S}",
            "state": each.state,
            "reason": each.reason,
            "sets": each.total,
            "finished": finished,
            "failed": failed,
            "digest": each.digest,
        }
        for each, finished, failed in found
    ]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        print(plain_columns(STUDY_COLUMNS, [[row[name] for name in STUDY_COLUMNS] for row in rows]))
    return Exit.OK


@app.command()
def show(run: RunArgument, store: StoreOption = DEFAULT, as_json: JsonOption = False) -> int:  # noqa: FBT002
    """Show a run: what came of it."""
    result = _load(store, run)
    if as_json:
        print(json_report(result), end="")
    else:
        console = Console(emoji=False)
        print_summary(result, console)
        if result.record.snapshot_id is not None:
            console.print(f"snapshot: {result.record.snapshot_id}", markup=False, highlight=False)
    return Exit.OK


@app.command()
def compare(
    left: Annotated[str, typer.Argument(metavar="A", help="The id of a run, or how it begins.")],
    right: Annotated[str, typer.Argument(metavar="B", help="The id of another run.")],
    store: StoreOption = DEFAULT,
    rung: Annotated[int, typer.Option(min=0, max=3, help="How near is near enough: 0 equal bit for bit.")] = 0,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Find which inputs differ, and the first difference between two runs. 0 if they are equal, 1 if not."""
    found = compare_results(_load(store, left), _load(store, right), rung=rung)
    if as_json:
        print(json.dumps(found.to_mapping(), indent=2, ensure_ascii=False, default=str))
    else:
        print(found)
    return Exit.OK if found.equal else Exit.DIFFERENT


def _load(store: Path, run: str) -> RunResult:
    with ExperimentRegistry(existing(store)) as runs:
        return runs.load(runs.find(run))
