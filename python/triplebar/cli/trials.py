"""`triplebar trials`: how much was ever tried on some data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from triplebar.cli.codes import Exit
from triplebar.cli.columns import plain_columns
from triplebar.cli.opened import existing
from triplebar.contracts.time import to_text
from triplebar.research.requests import load_market
from triplebar.store.trials import TrialLedger, Trials

COLUMNS: Final = ("strategy", "trials", "shared", "independent", "evaluations", "correlation", "last")


def show_trials(data: str | None, store: Path, *, as_json: bool) -> int:
    """Print what was tried on a file of bars, on the data of a digest, or on all data."""
    with TrialLedger(existing(store)) as ledger:
        digests = ledger.data() if data is None else [_digest(ledger, data)]
        found = [(digest, ledger.of(digest)) for digest in digests]
    if as_json:
        print(json.dumps([_mapping(digest, rows) for digest, rows in found]))
        return Exit.OK
    for digest, rows in found:
        print("\n".join(_lines(digest, rows)))
    if not found:
        print("nothing was tried yet")
    return Exit.OK


def _digest(ledger: TrialLedger, data: str) -> str:
    """The digest of a file of bars, tried or not; what is no file is a digest, or how one begins, that is known."""
    return load_market(data).digest if Path(data).is_file() else ledger.find(data)


def _lines(digest: str, rows: list[Trials]) -> Iterator[str]:
    yield f"data {digest[:16]}"
    if rows:
        yield plain_columns(COLUMNS, map(_row, rows))
    whole = sum(each.effective for each in rows)
    yield f"{sum(each.trials for each in rows):,} trials, worth {whole:,.1f} independent ones"


def _row(each: Trials) -> tuple[str, ...]:
    return (
        each.strategy,
        f"{'' if each.exact else '~'}{each.trials:,}",
        f"{each.shared:,}" if each.shared else "-",
        f"{each.effective:,.1f}",
        f"{each.evaluations:,}",
        "-" if each.correlation is None else f"{each.correlation:.2f}",
        to_text(each.last_ns)[:19],
    )


def _mapping(digest: str, rows: list[Trials]) -> dict[str, Any]:
    return {
        "data_digest": digest,
        "trials": sum(each.trials for each in rows),
        "effective_trials": sum(each.effective for each in rows),
        "strategies": [{**vars(each), "effective": each.effective} for each in rows],
    }
