"""`triplebar walkforward`: choose on one window, look at the next, move on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from triplebar.cli.codes import Exit
from triplebar.cli.leaving import going_on, kept_in
from triplebar.cli.progress import LateBar, waiting
from triplebar.cli.ranges import ranges
from triplebar.cli.settings_file import assignments, config_of, read_settings
from triplebar.cli.verdict import print_verdict
from triplebar.report.study_page import write_walk_html
from triplebar.report.svg import shown
from triplebar.research.references import swept
from triplebar.research.requests import load_markets
from triplebar.research.sweeping.space import grid
from triplebar.research.validation.walk_forward import walk_forward
from triplebar.research.validation.walked import WalkForward

HEADLINES: Final = ("total_return", "sharpe", "max_drawdown")
DAY_DIGITS: Final = 10
"""Times are shown to the day."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the command line."""

    strategy: str
    data: tuple[Path, ...]
    parameters: tuple[str, ...]
    where: str | None
    config: Path | None
    settings: tuple[str, ...]
    train: str
    test: str
    step: str | None
    embargo: str
    anchored: bool
    select: str
    store: Path | None
    html: Path | None
    reading: Mapping[str, Any]
    how: Mapping[str, Any]
    """What the sweeps are told beside: who runs them, and which is the best."""


def walk_strategy(asked: Asked, *, as_json: bool) -> int:
    """Walk, print, and write the page if there is to be one."""
    walk = _walk(asked, Console(stderr=True, emoji=False))
    console = Console(stderr=as_json, emoji=False)
    if as_json:
        print(json.dumps(walk.to_mapping(), allow_nan=False))
    else:
        _print(walk, console)
    if walk.left:
        text = f"interrupted after {len(walk)} of {len(walk) + walk.left} windows; {going_on(asked.store)}"
        Console(stderr=True, emoji=False).print(text, style="yellow", soft_wrap=True)
        return Exit.INTERRUPTED
    if asked.html is not None:
        page = write_walk_html(walk, asked.html)
        console.print(f"page: {page.resolve()}", markup=False, highlight=False, soft_wrap=True)
    return Exit.OK


def _walk(asked: Asked, console: Console) -> WalkForward:
    found = read_settings(asked.config)
    config = config_of(found, assignments("--set", asked.settings))
    values = {**{name: [value] for name, value in found.parameters.items()}, **ranges("--param", asked.parameters)}
    space = grid(values, where=asked.where)
    with kept_in(asked.strategy):
        strategy = swept(asked.strategy)
    with waiting(f"loading {', '.join(map(str, asked.data))}", console):
        market = load_markets(asked.data, instruments=found.instruments, calendar=config.calendar, **asked.reading)
    with LateBar("walking", console) as bar, kept_in(asked.strategy):
        return walk_forward(
            strategy,
            market,
            space,
            config,
            train=asked.train,
            test=asked.test,
            step=asked.step,
            embargo=asked.embargo,
            anchored=asked.anchored,
            select=asked.select,
            progress=bar,
            store=asked.store,
            **asked.how,
        )


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
    if any(each.result is not None for each in walk.walked):
        told_of = [f"{each.replace('_', ' ')} {shown(each, walk.metrics[each])}" for each in HEADLINES]
        console.print(f"stitched curve: {', '.join(told_of)}", highlight=False)
        if not walk.left:
            print_verdict(walk.verdict, console)
