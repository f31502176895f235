"""`triplebar twin`: a strategy interpreted and compiled, side by side."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.progress import waiting
from triplebar.cli.settings_file import assignments, config_of, read_settings
from triplebar.research.references import strategy_class
from triplebar.research.requests import load_markets
from triplebar.research.twin import twin


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the command line."""

    strategy: str
    data: tuple[Path, ...]
    parameters: tuple[str, ...]
    config: Path | None
    settings: tuple[str, ...]


def twin_strategy(asked: Asked, *, as_json: bool) -> int:
    """Run both, and print the first difference with both states."""
    console = Console(stderr=True, emoji=False)
    found = read_settings(asked.config)
    config = config_of(found, assignments("--set", asked.settings))
    strategy = strategy_class(asked.strategy)(**{**found.parameters, **assignments("--param", asked.parameters)})
    with waiting(f"loading {', '.join(map(str, asked.data))}", console):
        market = load_markets(asked.data, instruments=found.instruments, calendar=config.calendar)
    with waiting("running twice", console):
        twins = twin(strategy, market, config)
    print(json.dumps(asdict(twins), indent=2, ensure_ascii=False, default=str) if as_json else twins.text())
    return Exit.OK if twins.agree else Exit.DIFFERENT
