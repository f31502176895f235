"""Planted leaks are found, with the bar and the order; what only looks like a leak is not."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.causality.leaks import CLOSES, HONEST, INNOCENT, LEAKS, MARKET, SMOOTH, GlobalArray
from tests.generators import random_case
from tests.verify.injections import CONFIG, Busy
from tests.verify.injections import MARKET as BUSY_MARKET
from triplebar.contracts.errors import LookAheadError
from triplebar.engines.base import Hooks
from triplebar.engines.custom import CustomEngine
from triplebar.research.causality.causality import ENDED, FORESIGHT, MIRRORED
from triplebar.research.causality.foresight import foresight
from triplebar.research.causality.futures import ended, mirrored
from triplebar.research.causality.reachable import Place

SOURCES = {
    "GlobalArray": "CLOSES (global)",
    "GlobalList": "LISTED (global)",
    "InADict": "BY_SYMBOL (global)['AA']['close']",
    "Frame": "FRAME (global)",
    "ArrowTable": "TABLE (global)",
    "Flags": "RISES (global)",
    "GlobalMarket": "MARKET (global)",
    "BehindTheContext": "the market behind ctx, or the engine",
    "BehindTheWindow": "the market behind ctx, or the engine",
    "CentredAtStart": "CLOSES (global)",
    "CentredBefore": "SMOOTH (global)",
    "ClassAttribute": "ClassAttribute.signals",
    "signals given": "self.signals",
}


@pytest.mark.feature("F-073")
@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_found(name: str) -> None:
    report = tb.check_causality(LEAKS[name], MARKET)
    assert not report.ok, str(report)
    first = report.findings[0]
    if name == "KnowsTheEnd":
        assert {each.check for each in report.findings} == {ENDED}
    elif first.check == MIRRORED:
        assert first.order is not None
        assert first.clock is not None
        assert first.time is not None
        assert first.symbol == "AA"
    else:
        assert first.check == FORESIGHT
    if name in SOURCES:
        assert SOURCES[name] in {each.source for each in report.findings}, str(report)


@pytest.mark.feature("F-073")
def test_a_leak_names_the_order_that_moved() -> None:
    """The named order is one that was sent at the named bar, and the future has decided it."""
    report = tb.check_causality(GlobalArray(), MARKET)
    orders = tb.run(GlobalArray(), MARKET).orders.to_pylist()
    first = report.findings[0]
    assert first.order is not None
    assert first.clock is not None
    assert orders[first.order - 1]["sent"] == first.clock
    assert CLOSES[first.clock + 1] != CLOSES[first.clock]
    with pytest.raises(LookAheadError, match=r"GlobalArray on custom: future mirrored: order \d+"):
        report.require()


@pytest.mark.feature("F-073")
@pytest.mark.parametrize("name", INNOCENT)
def test_what_only_looks_like_a_leak_is_none(name: str) -> None:
    report = tb.check_causality(INNOCENT[name], MARKET)
    assert report.ok, str(report)
    assert report.tried[MIRRORED] >= 10
    assert report.tried[ENDED] == 3
    report.require()


@pytest.mark.feature("F-073")
@pytest.mark.parametrize("strategy", [each() for each in tb.samples.ALL.values()], ids=lambda each: each.name)
def test_samples_know_no_future(strategy: Any) -> None:
    assert tb.check_causality(strategy, BUSY_MARKET, CONFIG, cuts=6).ok


@pytest.mark.feature("F-073")
@pytest.mark.parametrize("engine", ["custom", "reference"])
@pytest.mark.parametrize("seed", range(12))
def test_our_engines_know_no_future(engine: str, seed: int) -> None:
    case = random_case(seed)
    assert tb.check_causality(case.script(), case.market, case.config, engine=engine, cuts=4).ok


class Prophet(CustomEngine):
    """An engine that shows every bar one bar early."""

    name = "prophet"

    def run(self, strategy: Any, market: Any, settings: Any, hooks: Hooks | None = None, **_: Any) -> Any:
        early = [early_bars(market.series(symbol)) for symbol in market.symbols]
        return super().run(strategy, tb.Market(early, market.calendar), settings, hooks)


def early_bars(series: Any) -> Any:
    def turned(values: Any) -> Any:
        return np.append(values[1:], values[-1:])

    ticks = type(series.ticks)(*(turned(getattr(series.ticks, name)) for name in ("open", "high", "low", "close")))
    shown = {name: turned(getattr(series, name)) for name in ("open", "high", "low", "close", "volume")}
    return replace(series, ticks=ticks, lots=turned(series.lots), **shown)


@pytest.mark.feature("F-073")
def test_an_engine_that_knows_the_future_is_found() -> None:
    report = tb.check_causality(tb.samples.MovingAverageCross(fast=3, slow=9), MARKET, engine=Prophet())
    assert not report.ok
    assert report.engine == "prophet"
    assert report.findings[0].check == MIRRORED


@pytest.mark.feature("F-073")
@pytest.mark.parametrize("engine", ["backtrader", "nautilus"])
def test_guests_know_no_future(engine: str) -> None:
    report = tb.check_causality(Busy(), BUSY_MARKET.select(["AA"]), CONFIG, engine=engine, cuts=2)
    assert report.ok, str(report)
    assert (report.engine, report.tried[MIRRORED]) == (engine, 2)


def test_other_futures_have_the_same_past() -> None:
    for last in (0, 100, 498):
        other = mirrored(MARKET, last)
        for name in ("open", "high", "low", "close"):
            ours, theirs = (getattr(each.series("AA").ticks, name) for each in (MARKET, other))
            assert (ours[: last + 1] == theirs[: last + 1]).all()
        assert (other.series("AA").ticks.close[last + 1 :] != MARKET.series("AA").ticks.close[last + 1 :]).all()
        assert (other.series("AA").lots[last + 1 :] > MARKET.series("AA").lots[last + 1 :]).all()
        assert len(ended(MARKET, last)) == last + 1


def test_a_prophecy_is_told_from_an_honest_mean() -> None:
    def place(value: Any) -> Place:
        return Place("x", value, lambda _: None)

    assert foresight(place(SMOOTH), MARKET) is not None
    assert foresight(place(np.column_stack([HONEST, SMOOTH])), MARKET) is not None
    for honest in (HONEST, CLOSES, np.arange(len(CLOSES)), np.zeros(len(CLOSES)), "text", CLOSES[:50]):
        assert foresight(place(honest), MARKET) is None


def test_what_was_reached_is_put_back() -> None:
    before = np.array(CLOSES)
    tb.check_causality(LEAKS["GlobalArray"], MARKET, cuts=2)
    from tests.causality import leaks

    assert leaks.CLOSES is CLOSES
    assert (before == CLOSES).all()


def test_reports_are_plain_values_and_say_what_was_tried() -> None:
    report = tb.check_causality(GlobalArray(), MARKET, cuts=2)
    values = json.loads(json.dumps(report.to_mapping()))
    assert values["findings"][0]["source"] == "CLOSES (global)"
    assert "FAULTS FOUND" in str(report)
    assert "tried future mirrored: 2" in str(report)


def test_progress_and_bad_words() -> None:
    heard: list[tuple[int, int]] = []
    tb.check_causality(GlobalArray(), MARKET, cuts=2, progress=lambda done, total: heard.append((done, total)))
    assert heard[-1] == (6, 6)
    with pytest.raises(tb.ConfigError, match="cuts"):
        tb.check_causality(GlobalArray(), MARKET, cuts=0)
