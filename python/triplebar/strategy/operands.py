"""What rules compare: prices, indicators and numbers, each fixed or named as a parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from triplebar.contracts.errors import ParameterError
from triplebar.contracts.suggest import hint
from triplebar.strategy import indicators

if TYPE_CHECKING:
    from triplebar.data.series import Series
    from triplebar.strategy.signal_columns import BoolArray, FloatArray

PRICES: Final = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Shape:
    """What an indicator takes and gives: columns of a bar, parameters, lines. `of` stands for any one column."""

    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    lines: tuple[str, ...] = ("value",)


SHAPES: Final[Mapping[type, Shape]] = {
    indicators.SMA: Shape(("of",), ("period",)),
    indicators.EMA: Shape(("of",), ("period",)),
    indicators.WMA: Shape(("of",), ("period",)),
    indicators.RSI: Shape(("of",), ("period",)),
    indicators.ROC: Shape(("of",), ("period",)),
    indicators.RollingStd: Shape(("of",), ("period", "sample")),
    indicators.ZScore: Shape(("of",), ("period", "sample")),
    indicators.MACD: Shape(("of",), ("fast", "slow", "signal_period"), ("line", "signal", "histogram")),
    indicators.Bollinger: Shape(("of",), ("period", "width"), ("upper", "middle", "lower")),
    indicators.TrueRange: Shape(("high", "low", "close"), ()),
    indicators.ATR: Shape(("high", "low", "close"), ("period",)),
    indicators.ADX: Shape(("high", "low", "close"), ("period",), ("adx", "plus", "minus")),
    indicators.Donchian: Shape(("high", "low"), ("period",), ("upper", "middle", "lower")),
    indicators.Stochastic: Shape(("high", "low", "close"), ("period", "smooth", "signal"), ("k", "d")),
    indicators.VWAP: Shape(("of", "volume"), ("period",)),
}
"""The indicators that rules know."""


class Operand:
    """Something that has a value at each bar; comparing two makes a condition."""

    def __gt__(self, other: object) -> Condition:
        """Above; false where either has no value yet."""
        return Compare(self, operand(other))

    def __ge__(self, other: object) -> Condition:
        """Above or equal."""
        return Compare(self, operand(other), strict=False)

    def __lt__(self, other: object) -> Condition:
        """Below."""
        return Compare(operand(other), self)

    def __le__(self, other: object) -> Condition:
        """Below or equal."""
        return Compare(operand(other), self, strict=False)

    def parameters(self) -> Iterator[str]:
        """The names of the parameters that it depends on."""
        yield from ()

    def bound(self, values: Mapping[str, Any]) -> Operand:
        """The same with values in the place of parameters."""
        del values
        return self

    def column(self, series: Series) -> FloatArray:
        """Its values over the bars of an instrument."""
        raise NotImplementedError


@dataclass(frozen=True)
class Price(Operand):
    """A column of the bars."""

    name: str

    def column(self, series: Series) -> FloatArray:
        """The doubles that a strategy sees."""
        found: FloatArray = getattr(series, self.name)
        return found


@dataclass(frozen=True)
class Number(Operand):
    """A number, or the name of a parameter that is one."""

    value: float | str

    def parameters(self) -> Iterator[str]:
        """The parameter, if it is one."""
        if isinstance(self.value, str):
            yield self.value

    def bound(self, values: Mapping[str, Any]) -> Number:
        """The number itself."""
        value = values[self.value] if isinstance(self.value, str) else self.value
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
            raise ParameterError(f"{value!r} is not a finite number", where=str(self.value), fix="give a number")
        return Number(float(value))

    def column(self, series: Series) -> FloatArray:
        """The same number at every bar."""
        return np.full(len(series), float(self.value))


@dataclass(frozen=True)
class Indicator(Operand):
    """A line of an indicator; a parameter that is a text is the name of a parameter of the rule."""

    kind: type
    given: tuple[tuple[str, Any], ...]
    line: str
    of: str = "close"
    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", SHAPES[self.kind])

    def parameters(self) -> Iterator[str]:
        """Parameters that are named, not given."""
        yield from (value for _, value in self.given if isinstance(value, str))

    def bound(self, values: Mapping[str, Any]) -> Indicator:
        """With values in the place of names."""
        given = tuple((name, self._value(each, values)) for name, each in self.given)
        return Indicator(self.kind, given, self.line, self.of)

    def _value(self, given: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what an indicator takes
        """A value, or that of a parameter; lists and the like are none: operands are told apart by their values."""
        if not isinstance(given, str):
            return given
        value = values[given]
        try:
            hash(value)
        except TypeError:
            problem = f"{value!r} is no parameter of {self.kind.__name__}"
            raise ParameterError(problem, where=given, fix="give a number") from None
        return value

    def column(self, series: Series) -> FloatArray:
        """The indicator over all bars, the same doubles as if it were streamed."""
        inputs = [getattr(series, self.of if name == "of" else name) for name in self.shape.inputs]
        compute: Any = self.kind.column  # type: ignore[attr-defined]
        try:
            found = compute(*inputs, **dict(self.given))
        except (TypeError, ValueError, OverflowError) as problem:
            where = ", ".join(f"{name} = {value!r}" for name, value in self.given)
            raise ParameterError(str(problem), where=f"{self.kind.__name__}({where})") from problem
        column: FloatArray = found if len(self.shape.lines) == 1 else found[self.shape.lines.index(self.line)]
        return column


class Condition:
    """True or false at each bar; `&` joins two that must both hold, `|` two of which one must."""

    def __and__(self, other: Condition) -> Condition:
        """Both."""
        return Join(self, other, every=True)

    def __or__(self, other: Condition) -> Condition:
        """One or both."""
        return Join(self, other, every=False)

    def __bool__(self) -> bool:
        """Refused: a condition has a value at each bar, none of its own."""
        raise ParameterError("a condition is neither true nor false", fix="join conditions with & and |")

    def operands(self) -> Iterator[Operand]:
        """What it compares, from left to right."""
        raise NotImplementedError

    def holds(self, columns: Mapping[Operand, FloatArray]) -> BoolArray:
        """Where it holds, given the columns of its operands."""
        raise NotImplementedError

    def tokens(self, places: Mapping[Operand, int]) -> Iterator[Any]:
        """Its steps in postfix order, as the core reads them."""
        raise NotImplementedError


@dataclass(frozen=True)
class Compare(Condition):
    """Left above right."""

    left: Operand
    right: Operand
    strict: bool = True

    def operands(self) -> Iterator[Operand]:
        """Left, then right."""
        yield from (self.left, self.right)

    def holds(self, columns: Mapping[Operand, FloatArray]) -> BoolArray:
        """Where left is above right; nowhere where one of them is NaN."""
        left, right = columns[self.left], columns[self.right]
        return np.asarray(left > right if self.strict else left >= right, dtype=np.bool_)

    def tokens(self, places: Mapping[Operand, int]) -> Iterator[Any]:
        """One step."""
        yield {"above" if self.strict else "reaches": [places[self.left], places[self.right]]}


@dataclass(frozen=True)
class Join(Condition):
    """Two conditions joined."""

    first: Condition
    second: Condition
    every: bool

    def operands(self) -> Iterator[Operand]:
        """Those of the first, then those of the second."""
        yield from self.first.operands()
        yield from self.second.operands()

    def holds(self, columns: Mapping[Operand, FloatArray]) -> BoolArray:
        """Where both hold, or one of them."""
        first, second = self.first.holds(columns), self.second.holds(columns)
        return first & second if self.every else first | second

    def tokens(self, places: Mapping[Operand, int]) -> Iterator[Any]:
        """First, second, and how they are joined."""
        yield from self.first.tokens(places)
        yield from self.second.tokens(places)
        yield "and" if self.every else "or"


def operand(value: object) -> Operand:
    """Take an operand as it is, the name of a price, or a number.

    >>> operand("close"), operand(30)
    (Price(name='close'), Number(value=30.0))
    """
    if isinstance(value, Operand):
        return value
    if isinstance(value, str) and value in PRICES:
        return Price(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Number(value).bound({})
    fix = "give 'close', a number, or one of signals.price, signals.number, signals.indicator"
    raise ParameterError(f"{value!r} cannot be compared", where="rule", fix=fix)


def indicator_operand(
    kind: type, names: tuple[Any, ...], line: str | None, of: str, more: Mapping[str, Any]
) -> Indicator:
    """Check an indicator, its parameters and its line."""
    shape = SHAPES.get(kind)
    if shape is None:
        fix = hint(getattr(kind, "__name__", kind), [each.__name__ for each in SHAPES])
        raise ParameterError(f"{kind!r} is no indicator that rules know", where="rule", fix=fix)
    if len(names) > len(shape.parameters):
        raise ParameterError(f"{kind.__name__} has {len(shape.parameters)} parameters", where="rule", fix="give fewer")
    given = dict(zip(shape.parameters, names, strict=False))
    for name, value in more.items():
        if name not in shape.parameters or name in given:
            raise ParameterError(f"no parameter {name!r}", where=kind.__name__, fix=hint(name, shape.parameters))
        given[name] = value
    line = shape.lines[0] if line is None else line
    if line not in shape.lines:
        raise ParameterError(f"no line {line!r}", where=kind.__name__, fix=hint(line, shape.lines))
    if of not in PRICES:
        raise ParameterError(f"no price {of!r}", where=kind.__name__, fix=hint(of, PRICES))
    return Indicator(kind, tuple(given.items()), line, of)
