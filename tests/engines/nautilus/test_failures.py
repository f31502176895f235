"""What can go wrong with NautilusTrader, each with the real one: the error names the engine and what to do."""

import importlib.metadata
import logging
import random
import subprocess
import sys
import threading
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import triplebar as tb
from triplebar.engines.base import Hooks
from triplebar.engines.nautilus import NautilusEngine
from triplebar.engines.remote import EngineEnvironment
from triplebar.engines.settings import resolve

MARKET = tb.Market.synthetic(bars=30, seed=3)
X = MARKET.symbols[0]
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
FIDELITIES = ("strict", "native")


def run(strategy: Any, market: tb.Market = MARKET, fidelity: str = "strict", **config: Any) -> tb.RunResult:
    return tb.run(strategy, market, tb.BacktestConfig(**config), engine="nautilus", fidelity=fidelity)


def flat(price: float, *, volume: float = 10, instrument: tb.Instrument, begin: datetime = BEGIN) -> tb.Market:
    """Three bars of one price."""
    prices = {name: [price] * 3 for name in ("open", "high", "low", "close")}
    times = [begin + timedelta(hours=hour) for hour in range(3)]
    return tb.Market.from_table({"time": times, **prices, "volume": [volume] * 3}, [instrument])


# ---------------------------------------------------------------------------------------------- versions and limits


@pytest.mark.feature("F-122")
@pytest.mark.parametrize(
    ("found", "message"),
    [
        ("1.180.0", r"'nautilus' is version 1\.180\.0, which is not known \(known: 1\.221, 1\.231\).*pip install"),
        ("2.0.0rc6", r"NautilusTrader 2\.0\.0rc6 is driven in another way.*install one of 1\.221, 1\.231"),
    ],
)
def test_a_version_that_is_not_known_is_refused(found: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: found)
    with pytest.raises(tb.EngineNotAvailableError, match=message):
        NautilusEngine()


@pytest.mark.feature("F-122")
def test_a_package_without_its_metadata_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", gone)
    with pytest.raises(tb.EngineNotAvailableError, match=r"not installed; pip install 'triplebar\[nautilus\]'"):
        NautilusEngine()


@pytest.mark.feature("F-124")
@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_what_would_end_the_process_is_an_error_before(fidelity: str) -> None:
    dear = tb.Instrument("X", price_precision=0)
    with pytest.raises(tb.errors.TranslationError, match=r"price of X 2e\+13 is beyond the 1\.70141e\+13.*engine='cus"):
        run(tb.samples.BuyAndHold(), flat(2e13, instrument=dear), fidelity)
    with pytest.raises(tb.errors.TranslationError, match=r"size of X 5e\+13 is beyond"):
        run(tb.samples.BuyAndHold(), flat(2.0, volume=5e13, instrument=dear), fidelity)
    rich = resolve(tb.BacktestConfig(), MARKET)
    rich = replace(rich, cash=(2 * 10**18,), cash_precision=4)
    with pytest.raises(tb.errors.UnsupportedSettingError, match=r"^cash: .*no more than 17,014,118,346,046 of money"):
        NautilusEngine(fidelity=fidelity).run(tb.samples.BuyAndHold(), MARKET, rich)


@pytest.mark.feature("F-124")
def test_a_fill_beyond_its_money_is_an_error_by_its_rules_and_refused_by_ours() -> None:
    dear = tb.Instrument("X", price_precision=0)
    script = tb.Script([(0, "buy", {"symbol": "X", "quantity": 10**8})])
    with pytest.raises(tb.TradingError, match=r"amount of USD 1e\+14 is beyond"):
        run(script, flat(1e6, instrument=dear), "native", leverage=1_000)
    result = run(script, flat(1e6, instrument=dear), "strict", leverage=1_000)
    assert result.orders["reason"].to_pylist() == ["notional_above_maximum"]


@pytest.mark.feature("F-124")
@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_its_clock_begins_in_1970(fidelity: str) -> None:
    old = flat(10.0, instrument=tb.Instrument("X"), begin=datetime(1969, 12, 31, tzinfo=UTC))
    with pytest.raises(tb.DataError, match=r"^nautilus: the market begins before 1970.*between\(\)"):
        run(tb.samples.BuyAndHold(), old, fidelity)


# ------------------------------------------------------------------------------------------------- what strategies do


class Clumsy(tb.Strategy):
    """Breaks at a bar."""

    kind: str = "ValueError"

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if ctx.index == 5:
            raise {"ValueError": ValueError, "KeyboardInterrupt": KeyboardInterrupt}[self.kind]("enough")


@pytest.mark.feature("F-124")
@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_what_a_strategy_raises_comes_through(fidelity: str) -> None:
    with pytest.raises(tb.errors.StrategyError, match=r"Clumsy.on_bar, .*, tick 5 .*ValueError: enough"):
        run(Clumsy(), fidelity=fidelity)
    with pytest.raises(KeyboardInterrupt):
        run(Clumsy(kind="KeyboardInterrupt"), fidelity=fidelity)
    assert run(tb.samples.BuyAndHold(), fidelity=fidelity).fills.num_rows > 0


@pytest.mark.feature("F-124")
@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_a_caller_may_stop_a_run(fidelity: str) -> None:
    done: list[int] = []
    hooks = Hooks(progress=lambda ticks, _all: done.append(ticks), interrupted=lambda: len(done) == 7)
    settings = resolve(tb.BacktestConfig(), MARKET)
    facts = NautilusEngine(fidelity=fidelity).run(tb.samples.BuyAndHold(), MARKET, settings, hooks)
    assert facts.interrupted
    assert facts.table("equity").num_rows == len(done) == 7
    assert facts.table("fills").num_rows > 0


class Panics(tb.Strategy):
    """Asks NautilusTrader for a price that it cannot hold: its Rust core ends the process."""

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        from nautilus_trader.model.objects import Price

        Price.from_raw(2**127 - 1, 2)


@pytest.mark.feature("F-124")
def test_a_panic_ends_a_process_of_its_own_only() -> None:
    guest = EngineEnvironment(sys.executable).engine("nautilus")
    with pytest.raises(tb.errors.EngineCrashedError, match=r"engine 'nautilus'(.|\n)*panicked"):
        tb.run(Panics(), MARKET, engine=guest)


# ------------------------------------------------------------------------------------------------ nothing is left over


@pytest.mark.feature("F-124")
@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_a_run_says_nothing_and_leaves_nothing(fidelity: str, capfd: pytest.CaptureFixture[str]) -> None:
    dice, filters, level = random.getstate(), list(warnings.filters), logging.getLogger().level
    run(tb.samples.MovingAverageCross(), fidelity=fidelity)
    assert capfd.readouterr() == ("", "")
    assert random.getstate() == dice
    assert list(warnings.filters) == filters
    assert logging.getLogger().level == level


@pytest.mark.feature("F-124")
def test_the_first_run_changes_nothing_for_the_process() -> None:
    code = """
import asyncio, os, random, signal, sys, threading
def surroundings():
    signals = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    return type(asyncio.get_event_loop_policy()), random.getstate(), signals, sys.excepthook, threading.active_count()
import triplebar as tb
from triplebar.research.factory import create_engine
market, before = tb.Market.synthetic(bars=20, seed=1), surroundings()
for fidelity in ("native", "strict"):
    assert create_engine("nautilus", fidelity=fidelity).capabilities().table
    assert tb.run(tb.samples.BuyAndHold(), market, engine="nautilus", fidelity=fidelity).fills.num_rows
    assert surroundings() == before, surroundings()
assert "nautilus_trader" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class Nested(tb.Strategy):
    """Runs another backtest while it decides."""

    def on_bar(self, ctx: Any, bar: tb.Bar) -> None:
        if ctx.index == 5:
            inner = run(tb.samples.BuyAndHold())
            ctx.log("inner", fills=inner.fills.num_rows)
            ctx.buy(bar.symbol, 1)


@pytest.mark.feature("F-124")
def test_runs_do_not_disturb_each_other() -> None:
    strategy = tb.samples.MovingAverageCross(fast=2, slow=5)
    alone = run(strategy).result_hash
    assert run(Nested()).fills.num_rows == 1
    found: dict[int, str] = {}

    def once(number: int) -> None:
        found[number] = run(strategy).result_hash

    threads = [threading.Thread(target=once, args=(number,)) for number in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == {0: alone, 1: alone, 2: alone}


@pytest.mark.feature("F-124")
def test_symbols_that_it_has_no_letters_for_are_no_trouble() -> None:
    name = "BRK.B/Ä-1-PERP.X"
    market = flat(10.0, instrument=tb.Instrument(name))
    result = run(tb.samples.BuyAndHold(), market)
    assert result.fills["symbol"].to_pylist() == [name]
