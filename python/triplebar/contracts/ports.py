"""The ports: what the inside asks of the outside. Any object with these members will do."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.clock import Callback, ClockMode
from triplebar.contracts.fills import Fill
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.orders import OrderEvent, OrderRequest, OrderView
from triplebar.contracts.positions import Position


@runtime_checkable
class ClockPort(Protocol):
    """Time and timers."""

    @property
    def mode(self) -> ClockMode:
        """Where the time comes from."""
        ...

    def now(self) -> datetime:
        """The time, UTC-aware, never going back."""
        ...

    def schedule_once(self, delay: timedelta, callback: Callback) -> int:
        """Call once after a delay."""
        ...

    def schedule_interval(self, every: timedelta, callback: Callback) -> int:
        """Call again and again."""
        ...

    def schedule_at(self, when: datetime, callback: Callback) -> int:
        """Call once at a time; `ValueError` if it is past."""
        ...

    def cancel_schedule(self, schedule: int) -> bool:
        """Forget a schedule; it never calls again."""
        ...

    def next_market_open(self, calendar: str) -> datetime:
        """When the market of a calendar opens next."""
        ...


@runtime_checkable
class MarketDataPort(Protocol):
    """What is known of the market now: nothing that has not closed. Unknown symbols raise `UnknownSymbolError`."""

    def get_latest_tick(self, symbol: str) -> Quote | None:
        """The latest quote, None if there is none yet."""
        ...

    def get_latest_bar(self, symbol: str) -> Bar | None:
        """The latest closed bar, None if there is none yet."""
        ...

    def get_bars(self, symbol: str, start: datetime, end: datetime) -> Sequence[Bar]:
        """The closed bars in [start, end), empty if there are none."""
        ...

    def get_instrument(self, symbol: str) -> Instrument:
        """What the symbol stands for."""
        ...


@runtime_checkable
class ExecutionPort(Protocol):
    """Orders: where they are sent, changed and followed."""

    def submit_order(self, request: OrderRequest) -> int:
        """Send an order; returns its id."""
        ...

    def cancel_order(self, order: int) -> bool:
        """Cancel an order; False if it had ended."""
        ...

    def modify_order(self, order: int, **changes: float) -> bool:
        """Change size or prices; False if it had ended."""
        ...

    def get_order(self, order: int) -> OrderView:
        """An order as it stands."""
        ...

    def get_capabilities(self) -> Capabilities:
        """Which orders are possible."""
        ...

    def register_callback(self, callback: Callable[[Fill | OrderEvent], object]) -> None:
        """Be told of each fill and event, once."""
        ...


@runtime_checkable
class PortfolioPort(Protocol):
    """Cash and positions."""

    def get_positions(self) -> Mapping[str, Position]:
        """All positions that are not flat, by symbol."""
        ...

    def get_position(self, symbol: str) -> Position:
        """One position, flat if nothing is held."""
        ...

    def get_cash_balances(self) -> Mapping[str, float]:
        """Cash by currency."""
        ...

    def get_portfolio_value(self) -> float:
        """Equity in the base currency."""
        ...

    def get_buying_power(self) -> float:
        """What could still be opened, in the base currency."""
        ...


@runtime_checkable
class TelemetryPort(Protocol):
    """What is reported to people who watch."""

    def log(self, level: str, message: str, **fields: Any) -> None:  # noqa: ANN401 - any value can be logged
        """Write a line."""
        ...

    def metric(self, name: str, value: float, **labels: str) -> None:
        """Report a number."""
        ...

    def emit_event(self, event: str, **fields: Any) -> None:  # noqa: ANN401 - any value can be logged
        """Report that something happened."""
        ...

    def start_span(self, name: str, **fields: Any) -> AbstractContextManager[object]:  # noqa: ANN401
        """Time a piece of work."""
        ...


@runtime_checkable
class HistoricalDataProvider(Protocol):
    """Where history comes from."""

    def get_bars(self, symbol: str, start: datetime, end: datetime, interval: str) -> Sequence[Bar]:
        """The bars that closed in [start, end)."""
        ...

    def get_ticks(self, symbol: str, day: date) -> Sequence[Quote]:
        """The quotes of one day."""
        ...

    def get_instrument_universe(self, day: date) -> Sequence[Instrument]:
        """What could be traded on a day, as it was known then."""
        ...


PORTS: tuple[type, ...] = (
    ClockPort,
    MarketDataPort,
    ExecutionPort,
    PortfolioPort,
    TelemetryPort,
    HistoricalDataProvider,
)
"""All ports."""


def faults(port: type, candidate: object) -> list[str]:
    """What keeps an object from being a port: members that are missing or cannot be called as they must.

    >>> faults(ClockPort, object())[0]
    'cancel_schedule is missing'
    """
    found = []
    for name in sorted(name for name in vars(port) if not name.startswith("_")):
        wanted, own = inspect.getattr_static(port, name), getattr(candidate, name, None)
        if own is None:
            found.append(f"{name} is missing")
        elif callable(wanted) and not callable(own):
            found.append(f"{name} cannot be called")
        elif callable(wanted) and callable(own):
            found.extend(_call_faults(name, wanted, own))
    return found


def _call_faults(name: str, wanted: Callable[..., Any], own: Callable[..., Any]) -> list[str]:
    """Try the port's own arguments on the candidate's signature."""
    parameters = list(inspect.signature(wanted).parameters.values())[1:]
    positional = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    keywords = {"some": None} if any(each.kind is each.VAR_KEYWORD for each in parameters) else {}
    try:
        inspect.signature(own).bind(*positional, **keywords)
    except TypeError as problem:
        return [f"{name}({', '.join(positional)}): {problem}"]
    return []
