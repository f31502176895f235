"""`python -m benches`: run the named workloads beside their practical limits and print ratios.

python -m benches                    everything, some minutes
python -m benches W2 W3              these workloads only, without the rest
python -m benches W5                 the sweep
python -m benches sweeps             sweeps as a whole: store, memory
python -m benches executors          threads, processes, Ray and Dask on the same blocks
python -m benches compiled           compiled strategies
python -m benches --shrink 10        a tenth of the bars
python -m benches --large            growth up to a million bars
"""

import argparse
import sys

from benches import (
    compiled,
    curves,
    executors,
    growth,
    loading,
    memory,
    report,
    rust,
    scoring,
    startup,
    sweep,
    sweeping,
)
from benches.contestants import contestants
from benches.limits import Answer
from benches.markets import random_walk
from benches.rounds import Measured, measure
from benches.workloads import LOOP, WORKLOADS, Workload

BY_THEMSELVES = {"W5": sweep.measure, "compiled": compiled.measure, "executors": executors.measure}
"""What measures itself by rounds and shrink, and gives its tables."""


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="W", help=", ".join(WORKLOADS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shrink", type=int, default=1, help="divide the bars of every workload")
    parser.add_argument("--large", action="store_true", help="growth up to a million bars")
    parser.add_argument("--list", action="store_true", help="say what each workload guards")
    options = parser.parse_args(arguments)
    unknown = set(options.workloads) - {*WORKLOADS, *BY_THEMSELVES, "sweeps"}
    if unknown:
        known = ", ".join((*WORKLOADS, *BY_THEMSELVES, "sweeps"))
        parser.error(f"no workload is called {', '.join(sorted(unknown))}; there are {known}")
    if options.list:
        print("\n".join(f"{work.name}  {work.title}\n    guards {work.guards}" for work in WORKLOADS.values()))
        return 0
    print(f"## Benches: {report.machine()}\n", flush=True)
    for name in options.workloads or (*WORKLOADS, *BY_THEMSELVES):
        if name == "sweeps":
            print(sweeping.measure(options.rounds, options.shrink, large=options.large), flush=True)
        elif name in BY_THEMSELVES:
            print(BY_THEMSELVES[name](options.rounds, options.shrink), flush=True)
        else:
            print(run_workload(WORKLOADS[name], options.shrink, options.rounds), flush=True)
    if not options.workloads:
        run_the_rest(options.shrink, options.rounds, large=options.large)
    return 0


def run_workload(work: Workload, shrink: int, rounds: int) -> str:
    """Measure everybody on one workload and lay out the table."""
    sized = Workload(work.name, work.title, work.guards, work.bars // shrink, work.width, work.goals)
    ticks = random_walk(sized.bars, sized.width)
    measured: dict[str, Measured] = measure(sized.name, contestants(sized.name, ticks), rounds)
    expected: Answer = measured[LOOP].answer
    in_rust = rust.measure(sized.name, ticks, rounds, expected)
    if in_rust is not None:
        measured[in_rust.name] = in_rust
    return report.workload_table(sized, measured)


def run_the_rest(shrink: int, rounds: int, *, large: bool) -> None:
    """Measure growth, loading, memory and start."""
    bars = {name: work.bars // shrink for name, work in WORKLOADS.items()}
    print(report.growth_table(growth.measure(growth.points(large=large), rounds)), flush=True)
    print(report.loading_lines(loading.measure(bars["W1"], rounds)), flush=True)
    small, peak = (memory.measure("W1", size) for size in (bars["W1"] // 4, bars["W1"]))
    orders = {name: memory.bytes_per_order(name, bars[name]) for name in ("W2", "W3")}
    print(report.memory_lines(small, peak, orders), flush=True)
    print(report.startup_lines(startup.measure(max(rounds, 7))), flush=True)
    print(curves.lines(curves.measure(rounds)), flush=True)
    print(scoring.lines(scoring.measure(rounds)), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
