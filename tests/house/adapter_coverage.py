"""The gate on what the tests of guests run: `python -m tests.house.adapter_coverage`, after a whole run with `--cov`.

Every adapter by itself wants nine lines in ten, however well everything else is covered. What counts is what ran with
the real engine: without it an adapter's folder cannot even be imported.
"""

import sys
from pathlib import Path

from coverage import Coverage
from coverage.exceptions import CoverageException

from tests.house.repository import ROOT
from triplebar.engines.places import GUESTS

ENGINES = ROOT / "python" / "triplebar" / "engines"
FOLDERS = (*GUESTS, "guests", "remote")
"""The adapters, what they share, and the way into another process."""
PERCENT_MIN = 90.0


def percent(measured: Coverage, folder: Path) -> float:
    """How much of the statements in a folder has run."""
    sources = sorted(folder.rglob("*.py"))
    if not sources:
        message = f"there is nothing in {folder}"
        raise FileNotFoundError(message)
    statements = missing = 0
    for each in sources:
        _, found, _, left, _ = measured.analysis2(str(each))
        statements, missing = statements + len(found), missing + len(left)
    return 100.0 * (statements - missing) / statements


def opened(data_file: Path) -> Coverage:
    """What a run has measured."""
    measured = Coverage(data_file=str(data_file), config_file=str(ROOT / "pyproject.toml"))
    measured.load()
    if not measured.get_data().measured_files():
        message = f"{data_file} has nothing in it: run pytest --cov first"
        raise CoverageException(message)
    return measured


def main(data_file: Path = ROOT / ".coverage") -> int:
    """Say what each adapter has; 1 if one has too little."""
    try:
        measured = opened(data_file)
    except CoverageException as problem:
        print(problem)
        return 1
    shares = {name: percent(measured, ENGINES / name) for name in FOLDERS}
    for name, share in shares.items():
        print(f"{name}: {share:.1f} %{'' if share >= PERCENT_MIN else f', which is less than {PERCENT_MIN:g} %'}")
    return int(any(share < PERCENT_MIN for share in shares.values()))


if __name__ == "__main__":
    sys.exit(main())
