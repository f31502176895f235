"""Measure which lines of the Rust core the tests run: `python tests/rust_coverage.py`.

    --python     count what the Python tests run through the extension module, too
    --least 90   fail under this percentage of lines (of rust/core)

The workspace is built with rustc's own instrumentation into target/coverage; `llvm-profdata` and `llvm-cov` come with
`rustup component add llvm-tools`. Files of tests (tests.rs, rust/testkit) do not count;
unit tests that stand inside a file of the core do.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "target" / "coverage"
CRATE = ROOT / "rust" / "core" / "src"


def environment(profiles: Path) -> dict[str, str]:
    """Instrument what cargo builds, and let every process write its own profile."""
    return {
        **os.environ,
        "CARGO_TARGET_DIR": str(BUILD),
        "RUSTFLAGS": "-C instrument-coverage",
        "LLVM_PROFILE_FILE": str(profiles / "%p-%m.profraw"),
    }


def cargo_tests(profiles: Path) -> list[Path]:
    """Run the tests of the workspace; name the programs that ran."""
    command = ["cargo", "test", "--workspace", "--quiet"]
    subprocess.run(command, cwd=ROOT, env=environment(profiles), check=True)
    listing = [*command, "--no-run", "--message-format=json"]
    output = subprocess.run(
        listing, cwd=ROOT, env=environment(profiles), capture_output=True, text=True, check=True
    ).stdout
    messages = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [Path(message["executable"]) for message in messages if message.get("executable")]


def python_tests(profiles: Path) -> list[Path]:
    """Run the Python tests on an instrumented extension module, in a copy of the package; name the module."""
    build = ["cargo", "build", "--package", "triplebar-py", "--features", "pyo3/extension-module", "--quiet"]
    subprocess.run(build, cwd=ROOT, env=environment(profiles), check=True)
    built = next((BUILD / "debug").glob("lib*.so"))
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "triplebar"
        shutil.copytree(ROOT / "python" / "triplebar", package, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        shutil.copy(built, package / "_native.abi3.so")
        command = [sys.executable, "-m", "pytest", "tests", "-q", "--ignore=tests/house", "-p", "no:cacheprovider"]
        subprocess.run(command, cwd=ROOT, env={**environment(profiles), "PYTHONPATH": folder}, check=True)
    return [built]


def report(profiles: Path, programs: list[Path]) -> float:
    """Merge the profiles, print the table of the core's files, return the share of its lines that ran, in percent."""
    merged = profiles / "all.profdata"
    raw = [str(path) for path in profiles.glob("*.profraw")]
    subprocess.run([_tool("llvm-profdata"), "merge", "-sparse", *raw, "-o", str(merged)], check=True)
    objects = [option for program in programs for option in ("-object", str(program))][1:]
    common = [*objects, f"-instr-profile={merged}", r"-ignore-filename-regex=tests\.rs$", str(CRATE)]
    subprocess.run([_tool("llvm-cov"), "report", *common], check=True)
    export = [_tool("llvm-cov"), "export", "-summary-only", *common]
    summary = json.loads(subprocess.run(export, capture_output=True, text=True, check=True).stdout)
    return float(summary["data"][0]["totals"]["lines"]["percent"])


def _tool(name: str) -> str:
    library = subprocess.run(["rustc", "--print", "target-libdir"], capture_output=True, text=True, check=True).stdout
    path = Path(library.strip()).parent / "bin" / name
    if not path.exists():
        sys.exit(f"{name} is missing: run `rustup component add llvm-tools`")
    return str(path)


def main(arguments: list[str]) -> int:
    """Measure and compare with the least that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="store_true")
    parser.add_argument("--least", type=float, default=0.0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        profiles = Path(folder)
        programs = cargo_tests(profiles) + (python_tests(profiles) if options.python else [])
        percent = report(profiles, programs)
    print(f"rust/core: {percent:.1f} % of lines")
    return 0 if percent >= options.least else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
