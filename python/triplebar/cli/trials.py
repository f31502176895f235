"""`triplebar trials`: how much was ever tried on some data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from triplebar.cli.codes import Exit
from triplebar.cli.opened import existing
from triplebar.contracts.time import to_text
from triplebar.research.requests import load_market
from triplebar.store.trials import TrialLedger, Trials


def show_trials(data: str | None, store: Path, *, as_json: bool) -> int:
    """Print what was tried on a file of bars, on the data of a digest, or on all data."""
    with TrialLedger(existing(store)) as ledger:
        digests = ledger.data() if data is None else [ledger.find(_digest(data))]
        found = [(digest, ledger.of(digest)) for digest in digests]
    if as_json:
        print(json.dumps([_mapping(digest, rows) for digest, rows in found]))
        return Exit.OK
    console = Console(emoji=False)
    for digest, rows in found:
        console.print(_table(digest, rows))
        whole = sum(each.effective for each in rows)
        console.print(
            f"{sum(each.trials for each in rows):,} trials, worth {whole:,.1f} independent ones", highlight=False
        )
    if not found:
        console.print("nothing was tried yet")
    return Exit.OK


def _digest(data: str) -> str:
    """The digest of a file of bars; what is no file is a digest, or how one begins."""
    return load_market(data).digest if Path(data).is_file() else data


def _table(digest: str, rows: list[Trials]) -> Table:
    table = Table(title=f"data {digest[:16]}", title_justify="left")
    for name in ("strategy", "trials", "shared", "independent", "evaluations", "correlation", "last"):
        table.add_column(name, justify="left" if name in {"strategy", "last"} else "right")
    for each in rows:
        table.add_row(
            each.strategy,
            f"{'' if each.exact else '~'}{each.trials:,}",
            f"{each.shared:,}" if each.shared else "-",
            f"{each.effective:,.1f}",
            f"{each.evaluations:,}",
            "-" if each.correlation is None else f"{each.correlation:.2f}",
            to_text(each.last_ns)[:19],
        )
    return table


def _mapping(digest: str, rows: list[Trials]) -> dict[str, Any]:
    return {
        "data_digest": digest,
        "trials": sum(each.trials for each in rows),
        "effective_trials": sum(each.effective for each in rows),
        "strategies": [{**vars(each), "effective": each.effective} for each in rows],
    }
