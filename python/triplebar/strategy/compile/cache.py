"""Compiled strategies on disk: what was compiled once on a machine is loaded by every later process."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from typing import Final

from triplebar.contracts.atomic import write_bytes
from triplebar.strategy.compile.program import Program

FOLDER_VARIABLE: Final = "TRIPLEBAR_CACHE"
DIGEST_BYTES: Final = 32


def folder() -> Path:
    """Where compiled strategies are kept: `$TRIPLEBAR_CACHE`, or `triplebar` among the user's caches."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "triplebar"
    return base / "compiled"


def stored(name: str) -> Program | None:
    """The program of this fingerprint; None if there is none that can be read."""
    try:
        content = (folder() / name).read_bytes()
    except OSError:
        return None
    body = content[DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != content[:DIGEST_BYTES]:
        return None
    try:
        program = pickle.loads(body)  # noqa: S301 - the user's own cache, as that of compiled Python
    except Exception:  # noqa: BLE001 - whatever it is, the program is compiled again
        return None
    return program if isinstance(program, Program) else None


def store(name: str, program: Program) -> Path | None:
    """Keep a program; None if the folder cannot be written to, which costs time and nothing else."""
    body = pickle.dumps(program)
    try:
        return write_bytes(folder() / name, hashlib.sha256(body).digest() + body)
    except OSError:
        return None
