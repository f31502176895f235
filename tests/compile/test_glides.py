"""Long stretches on which nobody trades: compiled handlers go through them without the core, and nothing shows it."""

import os
from typing import Any

import pytest

import triplebar as tb
from tests.generators import random_case
from triplebar.contracts.errors import TradingError
from triplebar.contracts.random import RandomStream
from triplebar.strategy.failures import HandlerError

PROGRAMS = int(os.environ.get("TRIPLEBAR_TWINS", "60"))
"""Programs to compare; 500 for a campaign."""


class Dozer(tb.Strategy):
    """Looks at the clock and its money on every bar, and now and then does something."""

    seed: int = 0
    rarely: float = 0.05

    def on_start(self, ctx: Any) -> None:
        self.dice = RandomStream(self.seed, "dozer")
        self.seen = 0
        self.worth = 0.0
        self.done = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.look(ctx, bar)
        if self.dice.chance(self.rarely):
            self.act(ctx, bar.symbol, bar.close, self.dice.integer(0, 9))

    def look(self, ctx: Any, bar: Any) -> None:
        self.seen = (self.seen * 31 + ctx.index * 7 + ctx.time_ns + bar.time_ns + bar.index) % 1_000_003
        if self.dice.chance(0.3):
            self.worth += ctx.equity + ctx.cash + ctx.position(bar.symbol)
            last = ctx.bar(bar.symbol)
            if last is not None:
                self.worth += last.close + len(ctx.bars(bar.symbol, 3))

    def act(self, ctx: Any, symbol: str, price: float, what: int) -> None:
        self.done += 1
        if what <= 1:
            ctx.buy(symbol, 2)
        elif what == 2:
            ctx.close(symbol)
        elif what == 3:
            ctx.buy(symbol, 1, limit=price * 0.99, tif="day")
        elif what == 4:
            ctx.deposit(100.0)
        elif what == 5:
            ctx.withdraw(1.0)
        elif what == 6:
            ctx.kill_switch(self.dice.chance(0.5))
        elif what == 7:
            self.seen += len(ctx.open_orders()) + ctx.cancel_all()
        elif what == 8:
            ctx.sell(symbol, 0.0)
        else:
            ctx.target(symbol, -1.0)

    def on_stop(self, ctx: Any) -> None:
        ctx.log("woke", seen=self.seen, worth=self.worth, done=self.done)


class Slices(tb.Strategy):
    """The same with whole slices."""

    seed: int = 0
    rarely: float = 0.05

    def on_start(self, ctx: Any) -> None:
        self.dice = RandomStream(self.seed, "slices")
        self.seen = 0
        self.worth = 0.0

    def on_slice(self, ctx: Any, bars: Any) -> None:
        for symbol, bar in bars.items():
            self.seen = (self.seen * 31 + ctx.index * 7 + ctx.time_ns + bar.time_ns + bar.index) % 1_000_003
            self.worth += bar.close * ctx.position(symbol)
            if self.dice.chance(self.rarely):
                if self.dice.chance(0.5):
                    ctx.close(symbol)
                else:
                    ctx.buy(symbol, 1)
        if self.dice.chance(0.2):
            self.worth += ctx.equity

    def on_stop(self, ctx: Any) -> None:
        ctx.log("woke", seen=self.seen, worth=self.worth)


def outcome(strategy: tb.Strategy, market: tb.Market, config: tb.BacktestConfig, mode: str) -> tuple[Any, ...]:
    try:
        result = tb.run(strategy, market, config, mode=mode)
    except TradingError as problem:
        return type(problem).__name__, str(problem)
    return result.result_hash, len(result.orders), list(result.logs)


def calm_market(seed: int) -> tb.Market:
    """One in which nothing but orders disturbs a stretch."""
    return tb.Market.synthetic(bars=300, symbols=("A", "B", "C")[: 1 + seed % 3], seed=seed)


@pytest.mark.parametrize("owner", [Dozer, Slices])
def test_programs_that_mostly_doze_are_twins(owner: Any) -> None:
    orders = 0
    for seed in range(PROGRAMS):
        case = random_case(seed)
        market, config = (case.market, case.config) if seed % 2 else (calm_market(seed), tb.BacktestConfig())
        strategy = owner(seed=seed, rarely=(0.0, 0.02, 0.2)[seed % 3])
        interpreted = outcome(strategy, market, config, "interpreted")
        compiled = outcome(strategy, market, config, "compiled")
        assert compiled == interpreted, f"seed {seed}"
        orders += interpreted[1] if len(interpreted) == 3 else 0
    assert orders > PROGRAMS


@pytest.mark.parametrize("until", [0, 1, 50, 51, 4_095, 4_096, 4_097, 4_999])
def test_a_pause_in_the_middle_is_no_trace(until: int) -> None:
    market = tb.Market.synthetic(bars=5_000, symbols=("A", "B"), seed=4)
    strategy = Dozer(seed=1, rarely=0.001)
    whole = tb.run(strategy, market, mode="compiled")
    part = tb.run(strategy, market, mode="compiled", until=until)
    if until == 4_999:
        assert part.checkpoint is None
        assert part.result_hash == whole.result_hash
        return
    assert part.checkpoint is not None
    again = tb.resume(part.checkpoint, market)
    assert again.result_hash == whole.result_hash
    assert list(again.logs) == list(whole.logs)


class Stumbling(tb.Strategy):
    """Falls over at one bar of one instrument, in the middle of a stretch."""

    at: int = 0
    over: str = "B"

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == self.at and bar.symbol == self.over:
            ctx.buy(bar.symbol, -1.0)


@pytest.mark.parametrize("over", ["A", "B", "C"])
@pytest.mark.parametrize("at", [0, 1, 4_095, 4_096, 4_499])
def test_a_failure_in_the_middle_names_tick_and_instrument(at: int, over: str) -> None:
    market = tb.Market.synthetic(bars=4_500, symbols=("A", "B", "C"), seed=4)
    places = []
    for mode in ("interpreted", "compiled"):
        with pytest.raises(HandlerError) as caught:
            tb.run(Stumbling(at=at, over=over), market, mode=mode)
        places.append((caught.value.index, caught.value.time_ns, caught.value.symbol, str(caught.value.__cause__)))
    assert places[0] == places[1]
    assert places[1][0] == at
    assert places[1][2] == over


class Watching(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        pass


def test_progress_is_told_on_the_way() -> None:
    market = tb.Market.synthetic(bars=30_000, seed=4)
    told: list[int] = []
    result = tb.run(Watching(), market, mode="compiled", progress=lambda done, _total: told.append(done))
    assert len(result.equity) == 30_000
    assert told == sorted(told)
    assert all(done <= 30_000 for done in told)
