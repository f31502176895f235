"""Numbers, None and values of a kind of their own: compiled code compares and keeps them as Python does, or refuses."""

import enum
from collections import defaultdict, namedtuple
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.compile.sources import strategy_of
from tests.compile.test_language import both, refusal

HEAD = """import math
from dataclasses import dataclass

import numpy as np
import triplebar as tb

BIG = 2**70


@dataclass(frozen=True)
class Frozen:
    n: int = 0


class Grows(int):
    def __add__(self, other):
        return 100


class Names(dict):
    def __getitem__(self, key):
        return 5.0


class Rings(np.ndarray):
    def __getitem__(self, place):
        return 5.0


class Program(tb.Strategy):
    def on_start(self, ctx):
        self.pair = None
        self.n, self.x, self.flag, self.word = 0, 0.5, False, "x"
        self.frozen, self.grows, self.small = Frozen(), Grows(1), np.int32(2_000_000_000)
        self.names, self.rings = Names({symbol: 1.0 for symbol in ctx.symbols}), np.zeros(3).view(Rings)

    def on_bar(self, ctx, bar):
"""
REFUSED = {
    "self.n = 9223372036854775808": ("a whole number beyond 64 bits", "as a float"),
    "self.x = BIG * 1.0": ("a whole number beyond 64 bits", "as a float"),
    "self.n = ~(bar.close > bar.open)": ("~ of a bool", "write not"),
    "self.flag = self.word is bar.symbol": ("`self.word is bar.symbol`", "compare with =="),
    "for n in range(self.x): self.n = n": ("range goes over whole numbers", "int(...)"),
    "self.frozen.n = 5": ("Frozen says itself what becomes of its attributes", "on self"),
    "self.n = self.grows + 1": ("Grows, which compiled code cannot hold", ""),
    "self.n = self.small + 1": ("numpy.int32, which compiled code cannot hold", ""),
    "self.x = self.names[bar.symbol]": ("Names, which compiled code cannot hold", ""),
    "self.x = self.rings[0]": ("Rings, which compiled code cannot hold", ""),
    'ctx.log("x", message=1)': ("a field called message", "another name"),
    "if bar.index == 5: raise": ("raise without an exception", "say which one"),
    'if bar.index == 5: raise ValueError("x") from self.x': ("raise ... from ...", "leave out"),
    'if bar.index == 5: raise ValueError("x", *(1, 2))': ("* in what is raised", "one by one"),
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_compiled_code_would_do_otherwise_is_refused(line: str, tmp_path: Path) -> None:
    said = refusal(strategy_of(f"{HEAD}        {line}\n", tmp_path)())
    assert f".py, line {HEAD.count(chr(10)) + 1}" in said
    assert all(part in said for part in REFUSED[line]), said


BAR_7 = 7.0


def test_an_item_of_what_may_be_none_is_refused(tmp_path: Path) -> None:
    said = refusal(strategy_of(f"{HEAD}        self.x = self.pair[0] * 1.0\n        self.pair = (1, 2)\n", tmp_path)())
    assert "an item of a tuple that may be None cannot be compiled; take it apart: one, other = it" in said


class Mode(enum.IntEnum):
    CALM = 1
    WILD = 2


@dataclass
class Box:
    n: int = 0


class Compares(tb.Strategy):
    """Numbers that may be None, dicts of other kinds, modes that are numbers."""

    mode: Mode = Mode.CALM

    def on_start(self, ctx: Any) -> None:
        self.price: float | None = None
        self.other: float | None = None
        self.kept = defaultdict(float, dict.fromkeys(ctx.symbols, 1.0))
        self.box = Box()

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.price = None if bar.index % 3 == 0 else bar.index * 1.0
        self.other = None if bar.index % 2 == 0 else bar.index * 1.0
        self.kept[bar.symbol] += 1
        self.box.n += 1
        ctx.log("one", a=self.price == 5.0, b=self.price != 5.0, c=self.price == bar.index, d=self.price == BAR_7)
        ctx.log("two", a=self.price == self.other, b=self.price != self.other, c=self.price == None)  # noqa: E711
        ctx.log("mode", a=self.mode == Mode.CALM, b=self.mode == 2, c=bar.index == Mode.WILD, d=~bar.index)
        if self.price == 7.0 or self.mode != Mode.CALM:
            raise ValueError("seven") from None

    def on_stop(self, ctx: Any) -> None:
        ctx.log("end", mode=repr(self.mode), kept=repr(self.kept), box=repr(self.box))


class Ends(Compares):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.kept[bar.symbol] += 1


def test_numbers_that_may_be_none_are_compared_as_in_python() -> None:
    interpreted, compiled = both(Compares())
    assert compiled == interpreted == ["on_bar", 7, "ValueError", "seven"]
    interpreted, compiled = both(Ends())
    assert compiled == interpreted
    assert "<Mode.CALM: 1>" in compiled[1]


class Cuts(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.counts = np.zeros(3, dtype=np.int64)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.counts[0] = -bar.close
        self.counts[1] += 0.5 + bar.index
        ctx.log("counts", a=int(self.counts[0]), b=int(self.counts[1]))
        if bar.index == 5:
            self.counts[2] = bar.close * np.nan


def test_a_fraction_in_an_array_of_whole_numbers_is_cut_and_nan_is_an_error() -> None:
    interpreted, compiled = both(Cuts())
    assert compiled == interpreted == ["on_bar", 5, "ValueError", "cannot convert float NaN to integer"]


TOP = 2**63 - 3


class Bounds(tb.Strategy):
    """Whole numbers at the end of 64 bits: one more is an error, in sums, differences and products."""

    how: int = 0

    def on_start(self, ctx: Any) -> None:
        self.top, self.row = TOP, [TOP]

    def on_bar(self, ctx: Any, bar: Any) -> None:
        local = self.top
        if self.how == 0:
            self.top += 1
        elif self.how == 1:
            self.top = -self.top - 2 - bar.index
        elif self.how == 2:
            self.row[0] += 1
        elif self.how == 3:
            local *= 1 + bar.index // 3
        elif self.how == 4:
            local += bar.index
        ctx.log("numbers", top=self.top, row=self.row[0], local=local, far=local - 1, back=local * -1, bool=True + True)
        self.top = TOP if self.how == 1 else self.top


@pytest.mark.parametrize(("how", "index"), [(0, 2), (1, 2), (2, 2), (3, 3), (4, 3)])
def test_whole_numbers_end_with_64_bits(how: int, index: int) -> None:
    _, compiled = both(Bounds(how=how))
    assert compiled == ["on_bar", index, "OverflowError", "a whole number beyond 64 bits"]
    market = tb.Market.synthetic(bars=index, seed=4)
    until = [tb.run(Bounds(how=how), market, mode=mode) for mode in ("interpreted", "compiled")]
    assert repr(until[0].logs) == repr(until[1].logs)
    assert len(until[0].logs) == index


Point = namedtuple("Point", "x y")  # noqa: PYI024 - without kinds is what is meant


class Annotated(tb.Strategy):
    """Containers that are annotated, and begin as something narrower; tuples that begin as None, or have names."""

    def on_start(self, ctx: Any) -> None:
        self.stops: dict[str, float | None] = dict.fromkeys(ctx.symbols)
        self.sums: dict[str, float] = dict.fromkeys(ctx.symbols, 0)
        self.ring: list[float | None] = [None, None]
        self.seen: Any = None
        self.point, self.fixed = Point(1, 2.0), Point(3, 4)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        stop = self.stops[bar.symbol]
        if stop is None or bar.close > stop:
            self.stops[bar.symbol] = bar.close
        elif bar.index % 5 == 0:
            self.stops[bar.symbol] = None
        self.sums[bar.symbol] += bar.close
        self.ring[bar.index % 2] = None if self.ring[0] is not None else bar.close
        if self.seen is not None:
            index, close = self.seen
            ctx.log("seen", index=index, close=close)
        self.seen = (bar.index, bar.close)
        self.point = (self.point[0] + self.fixed[0], self.point[1])  # type: ignore[assignment]
        ctx.log("all", stop=self.stops[bar.symbol], sum=self.sums[bar.symbol], ring=self.ring[0], x=self.point[0])

    def on_stop(self, ctx: Any) -> None:
        ctx.log("end", stops=repr(self.stops), sums=repr(self.sums), seen=repr(self.seen), fixed=repr(self.fixed))


def test_annotations_of_containers_count() -> None:
    interpreted, compiled = both(Annotated())
    assert compiled == interpreted
    assert "Point(x=3, y=4)" in compiled[1]
