"""Cold and warm: what a process waits for before its first event, with nothing compiled yet and with all of it."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass

GOAL_MILLISECONDS = 200
PROGRAM = """
import json, sys, time
import numpy, pyarrow
import triplebar as tb
imported = time.perf_counter()
from {module} import {name}
market = tb.Market.synthetic(bars=300, seed=1, symbols={symbols!r})
begin = time.perf_counter()
result = tb.run({name}(), market, mode="compiled", until=0)
event = time.perf_counter()
print(json.dumps(dict(
    after_import=event - imported, run=event - begin, compiler="numba" in sys.modules, mode=result.metadata.mode
)))
"""


@dataclass(frozen=True)
class Start:
    """What one process took to its first event."""

    after_import: float
    """Seconds from `import triplebar` to the end of the first tick, making the market included."""
    run: float
    """Seconds of them in `tb.run`."""
    compiler: bool
    """Whether Numba was loaded."""


def start(
    name: str, cache: str, *, module: str = "triplebar.strategy.samples", symbols: tuple[str, ...] = ("A", "B")
) -> Start:
    """Run a strategy through its first tick in a process of its own."""
    program = PROGRAM.format(module=module, name=name, symbols=symbols)
    environment = {**os.environ, "TRIPLEBAR_CACHE": cache}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    if found.pop("mode") != "compiled":
        message = f"{name} did not run compiled"
        raise AssertionError(message)
    return Start(**found)


def measured_starts(names: tuple[str, ...] = ("MovingAverageCross", "RiskParity"), rounds: int = 3) -> str:
    """Cold and warm starts of some samples."""
    lines = [
        "### Start of a process: import to the end of its first tick",
        "",
        "| | cold, ms | warm, ms |",
        "|---|---|---|",
    ]
    slowest = 0.0
    for name in names:
        with tempfile.TemporaryDirectory() as cache:
            cold = start(name, cache)
            warm = [start(name, cache) for _ in range(rounds)]
        best = min(warm, key=lambda one: one.after_import)
        slowest = max(slowest, best.after_import)
        lines.append(f"| {name} | {cold.after_import * 1e3:,.0f} | {best.after_import * 1e3:,.0f} |")
    verdict = "met" if slowest * 1e3 < GOAL_MILLISECONDS else "**missed**"
    return "\n".join([*lines, "", f"- warm: under {GOAL_MILLISECONDS} ms — {slowest * 1e3:,.0f}, {verdict}", ""])
