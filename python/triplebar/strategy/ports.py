"""The ports over `ctx`: code that is written against the ports runs in a backtest, whichever engine it is.

`ctx.ports` holds them. They look and act at the time of the decision, as `ctx` itself does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.codes import OrderKind, Side
from triplebar.contracts.errors import OrderError
from triplebar.contracts.fills import Fill
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.orders import OrderEvent, OrderRequest, OrderView
from triplebar.contracts.positions import Position
from triplebar.contracts.suggest import hint
from triplebar.contracts.time import to_ns
from triplebar.strategy.bar import BarWindow
from triplebar.strategy.context import Context

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market

CHANGES: Final = ("quantity", "limit", "trigger", "trail", "trail_percent")
"""What `modify_order` can change."""
PPB: Final = 10**9


class Inside(Context, Protocol):
    """A context with the members that engines give it and strategies do not use."""

    _market: Market
    _settings: Settings

    def _cursor(self, symbol: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one run, to hand on as one thing: `strategy.wire(ctx.ports)` or one by one."""

    market_data: ContextMarketData
    execution: ContextExecution
    portfolio: ContextPortfolio

    @classmethod
    def of(cls, ctx: Inside) -> Ports:
        """Make the ports of a run."""
        return cls(ContextMarketData(ctx), ContextExecution(ctx), ContextPortfolio(ctx))


@dataclass(frozen=True, slots=True)
class ContextMarketData:
    """`MarketDataPort`: the bars that have closed, and nothing later."""

    ctx: Inside

    def get_latest_tick(self, symbol: str) -> Quote | None:
        """The last close as a quote without bid and ask: bars have none. None before the first bar."""
        bar = self.ctx.bar(symbol)
        return None if bar is None else Quote(symbol, bar.time_ns, last=bar.close, volume=bar.volume)

    def get_latest_bar(self, symbol: str) -> Bar | None:
        """The latest closed bar, None if there is none yet."""
        return self.ctx.bar(symbol)

    def get_bars(self, symbol: str, start: datetime, end: datetime) -> Sequence[Bar]:
        """The bars that closed in [start, end), empty if there are none."""
        closed = self.ctx._cursor(symbol)  # noqa: SLF001 - the ports are a part of the context
        series = self.ctx._market.series(symbol)  # noqa: SLF001 - same
        first, last = (bisect_left(series.time, to_ns(each), 0, closed) for each in (start, end))
        return BarWindow(series, first, max(first, last))

    def get_instrument(self, symbol: str) -> Instrument:
        """What the symbol stands for."""
        return self.ctx.instrument(symbol)


class ContextExecution:
    """`ExecutionPort`: orders by request. What `deliver` is given goes to every callback."""

    def __init__(self, ctx: Inside) -> None:
        """Send what is asked for to `ctx`."""
        self.ctx = ctx
        self._callbacks: list[Callable[[Fill | OrderEvent], object]] = []

    def submit_order(self, request: OrderRequest) -> int:
        """Send an order; returns its id."""
        send = self.ctx.buy if request.side is Side.BUY else self.ctx.sell
        names = ("limit", "trail", "trail_percent", "expire", "tag", "id", "parent")
        asked: dict[str, Any] = {name: getattr(request, name) for name in names}
        asked |= {"tif": _text(request.tif), "oco": request.group}
        asked |= {"post_only": request.post_only or None, "reduce_only": request.reduce_only or None}
        if request.trigger is not None:
            asked[_trigger_word(_text(request.kind))] = request.trigger
        return send(request.symbol, request.quantity, **{name: value for name, value in asked.items() if value})

    def cancel_order(self, order: int) -> bool:
        """Cancel an order; False if it had ended."""
        return self.ctx.cancel(order)

    def modify_order(self, order: int, **changes: float) -> bool:
        """Change `quantity`, `limit`, `trigger`, `trail` or `trail_percent`; False if the order had ended."""
        for name in changes:
            if name not in CHANGES:
                raise OrderError(f"{name!r} cannot be changed", where=f"order {order}", fix=hint(name, CHANGES))
        words = dict(changes)
        if "trigger" in words:
            words[_trigger_word(self.get_order(order).kind)] = words.pop("trigger")
        return self.ctx.modify(order, **words)

    def get_order(self, order: int) -> OrderView:
        """An order as it stands; an engine may have a view of its own, a port has the one that all know."""
        found = self.ctx.order(order)
        return OrderView(**{each.name: getattr(found, each.name) for each in fields(OrderView)})

    def get_capabilities(self) -> Capabilities:
        """Which orders are possible."""
        return Capabilities.all()

    def register_callback(self, callback: Callable[[Fill | OrderEvent], object]) -> None:
        """Be told of each fill and event, once: registering a callback again changes nothing."""
        if callback not in self._callbacks:
            self._callbacks.append(callback)

    def deliver(self, happening: Fill | OrderEvent) -> None:
        """Tell every callback; a strategy calls it from its `on_fill` and `on_order`."""
        for callback in self._callbacks:
            callback(happening)


@dataclass(frozen=True, slots=True)
class ContextPortfolio:
    """`PortfolioPort`: cash, positions and what they are worth now."""

    ctx: Inside

    def get_positions(self) -> Mapping[str, Position]:
        """All positions that are not flat, by symbol."""
        return {symbol: self.get_position(symbol) for symbol in self.ctx.symbols if self.ctx.position(symbol)}

    def get_position(self, symbol: str) -> Position:
        """One position, flat if nothing is held; the mark is the last close."""
        quantity, bar = self.ctx.position(symbol), self.ctx.bar(symbol)
        return Position(
            symbol,
            quantity,
            self.ctx.average_price(symbol) if quantity else None,
            None if bar is None else bar.close,
            float(self.ctx.instrument(symbol).multiplier),
        )

    def get_cash_balances(self) -> Mapping[str, float]:
        """Return all cash, converted, under the name of the base currency."""
        return {self._settings.currencies[0]: self.ctx.cash}

    def get_portfolio_value(self) -> float:
        """Equity in the base currency."""
        return self.ctx.equity

    def get_buying_power(self) -> float:
        """Return the value that could still be opened before the account refuses it (S-61 to S-63), before costs."""
        account = self._settings.account
        leverage = account.leverage_milli / 1000
        if account.kind == "cash":
            return max(0.0, self.ctx.cash)
        held = list(self.get_positions().values())
        if account.kind == "isolated":
            costs = [self._in_base(each, each.quantity * (each.average_price or 0.0)) for each in held]
            free = self.ctx.cash + sum(costs) - sum(map(abs, costs)) / leverage
            return max(0.0, free * leverage)
        gross = sum(self._in_base(each, abs(each.value) / each.multiplier) for each in held)
        return max(0.0, self.ctx.equity * leverage - gross)

    @property
    def _settings(self) -> Settings:
        return self.ctx._settings  # noqa: SLF001 - the ports are a part of the context

    def _in_base(self, position: Position, amount: float) -> float:
        """Convert price times size of a position into the base currency, at the rate of now."""
        settings = self._settings
        found = next(each for each in settings.instruments if each.symbol == position.symbol)
        rates = settings.rates[found.currency]
        row = max(0, bisect_right(rates, self.ctx.time_ns, key=lambda each: each[0]) - 1)
        return amount * position.multiplier * float(rates[row][1]) / PPB


def _trigger_word(kind: str) -> str:
    """What `ctx` calls the trigger of a kind."""
    return "touch" if kind == OrderKind.MARKET_IF_TOUCHED.text else "stop"


def _text(code: Any) -> str:  # noqa: ANN401 - a code or its text
    return code if isinstance(code, str) else str(code.text)
