"""`triplebar walkforward`: choose on one window, look at the next, move on; from options or from a study file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from triplebar.cli.codes import Exit
from triplebar.cli.leaving import going_on, kept_in
from triplebar.cli.progress import LateBar
from triplebar.cli.study_file import Asked
from triplebar.cli.verdict import print_verdict
from triplebar.report.study_page import write_walk_html
from triplebar.report.svg import shown
from triplebar.research.sweep import measures_of
from triplebar.research.validation.walk_forward import check_select, walk_forward
from triplebar.research.validation.walked import WalkForward
from triplebar.research.validation.windows import Plan, windows_of

HEADLINES: Final = ("total_return", "sharpe", "max_drawdown")
DAY_DIGITS: Final = 10
"""Times are shown to the day."""


LENGTHS: Final = ("train", "test", "step", "embargo")
DIRECT: Final = ("engine", "mode", "metrics", "executor", "threads", "block", "name", "keep")
"""What a file and the sweeps of the windows call by the same name."""


def walk_strategy(asked: Asked, *, as_json: bool) -> int:
    """Walk, print, and write the page if there is to be one."""
    walk = _walk(asked, Console(stderr=True, emoji=False))
    console = Console(stderr=as_json, emoji=False)
    if as_json:
        print(json.dumps(walk.to_mapping(), allow_nan=False))
    else:
        _print(walk, console)
    if walk.left:
        done = f"{len(walk)} of {len(walk) + walk.left} windows"
        text = f"interrupted after {done}; {going_on(asked.values.get('store'))}"
        Console(stderr=True, emoji=False).print(text, style="yellow", soft_wrap=True)
        return Exit.INTERRUPTED
    if asked.html is not None:
        page = write_walk_html(walk, asked.html)
        console.print(f"page: {page.resolve()}", markup=False, highlight=False, soft_wrap=True)
    return Exit.OK


def _walk(asked: Asked, console: Console) -> WalkForward:
    section = asked.values["walk_forward"]
    config = asked.config()
    anchored = section.get("anchored", False)
    lengths = {name: section[name] for name in LENGTHS if name in section}
    with asked.file.told("walk_forward"):
        plan = Plan.of(**lengths, anchored=anchored)
    chosen = _chosen(asked, section)
    space = asked.space()
    strategy = asked.strategy()
    market = asked.markets(config.calendar, console)
    with asked.file.told("walk_forward"):
        windows_of(market, plan, start=config.start, end=config.end)
    options = {
        **{name: section[name] for name in ("warmup", "close_at_end") if name in section},
        **asked.those(DIRECT),
        **asked.storing,
    }
    with LateBar("walking", console) as bar, kept_in(asked.reference), asked.file.told():
        return walk_forward(
            strategy, market, space, config, progress=bar, anchored=anchored, **lengths, **chosen, **options
        )


def _chosen(asked: Asked, section: Mapping[str, Any]) -> dict[str, Any]:
    """By which metric windows are chosen: that of the section, else that of the study."""
    values, told = asked.values, asked.file.told
    select = section.get("select", values.get("by", "sharpe"))
    with told():
        measures = measures_of(values.get("metrics", ()))
    with told(*(("walk_forward", "select") if "select" in section else ("by",))):
        check_select(select, measures)
    return {"select": select, "smallest": section.get("smallest", values.get("smallest", False))}


def _print(walk: WalkForward, console: Console) -> None:
    names = list(walk.walked[0].study.space.names)
    table = Table(title=f"{len(walk)} windows, chosen by {walk.select}", title_justify="left")
    for name in ("train from", "test from", "to", *names, f"{walk.select} inside", "outside"):
        table.add_column(name, justify="left" if name in {"train from", "test from", "to"} else "right")
    for row in walk.windows.to_pylist():
        times = [row[each].isoformat()[:DAY_DIGITS] for each in ("train_start", "test_start", "test_end")]
        numbers = [shown(walk.select, row[f"{part}_{walk.select}"]) for part in ("train", "test")]
        table.add_row(*times, *("" if row[name] is None else str(row[name]) for name in names), *numbers)
    console.print(table)
    told = walk.degradation
    kept = "" if told.kept is None or told.kept <= 0 else f", {told.kept:.0%} of it kept"
    console.print(
        f"{walk.select}: {shown(walk.select, told.inside)} inside, {shown(walk.select, told.outside)} outside{kept}",
        highlight=False,
    )
    for each in walk.kept_runs:
        console.print(f"kept: set {each['set']} of window {each['window']} as {each['run_id']}", highlight=False)
    if any(each.result is not None for each in walk.walked):
        told_of = [f"{each.replace('_', ' ')} {shown(each, walk.metrics[each])}" for each in HEADLINES]
        console.print(f"stitched curve: {', '.join(told_of)}", highlight=False)
        if not walk.left:
            print_verdict(walk.verdict, console)
