"""`triplebar verify`: one strategy on several engines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

from triplebar.cli.codes import Exit
from triplebar.cli.progress import LateBar, waiting
from triplebar.cli.settings_file import assignments, config_of, read_settings
from triplebar.research.factory import create_engine
from triplebar.research.references import strategy_class
from triplebar.research.requests import load_markets
from triplebar.research.verify.report import VerifyReport
from triplebar.research.verify.verifying import verify


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the command line."""

    strategy: str
    data: tuple[Path, ...]
    engines: str
    mode: str
    parameters: tuple[str, ...]
    config: Path | None
    settings: tuple[str, ...]
    html: Path | None
    explain: bool


def verify_strategy(asked: Asked, *, as_json: bool) -> int:
    """Run all engines, print what was found, and write the page if there is to be one."""
    report = _report(asked, Console(stderr=True))
    if as_json:
        print(json.dumps(report.to_mapping(), indent=2, ensure_ascii=False, default=str))
    else:
        print(report, end="")
    if asked.html is not None:
        from triplebar.report.verify_page import write_verify_html

        written = write_verify_html(report, asked.html)
        Console(stderr=as_json).print(f"page: {written.resolve()}", markup=False, highlight=False, soft_wrap=True)
    if report.interrupted:
        return Exit.INTERRUPTED
    return Exit.OK if report.agree else Exit.DIFFERENT


def _report(asked: Asked, console: Console) -> VerifyReport:
    names = [each.strip() for each in asked.engines.split(",") if each.strip()]
    for name in names:
        create_engine(name, fidelity=asked.mode)  # what is not installed is better known before the data are read
    found = read_settings(asked.config)
    config = config_of(found, assignments("--set", asked.settings))
    strategy = strategy_class(asked.strategy)(**{**found.parameters, **assignments("--param", asked.parameters)})
    with waiting(f"loading {', '.join(map(str, asked.data))}", console):
        market = load_markets(asked.data, instruments=found.instruments, calendar=config.calendar)
    with Bars(console) as bars:
        return verify(strategy, market, config, engines=names, mode=asked.mode, explain=asked.explain, progress=bars)


class Bars:
    """One bar after the other, each with the time that is left; a count where nobody knows the end."""

    def __init__(self, console: Console) -> None:
        """Show nothing yet."""
        self.console = console
        self.title = ""
        self.bar: LateBar | None = None
        self.status: Status | None = None

    def __call__(self, title: str, done: int, total: int) -> None:
        """Take note of the progress of what is going on."""
        if title != self.title:
            self.close()
            self.title = title
            if total:
                self.bar = LateBar(title, self.console)
        if self.bar is not None:
            self.bar(done, total)
        elif done > 1:
            self._count(f"{title}: run {done} …")

    def _count(self, text: str) -> None:
        if self.status is None:
            self.status = self.console.status(text)
            self.status.start()
        self.status.update(text)

    def close(self) -> None:
        """Take away what is shown."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
        if self.status is not None:
            self.status.stop()
        self.bar = self.status = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
