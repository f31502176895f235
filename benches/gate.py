"""The gate on slowdowns: `python -m benches.gate` fails when a workload has become a fifth slower.

A time says more about the machine than about the code, so what is kept is a ratio: processor time of triplebar over
that of a limit (native loop, or native loop calling Python) that does the same work beside it, in rounds that take
turns. Whatever else the machine does only ever adds to a round, so the least of each counts, and rounds go on while
the answer is too large: no number of rounds makes slower code look as quick as before.

python -m benches.gate                     measure and compare with benches/baselines.json
python -m benches.gate --update            measure at length and write the baselines of this Python
python -m benches.gate --recorded FILE     compare what `pytest benches/test_benches.py --benchmark-json FILE` wrote
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benches.contestants import check, contestants
from benches.limits import STRATEGIES
from benches.markets import random_walk
from benches.workloads import CALLBACK, LOOP, PYTHON, WORKLOADS

BASELINES = Path(__file__).with_name("baselines.json")
ALLOWED = 1.20
"""A fifth more than the baseline is a slowdown."""
BARS = {"W1": 20_000, "W2": 10_000, "W3": 6_000, "W4": 500}
ROUNDS = 7
ROUNDS_MAX = 300
LASTS_SECONDS = 0.02
"""How long the runs of one round last together at least: the clock of the processor is coarse."""

Run = Callable[[], object]


def interpreter() -> str:
    """Whose baselines count: a Python strategy's time is Python's own to a good part."""
    return f"{sys.implementation.name}-{sys.version_info.major}.{sys.version_info.minor}"


def limit_of(workload: str) -> str:
    """The limit that a workload is set against: where there is one, the loop that calls Python, too."""
    return CALLBACK if workload in STRATEGIES else LOOP


def baselines() -> dict[str, float]:
    """The ratios kept for this Python; none if nobody has measured there yet."""
    return dict(json.loads(BASELINES.read_text(encoding="utf-8")).get(interpreter(), {}))


def runs_of(workload: str) -> tuple[Run, Run]:
    """Triplebar and its limit on one workload, after their answers have been compared."""
    everybody = {
        each.name: each for each in contestants(workload, random_walk(BARS[workload], WORKLOADS[workload].width))
    }
    pair = {name: everybody[name] for name in (PYTHON, limit_of(workload))}
    check(workload, {name: each.answer(each.run()) for name, each in pair.items()})
    ours, limit = pair.values()
    return ours.run, limit.run


def ratio(ours: Run, limit: Run, enough: float, *, rounds: int = ROUNDS, rounds_max: int = ROUNDS_MAX) -> float:
    """How many times slower ours is than the limit; rounds go on until that is `enough` or there have been too many."""
    repeats = [max(1, round(LASTS_SECONDS / max(_seconds(each, 1), 1e-6))) for each in (ours, limit)]
    least = [float("inf")] * 2
    for number in range(rounds_max):
        gc.collect()
        for at, each in enumerate((ours, limit)):
            least[at] = min(least[at], _seconds(each, repeats[at]))
        if number + 1 >= rounds and least[0] <= enough * least[1]:
            break
    return least[0] / least[1]


def _seconds(run: Run, repeats: int) -> float:
    begin = time.process_time()
    for _ in range(repeats):
        run()
    return (time.process_time() - begin) / repeats


def slower(found: Mapping[str, float], kept: Mapping[str, float]) -> dict[str, float]:
    """The workloads that have become slower by more than what is allowed, and how many times."""
    missing = set(found) ^ set(kept)
    if missing or not kept:
        message = f"baselines and measurements are not of the same workloads: {sorted(missing) or 'there are none'}"
        raise ValueError(message)
    times = {name: found[name] / kept[name] for name in kept}
    return {name: each for name, each in times.items() if each > ALLOWED}


def measured(kept: Mapping[str, float]) -> dict[str, float]:
    """Measure each workload until it is as quick as its baseline allows."""
    return {name: ratio(*runs_of(name), enough=kept.get(name, 0.0) * ALLOWED) for name in WORKLOADS}


def recorded(path: Path) -> dict[str, float]:
    """Read the ratios of the quickest rounds from the file that pytest-benchmark wrote."""
    least: dict[tuple[str, str], float] = {}
    for each in json.loads(path.read_text(encoding="utf-8"))["benchmarks"]:
        asked: dict[str, Any] = each["params"]
        least[asked["workload"], asked["name"]] = each["stats"]["min"]
    return {name: least[name, PYTHON] / least[name, limit_of(name)] for name in WORKLOADS}


def main(arguments: list[str]) -> int:
    """Compare or update; 1 when something has become slower."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--recorded", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    kept = {} if asked.update else baselines()
    if not (kept or asked.update):
        print(f"{BASELINES.name} has none for {interpreter()}: write them with --update on code known to be quick")
        return 2
    found = recorded(asked.recorded) if asked.recorded else measured(kept)
    if asked.update:
        everything = json.loads(BASELINES.read_text(encoding="utf-8")) if BASELINES.exists() else {}
        everything[interpreter()] = {name: round(each, 2) for name, each in found.items()}
        BASELINES.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    worse = {} if asked.update else slower(found, kept)
    for name, each in found.items():
        told = f", {each / kept[name]:.2f} of the baseline" if name in kept else ""
        print(f"{name}: {each:.2f} × {limit_of(name)}{told}{'  SLOWER' if name in worse else ''}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
