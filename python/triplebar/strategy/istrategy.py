"""The bridge for strategies that only say when to enter and when to leave: `should_enter` and `should_exit`."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, runtime_checkable

from triplebar.contracts.errors import ParameterError, StrategyError
from triplebar.strategy.bar import Bar, BarWindow, Fill
from triplebar.strategy.base import Strategy
from triplebar.strategy.handlers import SignatureError, check_call
from triplebar.strategy.sizing import affordable, size_grids

if TYPE_CHECKING:
    from triplebar.strategy.context import Context

METHODS: Final[dict[str, tuple[str, ...]]] = {"should_enter": ("bars",), "should_exit": ("position", "bars")}
PLAIN: Final = (bool, int, float, str, type(None))


@dataclass(frozen=True, slots=True)
class Holding:
    """The position that `should_exit` is asked about; always long.

    >>> Holding("X", 10.0, 100.0, None, 105.0).unrealised
    50.0
    """

    symbol: str
    shares: float
    entry_price: float
    entry_date: datetime | None
    current_price: float

    @property
    def unrealised(self) -> float:
        """What leaving at the current price would bring, before costs, per unit of the multiplier."""
        return (self.current_price - self.entry_price) * self.shares


@runtime_checkable
class IStrategy(Protocol):
    """Long only: says when to enter and when to leave, from the closed bars of one instrument.

    >>> class Rising:
    ...     def should_enter(self, bars):
    ...         return len(bars) > 1 and bars[-1].close > bars[-2].close
    ...     def should_exit(self, position, bars):
    ...         return position.current_price < position.entry_price
    >>> isinstance(Rising(), IStrategy)
    True
    """

    def should_enter(self, bars: Sequence[Bar]) -> bool:
        """Whether to buy; asked while nothing is held. False if there are too few bars."""
        ...

    def should_exit(self, position: Holding, bars: Sequence[Bar]) -> bool:
        """Whether to sell all; asked while something is held."""
        ...


class IStrategyBridge(Strategy):
    """Runs an `IStrategy`: every instrument on its own, entries and exits by market order.

    An entry buys `quantity`, or, without one, what `share` of the equity (divided by the number of instruments) pays
    for at the last close. `bars` holds the bars up to now and none after, and cannot be changed.

    >>> class Always:
    ...     def should_enter(self, bars): return True
    ...     def should_exit(self, position, bars): return False
    >>> IStrategyBridge(Always(), quantity=5)
    Always(share=0.95, quantity=5.0)
    """

    share: float = 0.95
    quantity: float | None = None

    def __init__(self, inner: IStrategy, **parameters: Any) -> None:  # noqa: ANN401 - checked by the base
        """Wrap a strategy; one that lacks a method or takes other arguments is refused."""
        check_istrategy(inner)
        self.inner = inner
        super().__init__(**parameters)

    def validate(self) -> None:
        """Refuse sizes that buy nothing."""
        if not 0 < self.share <= 1:
            raise ValueError(f"share = {self.share} must be above 0 and at most 1")
        if self.quantity is not None and self.quantity <= 0:
            raise ValueError(f"quantity = {self.quantity} must be above 0")

    @property
    def name(self) -> str:
        """The name of the strategy inside."""
        return type(self.inner).__name__

    def definition(self) -> type:
        """The class of the strategy inside."""
        return type(self.inner)

    def __repr__(self) -> str:
        return f"{self.name}(share={self.share!r}, quantity={self.quantity!r})"

    def parameters(self) -> dict[str, Any]:
        """How entries are sized, and the plain attributes of the strategy inside."""
        own = {key: value for key, value in vars(self.inner).items() if isinstance(value, PLAIN)}
        return {**super().parameters(), **{f"{self.name}.{key}": own[key] for key in sorted(own)}}

    def clone(self, **changes: Any) -> Self:  # noqa: ANN401 - checked by the base
        """Return a bridge to a copy of the strategy inside, as it is now, perhaps with other sizes."""
        twin = type(self)(copy.deepcopy(self.inner), **{**super().parameters(), **changes})
        vars(twin).update(self.ports())
        return twin

    def on_start(self, ctx: Context) -> None:
        """Remember when positions were opened."""
        self.entered: dict[str, datetime] = {}
        self.grids = size_grids(ctx)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        """Ask the strategy inside; not while an order is on its way."""
        if ctx.open_orders(bar.symbol):
            return
        bars = ctx.bars(bar.symbol, bar.index + 1)
        held = ctx.position(bar.symbol)
        if held > 0:
            if self._says("should_exit", self._holding(ctx, bar, held), bars):
                ctx.sell(bar.symbol, held, tag="exit")
        elif self._says("should_enter", bars):
            self._enter(ctx, bar)

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        """Keep the time of the entry."""
        if fill.side > 0:
            self.entered.setdefault(fill.symbol, fill.time)
        elif ctx.position(fill.symbol) == 0:
            self.entered.pop(fill.symbol, None)

    def _enter(self, ctx: Context, bar: Bar) -> None:
        quantity = self.quantity
        if quantity is None:
            quantity = affordable(ctx, self.grids[bar.symbol], bar.symbol, self.share / len(ctx.symbols))
        if quantity > 0:
            ctx.buy(bar.symbol, quantity, tag="entry")

    def _holding(self, ctx: Context, bar: Bar, held: float) -> Holding:
        price = ctx.average_price(bar.symbol)
        return Holding(bar.symbol, held, bar.close if price is None else price, self.entered.get(bar.symbol), bar.close)

    def _says(self, method: str, *arguments: Holding | BarWindow) -> bool:
        answer = getattr(self.inner, method)(*arguments)
        if isinstance(answer, bool) or type(answer).__name__ in ("bool_", "bool"):  # NumPy's own, too
            return bool(answer)
        raise StrategyError(f"answered {answer!r}", where=f"{self.name}.{method}", fix="return True or False")


def check_istrategy(candidate: object) -> None:
    """Refuse what is not an `IStrategy`: a class instead of an object, a missing method, other arguments.

    >>> check_istrategy(object())
    Traceback (most recent call last):
    triplebar.strategy.handlers.SignatureError: object.should_enter: is missing; write def should_enter(self, bars)
    """
    if isinstance(candidate, type):
        raise SignatureError("is a class", where=candidate.__name__, fix=f"give an object: {candidate.__name__}()")
    for name, arguments in METHODS.items():
        where = f"{type(candidate).__name__}.{name}"
        method = getattr(candidate, name, None)
        if method is None:
            fix = f"write def {name}({', '.join(['self', *arguments])})"
            raise SignatureError("is missing", where=where, fix=fix)
        check_call(method, where, arguments, bound=True)


def as_strategy(candidate: object) -> Strategy:
    """Return what engines can run: a `Strategy` as it is, an `IStrategy` behind its bridge; refuse anything else.

    >>> class Quiet(Strategy): ...
    >>> as_strategy(Quiet())
    Quiet()
    >>> as_strategy(Quiet)
    Traceback (most recent call last):
    triplebar.contracts.errors.ParameterError: Quiet: is a class; give an object: Quiet()
    """
    if isinstance(candidate, Strategy):
        return candidate
    if isinstance(candidate, type):
        raise ParameterError("is a class", where=candidate.__name__, fix=f"give an object: {candidate.__name__}()")
    if any(hasattr(candidate, name) for name in METHODS):
        return IStrategyBridge(candidate)  # type: ignore[arg-type]
    raise SignatureError(
        f"{type(candidate).__name__} is not a strategy",
        fix="derive it from triplebar.Strategy, or give it should_enter(bars) and should_exit(position, bars)",
    )
