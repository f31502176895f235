"""What Python's language says, compiled code does: or it is refused, with the line."""

import functools
import math
from typing import Any

import pytest

import triplebar as tb
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


class Says(tb.Strategy):
    how: int = 0

    def on_bar(self, ctx: Any, bar: Any) -> None:
        assert self.how != 1 or bar.index < 5, f"late {bar.index}"
        if self.how == 0 and bar.index == 5:
            raise ValueError("bad", bar.index)


@pytest.mark.parametrize(("how", "said"), [(0, "('bad', 'bar.index')"), (1, "late {bar.index}")])
def test_what_would_be_built_for_an_error_shows_how_it_is_written(how: int, said: str) -> None:
    interpreted, compiled = both(Says(how=how))
    assert compiled[:3] == interpreted[:3]
    assert compiled[3] == said


class Rising:
    def should_enter(self, bars: Any) -> bool:
        return True

    def should_exit(self, position: Any, bars: Any) -> bool:
        return False


def test_entry_and_exit_classes_run_interpreted() -> None:
    with pytest.raises(CompileError, match="entry/exit classes"):
        tb.run(Rising(), MARKET, mode="compiled")
