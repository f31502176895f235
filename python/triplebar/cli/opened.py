"""Stores that a command looks at: they have to be there, since looking must not make one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triplebar.contracts.errors import NotFound
from triplebar.store.place import store_file

StoreOption = Annotated[Path, typer.Option(help="The store: a file such as runs.db, or a folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def existing(place: Path) -> Path:
    """Give the place of a store that is there.

    >>> existing(Path("no_such.db"))
    Traceback (most recent call last):
    triplebar.contracts.errors.NotFound: no_such.db: there is no such store; give --store FILE, as it was kept with
    """
    if not store_file(place).is_file():
        raise NotFound("there is no such store", where=str(place), fix="give --store FILE, as it was kept with")
    return place
