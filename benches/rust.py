"""The strategies written in Rust against the core's trait: an example program of the workspace runs and times them.

    cargo run --release --example native_strategies -- WORKLOAD FILE ROUNDS

FILE holds little-endian int64: bars, instruments, then the arrays open, high, low, close in ticks, each
[bar][instrument]. The program prints one line of JSON: `nanoseconds` (a list, one whole run a round), `fills` and
`equity_sha256` (of the equity column as little-endian int64). Cash, unit and commission are those of limits.py.
"""

import hashlib
import json
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benches.limits import Answer
from benches.markets import Ticks
from benches.rounds import Measured
from benches.workloads import RUST

ROOT = Path(__file__).parents[1]
EXAMPLE = "native_strategies"


def example() -> Path | None:
    """Find the example program's source, if the workspace has it."""
    return next(iter(sorted((ROOT / "rust").glob(f"*/examples/{EXAMPLE}.rs"))), None)


def measure(workload: str, ticks: Ticks, rounds: int, expected: Answer) -> Measured | None:
    """Run a workload in Rust and check its answer; None if the example program is not there."""
    source = example()
    if source is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ticks.bin"
        path.write_bytes(_packed(ticks))
        command = ["cargo", "run", "--release", "--quiet", "--package", _package(source), "--example", EXAMPLE]
        done = subprocess.run(
            [*command, "--", workload, path, str(rounds)], cwd=ROOT, capture_output=True, text=True, check=True
        )
    line = json.loads(done.stdout.splitlines()[-1])
    digest = hashlib.sha256(np.ascontiguousarray(expected.equity).tobytes()).hexdigest()
    if (line["fills"], line["equity_sha256"]) != (expected.fills, digest):
        message = f"{workload}: Rust has {line['fills']} fills and another equity than the {expected.fills} expected"
        raise AssertionError(message)
    return Measured(RUST, expected, [nanoseconds / 1e9 for nanoseconds in line["nanoseconds"]])


def _package(source: Path) -> str:
    return f"triplebar-{source.parents[1].name}"


def _packed(ticks: Ticks) -> bytes:
    columns = (ticks.open, ticks.high, ticks.low, ticks.close)
    return struct.pack("<qq", ticks.bars, ticks.width) + b"".join(column.astype("<i8").tobytes() for column in columns)
