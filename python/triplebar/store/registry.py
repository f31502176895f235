"""What every registry of a store has in common: it is opened by its place, and closed at the end of a `with`."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from triplebar.store.database import Database
from triplebar.store.place import store_file
from triplebar.store.schema import STORE


class Registry:
    """Something that a store keeps.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Registry(folder) as one:
    ...     Registry(one.database).database is one.database
    True
    """

    def __init__(self, place: Path | str | Database) -> None:
        """Open a store, or make it: a file such as `runs.db`, or a folder; or use one that is open."""
        self.database = place if isinstance(place, Database) else Database(store_file(place), STORE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.database.close()
