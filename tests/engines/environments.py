"""Make the environments that the tests of other versions of NautilusTrader look for.

`python -m tests.engines.environments` looks for a CPython that is new enough, on the path and among those of pyenv, and
lets `triplebar engines add` make what is not there yet. It says what it made, and what is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from triplebar.engines.nautilus.versions import KNOWN, installed_version
from triplebar.engines.remote.store import add, installed

NEEDS = {"1.221": ((3, 11), (3, 13)), "1.231": ((3, 12), (3, 14))}
"""The oldest and newest CPython of each version."""
VERSION = re.compile(r"Python (\d+)\.(\d+)")


def interpreters() -> list[Path]:
    """Every CPython that can be found, each once."""
    names = [f"python3.{minor}" for minor in range(11, 15)]
    found = [Path(each) for each in map(shutil.which, names) if each]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return list(dict.fromkeys(each.resolve() for each in [*found, *sorted(pyenv.glob("*/bin/python"))]))


def version_of(python: Path) -> tuple[int, int] | None:
    """Major and minor version, None for what cannot be asked."""
    done = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
    match = VERSION.match(done.stdout)
    return (int(match[1]), int(match[2])) if match else None


def interpreter_for(version: str, candidates: list[Path]) -> Path | None:
    """The oldest CPython that this version of NautilusTrader runs on."""
    oldest, newest = NEEDS[version]
    fitting = [(found, each) for each in candidates if (found := version_of(each)) and oldest <= found <= newest]
    return min(fitting, default=(None, None))[1]


def main() -> None:
    """Make what is missing and has a CPython; tests of what is missing still are skipped by name."""
    here = {f"{each.engine} {each.version}" for each in installed()}
    for version in KNOWN:
        if installed_version().startswith(version) or f"nautilus {version}.0" in here:
            print(f"NautilusTrader {version} is there")
            continue
        python = interpreter_for(version, interpreters())
        if python is None:
            print(
                f"NautilusTrader {version} needs CPython {'.'.join(map(str, NEEDS[version][0]))} or newer: none found"
            )
        else:
            print(f"NautilusTrader {version} is at {add('nautilus', f'{version}.0', python=str(python)).python}")


if __name__ == "__main__":
    main()
