"""Random strategies as source texts: hypothesis writes programs, and each is a module of its own."""

import importlib.util
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

import triplebar as tb

RING = 4
HEAD = """import math

import numpy as np

import triplebar as tb


class Program(tb.Strategy):
    size: float = 2.0

    def on_start(self, ctx):
        self.count = 0
        self.level = 0.0
        self.other = 1.5
        self.flag = False
        self.word = "calm"
        self.last: int | None = None
        self.ring = np.zeros(4)
        self.kept = dict.fromkeys(ctx.symbols, 0.0)
        self.pair = (0, 0.0)
"""
GAUGES = ("SMA({n})", "EMA({n})", "WMA({n})", "RSI({n})", "ROC({n})", "RollingStd({n})", "ZScore({n})")
LINES = ("Bollinger({n}, 2.0)", "MACD({n}, 7, 3)")
RANGES = ("ATR({n})", "TrueRange()")
_numbers = itertools.count()

Draw = Callable[..., Any]


class _Writer:
    """Writes one program, statement by statement; `symbol` and `price` are what the handler at hand knows."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.gauges = draw(st.lists(st.sampled_from(GAUGES), min_size=1, max_size=3))
        self.ranges = draw(st.lists(st.sampled_from(RANGES), max_size=1))
        self.lines = draw(st.lists(st.sampled_from(LINES), max_size=1))
        self.price = "bar.close"
        self.symbol = "bar.symbol"

    def pick(self, *choices: str) -> str:
        return str(self.draw(st.sampled_from(choices)))

    def whole(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    # ------------------------------------------------------------------------------------------------- expressions

    def number(self, depth: int = 2) -> str:
        simple = [self.price, "self.level", "self.other", f"self.ring[self.count % {RING}]", "self.pair[1]"]
        simple += [f"self.kept[{self.symbol}]", f"{self.whole(1, 90) / 10}", "self.size", "ctx.random.uniform()"]
        simple += [f"self.gauge{at}.value" for at in range(len(self.gauges))]
        simple += ["self.lines0.value[0]"] * len(self.lines) + ["self.range0.value"] * len(self.ranges)
        if depth == 0 or self.whole(0, 2) == 0:
            return self.pick(*simple)
        one, other = self.number(depth - 1), self.number(depth - 1)
        return self.pick(
            f"({one} + {other})",
            f"({one} - {other})",
            f"({one} * 0.5)",
            f"{one} / (1.0 + abs({other}))",
            f"min({one}, {other})",
            f"max({one}, {other})",
            f"abs({one})",
            f"math.sqrt(abs({one}))",
            f"({one} if {self.condition(0)} else {other})",
        )

    def condition(self, depth: int = 2) -> str:
        simple = (
            f"{self.number(0)} > {self.number(0)}",
            f"ctx.position({self.symbol}) > 0",
            f"ctx.position({self.symbol}) == 0",
            f"self.count % {self.whole(2, 5)} == {self.whole(0, 1)}",
            "self.flag",
            "not self.flag",
            'self.word == "high"',
            "self.last is None",
            "self.gauge0.ready",
            f"ctx.random.chance({self.whole(2, 8) / 10})",
            f"len(ctx.open_orders({self.symbol})) < {self.whole(1, 4)}",
            f"ctx.index > {self.whole(0, 9)}",
        )
        if depth == 0 or self.whole(0, 2) > 0:
            return self.pick(*simple)
        return f"({self.condition(depth - 1)} {self.pick('and', 'or')} {self.condition(depth - 1)})"

    # -------------------------------------------------------------------------------------------------- statements

    def order(self) -> str:
        side, quantity = self.pick("buy", "sell"), self.pick("1", "self.size", f"{self.whole(1, 5)}.0")
        away = self.whole(1, 30) / 1000
        lower, upper = f"{self.price} * {1 - away}", f"{self.price} * {1 + away}"
        keywords = self.pick(
            "",
            f"limit={lower}",
            f"limit={upper}",
            f"stop={upper}",
            f"stop={lower}",
            f"touch={lower}",
            f"trail={self.price} * {away}",
            "trail_percent=2.5",
            f"stop_loss={lower}" if side == "buy" else f"stop_loss={upper}",
            f"limit={self.number(1)}",
        )
        more = self.pick("", "", 'tag="entry"', 'tif="day"', 'tif="ioc"', "reduce_only=True", 'oco="group"')
        return ", ".join(part for part in (f"ctx.{side}({self.symbol}, {quantity}", keywords, more) if part) + ")"

    def simple(self) -> list[str]:
        at = self.whole(0, len(self.gauges) - 1)
        order = self.order()
        choices = [
            [f"self.level = {self.number()}"],
            [f"self.other += {self.number(1)} * 0.125"],
            [f"self.ring[self.count % {RING}] = {self.number(1)}"],
            [f"self.kept[{self.symbol}] = {self.number(1)}"],
            [f"self.pair = (self.pair[0] + 1, {self.number(1)})"],
            [f"self.flag = {self.condition(1)}"],
            [f'self.word = "high" if {self.condition(0)} else "calm"'],
            [f"self.level = self.gauge{at}.update({self.number(1)})"],
            [order],
            [order],
            [f"self.last = {order}"],
            ["if self.last is not None:", "    ctx.cancel(self.last)", "    self.last = None"],
            [f"ctx.close({self.symbol})"],
            [f"ctx.target({self.symbol}, {self.whole(-3, 3)})"],
            [f"ctx.cancel_all({self.symbol})"],
            [f'ctx.set_timer("later", ctx.time_ns + {self.whole(1, 9)} * 3_600_000_000_000)'],
            self.look_back(),
            self.loop(),
        ]
        return list(self.draw(st.sampled_from(choices)))

    def look_back(self) -> list[str]:
        length, place = self.whole(1, 5), self.pick("0", "-1", "len(window) - 1")
        lines = [f"window = ctx.bars({self.symbol}, {length})"]
        what = self.pick("for_close", "item", "over")
        if what == "for_close":
            return [*lines, "for close in window.close:", "    self.level = max(self.level, close)"]
        if what == "item":
            return [*lines, "if len(window) > 0:", f"    self.other = window[{place}].high - window[{place}].low"]
        return [*lines, "for past in window:", "    self.level += past.close * 0.01"]

    def loop(self) -> list[str]:
        body = self.pick(
            "self.kept[symbol] += 1.0",
            "self.level += self.kept[symbol]",
            "self.other = max(self.other, ctx.position(symbol))",
            "self.count += len(ctx.open_orders(symbol))",
        )
        return ["for symbol in ctx.symbols:", f"    {body}"]

    def block(self, depth: int, most: int = 3) -> list[str]:
        lines: list[str] = []
        for _ in range(self.whole(1, most)):
            if depth and self.whole(0, 2) == 0:
                lines += [f"if {self.condition()}:", *_indented(self.block(depth - 1, 2))]
                if self.whole(0, 1):
                    lines += ["else:", *_indented(self.block(depth - 1, 2))]
            else:
                lines += self.simple()
        return lines

    # ---------------------------------------------------------------------------------------------------- handlers

    def program(self) -> str:
        text = HEAD
        for name, kinds in (("gauge", self.gauges), ("range", self.ranges), ("lines", self.lines)):
            for at, kind in enumerate(kinds):
                text += f"        self.{name}{at} = tb.indicators.{kind.format(n=self.whole(2, 6))}\n"
        feed = ["self.count += 1", "self.gauge0.update(bar.close)"]
        feed += ["self.lines0.update(bar.close)"] * len(self.lines)
        feed += ["self.range0.update(bar.high, bar.low, bar.close)"] * len(self.ranges)
        text += self.handler("on_bar", "bar", [*feed, *self.block(2, 5)])
        for name, about, symbol, price in (
            ("on_fill", "fill", "fill.symbol", "fill.price"),
            ("on_order", "event", "event.symbol", "self.other"),
            ("on_timer", "timer", "ctx.symbols[0]", "self.level"),
            ("on_slice", "bars", "ctx.symbols[0]", "self.other"),
        ):
            if self.whole(0, 2) == 0:
                self.symbol, self.price = symbol, price
                text += self.handler(name, about, self.quiet(self.block(1, 3)))
        return text

    def quiet(self, lines: list[str]) -> list[str]:
        """Handlers that may call themselves by what they send do it now and then only."""
        return ["self.count += 1", "if self.count % 7 != 0:", "    return", *lines]

    def handler(self, name: str, about: str, lines: list[str]) -> str:
        return "\n".join(["", f"    def {name}(self, ctx, {about}):", *(f"        {line}" for line in lines), ""])


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


@st.composite
def programs(draw: Draw) -> str:
    """The source of a module with a strategy class `Program`."""
    return _Writer(draw).program()


def strategy_of(source: str, folder: Path) -> type[tb.Strategy]:
    """The class of a source, from a file, as a user's would be."""
    found: type[tb.Strategy] = module_of(source, folder, f"program_{next(_numbers)}").Program
    return found


def module_of(source: str, folder: Path, name: str) -> ModuleType:
    """The module of a source, from a file."""
    path = folder / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
