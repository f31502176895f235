"""Environments that `triplebar engines add` has made, each in a folder of its own.

They stand under `$TRIPLEBAR_HOME/engines`, by default `~/.local/share/triplebar/engines`, one folder for each engine
and version; `environment.json` in it says what it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from triplebar.contracts.atomic import write_text
from triplebar.contracts.errors import EngineNotAvailableError, UnknownEngineError
from triplebar.contracts.suggest import hint
from triplebar.engines.places import GUESTS

RECORD: Final = "environment.json"
NEEDED: Final = ("numpy>=1.26", "pyarrow>=15")
"""What triplebar itself needs in the other Python."""

Commander = Callable[[Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment of the store."""

    engine: str
    version: str
    python: str

    @property
    def name(self) -> str:
        """What `triplebar.run(engine=...)` calls it.

        >>> Installed("nautilus", "1.231.0", "/there/bin/python").name
        'nautilus@1.231.0'
        """
        return f"{self.engine}@{self.version}"


def home() -> Path:
    """Where the environments stand."""
    given = os.environ.get("TRIPLEBAR_HOME")
    return (Path(given) if given else Path.home() / ".local" / "share" / "triplebar") / "engines"


def installed() -> list[Installed]:
    """All environments of the store, by name."""
    records = sorted(home().glob(f"*/{RECORD}"))
    return [Installed(**json.loads(each.read_text(encoding="utf-8"))) for each in records]


def find(engine: str, version: str) -> Installed:
    """The environment with this engine and version; a shorter version means any that begins with it."""
    here = [each for each in installed() if each.engine == engine]
    for each in reversed(here):
        if each.version == version or each.version.startswith(f"{version}."):
            return each
    names = ", ".join(each.name for each in here) or "none"
    raise EngineNotAvailableError(
        f"engine {engine!r} version {version!r} is in no environment (there are: {names})",
        fix=f"triplebar engines add {engine} --version {version}",
    )


def command(words: Sequence[str]) -> None:
    """Run a command; what it says on failure is in the error."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - venv and pip
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()[-12:]
        raise EngineNotAvailableError(
            f"{' '.join(words[:4])} ... ended with code {done.returncode}",
            where="engines add",
            fix="its last words:\n" + "\n".join(lines),
        )


def add(engine: str, version: str | None = None, *, python: str | None = None, run: Commander = command) -> Installed:
    """Make an environment with pip, of the Python that is given or of this one.

    Of an environment that cannot be completed nothing is left.
    """
    if engine not in GUESTS:
        raise UnknownEngineError(f"engine {engine!r} is not a guest", fix=hint(engine, GUESTS))
    folder = home() / f"{engine}-{version or 'latest'}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    inside = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    package = GUESTS[engine] + (f"=={version}" if version else "")
    try:
        run([python or sys.executable, "-m", "venv", str(folder)])
        run([str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package, *NEEDED])
        made = Installed(engine, _version_in(inside, engine), str(inside))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    write_text(folder / RECORD, json.dumps(asdict(made), indent=1))
    return made


def _version_in(python: Path, engine: str) -> str:
    code = f"from importlib.metadata import version; print(version({GUESTS[engine]!r}))"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise EngineNotAvailableError(
            f"{GUESTS[engine]} is not in the environment that was made", where=str(python), fix="add it again"
        )
    return done.stdout.strip()


def remove(name: str) -> None:
    """Delete an environment by its name, such as `nautilus@1.231.0`."""
    engine, _, version = name.partition("@")
    shutil.rmtree(Path(find(engine, version).python).parents[1])
