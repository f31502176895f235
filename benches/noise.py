"""How often the verdict says "edge" where there is none, and how often it finds one that is there.

python -m benches.noise                        2 000 studies of each shape, by their returns
python -m benches.noise --studies 500
python -m benches.noise --sweeps 2000          studies that are real sweeps over made-up markets without drift
python -m benches.noise --edge 2.0             the best trial has a true Sharpe ratio of 2 a year
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from triplebar.research.validation.verdict import LEVEL, Verdict, judge

Floats = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], Floats]
YEAR = 252.0
DAILY = 0.01


def independent(draw: np.random.Generator, periods: int, trials: int) -> Floats:
    """Trials that have nothing in common."""
    return draw.normal(0.0, 1.0, (periods, trials))


def alike(share: float) -> Draw:
    """Trials that all have the same correlation with one another."""

    def drawn(draw: np.random.Generator, periods: int, trials: int) -> Floats:
        common = draw.normal(0.0, 1.0, (periods, 1))
        return np.asarray(share**0.5 * common + (1.0 - share) ** 0.5 * independent(draw, periods, trials))

    return drawn


def neighbours(draw: np.random.Generator, periods: int, trials: int) -> Floats:
    """A smooth grid: trials next to one another are much alike, distant ones are not."""
    found = independent(draw, periods, trials)
    for trial in range(1, trials):
        found[:, trial] = 0.95 * found[:, trial - 1] + (1 - 0.95**2) ** 0.5 * found[:, trial]
    return found


def families(draw: np.random.Generator, periods: int, trials: int) -> Floats:
    """Some families of near twins."""
    common = draw.normal(0.0, 1.0, (periods, max(1, trials // 10)))
    return np.asarray(common[:, np.arange(trials) % common.shape[1]] + 0.3 * independent(draw, periods, trials))


def mirrored(draw: np.random.Generator, periods: int, trials: int) -> Floats:
    """Half of the trials are the other half with the opposite sign, nearly."""
    sign = np.where(np.arange(trials) % 2, -1.0, 1.0)
    return np.asarray(draw.normal(0.0, 1.0, (periods, 1)) * sign + 0.5 * independent(draw, periods, trials))


def heavy(draw: np.random.Generator, periods: int, trials: int) -> Floats:
    """Returns with heavy tails: four degrees of freedom."""
    return np.asarray(draw.standard_t(4, (periods, trials)) / 2.0**0.5)


def skewed(draw: np.random.Generator, periods: int, trials: int) -> Floats:
    """Many small gains and a few large losses that weigh as much."""
    return 1.0 - draw.exponential(1.0, (periods, trials))


def restless(draw: np.random.Generator, periods: int, trials: int) -> Floats:
    """Calm and wild months that all trials share."""
    wild = np.repeat(draw.lognormal(0.0, 0.6, periods // 21 + 1), 21)[:periods]
    return alike(0.5)(draw, periods, trials) * wild[:, None]


SHAPES: dict[str, Draw] = {
    "independent": independent,
    "correlation 0.3": alike(0.3),
    "correlation 0.9": alike(0.9),
    "smooth grid": neighbours,
    "families": families,
    "mirrored": mirrored,
    "heavy tails": heavy,
    "skewed": skewed,
    "restless": restless,
}
SIZES = ((250, 1), (250, 10), (500, 50), (750, 100), (1_000, 20), (1_000, 200))
"""Days and trials of the studies, in turn."""


@dataclass(frozen=True)
class Found:
    """How many of some studies the verdict called what."""

    shape: str
    studies: int
    edges: int
    too_little: int

    @property
    def rate(self) -> float:
        """The share of studies with an "edge"."""
        return self.edges / self.studies


def study(shape: str, number: int, edge: float = 0.0) -> Verdict:
    """Judge one simulated study; `edge` is the true Sharpe ratio per year of one of its trials."""
    draw = np.random.default_rng([number, *shape.encode()])
    periods, trials = SIZES[number % len(SIZES)]
    returns = DAILY * SHAPES[shape](draw, periods, trials)
    returns[:, trials // 2] += edge / YEAR**0.5 * returns[:, trials // 2].std()
    return judge(returns, periods_per_year=YEAR)


def measure(shape: str, studies: int, edge: float = 0.0) -> Found:
    """Judge many studies of one shape."""
    kinds = [study(shape, number, edge).kind for number in range(studies)]
    return Found(shape, studies, kinds.count("edge"), kinds.count("too little data"))


def sweep_of(number: int, days: int = 750) -> Verdict:
    """The verdict on a real sweep of a crossover over a random walk whose next price is on average the last one."""
    import triplebar as tb

    draw = np.random.default_rng([number, days])
    close = np.round(1_000 * np.cumprod(1 + DAILY * draw.normal(0.0, 1.0, days)), 2)
    first = np.r_[1_000.0, close[:-1]]
    table = {
        "time": (np.arange(days, dtype=np.int64) + 18_000) * 86_400 * 10**9,
        "open": first,
        "high": np.maximum(first, close),
        "low": np.minimum(first, close),
        "close": close,
        "volume": np.full(days, 1e6),
    }
    market = tb.Market.from_table(table, [tb.Instrument("X")])
    rule = tb.signals.crossover(fast="SMA", slow="SMA", position="long_short", size=50.0)
    return tb.sweep(rule, market, {"fast": range(2, 20, 3), "slow": range(20, 120, 10)}).verdict


def measure_sweeps(studies: int) -> Found:
    """Judge many real sweeps."""
    kinds = [sweep_of(number).kind for number in range(studies)]
    return Found("real sweeps", studies, kinds.count("edge"), kinds.count("too little data"))


def main(arguments: list[str] | None = None) -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2_000)
    parser.add_argument("--edge", type=float, default=0.0)
    parser.add_argument("--sweeps", type=int, default=0)
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    if options.sweeps:
        found = [measure_sweeps(options.sweeps)]
    else:
        found = [measure(shape, options.studies, options.edge) for shape in SHAPES]
    print(f'"edge" in {found[0].studies:,} studies of each shape, the level is {LEVEL:.0%}:')
    for each in found:
        print(f"  {each.shape:18} {each.rate:7.2%}   too little data {each.too_little / each.studies:7.2%}")
    whole = sum(each.edges for each in found) / sum(each.studies for each in found)
    print(f"  {'all':18} {whole:7.2%}   {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
