"""What a handler says when it raises is what the interpreted one says: to the last digit, with every name in it."""

import linecache
import math
from pathlib import Path
from typing import Any

import pytest

import triplebar as tb
from tests.compile.sources import module_of, strategy_of
from tests.compile.test_language import both, refusal

ENOUGH = "enough"


class BadError(Exception):
    def __init__(self, price: float, symbol: str = "none") -> None:
        super().__init__(f"bad {price} of {symbol}")


class Box:
    def __init__(self) -> None:
        self.seen: list[int] = []
        self.count = 2

    def check(self, price: float, name: str) -> None:
        if price > 0:
            raise RuntimeError(f"{name}: {price:.1f} ({self.count})")


class Says(tb.Strategy):
    how: int = 0

    def on_start(self, ctx: Any) -> None:
        self.last: int | None = None
        self.price: float | None = 2.5
        self.flag, self.word, self.zero, self.box = True, "w", 0, Box()
        self.kept = dict.fromkeys(ctx.symbols, 0.0)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index < 5:
            return
        if self.how == 0:
            raise ValueError("bad", bar.index)
        if self.how == 2:
            raise ValueError(ENOUGH, -1)
        if self.how == 3:
            raise KeyError(bar.symbol)
        if self.how == 4:
            raise ValueError(f"{self.word!r:>5} {bar.symbol} {bar.close:+.3e} {self.flag} {self.last} {{}}", self.price)
        if self.how == 5:
            raise ValueError(f"{bar.time} {ctx.time:%H:%M} {math.pi:.2f} {bar.close=:.1f}", self.last, self.word)
        if self.how == 6:
            raise BadError(bar.close, symbol=bar.symbol)
        if self.how == 7:
            raise ValueError(f"{self.last:.2f}")
        if self.how == 8:
            raise ValueError(f"{1 / self.zero}")
        if self.how == 9:
            self.box.check(bar.close, bar.symbol)
        if self.how == 10:
            self.price = self.kept[self.word]
        if self.how == 11:
            ctx.bars(bar.symbol, -bar.index)
        if self.how == 12:
            ctx.random.integer(bar.index, self.zero)
        if self.how == 13:
            ctx.sell(bar.symbol, 1, parent=2**32 + 1)
        if self.how == 14:
            ctx.cancel(-bar.index)
        if self.how == 15:
            raise tb.StrategyError(f"no {self.word}", where=bar.symbol, fix="wait")


@pytest.mark.parametrize("how", [0, *range(2, 16)])
def test_what_is_raised_says_the_same(how: int) -> None:
    interpreted, compiled = both(Says(how=how))
    assert compiled == interpreted
    assert len(interpreted) == 4


class Fills(tb.Strategy):
    size: int = 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        if bar.index == self.size:
            ctx.buy(bar.symbol, self.size, tag="first")

    def on_fill(self, ctx: Any, fill: Any) -> None:
        raise ValueError(f"{fill.role} {fill.moment} {fill.tag} {fill.price} {fill.time}")


def test_sets_of_a_sweep_say_the_same() -> None:
    said = []
    for mode in ("interpreted", "compiled"):
        market = tb.Market.synthetic(bars=30, seed=4)
        with pytest.raises(tb.HandlerError) as caught:
            tb.sweep(Fills, market, {"size": [1, 2, 3]}, mode=mode, on_error="raise", threads=2)
        said.append(str(caught.value))
    assert said[0] == said[1]
    line = Fills.on_fill.__code__.co_firstlineno + 1
    assert "ValueError: taker open first 1" in said[0]
    assert f"(test_saying.py, line {line}: raise ValueError(" in said[0]


def test_lines_are_those_of_the_file_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPLEBAR_CACHE", str(tmp_path))
    market = tb.Market.synthetic(bars=30, seed=4)
    for above in (0, 3):
        lines = [*[""] * above, *HEAD.splitlines(), "            raise ValueError(bar.symbol)", ""]
        moved = module_of("\n".join(lines), tmp_path, "moved").Program
        linecache.checkcache()
        with pytest.raises(tb.HandlerError) as caught:
            tb.run(moved(), market, mode="compiled")
        assert f"(moved.py, line {len(lines) - 1}: raise ValueError(bar.symbol))" in str(caught.value)


class Slices(tb.Strategy):
    def on_slice(self, ctx: Any, bars: Any) -> None:
        if ctx.index == 5:
            ctx.log("seen", close=bars["nope"].close)


def test_a_symbol_without_a_bar_is_named() -> None:
    interpreted, compiled = both(Slices())
    assert compiled == interpreted == ["on_slice", 5, "KeyError", "'nope'"]


HEAD = """import triplebar as tb


class Program(tb.Strategy):
    def on_start(self, ctx):
        self.kept, self.seen = dict.fromkeys(ctx.symbols, 0.0), []

    def on_bar(self, ctx, bar):
        if bar.index == 5:
"""
SHOWN = {
    'raise ValueError("bad " + bar.symbol)': "'bad ' + bar.symbol",
    'raise ValueError(f"bad {self.seen} {bar}")': "bad {self.seen} {bar}",
    'self.kept["nope"] = 1.0': "\"compiled code adds no key to a dict, and 'nope' is none of its symbols\"",
}


@pytest.mark.parametrize("line", SHOWN)
def test_what_compiled_code_cannot_tell_is_shown_as_it_is_written(line: str, tmp_path: Path) -> None:
    _, compiled = both(strategy_of(f"{HEAD}            {line}\n", tmp_path)())
    assert compiled[3] == SHOWN[line]


def test_the_message_of_an_assertion_too(tmp_path: Path) -> None:
    line = 'assert bar.close < 0, f"late {bar.index}"'
    interpreted, compiled = both(strategy_of(f"{HEAD}            {line}\n", tmp_path)())
    assert compiled == interpreted == ["on_bar", 5, "AssertionError", "late 5"]


def test_an_attribute_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = refusal(strategy_of(f'{HEAD}            raise ValueError(f"{{self.nothing}}")\n', tmp_path)())
    assert ".nothing is not known in compiled code" in said


REFUSED = {
    "ctx.buy(bar.symbol, 1, 50.0)": "what follows the quantity of an order has a name",
    "ctx.sell(bar.symbol, 1, reduce_only=None)": "reduce_only must be a bool, not None",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_ctx_does_not_take_is_refused(line: str, tmp_path: Path) -> None:
    assert REFUSED[line] in refusal(strategy_of(f"{HEAD}            {line}\n", tmp_path)())
