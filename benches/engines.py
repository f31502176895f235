"""W1 to W4 on every engine, and compiled: `python -m benches.engines` prints, with `--update` it writes the page.

Each engine runs the same strategy on the same market, our rules forced on guests, and all must come to the same fills
and the same equity at every bar before anything is timed; then the rounds are interleaved. Guests by their own rules
are timed, too, and differ. Guests take microseconds a bar where ours takes nanoseconds, so the markets are small.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import triplebar as tb
from benches.contestants import STRATEGIES, Contestant, answer_of, market
from benches.limits import CASH
from benches.markets import random_walk
from benches.report import machine
from benches.rounds import Measured, measure
from benches.workloads import WORKLOADS
from triplebar.engines.places import GUESTS

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BARS = {"W1": 3_000, "W2": 600, "W3": 600, "W4": 100}
"""So that a round of all engines takes a second or two."""
OURS = "custom"
HEAD = """# Benchmarks of the engines

Made by `python -m benches.engines --update`; do not edit. The limits that our own engine is measured against, and
larger markets, are in [benches](../benches/README.md).

Each engine runs the same strategy on the same market, from a `Market` to a finished result. Those that fill by our
rules must come to equal fills and to the same equity at every bar before they are timed; guests by their own rules may
differ, as the digest of the equity shows. Rounds are interleaved; a ratio is the median of the ratios within a round,
so that a busy machine hits all alike; microseconds suffer from it.

Machine: {machine}

"""


def engines() -> list[tuple[str, str, str]]:
    """Every engine and whose rules it fills by: a name for the table, the engine, the fidelity."""
    here = tb.available_engines()
    named = [(OURS, OURS, "strict"), ("reference", "reference", "strict")]
    named += [(f"{guest}, our rules", guest, "strict") for guest in GUESTS if guest in here]
    return named + [(f"{guest}, its own", guest, "native") for guest in GUESTS if guest in here]


def prepared(workload: str, bars: tb.Market, engine: str, fidelity: str) -> Callable[[], tb.RunResult]:
    """A run, ready to be called."""
    leverage = 2.0 if workload == "W4" else 1.0
    config = tb.BacktestConfig(initial_cash=CASH.get(workload, 1_000_000), commission_bps=1.0, leverage=leverage)
    return lambda: tb.run(STRATEGIES[workload](), bars, config, engine=engine, fidelity=fidelity)


def timed(workload: str, rounds: int) -> tuple[dict[str, Measured], int]:
    """What every engine takes for a workload, and the number of bars."""
    ticks = random_walk(BARS[workload], WORKLOADS[workload].width)
    bars = market(ticks)
    everybody = [
        Contestant(name, prepared(workload, bars, engine, fidelity), answer_of) for name, engine, fidelity in engines()
    ]
    strangers = [name for name, _, fidelity in engines() if fidelity == "native"]
    return measure(workload, everybody, rounds, strangers=strangers), bars.rows


def row(one: Measured, ours: Measured, bars: int) -> str:
    """One line of a table."""
    microseconds = one.nanoseconds(bars) / 1_000
    return f"| {one.name} | {microseconds:,.2f} | {one.times(ours):,.1f} | {one.answer.fills:,} | {one.digest()[:8]} |"


def section(workload: str, rounds: int) -> str:
    """The table of one workload."""
    measured, bars = timed(workload, rounds)
    work = WORKLOADS[workload]
    lines = [f"## {workload}: {work.title}", "", f"{bars:,} bars of {work.width} instruments, {rounds} rounds.", ""]
    lines += ["| engine | microseconds a bar | × custom | fills | equity |", "|---|---|---|---|---|"]
    lines += [row(one, measured[OURS], bars) for one in measured.values()]
    return "\n".join(lines)


def page(rounds: int, workloads: list[str]) -> str:
    """The whole page."""
    head = HEAD.format(machine=machine())
    return head + "\n\n".join(section(each, rounds) for each in workloads) + "\n"


COMPILED_HEAD = """## Compiled strategies

Made by the same command; alone: `python -m benches compiled`. Each has the same fills and equity as the loops before
it is timed. Times are the processor's, of the thread that runs the loop, least and median of the rounds; the sweep's
and the starts' are the clock's, and suffer from whatever else the machine does. *Its run alone* is from a started
engine to the last bar.
"""


def compiled_section(rounds: int) -> str:
    """The tables of compiled strategies."""
    from benches import compiled

    return compiled.measure(rounds)


def main() -> None:
    """Time, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", default=list(BARS), metavar="W1")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--update", action="store_true", help="write docs/benchmarks.md")
    asked = parser.parse_args()
    text = page(asked.rounds, asked.workloads)
    if asked.workloads == list(BARS):
        text += f"\n{COMPILED_HEAD}\n{compiled_section(asked.rounds)}"
    if asked.update:
        PAGE.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
