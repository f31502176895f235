"""`triplebar runs correlate`: which runs of a store earn at the same times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from triplebar.cli.codes import Exit
from triplebar.cli.columns import plain_columns
from triplebar.cli.opened import JsonOption, StoreOption, existing
from triplebar.contracts.errors import ConfigError
from triplebar.report.correlation_page import write_correlation_html
from triplebar.research.validation.alike import HIGH, LOW, Alike, correlate
from triplebar.store.runs import ExperimentRegistry
from triplebar.store.studies import StudyStore

DEFAULT: Final = Path("runs.db")
SHOWN: Final = 10
UNTOLD: Final = frozenset({"rule", "content"})
"""Parameters that are too long for a name, or say nothing to people."""


def correlate_runs(
    run: Annotated[list[str] | None, typer.Argument(metavar="RUN...", help="Ids of runs, or how they begin.")] = None,
    study: Annotated[str | None, typer.Option(help="Those that `sweep --keep` kept of this study, too.")] = None,
    store: StoreOption = DEFAULT,
    low: Annotated[float, typer.Option(help="Pairs below this are worth combining.")] = LOW,
    high: Annotated[float, typer.Option(help="Of pairs above this, one adds nothing to the other.")] = HIGH,
    html: Annotated[Path | None, typer.Option(help="Write what was found as a page.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Correlate the daily returns of runs: which are worth combining, and which are one."""
    with ExperimentRegistry(existing(store)) as runs:
        called = _called(runs, run or [], study)
        if len(called) < 2:
            fix = "give two ids or more, or --study NAME; `triplebar runs list` says what there is"
            raise ConfigError("are less than two runs", where="runs correlate", fix=fix)
        found = correlate({name: runs.load(each) for each, name in called.items()}, low=low, high=high)
    if as_json:
        print(json.dumps({"runs": list(called), **found.to_mapping()}, indent=2, ensure_ascii=False))
    else:
        _print(found, list(called))
    if html is not None:
        page = write_correlation_html(found, html)
        typer.echo(f"page: {page.resolve()}", err=True)
    return Exit.OK


def _called(runs: ExperimentRegistry, given: list[str], study: str | None) -> dict[str, str]:
    """The ids of the runs, each with a name that says what was run and that no other one has."""
    ids = [runs.find(each) for each in given]
    parameters: dict[str, Mapping[str, Any]] = {}
    if study is not None:
        kept = StudyStore(runs.database)
        parameters = {each.run_id: each.parameters for each in kept.runs(kept.study(study).id)}
    found = dict[str, str]()
    for run_id in dict.fromkeys([*ids, *parameters]):
        known = runs.summary(run_id)
        values = parameters.get(run_id, known.parameters)
        words = [f"{name} {value}" for name, value in values.items() if name not in UNTOLD]
        name = " ".join([known.strategy, ", ".join(words)]).strip()
        found[run_id] = f"{name} ({run_id})" if name in found.values() else name
    return found


def _print(found: Alike, ids: list[str]) -> None:
    """The matrix with numbered columns, then the pairs to know of."""
    numbers = [str(place) for place, _ in enumerate(found.names, 1)]
    rows = [
        [place, run_id, name, *(f"{value:.2f}" for value in row)]
        for place, run_id, name, row in zip(numbers, ids, found.names, found.matrix.tolist(), strict=True)
    ]
    print(plain_columns(["", "run", "strategy", *numbers], rows))
    for title, pairs in (("worth combining", found.recommended), ("one adds nothing", found.warned)):
        for row in pairs.slice(0, SHOWN).to_pylist():
            print(f"{title}: {row['left']} and {row['right']}, {row['correlation']:.2f}")
    days = 0 if found.returns is None else len(found.returns)
    print(f"{len(ids)} runs over {days:,} days, worth {found.effective:.1f} independent ones")
