"""What a strategy remembers, as bytes."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.indicators.cases import walk
from tests.strategy.scenes import market, play
from triplebar.contracts.config import BacktestConfig
from triplebar.contracts.errors import StrategyError
from triplebar.data.market import Market
from triplebar.research.run import resume, run
from triplebar.strategy import samples
from triplebar.strategy.bar import Bar
from triplebar.strategy.base import Strategy
from triplebar.strategy.context import Context
from triplebar.strategy.indicators import EMA, SMA
from triplebar.strategy.istrategy import Holding


class Thinker(Strategy):
    """Remembers a lot."""

    fast: int = 3

    def think(self, price: float) -> float:
        if not hasattr(self, "mean"):
            self.mean, self.seen = EMA(self.fast), [0.0]
            self.again = self.mean
        self.seen.append(price)
        return self.mean.update(price)


def iter_nothing() -> Iterator[int]:
    yield from ()


PRICES = [float(price) for price in walk(40)["close"]]


@pytest.mark.feature("F-083")
@pytest.mark.parametrize("split", [0, 1, 5, 39])
def test_a_restored_strategy_goes_on_as_if_nothing_had_been(split: int) -> None:
    whole = Thinker(fast=5)
    expected = [whole.think(price) for price in PRICES]

    first = Thinker(fast=5)
    begun = [first.think(price) for price in PRICES[:split]]
    second = Thinker()
    second.restore(first.state())
    assert repr(begun + [second.think(price) for price in PRICES[split:]]) == repr(expected)
    assert second.parameters() == {"fast": 5}
    assert second.again is second.mean


@pytest.mark.feature("F-083")
def test_a_strategy_made_without_constructor_can_be_restored() -> None:
    thinker = Thinker(fast=7)
    thinker.think(1.0)
    made = Thinker.__new__(Thinker)
    made.restore(thinker.state())
    assert (made.fast, made.seen) == (7, [0.0, 1.0])


@pytest.mark.feature("F-083")
@pytest.mark.parametrize("culprit", [lambda: None, sys.stderr, iter_nothing()], ids=["lambda", "file", "yield"])
def test_what_cannot_be_stored_is_named(culprit: object) -> None:
    thinker = Thinker()
    thinker.fine = [1, 2]  # type: ignore[attr-defined]
    thinker.culprit = culprit  # type: ignore[attr-defined]
    with pytest.raises(StrategyError, match=r"Thinker\.culprit: cannot be stored in a checkpoint"):
        thinker.state()


@pytest.mark.parametrize("state", [b"", b"nonsense", b"\x80\x05K\x01."])
def test_other_bytes_are_refused(state: bytes) -> None:
    with pytest.raises(StrategyError, match="this is not the state of"):
        Thinker().restore(state)


def test_outside_objects_are_linked_by_name() -> None:
    outside, other = object(), object()
    thinker = Thinker()
    thinker.held = {"inside": outside}  # type: ignore[attr-defined]
    state = thinker.state(thing=outside)
    thinker.restore(state, thing=other)
    assert thinker.held["inside"] is other  # type: ignore[attr-defined]
    with pytest.raises(StrategyError, match="this is not the state"):
        thinker.restore(state)


class Keeper(Strategy):
    """Keeps what it should not."""

    def on_bar(self, ctx: Context, bar: Any) -> None:
        self.ctx = ctx
        with pytest.raises(StrategyError, match=r"Keeper\.ctx: .*ctx belongs to one run"):
            self.state()
        kept = self.state(ctx=ctx)
        self.restore(kept, ctx=ctx)
        assert self.ctx is ctx


class Gambler(Strategy):
    """Draws, logs, rings, remembers and trades."""

    def on_start(self, ctx: Context) -> None:
        self.mean = EMA(5)
        self.bells = 0
        ctx.timer("bell", every=180)

    def on_bar(self, ctx: Context, bar: Any) -> None:
        if self.mean.update(bar.close) < bar.close and ctx.random.chance(0.6):
            ctx.buy(bar.symbol, ctx.random.integer(1, 5))
            ctx.log("bought", bells=self.bells)
        elif ctx.position(bar.symbol) > 0 and ctx.random.chance(0.5):
            ctx.close(bar.symbol)

    def on_timer(self, ctx: Context, timer: Any) -> None:
        self.bells += 1


@pytest.mark.feature("F-083")
@pytest.mark.parametrize("tick", [0, 1, 17, 58])
def test_a_run_that_was_stopped_goes_on_with_the_same_draws_notes_and_indicators(tick: int) -> None:
    prices = Market.synthetic(symbols=("X",), bars=60, seed=4)
    config = BacktestConfig(seed=9)
    whole = run(Gambler(), prices, config)
    assert whole.orders.num_rows > 5
    part = run(Gambler(), prices, config, until=tick)
    assert part.checkpoint is not None
    again = resume(part.checkpoint, prices, Gambler)
    assert again.result_hash == whole.result_hash
    assert again.facts.logs == whole.facts.logs


@pytest.mark.feature("F-083", "F-084")
@pytest.mark.parametrize("name", samples.ALL)
def test_every_sample_can_be_stopped(name: str) -> None:
    quick = {"DualMomentum": {"lookback": 10}, "RiskParity": {"window": 10}}
    strategy = samples.ALL[name](**quick.get(name, {}))
    prices = Market.synthetic(symbols=("A", "B"), bars=120, seed=5)
    part = run(strategy, prices, until=40)
    assert part.checkpoint is not None
    assert resume(part.checkpoint, prices).result_hash == run(strategy, prices).result_hash


class Upward:
    """Enters after a rise, leaves after three bars."""

    def __init__(self) -> None:
        self.waited = 0

    def should_enter(self, bars: Sequence[Bar]) -> bool:
        self.waited = 0
        return len(bars) > 1 and bars[-1].close > bars[-2].close

    def should_exit(self, position: Holding, bars: Sequence[Bar]) -> bool:
        self.waited += 1
        return self.waited == 3 and position.entry_date is not None and len(bars) > 0


@pytest.mark.feature("F-072", "F-083")
@pytest.mark.parametrize("tick", [5, 20, 33])
def test_a_bridge_can_be_stopped(tick: int) -> None:
    prices = Market.synthetic(symbols=("X",), bars=60, seed=4)
    part = run(Upward(), prices, until=tick)
    assert part.checkpoint is not None
    whole = run(Upward(), prices)
    assert whole.orders.num_rows > 5
    assert resume(part.checkpoint, prices).result_hash == whole.result_hash


@pytest.mark.feature("F-083")
def test_ctx_does_not_belong_into_a_checkpoint(engine: str) -> None:
    play(Keeper(), market(10.0, 11.0), engine)


def test_handlers_that_a_run_replaced_are_not_part_of_the_state() -> None:
    thinker = Thinker()
    thinker.on_bar = lambda ctx, bar: None  # type: ignore[method-assign]  # noqa: ARG005
    fresh = Thinker()
    fresh.restore(thinker.state())
    assert "on_bar" not in vars(fresh)


def test_an_indicator_is_stored_with_the_strategy() -> None:
    thinker = Thinker()
    thinker.sma = SMA(2)  # type: ignore[attr-defined]
    thinker.sma.update(1.0)  # type: ignore[attr-defined]
    fresh = Thinker()
    fresh.restore(thinker.state())
    assert fresh.sma.update(3.0) == 2.0  # type: ignore[attr-defined]
