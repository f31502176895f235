"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from triplebar.contracts.errors import DuplicateId

COUNTER: Final = count()
"""Tells the unfinished files of one process apart."""


def write_text(path: Path, text: str) -> Path:
    """Write a file so that a killed writer leaves the old one or the new one, never a half.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(Path(folder) / "a.txt", "whole").read_text()
    'whole'
    """
    return write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> Path:
    """The same for bytes.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(Path(folder) / "a.bin", b"whole").read_bytes()
    b'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _fresh(path)
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return path


def _fresh(path: Path) -> Path:
    """A name beside `path` that nobody else uses."""
    return path.with_name(f".{path.name}.{os.getpid()}-{next(COUNTER)}.new")


@contextmanager
def new_folder(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a folder to fill, and put it in its place when the block ends without an error.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with new_folder(Path(folder) / "run") as fresh:
    ...         _ = (fresh / "a.txt").write_text("whole")
    ...     sorted(each.name for each in Path(folder).iterdir())
    ['run']
    """
    if path.exists() and not overwrite and (not path.is_dir() or any(path.iterdir())):
        raise DuplicateId("is there already", where=str(path), fix="choose another folder or say overwrite=True")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _fresh(path)
    fresh.mkdir()
    try:
        yield fresh
        _swap(fresh, path)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _swap(fresh: Path, path: Path) -> None:
    if not path.exists():
        fresh.replace(path)
        return
    old = fresh.with_suffix(".old")
    path.replace(old)
    fresh.replace(path)
    shutil.rmtree(old) if old.is_dir() else old.unlink()
