"""The command line: `triplebar demo`, `run`, `data check`, `explain`, `report`, `compare`, `version`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

INSTALL = "The command line needs typer and rich: pip install 'triplebar[cli]'"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; see `triplebar.cli.codes`."""
    try:
        from triplebar.cli.app import run_app
    except ModuleNotFoundError as problem:
        if problem.name not in {"typer", "rich"}:
            raise
        print(INSTALL, file=sys.stderr)
        return 2
    return run_app(list(sys.argv[1:] if arguments is None else arguments))
