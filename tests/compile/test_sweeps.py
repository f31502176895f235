"""Many compiled strategies at once: each set as if it had run alone."""

from typing import Any

import pytest

import triplebar as tb
from triplebar.strategy.compile import CompileError

MARKET = tb.Market.synthetic(bars=400, symbols=("A", "B"), seed=6)
GRID = {"fast": [2, 3, 5], "slow": [9, 12, 20]}
CONFIG = tb.BacktestConfig(commission_bps=2)


def test_compiled_sets_are_those_of_single_runs() -> None:
    compiled = tb.sweep(tb.samples.MovingAverageCross, MARKET, GRID, CONFIG, threads=2)
    interpreted = tb.sweep(tb.samples.MovingAverageCross, MARKET, GRID, CONFIG, mode="interpreted")
    assert compiled.metadata["evaluator"] == "compiled"
    assert interpreted.metadata["evaluator"] == "interpreted"
    assert compiled.table.equals(interpreted.table)
    assert compiled.table.num_rows == 9
    assert sum(compiled.table["fills"].to_pylist()) > 100


def test_the_number_of_threads_does_not_matter() -> None:
    tables = [
        tb.sweep(tb.samples.MeanReversion, MARKET, {"period": list(range(3, 40))}, threads=n).table for n in (1, 3)
    ]
    assert tables[0].equals(tables[1])
    assert tables[0].num_rows == 37


class Wordy(tb.Strategy):
    size: float = 1.0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            ctx.buy(bar.symbol, self.size, tag=f"bar {bar.index}")


def test_what_does_not_compile_runs_one_by_one_and_says_so() -> None:
    study = tb.sweep(Wordy, MARKET, {"size": [1.0, 2.0]})
    assert study.metadata["evaluator"] == "interpreted"
    assert "a text is built" in study.metadata["interpreted_because"]
    with pytest.raises(CompileError, match="a text is built"):
        tb.sweep(Wordy, MARKET, {"size": [1.0, 2.0]}, mode="compiled")
    with pytest.raises(tb.errors.UnsupportedSettingError, match="does not run compiled"):
        tb.sweep(Wordy, MARKET, {"size": [1.0]}, mode="compiled", engine="reference")


class Breaking(tb.Strategy):
    at: int = 1000

    def on_start(self, ctx: Any) -> None:
        if self.at < 0:
            raise ValueError("not before the start")

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == self.at:
            ctx.buy("C", 1)


@pytest.mark.parametrize(
    ("values", "where", "cause"),
    [
        ([1000, 7, 1000, 3], "in set 1 of the sweep: {'at': 7}", tb.UnknownSymbolError),
        ([1000, 1000, -1], "in set 2 of the sweep: {'at': -1}", ValueError),
    ],
)
def test_the_first_set_that_fails_is_named(values: list[int], where: str, cause: type[Exception]) -> None:
    with pytest.raises(tb.HandlerError) as caught:
        tb.sweep(Breaking, MARKET, {"at": values}, mode="compiled", on_error="raise")
    assert where in caught.value.__notes__
    assert type(caught.value.__cause__) is cause


def test_a_sweep_that_is_stopped_keeps_what_was_finished() -> None:
    asked = 0

    def stop_early(done: int, total: int) -> None:
        nonlocal asked
        asked += 1
        if done >= 32:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tb.sweep(tb.samples.MeanReversion, MARKET, {"period": list(range(3, 200))}, threads=1, progress=stop_early)
    assert asked > 0
