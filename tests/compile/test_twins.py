"""Compiled and interpreted are twins: the same decisions, the same facts, the same state at the end."""

import math
import os
from typing import Any

import numpy as np

import triplebar as tb
from tests.compile.gambler import Gambler
from tests.generators import random_case
from triplebar.contracts.errors import TradingError

GAMBLES = int(os.environ.get("TRIPLEBAR_TWINS", "120"))
"""Programs to compare, each with another market, rules, costs and order of actions; 500 for a campaign."""


def outcome(seed: int, mode: str) -> tuple[Any, ...]:
    case = random_case(seed)
    try:
        result = tb.run(Gambler(size=float(1 + seed % 5)), case.market, case.config, mode=mode)
    except TradingError as problem:
        return type(problem).__name__, str(problem)
    logs = list(result.logs)
    return result.result_hash, len(result.orders), result.metadata.mode, logs


def test_random_programs_are_twins() -> None:
    equal = orders = 0
    for seed in range(GAMBLES):
        interpreted, compiled = outcome(seed, "interpreted"), outcome(seed, "compiled")
        if len(interpreted) == 4:
            assert compiled[2] == "compiled"
            orders += interpreted[1]
            assert (compiled[0], compiled[3]) == (interpreted[0], interpreted[3]), f"seed {seed}"
        else:
            assert compiled == interpreted, f"seed {seed}"
        equal += 1
    assert equal == GAMBLES
    assert orders > 10 * GAMBLES


def test_a_compiled_run_can_stop_and_go_on() -> None:
    market = tb.Market.synthetic(bars=200, seed=2)
    whole = tb.run(Gambler(), market, mode="compiled")
    part = tb.run(Gambler(), market, mode="compiled", until=90)
    assert part.checkpoint is not None
    assert tb.resume(part.checkpoint, market).result_hash == whole.result_hash


def test_the_same_object_runs_again_with_the_same_result() -> None:
    market, strategy = tb.Market.synthetic(bars=80, seed=3), Gambler()
    first = tb.run(strategy, market, mode="compiled")
    assert tb.run(strategy, market, mode="compiled").result_hash == first.result_hash
    assert not hasattr(strategy, "count")


def test_arrays_are_not_copied() -> None:
    class Ring(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            self.seen = np.zeros(100)

        def on_bar(self, ctx: Any, bar: Any) -> None:
            self.seen[bar.index] = bar.close

        def on_stop(self, ctx: Any) -> None:
            assert self.seen[99] > 0

    market = tb.Market.synthetic(bars=100, seed=3)
    assert tb.run(Ring(), market, mode="compiled").metadata.mode == "compiled"


def test_mathematics_are_those_of_python() -> None:
    class Logarithms(tb.Strategy):
        def on_start(self, ctx: Any) -> None:
            self.last = 1.0

        def on_bar(self, ctx: Any, bar: Any) -> None:
            change = math.log(bar.close) - math.log(self.last)
            if change > 0.0:
                ctx.buy(bar.symbol, 1, limit=bar.close * math.exp(-change))
            self.last = bar.close

    market = tb.Market.synthetic(bars=100, seed=3)
    compiled = tb.run(Logarithms(), market, mode="compiled")
    assert compiled.result_hash == tb.run(Logarithms(), market).result_hash
    assert len(compiled.orders) > 10
