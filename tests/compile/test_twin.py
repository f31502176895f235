"""`twin`: both ways, and where they part."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import triplebar as tb
from tests.compile.gambler import Gambler
from triplebar.cli.app import run_app
from triplebar.cli.codes import Exit
from triplebar.research.remembered import alike

MARKET = tb.Market.synthetic(bars=120, seed=1)


STARTS: list[int] = []


class Unsteady(tb.Strategy):
    """Trades differently every other time that it is started, so that two runs part."""

    def on_start(self, ctx: Any) -> None:
        STARTS.append(1)
        self.turn = len(STARTS) % 2

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 40:
            if self.turn == 1:
                ctx.buy(bar.symbol, 3)
            else:
                ctx.sell(bar.symbol, 3)


def test_twins_agree() -> None:
    twins = tb.twin(Gambler(), MARKET)
    assert twins.agree
    assert twins.events > 50
    assert twins.text() == f"twins: 120 ticks, {twins.events} events, no difference"


def test_the_first_difference_is_shown_with_both_states() -> None:
    twins = tb.twin(Unsteady(), MARKET)
    assert not twins.agree
    assert twins.clock is not None
    assert twins.clock >= 40
    assert twins.interpreted != twins.compiled
    assert twins.states is not None
    assert (twins.states[0]["turn"], twins.states[1]["turn"]) == ("1", "0")
    assert "turn: interpreted 1" in twins.text()
    assert "compiled" in twins.text()
    assert f"they part at tick {twins.clock}" in twins.text()


class Silent(tb.Strategy):
    """Trades alike, but knows which run it is."""

    talks: bool = False

    def on_start(self, ctx: Any) -> None:
        STARTS.append(1)
        self.turn = len(STARTS) % 2
        self.pair = (0.0, float("nan"))

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.pair = (bar.close, self.pair[1])
        if self.talks and bar.index > 30:
            ctx.log("at", index=bar.index + self.turn, close=bar.close)


def test_a_line_of_the_log_can_be_the_first_difference() -> None:
    STARTS.clear()
    twins = tb.twin(Silent(talks=True), MARKET)
    assert (twins.agree, twins.table, twins.row, twins.clock) == (False, "logs", 0, 31)
    assert twins.interpreted is not None
    assert twins.compiled is not None
    assert (twins.interpreted["index"], twins.compiled["index"]) == (32, 31)
    assert "row 0 of logs" in twins.text()


def test_what_is_remembered_in_the_end_can_be_the_difference() -> None:
    STARTS.clear()
    twins = tb.twin(Silent(), MARKET)
    assert (twins.agree, twins.table, twins.clock) == (False, "state", 119)
    assert (twins.interpreted, twins.compiled) == ({"turn": "1"}, {"turn": "0"})
    assert twins.text().startswith("no twins: they part in what they remember in the end\n  interpreted {'turn': '1'}")


class Kept:
    def __init__(self, number: float) -> None:
        self.number = number
        self.mean = tb.indicators.SMA(2)
        self.mean.update(number)
        self.me = self


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Kept(1.0), Kept(1.0), True),
        (Kept(1.0), Kept(2.0), False),
        ([Kept(1.0)], (Kept(1.0),), False),
        (tb.indicators.SMA(2), tb.indicators.SMA(3), False),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.zeros(2), np.zeros(3), False),
        ({"a": None}, {"a": 0.0}, False),
    ],
)
def test_what_is_alike(one: object, other: object, same: bool) -> None:
    assert alike(one, other) is same


class Ending(tb.Strategy):
    """Fails at a bar, at another one every other time that it is started."""

    unsteady: bool = False

    def on_start(self, ctx: Any) -> None:
        STARTS.append(1)
        self.at = 10 + (len(STARTS) % 2 if self.unsteady else 0)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == self.at:
            raise ValueError("enough")


@pytest.mark.parametrize("unsteady", [False, True])
def test_failures_are_compared_too(unsteady: bool) -> None:
    twins = tb.twin(Ending(unsteady=unsteady), MARKET)
    assert twins.agree is not unsteady
    assert all("ValueError: enough" in str(failure) for failure in twins.failures)
    assert twins.text().startswith(
        "no twins: they end differently" if unsteady else "twins: both failed, on_bar at tick 10"
    )


class Halves(tb.Strategy):
    """Fails the first time only."""

    def on_start(self, ctx: Any) -> None:
        STARTS.append(1)
        self.fails = len(STARTS) % 2 == 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if self.fails:
            raise ValueError("enough")


def test_one_that_failed_and_one_that_did_not() -> None:
    STARTS.clear()
    twins = tb.twin(Halves(), MARKET)
    assert not twins.agree
    assert twins.failures[1] is None
    assert "compiled    finished" in twins.text()


FILE = """
import triplebar as tb


class Hold(tb.Strategy):
    lots: int = 1

    def on_bar(self, ctx, bar):
        if bar.index == 5:
            ctx.buy(bar.symbol, self.lots)
"""


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    (tmp_path / "hold.py").write_text(FILE, encoding="utf-8")
    pq.write_table(MARKET.table(), tmp_path / "prices.parquet")
    arguments = ["twin", f"{tmp_path}/hold.py", "--data", f"{tmp_path}/prices.parquet", "--param", "lots=2"]
    assert run_app([*arguments, *(["--json"] if as_json else [])]) == Exit.OK
    shown = capsys.readouterr().out
    assert json.loads(shown)["agree"] if as_json else shown.startswith("twins: 120 ticks")


def test_run_takes_a_mode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hold.py").write_text(FILE, encoding="utf-8")
    pq.write_table(MARKET.table(), tmp_path / "prices.parquet")
    arguments = ["run", f"{tmp_path}/hold.py", "--data", f"{tmp_path}/prices.parquet", "--mode", "compiled", "--json"]
    assert run_app(arguments) == Exit.OK
    assert json.loads(capsys.readouterr().out)["metadata"]["mode"] == "compiled"
