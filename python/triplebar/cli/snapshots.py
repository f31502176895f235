"""`triplebar data snapshot`, `list`, `verify`, `gc`: data that were kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from triplebar.cli.codes import Exit
from triplebar.cli.columns import plain_columns
from triplebar.cli.opened import JsonOption, StoreOption, existing
from triplebar.cli.progress import waiting
from triplebar.cli.reading import reading
from triplebar.data.snapshot_record import SnapshotRecord
from triplebar.data.snapshots import DataSnapshotRegistry
from triplebar.research.requests import load_markets

DEFAULT: Final = Path("runs.db")
SymbolsOption = Annotated[list[str] | None, typer.Option("--symbol", help="Only this symbol. Repeat it.")]


def snapshot(  # noqa: PLR0913, PLR0917 - one parameter for each option
    file: Annotated[list[Path], typer.Argument(help="Parquet or CSV files; several are one market.")],
    store: StoreOption = DEFAULT,
    symbol: SymbolsOption = None,
    start: Annotated[str | None, typer.Option(help="From this time on: 2024-01-01T00:00:00Z.")] = None,
    end: Annotated[str | None, typer.Option(help="Before this time.")] = None,
    calendar: Annotated[str, typer.Option(help="24/7, or an exchange such as XNYS.")] = "24/7",
    time_zone: Annotated[str | None, typer.Option(help="The zone of times that are stored without one.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="close='Adj Close'. Repeat it.")] = None,
    sort: Annotated[bool, typer.Option("--sort", help="Bring the rows in order.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Keep the bars of files under the hash of their content."""
    with waiting("loading", Console(stderr=True, emoji=False)):
        market = load_markets(file, calendar=calendar, **reading(time_zone, column, sort=sort))
    with DataSnapshotRegistry(store) as registry:
        record = registry.create_snapshot(symbol or list(market.symbols), market, start, end)
    _print([record], as_json=as_json, one=True)
    return Exit.OK


def list_snapshots(
    store: StoreOption = DEFAULT,
    symbol: SymbolsOption = None,
    since: Annotated[str | None, typer.Option(help="Made at or after this time.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """List snapshots, the newest first, and how much room they take."""
    with DataSnapshotRegistry(existing(store)) as registry:
        found, stats = registry.list_snapshots(symbol, since, limit), registry.get_snapshot_stats()
    _print(found, as_json=as_json)
    if not as_json:
        text = "{snapshots:,} snapshots, {orphaned:,} of no run, {files:,} files, {total_bytes:,} bytes"
        print(text.format(**stats))
    return Exit.OK


def verify(
    snapshot: Annotated[str | None, typer.Argument(help="The id of a snapshot; all if left out.")] = None,
    store: StoreOption = DEFAULT,
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """Read every byte of what was kept, and say what has changed. 0 if nothing has, 3 if something has."""
    with DataSnapshotRegistry(existing(store)) as registry:
        faults = registry.verify(snapshot)
        number = registry.count() if snapshot is None else 1
    if as_json:
        print(json.dumps({"snapshots": number, "faults": faults}, indent=2, ensure_ascii=False))
    else:
        for each in faults.values():
            print(each)
        print(f"{number - len(faults):,} of {number:,} snapshots are as they were kept")
    return Exit.DATA if faults else Exit.OK


def gc(
    store: StoreOption = DEFAULT,
    delete: Annotated[bool, typer.Option("--delete", help="Delete them, instead of only listing them.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002
) -> int:
    """List snapshots that no run or batch of this store names, or delete them."""
    with DataSnapshotRegistry(existing(store)) as registry:
        found = registry.cleanup_orphaned_snapshots(dry_run=not delete)
    if as_json:
        print(json.dumps({"deleted": delete, "snapshots": found}, indent=2))
    else:
        for each in found:
            print(each)
        what = "deleted" if delete else "of no run; --delete deletes them"
        print(f"{len(found):,} snapshots {what}")
    return Exit.OK


def _print(found: list[SnapshotRecord], *, as_json: bool, one: bool = False) -> None:
    if as_json:
        values: list[dict[str, Any]] = [each.to_mapping() for each in found]
        print(json.dumps(values[0] if one else values, indent=2, ensure_ascii=False))
        return
    rows = [
        (
            each.snapshot_id,
            f"{each.created_at:%Y-%m-%d %H:%M:%S}",
            ", ".join(each.symbols),
            each.total_rows,
            None if each.start_date is None else f"{each.start_date:%Y-%m-%d %H:%M}",
            None if each.end_date is None else f"{each.end_date:%Y-%m-%d %H:%M}",
            each.total_bytes,
        )
        for each in found
    ]
    print(plain_columns(["snapshot", "made", "symbols", "rows", "from", "to", "bytes"], rows))
