"""The reference strategies on every engine, with costs and without, on five markets.

`python -m tests.verify.reference_strategies` runs all of it (a quarter of an hour); the suite runs a part.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import triplebar as tb
from triplebar.data.synthetic import CALM, FALLING, RISING, WILD
from triplebar.research.verify.report import VerifyReport

STRATEGIES: dict[str, tb.Strategy] = {
    "SimpleBuyAndHold": tb.samples.BuyAndHold(),
    "MovingAverageCrossover": tb.samples.MovingAverageCross(fast=5, slow=20, quantity=50.0),
    "MeanReversion": tb.samples.MeanReversion(period=15, entry=1.5, quantity=40.0),
    "Momentum": tb.samples.Momentum(lookback=12, quantity=60.0),
    "Portfolio": tb.samples.Rebalance(interval=10),
}
MARKETS: dict[str, dict[str, Any]] = {
    "calm": {"seed": 21, "volatility": 0.003},
    "trending": {"seed": 22, "volatility": 0.004, "drift": 0.0005},
    "gaps": {"seed": 23, "volatility": 0.006, "gap_chance": 0.15, "gap_size": 0.03},
    "moods": {"seed": 24, "volatility": 0.005, "regimes": (CALM, RISING, FALLING, WILD), "jump_chance": 0.02},
    "three instruments": {
        "seed": 25, "symbols": ("AA", "BB", "CC"), "volatility": 0.005, "correlation": 0.4, "missing_chance": 0.05,
    },
}  # fmt: skip
COSTS: dict[str, tb.BacktestConfig] = {
    "free": tb.BacktestConfig(),
    "costs": tb.BacktestConfig(
        commission=tb.Commission(maker_bps=1, taker_bps=2, minimum=1),
        slippage=tb.Slippage(bps=2, ticks=1),
        spread=tb.Spread(half_ticks=1),
    ),
}
NATIVE_COSTS: dict[str, tb.BacktestConfig] = {"free": COSTS["free"], "costs": tb.BacktestConfig(commission_bps=2)}
"""What every guest has a setting of its own for."""
GUESTS = ("backtrader", "nautilus")


@dataclass(frozen=True)
class Case:
    """One run of all engines."""

    strategy: str
    market: str
    costs: str

    def __str__(self) -> str:
        return f"{self.strategy}, {self.market}, {self.costs}"

    def verify(self, mode: str, bars: int, engines: tuple[str, ...] = ("custom", *GUESTS)) -> VerifyReport:
        """Run and compare."""
        config = (COSTS if mode == "strict" else NATIVE_COSTS)[self.costs]
        return tb.verify(STRATEGIES[self.strategy], market(self.market, bars), config, engines=engines, mode=mode)


@cache
def market(name: str, bars: int) -> tb.Market:
    """A market of that many hourly bars."""
    return tb.Market.synthetic(bars=bars, interval="1h", **MARKETS[name])


def cases() -> Iterator[Case]:
    """All of them."""
    for strategy in STRATEGIES:
        for name in MARKETS:
            for costs in COSTS:
                yield Case(strategy, name, costs)


def main(bars: int = 2_000) -> int:
    """Run everything in strict mode, then in native mode; the exit code says whether the numbers hold."""
    failures = 0
    for case in cases():
        strict = case.verify("strict", bars)
        worst = max(strict.divergence.values())
        same = all(each.pairing.paired == each.pairing.equal for each in strict.agreements)
        native = case.verify("native", bars)
        rest = max(unexplained_share(native), default=0.0)
        good = strict.agree and worst <= 1e-4 and same and rest < 1e-3
        failures += not good
        print(f"{'ok ' if good else 'NOT'} {case}: strict {worst:.2e}, equal orders {same}, unexplained {rest:.2e}")
    return int(failures > 0)


def unexplained_share(report: VerifyReport) -> list[float]:
    """Of each engine whose profit differs: what no cause was found for, as a share of the difference."""
    found = [each.explanation for each in report.agreements if each.explanation is not None]
    return [abs(each.unexplained_minor / each.difference_minor) for each in found if each.difference_minor]


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:])))
