"""Folders that several processes of this machine read; what a killed owner has left behind, the next one removes."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Self

PREFIX: Final = "triplebar-shared-"
OWNER: Final = "owner"
"""A file that is locked for as long as its owner lives, however it ends."""


class Scratch:
    """A folder of this process.

    >>> with Scratch() as scratch:
    ...     (scratch.folder / "a").touch()
    ...     scratch.folder.is_dir()
    True
    >>> scratch.folder.exists()
    False
    """

    def __init__(self) -> None:
        """Remove what others have left behind, and begin a new one."""
        remove_abandoned()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        unlocked = self.folder / "owner.new"  # by its name nobody takes it for abandoned before it is locked
        self._owner = unlocked.open("wb")
        _lock(self._owner)
        unlocked.rename(self.folder / OWNER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._owner.close()


def remove_abandoned() -> None:
    """Remove the folders whose owners are gone."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{OWNER}"):
        with suppress(OSError), path.open("rb+") as owner:  # somebody else's, or gone this moment
            if _lock(owner):
                shutil.rmtree(path.parent, ignore_errors=True)


def _lock(file: IO[bytes]) -> bool:
    """Take the lock, unless its owner lives; where there are no such locks, everybody lives."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
