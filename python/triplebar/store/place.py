"""Where a store is: a file, or a folder with such a file in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from triplebar.contracts.errors import ConfigError

SUFFIXES: Final = frozenset({".db", ".sqlite", ".sqlite3"})
NAME: Final = "store.db"


def store_file(place: Path | str) -> Path:
    """Give the file that is meant: a name with the suffix of a database is the file, any other one its folder.

    >>> store_file("runs.db").name, store_file("kept").as_posix()
    ('runs.db', 'kept/store.db')
    """
    given: object = place
    if not isinstance(given, (str, os.PathLike)) or "\0" in str(given):
        raise ConfigError.of("store", place, "is no path", fix="give a file such as 'runs.db', or a folder")
    path = Path(place)
    return path if path.suffix.lower() in SUFFIXES else path / NAME
