"""Command lines that cannot work: what is printed, and the exit code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.boundary.bad_inputs import HEADER, LINE, written
from triplebar.cli.codes import Exit

STRATEGY = "import triplebar as tb\n\n\nclass Mine(tb.Strategy):\n    fast: int = 3\n"


class BadCommand(NamedTuple):
    """One way to call `triplebar` in vain; its files are written into the folder first."""

    name: str
    arguments: Callable[[Path], list[str]]
    code: Exit
    thing: str
    fix: str


def run(folder: Path, *more: str, strategy: str = "mine.py") -> list[str]:
    """A `run` that would work without `more`."""
    written(folder, "mine.py", STRATEGY)
    data = written(folder, "good.csv", HEADER + LINE.format(1) + LINE.format(2))
    return ["run", strategy, "--data", str(data), *more]


def with_config(folder: Path, name: str, text: str) -> list[str]:
    """A `run` with a file of settings."""
    return run(folder, "--config", str(written(folder, name, text)))


COMMANDS = [
    BadCommand("data that is not there", lambda folder: [*run(folder)[:2], "--data", "none.csv"], Exit.DATA,
               "none.csv: there is no such file", "check the path"),
    BadCommand("data of an unknown kind",
               lambda folder: ["data", "check", str(written(folder, "prices.xls", "x"))], Exit.DATA,
               "prices.xls: is neither Parquet nor CSV", "let it end in .parquet or .csv"),
    BadCommand("a strategy that is not there", lambda folder: run(folder, strategy="none.py"), Exit.USAGE,
               "none.py: there is no such file", "give the path of a Python file"),
    BadCommand("a class that is not there", lambda folder: run(folder, strategy="mine.py:Other"), Exit.USAGE,
               "has no strategy 'Other'", "known: Mine"),
    BadCommand("a file that is no Python",
               lambda folder: run(folder, strategy=str(written(folder, "bad.py", "def x(:\n"))), Exit.STRATEGY,
               "bad.py: cannot be imported: SyntaxError", "run it with python first"),
    BadCommand("an unknown setting", lambda folder: run(folder, "--set", "sed=3"), Exit.USAGE,
               "unknown field 'sed'", "did you mean 'seed'?"),
    BadCommand("a setting without a value", lambda folder: run(folder, "--set", "seed"), Exit.USAGE,
               "--set: 'seed' is not name=value", "write --set"),
    BadCommand("a parameter of the command line", lambda folder: run(folder, "--param", "fats=3"), Exit.USAGE,
               "no parameter 'fats'", "did you mean 'fast'?"),
    BadCommand("an engine of the command line", lambda folder: run(folder, "--engine", "zip"), Exit.USAGE,
               "engine 'zip' is not known", "known: backtrader, custom, nautilus, reference"),
    BadCommand("settings that are no TOML", lambda folder: with_config(folder, "c.toml", "seed = = 3"), Exit.USAGE,
               "c.toml: cannot be read", "mend the file"),
    BadCommand("settings that are no JSON", lambda folder: with_config(folder, "c.json", '{"seed": }'), Exit.USAGE,
               "c.json: cannot be read", "mend the file"),
    BadCommand("settings of an unknown kind", lambda folder: with_config(folder, "c.ini", "seed=3"), Exit.USAGE,
               "c.ini: is not a configuration file", "give a .toml, .json, .yaml or .yml file"),
    BadCommand("a table with a fault",
               lambda folder: ["data", "check", str(written(folder, "bad.csv",
                                                            HEADER + "2024-01-01T00:02:00Z,X,1,0.2,0.5,1.5,10\n"))],
               Exit.DIFFERENT, "bad.csv, line 2, column high: 0.2 is below the low 0.5", "exchange the two"),
    BadCommand("an explanation of no run", lambda _: ["explain", "nothing", "1"], Exit.USAGE,
               "is not there", "give the folder that a run was saved in"),
    BadCommand("a comparison of no runs", lambda _: ["compare", "nothing", "nothing"], Exit.USAGE,
               "is not there", "give the folder that a run was saved in"),
    BadCommand("an unknown option", lambda _: ["run", "--dta", "x"], Exit.USAGE, "--dta", "--data"),
]  # fmt: skip
