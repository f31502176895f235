"""What should not matter does not; where it does, it is found."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.causality.leaks import MARKET
from tests.generators import random_case
from tests.verify.injections import CONFIG, Busy
from tests.verify.injections import MARKET as TWO
from triplebar.contracts.errors import StrategyError, UnsupportedSettingError
from triplebar.engines.base import Hooks
from triplebar.engines.custom import CustomEngine
from triplebar.research.causality.irrelevance import AGAIN, CHECKS, CHUNKS, NAMES, REGISTRATION, SCALE, UNRELATED

TIMES = [0]


class Crowded(tb.Strategy):
    """Its size depends on how many instruments there are in all."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 5:
            ctx.buy(bar.symbol, 10 * len(ctx._market.symbols))


class Moody(tb.Strategy):
    """Throws a dice of its own."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index % 10 == 0 and np.random.default_rng().random() > 0.5:
            ctx.buy(bar.symbol, 1)


class Round(tb.Strategy):
    """Likes prices above a hundred."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index % 10 == 0 and bar.close > 100:
            ctx.buy(bar.symbol, 1)


class Greedy(tb.Strategy):
    """Spends everything on whatever comes first."""

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 5:
            ctx.buy(bar.symbol, float(int(0.9 * ctx.equity / bar.close)))


class Forgetful(tb.Strategy):
    """Counts outside itself, so that a resumed run goes on from another number."""

    def on_start(self, ctx: Any) -> None:
        TIMES[0] = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        TIMES[0] += 1
        if TIMES[0] % 70 == 0:
            ctx.buy(bar.symbol, 1)


class Open(tb.Strategy):
    """Remembers something that cannot be written down."""

    def on_start(self, ctx: Any) -> None:
        self.answer = lambda: 42


@pytest.mark.feature("F-077")
@pytest.mark.parametrize(
    ("strategy", "market", "check"),
    [(Crowded, TWO, UNRELATED), (Moody, MARKET, AGAIN), (Round, MARKET, SCALE), (Greedy, TWO, NAMES),
     (Forgetful, MARKET, CHUNKS)],
    ids=lambda each: getattr(each, "__name__", str(each)),
)  # fmt: skip
def test_what_should_not_matter_and_does_is_found(strategy: Any, market: Any, check: str) -> None:
    report = tb.check_irrelevance(strategy(), market, tb.BacktestConfig(initial_cash=100_000))
    assert check in {each.check for each in report.findings}, str(report)
    assert not report.ok
    with pytest.raises(StrategyError):
        report.require()
    if check == UNRELATED:
        found = next(each for each in report.findings if each.check == check)
        assert (found.order, found.clock) == (1, 5)
        assert "!unrelated" in found.text


@pytest.mark.feature("F-077")
@pytest.mark.parametrize("strategy", [each() for each in tb.samples.ALL.values()], ids=lambda each: each.name)
def test_samples_care_for_nothing_else(strategy: Any) -> None:
    report = tb.check_irrelevance(strategy, TWO, tb.BacktestConfig(commission_bps=1))
    assert report.ok, str(report)
    assert set(report.tried) == set(CHECKS)
    assert report.skipped == {}


@pytest.mark.feature("F-077")
def test_what_cannot_be_tried_is_said() -> None:
    report = tb.check_irrelevance(Busy(), TWO, CONFIG.replace(misses=tb.Misses()), engine="reference")
    assert report.ok, str(report)
    assert set(report.skipped) == {NAMES, CHUNKS, SCALE}
    assert "engine 'reference' cannot stop and go on" in str(report)
    single = tb.check_irrelevance(Open(), MARKET)
    assert single.ok
    assert "there is no checkpoint" in single.skipped[CHUNKS]
    assert single.skipped[NAMES] == "there is one instrument only"
    costs = tb.BacktestConfig(per_symbol={"AA": tb.SymbolCosts(participation=1)})
    assert "by name" in tb.check_irrelevance(Open(), TWO, costs).skipped[NAMES]
    isolated = tb.BacktestConfig(account="isolated")
    assert "isolated" in tb.check_irrelevance(Open(), MARKET, isolated).skipped[SCALE]


@pytest.mark.feature("F-077")
@pytest.mark.parametrize("seed", range(12))
def test_our_engine_cares_for_nothing_else(seed: int) -> None:
    """Scripts of all kinds of orders; what the opposite order of names does to them is theirs to decide."""
    case = random_case(seed)
    report = tb.check_irrelevance(case.script(), case.market, case.config)
    assert {each.check for each in report.findings} <= {NAMES, SCALE}, str(report)
    assert {AGAIN, UNRELATED, REGISTRATION} <= set(report.tried)


@pytest.mark.feature("F-077")
@pytest.mark.parametrize("engine", ["backtrader", "nautilus"])
def test_guests_care_for_nothing_else(engine: str) -> None:
    report = tb.check_irrelevance(
        tb.samples.MovingAverageCross(fast=5, slow=12), TWO.between(end=TWO.clock[120]), engine=engine
    )
    assert report.ok, str(report)
    assert set(report.tried) == {AGAIN, UNRELATED, REGISTRATION, NAMES, SCALE}


class Sharing(CustomEngine):
    """An engine that gives each instrument its part of the cash, so that every instrument matters."""

    name = "sharing"

    def run(self, strategy: Any, market: Any, settings: Any, hooks: Hooks | None = None, **_: Any) -> Any:
        cash = tuple(each // len(market.symbols) for each in settings.cash)
        return super().run(strategy, market, replace(settings, cash=cash), hooks)


class Picky(CustomEngine):
    """An engine that takes two instruments and no more."""

    name = "picky"

    def run(self, strategy: Any, market: Any, settings: Any, hooks: Hooks | None = None, **_: Any) -> Any:
        if len(market.symbols) > 2:
            raise UnsupportedSettingError("more than two instruments")
        return super().run(strategy, market, settings, hooks)


@pytest.mark.feature("F-077")
def test_an_engine_to_which_other_instruments_matter_is_found() -> None:
    report = tb.check_irrelevance(Busy(), TWO, CONFIG, engine=Sharing())
    assert {each.check for each in report.findings} == {UNRELATED}
    assert report.engine == "sharing"
    failing = tb.check_irrelevance(Busy(), TWO, CONFIG, engine=Picky())
    assert "the run fails: more than two instruments" in str(failing)


class Interrupted(CustomEngine):
    """Somebody presses Ctrl-C in the third run."""

    name = "interrupted"
    runs = 0

    def run(self, strategy: Any, market: Any, settings: Any, hooks: Hooks | None = None, **_: Any) -> Any:
        self.runs += 1
        if self.runs == 3:
            raise KeyboardInterrupt
        return super().run(strategy, market, settings, hooks)


def test_ctrl_c_keeps_what_was_tried() -> None:
    for check in (tb.check_irrelevance, tb.check_causality):
        report = check(Busy(), TWO, CONFIG, engine=Interrupted())
        assert report.interrupted
        assert not report.ok
        assert sum(report.tried.values()) >= 1
        assert "interrupted" in str(report)
