"""Runs that tests of results look at: small, with all kinds of orders, costs and endings."""

from __future__ import annotations

from functools import cache
from typing import Any

import triplebar as tb
from tests.generators import random_case
from triplebar.contracts.result import RunResult
from triplebar.strategy.script import Script, Step

START = -1

MARKET = tb.Market.synthetic(symbols=("AA", "BB"), bars=400, interval="1h", volatility=0.004, seed=3)
CONFIG = tb.BacktestConfig(
    initial_cash=100_000,
    commission_bps=2,
    slippage=tb.Slippage(bps=3, ticks=1, impact="0.05"),
    spread=tb.Spread(half_bps=1),
    borrow_rate="0.1",
    funding={"AA": tb.Funding(rate="0.0001", every_hours=8)},
    leverage=2,
    seed=11,
)


def close(symbol: str, tick: int) -> float:
    """The closing price at a tick."""
    return float(MARKET.series(symbol).close[tick])


def script() -> Script:
    """Longs, shorts, brackets, partial closes, a flip, orders that never fill and orders that are refused."""
    steps: list[Step] = [
        (0, "buy", {"symbol": "AA", "quantity": 100, "tag": "entry", "id": "first"}),
        (3, "sell", {"symbol": "BB", "quantity": 50, "stop_loss": round(close("BB", 3) * 1.01, 2), "label": "short"}),
        (20, "buy", {"symbol": "AA", "quantity": 10, "limit": round(close("AA", 20) * 0.5, 2), "tag": "far away"}),
        (40, "sell", {"symbol": "AA", "quantity": 30}),
        (60, "sell", {"symbol": "AA", "quantity": 120, "tag": "flip"}),
        (90, "buy", {"symbol": "AA", "quantity": 20, "trail_percent": 1.0}),
        (120, "buy", {"symbol": "AA", "quantity": 5, "id": "first"}),
        (130, "sell", {"symbol": "BB", "quantity": 5, "tif": "at_open", "stop": round(close("BB", 130) * 0.9, 2)}),
        (150, "buy", {"symbol": "BB", "quantity": 40, "limit": round(close("BB", 150) * 0.999, 2), "tif": "day"}),
        (200, "close", {"symbol": "AA", "tag": "out"}),
        (250, "buy", {"symbol": "BB", "quantity": 1_000_000}),
        (300, "buy", {"symbol": "AA", "quantity": 25}),
    ]
    return Script(steps, tolerant=True)


@cache
def rich_run(engine: str = "custom") -> RunResult:
    """A run with a bit of everything."""
    return tb.run(script(), MARKET, CONFIG, engine=engine)


@cache
def quiet_run() -> RunResult:
    """A run in which nothing is traded."""
    return tb.run(Script(()), MARKET, tb.BacktestConfig(initial_cash=5_000))


@cache
def random_run(seed: int) -> RunResult:
    """A run of a random case: see tests/generators.py."""
    case = random_case(seed)
    return tb.run(case.script(), case.market, case.config)


def run_with(**config: Any) -> RunResult:
    """The rich run under other settings."""
    return tb.run(script(), MARKET, CONFIG.replace(**config))
