"""Many compiled strategies at once: each set as if it had run alone."""

import signal
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


SAID: list[tuple[int, int, float, int]] = []


class Talker(tb.Strategy):
    """Says in the end what it holds."""

    size: int = 1
    fails_at: int = 0

    def on_start(self, ctx: Any) -> None:
        self.bars = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.bars += 1
        if bar.index == 2:
            ctx.buy(bar.symbol, self.size)
            ctx.buy(bar.symbol, 1, limit=0.01)

    def on_stop(self, ctx: Any) -> None:
        SAID.append((self.size, self.bars, ctx.position("A"), len(ctx.open_orders())))
        if self.size == self.fails_at:
            raise RuntimeError("farewell")


def test_on_stop_is_called_after_each_set_as_after_a_single_run() -> None:
    SAID.clear()
    for size in (1, 2, 3):
        tb.run(Talker(size=size), MARKET, mode="compiled")
    alone = list(SAID)
    SAID.clear()
    study = tb.sweep(Talker, MARKET, {"size": [1, 2, 3]}, mode="compiled")
    assert alone == SAID
    assert [said[2] for said in SAID] == [1.0, 2.0, 3.0]
    interpreted = tb.sweep(Talker, MARKET, {"size": [1, 2, 3]}, mode="interpreted")
    assert study.table.equals(interpreted.table)


def test_a_set_whose_on_stop_fails_is_one_that_failed() -> None:
    with pytest.raises(tb.HandlerError, match="farewell") as caught:
        tb.sweep(Talker, MARKET, {"size": [1, 2, 3], "fails_at": [2]}, mode="compiled", on_error="raise")
    assert caught.value.handler == "on_stop"
    study = tb.sweep(Talker, MARKET, {"size": [1, 2, 3], "fails_at": [2]}, mode="compiled")
    assert study.table["size"].to_pylist() == [1, 3]


STARTED: list[int] = []


class Interrupted(tb.Strategy):
    """Somebody presses Ctrl-C while its third set is made ready."""

    size: int = 1

    def on_start(self, ctx: Any) -> None:
        STARTED.append(self.size)
        if self.size == 3:
            signal.raise_signal(signal.SIGINT)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 1:
            ctx.buy(bar.symbol, self.size)


def test_ctrl_c_is_heard_before_a_batch_is_run() -> None:
    STARTED.clear()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        study = tb.sweep(Interrupted, MARKET, {"size": list(range(1, 20))}, mode="compiled", threads=1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert study.metadata["status"] == "interrupted"
    assert study.metadata["finished"] == 0
    assert max(STARTED) == 3
