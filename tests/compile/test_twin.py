"""`twin`: both ways, and where they part."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import triplebar as tb
from tests.compile.gambler import Gambler
from triplebar.cli.app import run_app
from triplebar.cli.codes import Exit

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
