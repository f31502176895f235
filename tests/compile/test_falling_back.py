"""What the compiler cannot do is one kind of error, and sets of a sweep that it cannot do run by themselves."""

import inspect
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from triplebar.contracts.random import RandomStream
from triplebar.strategy.compile import CompileError
from triplebar.strategy.compile.machine import build

MARKET = tb.Market.synthetic(bars=200, seed=4)


def fact(n: int) -> int:
    return 1 if n <= 1 else n * fact(n - 1)


def even(n: int) -> bool:
    return n == 0 or not odd(n)


def odd(n: int) -> bool:
    return n != 0 and even(n - 1)


class Factorial(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, fact(3))


class Even(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if even(2):
            ctx.buy(bar.symbol, 1)


class Method(tb.Strategy):
    def fact(self, n: int) -> int:
        return 1 if n <= 1 else n * self.fact(n - 1)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, self.fact(3))


class Turns(tb.Strategy):
    def rise(self, n: int) -> int:
        return 0 if n == 0 else self.wait(n)

    def wait(self, n: int) -> int:
        return self.fall(n)

    def fall(self, n: int) -> int:
        return self.rise(n - 1) + 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, self.rise(3))


@pytest.mark.parametrize(
    ("strategy", "function", "circle"),
    [
        (Factorial, fact, "compiled; write a loop"),
        (Even, even, "compiled: even calls odd, which calls even; write a loop in one of them"),
        (Method, Method.fact, "compiled; write a loop"),
        (Turns, Turns.rise, "rise calls wait, which calls fall, which calls rise; write a loop in one of them"),
    ],
)
def test_what_calls_itself_is_named(strategy: type[tb.Strategy], function: Any, circle: str) -> None:
    with pytest.raises(CompileError, match="a function that calls itself") as caught:
        tb.run(strategy(), MARKET, mode="compiled")
    assert circle in str(caught.value)
    line = inspect.getsourcelines(function)[1]
    assert f"test_falling_back.py, line {line}, {function.__name__}" in str(caught.value)


class Helper:
    def __init__(self, of: tb.Strategy) -> None:
        self.of = of


class Refers(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.helper = Helper(self)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 3:
            ctx.buy(bar.symbol, 1)


def test_an_object_that_leads_back_is_named_and_runs_interpreted() -> None:
    with pytest.raises(CompileError, match="leads back to itself"):
        tb.run(Refers(), MARKET, mode="compiled")
    assert tb.run(Refers(), MARKET, mode="auto").metadata.mode == "interpreted"


class Plain(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == 5:
            ctx.buy(bar.symbol, 1)


def test_a_failure_of_the_compiler_is_told_with_the_handler(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    def broken(*_: object) -> None:
        raise AssertionError

    monkeypatch.setenv("TRIPLEBAR_CACHE", str(tmp_path))
    monkeypatch.setattr(build, "rewritten", broken)
    with pytest.raises(CompileError, match=r"line \d+, on_bar: the compiler failed with AssertionError"):
        tb.run(Plain(), MARKET, mode="compiled")
    monkeypatch.setattr("triplebar.strategy.compile.compiler.layout_of", broken)
    result = tb.run(Plain(), MARKET, mode="auto")
    assert result.metadata.mode == "interpreted"
    assert "the compiler failed" in result.warnings[0]


class Changes(tb.Strategy):
    n: int = 1

    def on_start(self, ctx: Any) -> None:
        self.kept: Any = deque([1.0]) if self.n % 3 == 0 else 1.0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index % 50 == self.n:
            ctx.buy(bar.symbol, self.n)
            self.kept = 2.0


SETS = {"n": [1, 2, 3, 4, 5, 6]}


@pytest.mark.parametrize("threads", [1, 2])
def test_sets_that_do_not_compile_run_interpreted(threads: int) -> None:
    interpreted = tb.sweep(Changes, MARKET, SETS, mode="interpreted")
    study = tb.sweep(Changes, MARKET, SETS, threads=threads)
    assert study.table.equals(interpreted.table)
    assert study.table.num_rows == 6
    assert study.metadata["evaluator"] == "compiled"
    assert study.metadata["interpreted_sets"] == 2
    assert "deque" in study.metadata["interpreted_because"]


def test_what_workers_tell_of_their_sets_comes_back() -> None:
    with ThreadPoolExecutor(1) as pool:
        study = tb.sweep(Changes, MARKET, SETS, executor=pool)
    assert study.table.num_rows == 6
    assert study.metadata["evaluator"] == "compiled"
    assert study.metadata["interpreted_sets"] == 2
    assert "deque" in study.metadata["interpreted_because"]


def test_sets_that_do_not_compile_fail_where_that_was_asked_for() -> None:
    study = tb.sweep(Changes, MARKET, SETS, mode="compiled")
    assert study.table["n"].to_pylist() == [1, 2, 4, 5]
    measured = tb.sweep(Changes, MARKET, SETS, metrics=["sortino"])
    assert measured.table["n"].to_pylist() == [1, 2, 3, 4, 5, 6]


BUFFER = np.zeros(4)
MEAN = tb.indicators.SMA(2)
SIGNALS = np.arange(200.0)
SIGNALS.flags.writeable = False


class Shares(tb.Strategy):
    n: int = 1

    def on_start(self, ctx: Any) -> None:
        self.buffer = BUFFER[1:3]
        self.buffer[:] = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.buffer[0] += self.n
        if bar.index % 50 == 49:
            ctx.buy(bar.symbol, self.buffer[0])


class SharesMean(Shares):
    def on_start(self, ctx: Any) -> None:
        self.buffer = np.zeros(1)
        self.mean = MEAN


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("strategy", "name"), [(Shares, "self.buffer"), (SharesMean, "self.mean")])
def test_sets_that_share_an_array_run_one_after_the_other(strategy: Any, name: str, threads: int) -> None:
    interpreted = tb.sweep(strategy, MARKET, {"n": [1, 2, 3, 4]}, mode="interpreted")
    study = tb.sweep(strategy, MARKET, {"n": [1, 2, 3, 4]}, threads=threads, mode="compiled")
    assert study.table.equals(interpreted.table)
    assert sum(study.table["fills"].to_pylist()) > 3
    assert study.metadata["one_by_one_because"].startswith(name)


COUNTS = [0.0, 0.0]
LAST = {"X": 0.0}


class Box:
    def __init__(self) -> None:
        self.n = 0.0


BOX = Box()
DICE = RandomStream(3, "own")


class SharesList(tb.Strategy):
    """Keeps what its module has, and goes on where the set before it ended."""

    n: int = 1

    def on_start(self, ctx: Any) -> None:
        self.counts, self.last = COUNTS, LAST

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.counts[0] += self.n
        if bar.index % 50 == 49:
            ctx.buy(bar.symbol, self.counts[0] + self.last[bar.symbol])


class SharesBox(tb.Strategy):
    n: int = 1

    def on_start(self, ctx: Any) -> None:
        self.box, self.dice = BOX, DICE

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.box.n += self.n
        if bar.index % 50 == 49:
            ctx.buy(bar.symbol, self.box.n + self.dice.integer(0, 9))


@pytest.mark.parametrize(
    ("strategy", "names"), [(SharesList, ("self.counts",)), (SharesBox, ("self.box", "self.dice"))]
)
def test_sets_that_change_what_another_keeps_run_one_after_the_other(strategy: Any, names: tuple[str, ...]) -> None:
    tables = []
    for mode in ("interpreted", "compiled"):
        COUNTS[0], BOX.n, DICE.counter = 0.0, 0.0, 0
        study = tb.sweep(strategy, MARKET, {"n": [1, 2, 3, 4]}, threads=2, mode=mode)
        tables.append((study.table, COUNTS[0], BOX.n, DICE.counter))
    assert tables[0] == tables[1]
    assert COUNTS[0] + BOX.n == 2000.0
    assert study.metadata["one_by_one_because"].startswith(names)


class ReadsList(SharesList):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index % 50 == self.n:
            ctx.buy(bar.symbol, 1 + self.counts[1])


def test_a_list_that_is_only_read_may_be_shared() -> None:
    study = tb.sweep(ReadsList, MARKET, {"n": [1, 2, 3, 4]}, threads=2, mode="compiled")
    assert study.table["fills"].to_pylist() == [4, 4, 4, 4]
    assert "one_by_one_because" not in study.metadata


class Reads(tb.Strategy):
    n: int = 1

    def on_start(self, ctx: Any) -> None:
        self.signals = SIGNALS

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if self.signals[bar.index] % 50 == self.n:
            ctx.buy(bar.symbol, 1)


class Writes(Reads):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.signals[0] = 1.0


def test_what_cannot_be_written_may_be_shared() -> None:
    study = tb.sweep(Reads, MARKET, {"n": [1, 2, 3, 4]}, threads=2, mode="compiled")
    assert study.table["fills"].to_pylist() == [4, 4, 4, 4]
    assert "one_by_one_because" not in study.metadata
    with pytest.raises(CompileError, match=r"test_falling_back.py, line \d+"):
        tb.run(Writes(), MARKET, mode="compiled")
