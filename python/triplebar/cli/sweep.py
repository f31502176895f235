"""`triplebar sweep`: every set of a space of parameters, from options or from a study file."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.columns import plain_columns
from triplebar.cli.leaving import going_on, kept_in
from triplebar.cli.progress import LateBar, waiting
from triplebar.cli.study_file import Asked
from triplebar.cli.verdict import print_verdict
from triplebar.report.study_page import write_study_html
from triplebar.research.optimise import optimise
from triplebar.research.sweep import Study, sweep
from triplebar.research.sweeping.standing import Standing
from triplebar.research.validation.verdict import Verdict

DIRECT: Final = ("engine", "mode", "metrics", "by", "smallest", "executor", "threads", "name", "keep")
"""What a file and `sweep` call by the same name."""
TOLD: Final = (
    *("sets", "finished", "failed", "evaluated", "resumed", "status"),
    *("executor", "workers", "evaluator", "seconds"),
)
TOP: Final = 10
"""So many of the best are shown."""
FAILURES_SHOWN: Final = 5


def sweep_strategy(asked: Asked, *, as_json: bool) -> int:
    """Run, print, and write the page if there is to be one."""
    errors, top = Console(stderr=True, emoji=False), int(asked.values.get("top", TOP))
    study = _study(asked, errors)
    whole = study.metadata["status"] == "completed"
    if not as_json:
        _print(study, top, Console(emoji=False), whole=whole)
    verdict = _verdict(study) if whole else None
    if as_json:
        print(json.dumps(_mapping(study, top, verdict, whole=whole), allow_nan=False, default=str))
    elif verdict is not None:
        print_verdict(verdict, Console(emoji=False))
    if verdict is None:
        done = "all sets are done, the verdict is not" if whole else "this is what was done until then"
        text = f"interrupted: {done}; {going_on(asked.values.get('store'))}"
        errors.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)
        return Exit.INTERRUPTED
    if asked.html is not None:
        page = write_study_html(study, asked.html)
        errors.print(f"page: {page.resolve()}", markup=False, highlight=False, soft_wrap=True)
    return Exit.DIFFERENT if study.metadata["failed"] else Exit.OK


def _study(asked: Asked, console: Console) -> Study:
    values = asked.values
    config = asked.config()
    space = asked.space()
    options = {**asked.those(DIRECT), **asked.storing}
    strategy = asked.strategy()
    market: Any = asked.markets(config.calendar, console)
    with LateBar("sweeping", console) as bar, kept_in(asked.reference), asked.file.told():
        watch = partial(_note, bar)
        if "optuna" in values:
            how = {name: value for name, value in values["optuna"].items() if value is not None}
            return optimise(strategy, market, space, config, progress=bar, watch=watch, **how, **options)
        more = asked.those(("seeds", "block"))
        return sweep(strategy, market, space, config, progress=bar, watch=watch, **more, **options)


def _note(bar: LateBar, standing: Standing) -> None:
    """What a bar says beside how far it is: how fast, the best so far, the memory."""
    best = "" if standing.best is None else f", best {standing.best:.4g}"
    memory = "" if standing.resident_bytes is None else f", {standing.resident_bytes / 2**20:,.0f} MiB"
    bar.note = f"{standing.per_second:,.3g} sets/s{best}{memory}"


def _mapping(study: Study, top: int, verdict: Verdict | None, *, whole: bool) -> dict[str, Any]:
    return {
        "study": study.id,
        "digest": study.digest if whole else None,
        **{name: study.metadata[name] for name in TOLD},
        "by": study.by,
        "best": study.best(top).to_pylist(),
        "kept": [{"set": number, "run_id": run_id} for number, run_id in study.metadata.get("kept", {}).items()],
        "failures": study.failures.slice(0, FAILURES_SHOWN).to_pylist(),
        "verdict": None if verdict is None else verdict.to_mapping(),
    }


def _verdict(study: Study) -> Verdict | None:
    """Judge the study, which takes as long as running some sets again; None after Ctrl-C."""
    try:
        with waiting("judging", Console(stderr=True, emoji=False)):
            return study.verdict
    except KeyboardInterrupt:
        return None


def _print(study: Study, top: int, console: Console, *, whole: bool) -> None:
    best = study.best(top)
    rows = [[row[name] for name in best.column_names] for row in best.to_pylist()]
    if rows:
        print(plain_columns([name.replace("_", " ") for name in best.column_names], rows))
    known = study.metadata
    ended = f"{known['finished']:,} of {known['sets']:,} sets, {known['failed']:,} failed, {known['seconds']:,.1f} s"
    print(f"{ended}; {known['evaluator']} on {known['executor']}, best by {study.by.replace('_', ' ')}")
    if known["resumed"]:
        print(f"{known['resumed']:,} were there already")
    for row in study.failures.slice(0, FAILURES_SHOWN).to_pylist():
        text = f"set {row['set']}: {row['error']}: {row['message']}"
        console.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)
    print(f"study: {study.id}")
    if whole:
        print(f"digest: {study.digest}")
    for number, run_id in study.metadata.get("kept", {}).items():
        print(f"kept: set {number} as {run_id}")
