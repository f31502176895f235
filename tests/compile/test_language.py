"""What Python's language says, compiled code does: or it is refused, with the line."""

import functools
import math
import math as mathematics
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import triplebar as tb
from tests.compile.sources import strategy_of
from triplebar.strategy.compile import CompileError

MARKET = tb.Market.synthetic(bars=60, seed=4)
SPAN = 3


def both(strategy: tb.Strategy) -> tuple[list[Any], list[Any]]:
    """What an interpreted and a compiled run come to: hash and log, or the failure."""
    found = []
    for mode in ("interpreted", "compiled"):
        try:
            result = tb.run(strategy.clone(), MARKET, mode=mode)
        except tb.HandlerError as problem:
            cause = problem.__cause__
            found.append([problem.handler, problem.index, type(cause).__name__, str(cause)])
        else:
            assert result.metadata.mode == mode
            found.append([result.result_hash, repr(list(result.logs))])
    return found[0], found[1]


def refusal(strategy: tb.Strategy) -> str:
    with pytest.raises(CompileError) as caught:
        tb.run(strategy, MARKET, mode="compiled")
    return str(caught.value)


# ------------------------------------------------------------------------------------------------------ functions


def twice(function: Any) -> Any:
    @functools.wraps(function)
    def doubled(*arguments: Any) -> Any:
        return 2 * function(*arguments)

    return doubled


def marked(function: Any) -> Any:
    function.mark = True
    return function


@twice
def decorated(price: float) -> float:
    return price


class CallsDecorated(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, 1, limit=decorated(bar.close))


class DecoratedMethod(tb.Strategy):
    @marked
    def size(self) -> int:
        return 1

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, self.size())


class DecoratedHandler(tb.Strategy):
    @twice
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, 1)


@pytest.mark.parametrize("strategy", [CallsDecorated, DecoratedMethod, DecoratedHandler])
def test_decorated_functions_are_refused(strategy: type[tb.Strategy]) -> None:
    said = refusal(strategy())
    assert "a decorated function cannot be compiled; write what the decorator does into the function" in said
    assert "test_language.py, line" in said


def sized(a: float, b: int = 1, *, c: int = 2) -> float:
    return a + b + c


class KeywordOnly(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, sized(1, b=3))


def test_arguments_after_a_star_are_refused() -> None:
    assert "sized: an argument after * cannot be compiled; leave out the *" in refusal(KeywordOnly())


class Box:
    def __init__(self) -> None:
        self.n = 0


class Written(tb.Strategy):
    """Defaults that name globals; targets that are worked out once; loops from a start; tuples taken apart."""

    def on_start(self, ctx: Any) -> None:
        self.boxes = [Box(), Box(), Box()]
        self.ring = [1.5, 2.5, 3.5]
        self.total = 0.0
        self.first, self.second = 0, 0.0

    def look(self, n: int = SPAN, by: float = math.pi, name: str = "look") -> float:
        return n * by if name == "look" else 0.0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.boxes[ctx.random.integer(0, 2)].n += 1
        for place, value in enumerate(self.ring, start=ctx.random.integer(1, 3)):
            self.total += place * value
        self.first, self.second = (bar.index, self.look())
        ctx.log("seen", total=self.total, first=self.first, second=self.second, other=self.look(2, name="x"))
        ctx.log("boxes", a=self.boxes[0].n, b=self.boxes[1].n, c=self.boxes[2].n, next=ctx.random.integer(0, 1000))
        if bar.index % 7 == 3:
            ctx.buy(bar.symbol, 1 + self.boxes[0].n)


def test_written_once_is_done_once() -> None:
    interpreted, compiled = both(Written())
    assert compiled == interpreted
    assert len(interpreted) == 2


class Fewer(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.a = self.b = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.a, self.b = (1, 2, bar.index)  # type: ignore[misc]


def test_a_tuple_that_does_not_fit_is_an_error() -> None:
    interpreted, compiled = both(Fewer())
    assert compiled[:3] == interpreted[:3] == ["on_bar", 0, "ValueError"]


class Zips(tb.Strategy):
    def on_bar(self, ctx: Any, bar: Any) -> None:
        for one, other in zip((1, 2), (3, 4), strict=True):
            ctx.buy(bar.symbol, one + other)


def test_a_loop_that_is_not_known_names_the_forms_that_are() -> None:
    assert "this form of zip(...) cannot be compiled; write for a, b in zip(one, other)" in refusal(Zips())


class Rising:
    def should_enter(self, bars: Any) -> bool:
        return True

    def should_exit(self, position: Any, bars: Any) -> bool:
        return False


def test_entry_and_exit_classes_run_interpreted() -> None:
    with pytest.raises(CompileError, match="entry/exit classes"):
        tb.run(Rising(), MARKET, mode="compiled")


# ------------------------------------------------------------------------------------------------------ refusals

HEAD = """import math
from collections import namedtuple

import numpy as np
import numpy.random as dice
import triplebar as tb

Point = namedtuple("Point", "x y")


class Program(tb.Strategy):
    KINDS = (1, 2)

    @property
    def prop(self):
        return 1

    @staticmethod
    def stat(x):
        return x

    def on_start(self, ctx):
        self.word = "x"
        self.seen: tuple[int, ...] = ()
        self.point = Point(1, 2)
        self.kept = dict.fromkeys(ctx.symbols, 0.0)
        self.x = 0.0

    def on_bar(self, ctx, bar):
        window = ctx.bars(bar.symbol, 5)
"""
TEXTS = "texts are compared (== and !=) and passed on, but not taken apart"
REFUSED = {
    'self.x = 1.0 if bar.symbol < "Y" else 2.0': ("< of texts", TEXTS),
    "self.x = len(bar.symbol) * 1.0": ("the length of a text", TEXTS),
    'self.word = self.word + "b"': ("+ of texts", TEXTS),
    "self.word = self.word.upper()": (".upper(...) of a text", TEXTS),
    "self.x = window[-3:][0].close": ("a slice of Window", "window.close[-3:]"),
    "self.seen = (1,) + self.seen[:4]": ("a slice of tuple[int, ...]", "by place"),
    "for x in (1, 2.5): self.x += x": ("a loop over several kinds (tuple[int, float])", "1.0 beside 2.5"),
    "self.x = (y := bar.close) + 1.0": (":= in an expression", "a line of its own"),
    "self.x = self.prop * 1.0": ("Program.prop is a property", "write a method"),
    "self.x = self.stat(1.0)": ("Program.stat is no plain method", "a function of the module"),
    "self.x = self.KINDS[0] * 1.0": ("Program.KINDS is kept on the class", "put it on self in on_start"),
    "self.x = self.point.x * 1.0": ("`self.x = self.point.x * 1.0` does not compile", "a tuple has no names"),
    "self.x = self.kept.get(bar.symbol, 1.0)": (".get(...)", "every symbol has a value"),
    "self.x = self.nothing": ("`self.x = self.nothing` does not compile: .nothing is not known", "docs/how-to"),
    "if bar.index > 5: side = 1\n        self.x = side * 1.0": ("side may be unset here", "give it a value before"),
    "for x in (1, 2):\n            if x > bar.index: continue\n            y = 1.0\n        self.x = y": (
        "y may be unset",
        "before",
    ),
    "self.x = dice.random()": ("dice.random(...)", "use ctx.random"),
    "self.x = math.gamma(bar.close)": ("math.gamma(...)", "may differ"),
    "self.x = np.exp2(bar.close)": ("np.exp2(...)", "may differ"),
    "self.x = np.percentile(window.close, 50)": ("np.percentile(...)", "may differ"),
    "self.x = (window.close ** 2)[0]": ("array of float with **", "write x * x"),
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_refusal_shows_the_line_and_what_to_write(line: str, tmp_path: Path) -> None:
    strategy = strategy_of(f"{HEAD}        {line}\n", tmp_path)
    said = refusal(strategy())
    place = HEAD.count("\n") + line.count("\n") + 1
    assert f".py, line {place}, on_bar: " in said
    assert all(part in said for part in REFUSED[line]), said
    assert "Failed in nopython" not in said
    assert "Thing(" not in said


class Statistics:
    def __init__(self) -> None:
        self.count = 0
        self.time = 0

    def append(self, price: float) -> None:
        self.count += 1

    def mean(self) -> float:
        return self.count * 0.5

    def log(self, number: int) -> int:
        return self.count + number


class Owned(tb.Strategy):
    """Names that are refused of NumPy, lists and bars, but are the user's own here; and truths of all kinds."""

    def on_start(self, ctx: Any) -> None:
        self.stats = Statistics()
        self.word = "x"
        self.last: float | None = None

    def on_bar(self, ctx: Any, bar: Any) -> None:
        self.stats.append(bar.close)
        self.stats.time = bar.index
        if self.word and not self.last:
            ctx.buy(bar.symbol, 1 + self.stats.log(1), limit=max(1.0, self.stats.mean()))
        self.word = "" if bar.index % 3 == 0 else "x"
        self.last = None if bar.index % 2 == 0 else bar.index % 5 * 1.0
        ctx.log("seen", mean=mathematics.log(bar.close, 3), time=self.stats.time, square=bar.close**2)


class Looks(tb.Strategy):
    """Asks what is in dicts, lists and tuples; counts with attributes; begins with infinity."""

    def on_start(self, ctx: Any) -> None:
        self.kept = dict.fromkeys(ctx.symbols, 1.0)
        self.counts, self.sizes = [1, 2, 30], [1.5, 30.0]
        self.live: tuple[int, ...] = ()
        self.low, self.n, self.flags = math.inf, 0, np.zeros(2, dtype=bool)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        low = float("inf") if bar.index % 2 else float("-1e3")
        self.live = (bar.index, 7)
        for self.n in range(bar.index % 4):
            pass
        for self.counts[0] in range(3):
            self.low = min(self.low, low, bar.low)
        self.flags[0] = bar.index % 3 == 0
        ctx.log("in", a=bar.symbol in self.kept, b="nope" in self.kept, c=bar.index in self.counts, n=self.n, low=low)
        ctx.log("is", a=bar.index in self.sizes, b=2.5 in self.counts, c=7 in self.live, d=self.counts[0], low=self.low)
        ctx.log("flag", flag=self.flags[0])


def test_containers_know_what_is_in_them() -> None:
    interpreted, compiled = both(Looks())
    assert compiled == interpreted
    assert len(interpreted) == 2


def test_names_belong_to_whoever_owns_them() -> None:
    interpreted, compiled = both(Owned())
    assert compiled == interpreted
    assert len(interpreted) == 2


class Breaks(tb.Strategy):
    how: int = 0

    def on_start(self, ctx: Any) -> None:
        self.x, self.n = 0.0, 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        left = 5.0 - bar.index
        if self.how == 0:
            self.x = math.sqrt(left)
        elif self.how == 1:
            self.x = math.log(left)
        elif self.how == 2:
            self.n = int(left * math.nan)
        elif self.how == 3:
            self.n = 1 << (5 - bar.index)
        elif self.how == 4:
            self.x = 10.0 ** (100 * bar.index)
        elif self.how == 5:
            self.x = math.exp(200.0 * bar.index)
        elif self.how == 6:
            self.n = round(left * math.inf)


@pytest.mark.parametrize("how", range(7))
def test_what_raises_in_python_raises_compiled(how: int) -> None:
    interpreted, compiled = both(Breaks(how=how))
    assert compiled == interpreted
    assert len(interpreted) == 4


class Older(tb.Strategy):
    def on_start(self, ctx: Any) -> None:
        self.n = 0

    def step(self, by: int = 2) -> int:
        self.n += by
        return self.n

    def on_bar(self, ctx: Any, bar: Any) -> None:
        ctx.buy(bar.symbol, self.step())


class Newer(Older):
    def step(self, by: int = 3) -> int:
        return super().step(by) + Older.step(self)

    def on_bar(self, ctx: Any, bar: Any) -> None:
        super().on_bar(ctx, bar)
        Older.on_bar(self, ctx, bar)
        ctx.log("n", n=self.n)


class Beside(Older):
    def step(self, by: int = 5) -> int:
        return self.n + by


class Both(Newer, Beside):
    pass


def test_methods_of_base_classes() -> None:
    interpreted, compiled = both(Newer())
    assert compiled == interpreted
    assert len(interpreted) == 2


def test_a_super_that_depends_on_the_object_is_refused() -> None:
    assert "super().step(...) cannot be compiled" in refusal(Both())
