"""Column rules: what to hold is decided by comparing columns; one rule stands for a whole grid of parameters.

>>> import triplebar as tb
>>> rule = tb.signals.crossover(fast=tb.indicators.SMA, slow=tb.indicators.SMA)
>>> rule.parameters
('fast', 'slow')
>>> market = tb.Market.synthetic(bars=200, seed=1)
>>> tb.run(rule(fast=3, slow=9), market).fills.num_rows > 0
True
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from triplebar.contracts.errors import ParameterError
from triplebar.contracts.suggest import hint
from triplebar.strategy.entries import held
from triplebar.strategy.operands import (
    PRICES,
    SHAPES,
    Condition,
    Indicator,
    Number,
    Operand,
    Price,
    indicator_operand,
    operand,
)
from triplebar.strategy.signal_columns import Columns
from triplebar.strategy.signals import Signals

if TYPE_CHECKING:
    from triplebar.data.market import Market
    from triplebar.data.series import Series
    from triplebar.strategy.signal_columns import FloatArray

Position = Literal["long", "long_short"]
POSITIONS: Final = ("long", "long_short")

__all__ = [
    "Condition",
    "Operand",
    "Rule",
    "crossover",
    "enter",
    "hold",
    "indicator",
    "number",
    "price",
    "price_above",
    "reversal",
]


@dataclass(frozen=True)
class Rule:
    """When to hold what, in every instrument by itself; made by `crossover`, `hold`, `enter` and the like.

    Call it with values for its parameters to get a strategy for `run`; give it to `sweep` to try many.

    >>> hold(long=indicator("SMA", "window") < "close").parameters
    ('window',)
    """

    long: Condition
    exit: Condition | None = None
    short: Condition | None = None
    cover: Condition | None = None
    size: float | str = 1.0

    def __post_init__(self) -> None:
        """Refuse sizes that cannot be held."""
        if not isinstance(self.size, str):
            _check_size(self.size)

    @property
    def operands(self) -> tuple[Operand, ...]:
        """What is compared, each once."""
        found = (each for condition in self._conditions() for each in condition.operands())
        return tuple(dict.fromkeys(found))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in the order in which they appear."""
        names = [name for each in self.operands for name in each.parameters()]
        return tuple(dict.fromkeys([*names, self.size] if isinstance(self.size, str) else names))

    def __call__(self, **values: Any) -> RuleSignals:  # noqa: ANN401 - parameters of any indicator
        """Give the strategy for one set of parameters."""
        return RuleSignals(self, values)

    def check_names(self, names: object) -> None:
        """Refuse parameters that the rule does not have, and missing ones."""
        given = list(names) if isinstance(names, (Mapping, tuple, list)) else []
        for name in given:
            if name not in self.parameters:
                raise ParameterError(f"no parameter {name!r}", where="rule", fix=hint(name, self.parameters))
        missing = [name for name in self.parameters if name not in given]
        if missing:
            raise ParameterError(f"{missing[0]} is missing", where="rule", fix=f"give {missing[0]}=...")

    def size_of(self, values: Mapping[str, Any]) -> float:
        """The size of one set of parameters."""
        return _check_size(values[self.size] if isinstance(self.size, str) else self.size)

    def positions(self, series: Series, values: Mapping[str, Any]) -> FloatArray:
        """The size to hold at each bar of an instrument."""
        columns = {each: each.bound(values).column(series) for each in self.operands}
        flags = {name: condition.holds(columns) for name, condition in self._named() if condition is not None}
        if self.exit is None:
            none = np.zeros(len(series), dtype=np.bool_)
            side = flags["entries"].astype(np.float64) - flags.get("short_entries", none)
        else:
            side = held(flags)
        return side * self.size_of(values)

    def layout(self) -> dict[str, Any]:
        """The rule as the core reads it: operands by their places."""
        places = {each: place for place, each in enumerate(self.operands)}

        def steps(condition: Condition | None) -> list[Any] | None:
            return None if condition is None else list(condition.tokens(places))

        if self.exit is None:
            return {"hold": {"long": steps(self.long), "short": steps(self.short)}}
        parts = {"long": self.long, "exit": self.exit, "short": self.short, "cover": self.cover}
        return {"enter": {name: steps(condition) for name, condition in parts.items()}}

    def _named(self) -> Iterator[tuple[str, Condition | None]]:
        names = ("entries", "exits", "short_entries", "short_exits")
        yield from zip(names, (self.long, self.exit, self.short, self.cover), strict=True)

    def _conditions(self) -> Iterator[Condition]:
        yield from (condition for _, condition in self._named() if condition is not None)


class RuleSignals(Signals):
    """A rule with values for its parameters: target columns that are computed when the market is known."""

    def __init__(self, rule: Rule, values: Mapping[str, Any]) -> None:
        """Take a rule and a value for each of its parameters."""
        rule.check_names(dict(values))
        super().__init__(target={"": [0.0]})
        self.rule = rule
        self.values = dict(values)
        rule.size_of(values)

    @property
    def name(self) -> str:
        """What results call it."""
        return "Rule"

    def parameters(self) -> dict[str, Any]:
        """The values, and the rule in words."""
        return {**self.values, "rule": repr(self.rule)}

    def align(self, market: Market) -> None:
        """Compute the columns over the bars of the market."""
        columns: dict[str | None, FloatArray] = {
            symbol: self.rule.positions(market.series(symbol), self.values) for symbol in market.symbols
        }
        self._columns = Columns(columns)
        super().align(market)


def hold(*, long: Condition, short: Condition | None = None, size: float | str = 1.0) -> Rule:
    """Be long (or short) while a condition holds, else flat; flat also where both hold.

    >>> hold(long=price("close") > indicator("SMA", 20), size=5).size
    5
    """
    return Rule(long=long, short=short, size=size)


def enter(
    *,
    long: Condition,
    exit: Condition,  # noqa: A002 - the word for it
    short: Condition | None = None,
    cover: Condition | None = None,
    size: float | str = 1.0,
) -> Rule:
    """Be long from one condition to another, and short likewise; conflicts are those of `Signals.from_entries`.

    >>> rsi = indicator("RSI", "period")
    >>> enter(long=rsi < number("low"), exit=rsi > number("high")).parameters
    ('low', 'period', 'high')
    """
    if (short is None) != (cover is None):
        raise ParameterError("short and cover belong together", where="rule", fix="give both or neither")
    return Rule(long=long, exit=exit, short=short, cover=cover, size=size)


def crossover(*, position: Position = "long", size: float | str = 1.0, **lines: Any) -> Rule:  # noqa: ANN401
    """Be long while the first line is above the second; with `position="long_short"` short while it is below.

    A line is an indicator of one period, which becomes a parameter by the line's name, or anything else to compare.

    >>> crossover(fast="EMA", slow="EMA", position="long_short").parameters
    ('fast', 'slow')
    """
    _check_position(position)
    if len(lines) != 2:
        fix = "write e.g. crossover(fast=SMA, slow=SMA)"
        raise ParameterError(f"{len(lines)} lines given", where="crossover", fix=fix)
    first, second = (_line(name, line) for name, line in lines.items())
    return hold(long=first > second, short=first < second if position == "long_short" else None, size=size)


def price_above(*, position: Position = "long", size: float | str = 1.0, of: str = "close", **line: Any) -> Rule:  # noqa: ANN401
    """Be long while the price is above a line; with `position="long_short"` short while it is below.

    >>> price_above(window="SMA").parameters
    ('window',)
    """
    _check_position(position)
    if len(line) != 1:
        raise ParameterError(f"{len(line)} lines given", where="price_above", fix="write price_above(window=SMA)")
    value, level = price(of), next(_line(name, each) for name, each in line.items())
    return hold(long=value > level, short=value < level if position == "long_short" else None, size=size)


def reversal(
    *,
    low: float | str = "low",
    high: float | str = "high",
    position: Position = "long",
    size: float | str = 1.0,
    **line: Any,  # noqa: ANN401
) -> Rule:
    """Go long where a line falls below `low`, and leave where it rises above `high`; `long_short` turns round there.

    >>> reversal(period="RSI", low=30, high=70).parameters
    ('period',)
    """
    _check_position(position)
    if len(line) != 1:
        raise ParameterError(f"{len(line)} lines given", where="reversal", fix="write reversal(period=RSI)")
    value = next(_line(name, each) for name, each in line.items())
    cheap, dear = value < number(low), value > number(high)
    if position == "long":
        return enter(long=cheap, exit=dear, size=size)
    return enter(long=cheap, exit=dear, short=dear, cover=cheap, size=size)


def indicator(kind: type | str, *parameters: Any, line: str | None = None, of: str = "close", **more: Any) -> Indicator:  # noqa: ANN401
    """A line of an indicator; parameters are values, or texts that name parameters of the rule.

    >>> list(indicator("MACD", fast="quick", slow=26, line="histogram").parameters())
    ['quick']
    """
    return indicator_operand(_kind(kind), parameters, line, of, more)


def price(name: str = "close") -> Price:
    """A column of the bars: open, high, low, close or volume.

    >>> price("high")
    Price(name='high')
    """
    if name not in PRICES:
        raise ParameterError(f"no price {name!r}", where="rule", fix=hint(name, PRICES))
    return Price(name)


def number(value: float | str) -> Number:
    """A number, or the name of a parameter that is one.

    >>> number("level")
    Number(value='level')
    """
    return Number(value) if isinstance(value, str) else Number(value).bound({})


def _line(name: str, line: object) -> Operand:
    """An indicator of one period becomes a parameter of this name."""
    if isinstance(line, type) or (isinstance(line, str) and line not in PRICES):
        kind = _kind(line)
        shape = SHAPES.get(kind)
        if shape is not None and shape.parameters[:1] != ("period",):
            fix = f"write {name}=signals.indicator({kind.__name__}, ...)"
            raise ParameterError(f"{kind.__name__} has not one period", where=name, fix=fix)
        return indicator(kind, name)
    return operand(line)


def _kind(kind: object) -> type:
    known = {each.__name__: each for each in SHAPES}
    if isinstance(kind, type):
        return kind
    if kind not in known:
        raise ParameterError(f"{kind!r} is no indicator that rules know", where="rule", fix=hint(kind, known))
    return known[str(kind)]


def _check_size(size: object) -> float:
    if isinstance(size, bool) or not isinstance(size, (int, float, np.number)) or not isfinite(size) or size <= 0:
        raise ParameterError(f"size = {size!r} is no size", where="rule", fix="give a number above 0")
    return float(size)


def _check_position(position: str) -> None:
    if position not in POSITIONS:
        raise ParameterError(f"position = {position!r}", where="rule", fix=hint(position, POSITIONS))
