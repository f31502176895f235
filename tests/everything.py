"""Run every check of the repository, one after the other: `python tests/everything.py`.

    --list          the checks and their commands
    --only NAME …   some of them
    --update        also write the generated pages (docs/status.md) instead of only comparing them
    --fail-fast     stop at the first that fails

What it needs beside cargo is installed by `pip install -e ".[test]"`. The exit code is 0 when every check passed.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "status.md"
PYTEST_CLOSING_LINE = re.compile(r"^=* ?(\d+ (?:passed|failed|error).* in [\d.]+s.*?) ?=*$")


@dataclass(frozen=True)
class Check:
    """One command that must succeed."""

    name: str
    title: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    check: Check
    passed: bool
    seconds: float
    lines: tuple[str, ...]


def python(*arguments: str) -> tuple[str, ...]:
    """Make a command that runs a module with this very interpreter."""
    return (sys.executable, "-m", *arguments)


def checks(fresh_page: Path) -> list[Check]:
    """List all checks, the quick ones first."""
    workers = str(min(os.cpu_count() or 1, 8))
    layers = str(Path(sys.executable).with_name("lint-imports"))
    pytest = ("pytest", "-n", workers, "--cov", "--cov-report=term", "--status-page", str(fresh_page))
    environments = ("tests.engines.environments",)
    stubtest = ("mypy.stubtest", "triplebar._native", "--mypy-config-file", "pyproject.toml")
    return [
        Check("ruff", "Python: lint", python("ruff", "check", ".")),
        Check("ruff-format", "Python: format", python("ruff", "format", "--check", ".")),
        Check("layers", "Python: nothing imports what stands above it", (layers,)),
        Check("mypy", "Python: types", python("mypy")),
        Check("rustfmt", "Rust: format", ("cargo", "fmt", "--all", "--check")),
        Check("clippy", "Rust: lint", ("cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings")),
        Check("cargo-test", "Rust: tests", ("cargo", "test", "--workspace", "--quiet")),
        Check("stubtest", "The stub says what the native module has", python(*stubtest)),
        Check(
            "environments", "Guests of other versions are there, if there is a CPython for them", python(*environments)
        ),
        Check("pytest", "Python: tests, doctests, code blocks of the docs, coverage", python(*pytest)),
        Check("adapters", "Each adapter is covered with its real engine", python("tests.house.adapter_coverage")),
        Check("pages", "docs/status.md is what the tests say", ("diff", "-u", str(PAGE), str(fresh_page))),
    ]


def run(check: Check) -> Outcome:
    """Run one check, show what it says, and keep it."""
    print(f"\n━━━ {check.title} ━━━ {' '.join(check.command[:6])}", flush=True)
    begin = time.monotonic()
    environment = {**os.environ, "MYPYPATH": "python", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        check.command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines = []
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    return Outcome(check, process.returncode == 0, time.monotonic() - begin, tuple(lines))


def closing_line(outcomes: list[Outcome]) -> str | None:
    """Find the last line that pytest printed about itself."""
    lines = [line for outcome in outcomes if outcome.check.name == "pytest" for line in outcome.lines]
    found = [match[1] for line in lines if (match := PYTEST_CLOSING_LINE.match(line))]
    return found[-1] if found else None


def summarise(outcomes: list[Outcome]) -> int:
    """Print one line per check, pytest's own closing line, and return the exit code."""
    print("\n━━━ Summary ━━━")
    for outcome in outcomes:
        print(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.seconds:7.1f} s  {outcome.check.title}")
    print(f"pytest: {closing_line(outcomes) or 'did not finish'}")
    failed = [outcome.check.name for outcome in outcomes if not outcome.passed]
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} checks passed", *failed[:1] and ["— failed:", *failed])
    return 1 if failed or not outcomes else 0


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--fail-fast", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        wanted = checks(PAGE if options.update else Path(folder) / "status.md")
        unknown = set(options.only or ()) - {check.name for check in wanted}
        if unknown:
            parser.error(f"no check is called {', '.join(sorted(unknown))}; see --list")
        wanted = [check for check in wanted if not options.only or check.name in options.only]
        if options.list:
            print("\n".join(f"{check.name:12} {' '.join(check.command)}" for check in wanted))
            return 0
        outcomes: list[Outcome] = []
        for check in wanted:
            outcomes.append(run(check))
            if options.fail_fast and not outcomes[-1].passed:
                break
        return summarise(outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
