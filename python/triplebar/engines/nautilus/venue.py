"""The classes that NautilusTrader calls back: fill model, fee model, simulation module, strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from nautilus_trader.backtest.models import FeeModel, FillModel
from nautilus_trader.backtest.modules import SimulationModule, SimulationModuleConfig
from nautilus_trader.model.book import OrderBook
from nautilus_trader.model.data import Bar, BarType, BookOrder, TradeTick
from nautilus_trader.model.enums import BookType, OrderSide
from nautilus_trader.trading.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

if TYPE_CHECKING:
    from nautilus_trader.model.objects import Money, Price, Quantity


class Listener(Protocol):
    """Who is told what NautilusTrader does."""

    def offered(self, order: Any, bid: Price, ask: Price) -> tuple[Price, Quantity] | None:  # noqa: ANN401
        """An order is matched: the price and the size to fill with; None for none."""

    def commission(self, order: Any, quantity: Quantity, price: Price) -> Money:  # noqa: ANN401
        """What a fill costs."""

    def started(self) -> None:
        """It starts, before it looks at its data."""

    def coming(self, found: Any) -> None:  # noqa: ANN401
        """A bar or a trade comes, before anything is made of it."""

    def seen(self, found: Bar) -> None:
        """A bar has been matched, and the strategy sees it."""

    def settled(self, time_ns: int) -> None:
        """What was sent at this time has been worked off, as far as it has arrived."""

    def event(self, event: Any) -> None:  # noqa: ANN401
        """Something has happened to an order."""


class PathFill(FillModel):  # type: ignore[misc] # ships no types
    """Fills at the price that the path has come to, with as much as the rules allow."""

    def __init__(self, listener: Listener) -> None:
        """Ask the listener."""
        super().__init__()
        self.listener = listener

    def get_orderbook_for_fill_simulation(self, instrument: Any, order: Any, bid: Price, ask: Price) -> OrderBook:  # noqa: ANN401
        """One price on both sides; an empty book if there is nothing to fill with."""
        book = OrderBook(instrument.id, BookType.L2_MBP)
        found = self.listener.offered(order, bid, ask)
        if found is not None:
            price, quantity = found
            book.add(BookOrder(OrderSide.BUY, price, quantity, 1), 0)
            book.add(BookOrder(OrderSide.SELL, price, quantity, 2), 0)
        return book


class Schedule(FeeModel):  # type: ignore[misc] # ships no types
    """The commission of S-53."""

    def __init__(self, listener: Listener) -> None:
        """Ask the listener."""
        super().__init__()
        self.listener = listener

    def get_commission(self, order: Any, fill_qty: Quantity, fill_px: Price, instrument: Any) -> Money:  # noqa: ANN401, ARG002
        """What a fill costs."""
        return self.listener.commission(order, fill_qty, fill_px)


class Clockwork(SimulationModule):  # type: ignore[misc] # ships no types
    """Hears of every bar and trade before the venue does, and when a step is over."""

    def __init__(self, listener: Listener) -> None:
        """Tell the listener."""
        super().__init__(SimulationModuleConfig())
        self.listener = listener

    def pre_process(self, data: Any) -> None:  # noqa: ANN401
        """A bar or a trade comes, or something that is of no interest."""
        if isinstance(data, (Bar, TradeTick)):
            self.listener.coming(data)

    def process(self, ts_now: int) -> None:
        """A step is over."""
        self.listener.settled(ts_now)

    def log_diagnostics(self, logger: Any) -> None:  # noqa: ANN401
        """Nothing to tell."""

    def reset(self) -> None:
        """Nothing is kept."""


class StrategyWrapper(Strategy):  # type: ignore[misc] # ships no types
    """Sends what it is told to send, and passes on what becomes of it."""

    def __init__(self, listener: Listener, bar_types: tuple[BarType, ...]) -> None:
        """Tell the listener."""
        super().__init__(StrategyConfig(strategy_id="TRIPLEBAR-000"))
        self.listener = listener
        self.bar_types = bar_types

    def on_start(self) -> None:
        """Ask for bars, and say so."""
        for each in self.bar_types:
            self.subscribe_bars(each)
        self.listener.started()

    def on_bar(self, bar: Bar) -> None:
        """A bar, after the venue has matched it."""
        self.listener.seen(bar)

    def on_order_event(self, event: Any) -> None:  # noqa: ANN401
        """Something has happened to an order."""
        self.listener.event(event)
