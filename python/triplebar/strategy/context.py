"""`ctx`: everything a strategy can see and do, the same in every engine."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from triplebar.contracts.errors import StrategyError
from triplebar.contracts.instruments import Instrument
from triplebar.contracts.random import RandomStream
from triplebar.contracts.time import SECOND_NS, from_ns, to_ns, to_text
from triplebar.strategy.bar import Bar, BarWindow, OrderView, bar_of

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.data.market import Market
    from triplebar.strategy.ports import Ports

Moment = datetime | int
"""A time: an aware datetime, or nanoseconds since 1970."""
Span = timedelta | float
"""A length of time: a timedelta, or seconds."""

SECONDS_MAX: Final = 2**33
"""Longer than this is no length of time that nanoseconds can hold."""


class TimerError(StrategyError, ValueError):
    """A timer that could never be due, or lies in the past."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a strategy has logged.

    >>> LogLine(0, "entered", {"price": 10.0}).to_mapping()
    {'time': '1970-01-01T00:00:00Z', 'message': 'entered', 'price': 10.0}
    """

    time_ns: int
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        """Time, message and fields side by side, for a line of JSON."""
        return {"time": to_text(self.time_ns), "message": self.message, **self.fields}


class ContextTools:
    """The part of `ctx` that is written once, on top of what each engine provides.

    An engine's context inherits from this and gives `_market`, `_seed`, `_settings`, `_logs` (an empty list),
    `_cursor(symbol)` (how many bars of the instrument have closed), `time_ns` and `set_timer`.
    """

    if TYPE_CHECKING:
        _market: Market
        _seed: int
        _settings: Settings
        _logs: list[LogLine]
        _ports: Ports
        _random: RandomStream

        @property
        def time_ns(self) -> int: ...  # noqa: D102 - the engine's

        def _cursor(self, symbol: str) -> int: ...

        def set_timer(self, name: str, due_ns: int, every_ns: int = 0) -> None: ...  # noqa: D102 - the engine's

    @property
    def time(self) -> datetime:
        """The time of the decision, UTC-aware."""
        return from_ns(self.time_ns)

    def bars(self, symbol: str, n: int) -> BarWindow:
        """Return the last `n` closed bars, fewer if there are not so many."""
        closed = self._cursor(symbol)
        return BarWindow(self._market.series(symbol), max(0, closed - _count(symbol, n)), closed)

    def bar(self, symbol: str) -> Bar | None:
        """Return the last closed bar; None before the first has closed."""
        closed = self._cursor(symbol)
        return bar_of(self._market.series(symbol), closed - 1) if closed else None

    def instrument(self, symbol: str) -> Instrument:
        """Return the instrument behind a symbol: its grid, multiplier and currency."""
        return self._market.series(symbol).instrument

    def timer(self, name: str, *, at: Moment | None = None, after: Span | None = None, every: Span = 0) -> None:
        """Set a timer: due `at` a time, or `after` a while, then again `every` so often.

        With `every` alone it is first due one such time from now. Setting a name again replaces it.
        """
        if at is not None and after is not None:
            raise TimerError("at and after are both given", where=f"timer {name!r}", fix="keep one of them")
        every_ns = _span_ns(name, "every", every)
        if at is not None:
            due_ns = _moment_ns(name, at)
        elif after is not None or every_ns:
            due_ns = self.time_ns + (every_ns if after is None else _span_ns(name, "after", after))
        else:
            raise TimerError("it would never be due", where=f"timer {name!r}", fix="give at, after or every")
        if due_ns < self.time_ns:
            raise TimerError(
                f"{to_text(due_ns)} is in the past: it is {to_text(self.time_ns)}",
                where=f"timer {name!r}",
                fix="give a later time",
            )
        self.set_timer(name, due_ns, every_ns)

    @property
    def random(self) -> RandomStream:
        """Random numbers that depend on the run's seed and on nothing else."""
        try:
            return self._random
        except AttributeError:
            self._random = RandomStream(self._seed, "strategy")
            return self._random

    @property
    def ports(self) -> Ports:
        """The same as ports: for code that does not know of `ctx`."""
        try:
            return self._ports
        except AttributeError:
            from triplebar.strategy.ports import Ports

            self._ports = Ports.of(cast("Any", self))
            return self._ports

    def log(self, message: str, **fields: Any) -> None:  # noqa: ANN401 - any value can be logged
        """Write a line into the run's log."""
        self.logs.append(LogLine(self.time_ns, message, fields))

    @property
    def logs(self) -> list[LogLine]:
        """What has been logged in this run."""
        return self._logs

    def _saved_tools(self) -> dict[str, Any]:
        """What a checkpoint keeps of this part."""
        return {"random": self.random.counter, "logs": list(self.logs)}

    def _restore_tools(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `_saved_tools` gave."""
        self._random = RandomStream(self._seed, "strategy", counter=saved["random"])
        self.logs[:] = saved["logs"]


def _count(symbol: str, n: int) -> int:
    try:
        count = operator.index(n)
    except TypeError:
        count = -1
    if count < 0:
        raise StrategyError(f"n = {n!r}", where=f"ctx.bars({symbol!r}, n)", fix="give a whole number of bars")
    return count


def _moment_ns(name: str, at: Moment) -> int:
    try:
        return to_ns(at)
    except ValueError as problem:
        raise TimerError(str(problem), where=f"timer {name!r}") from None


def _span_ns(name: str, which: str, span: object) -> int:
    if isinstance(span, timedelta):
        length = span // timedelta(microseconds=1) * 1_000
    elif isinstance(span, (int, float)) and abs(span) < SECONDS_MAX:
        length = round(span * SECOND_NS)
    else:
        raise TimerError(f"{which} = {span!r} is not a length of time", where=f"timer {name!r}", fix="give seconds")
    if length < 0:
        raise TimerError(f"{which} = {span!r} is negative", where=f"timer {name!r}", fix="give a length above 0")
    return length


class Context(Protocol):
    """The whole surface of `ctx`.

    Sizes and prices are plain numbers in the user's units, money is in the base currency. Orders are decided now and
    reach the venue at the next open (or, if so configured, at this close). A wrong symbol raises `UnknownSymbolError`,
    a number that makes no sense `OrderError`, both at the strategy's own line; what the venue refuses comes back as an
    order event with a reason.

    >>> from triplebar.strategy.base import Strategy
    >>> class Once(Strategy):
    ...     def on_start(self, ctx: Context) -> None:
    ...         ctx.buy(ctx.symbols[0], 1)
    >>> sorted(Once().handlers())
    ['on_start']
    """

    # ---------------------------------------------------------------------------------------------------- what is

    @property
    def time(self) -> datetime:
        """The time of the decision, UTC-aware."""
        ...

    @property
    def time_ns(self) -> int:
        """The same in nanoseconds since 1970."""
        ...

    @property
    def index(self) -> int:
        """The number of the clock's tick, from 0."""
        ...

    @property
    def warming(self) -> bool:
        """Whether orders sent now would be refused because the run still warms up."""
        ...

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of the market."""
        ...

    @property
    def cash(self) -> float:
        """Cash of all currencies in the base currency."""
        ...

    @property
    def equity(self) -> float:
        """Cash and positions at their marks in the base currency."""
        ...

    def position(self, symbol: str) -> float:
        """What is held: above zero long, below zero short."""
        ...

    def average_price(self, symbol: str) -> float | None:
        """The average price of what is held; None if nothing is."""
        ...

    def instrument(self, symbol: str) -> Instrument:
        """The instrument behind a symbol."""
        ...

    def bars(self, symbol: str, n: int) -> BarWindow:
        """The last `n` closed bars, fewer if there are not so many."""
        ...

    def bar(self, symbol: str) -> Bar | None:
        """The last closed bar; None before the first has closed."""
        ...

    @property
    def ports(self) -> Ports:
        """The same as `MarketDataPort`, `ExecutionPort` and `PortfolioPort`."""
        ...

    # ------------------------------------------------------------------------------------------------------ orders

    def buy(  # noqa: PLR0913 - the keywords are the language of orders
        self,
        symbol: str,
        quantity: float,
        *,
        limit: float | None = None,
        stop: float | None = None,
        trail: float | None = None,
        trail_percent: float | None = None,
        touch: float | None = None,
        tif: str = "gtc",
        expire: Moment | None = None,
        post_only: bool = False,
        reduce_only: bool = False,
        tag: str | None = None,
        id: str | None = None,
        oco: str | None = None,
        parent: int | None = None,
        take_profit: float | None = None,
        stop_loss: float | None = None,
    ) -> int:
        """Send a buy order and return its number.

        Without a price it is a market order; `limit`, `stop` (both: stop-limit), `trail` or `trail_percent`, and
        `touch` make the other kinds. `tif` is gtc, day, gtd (with `expire`), ioc, fok, at_open or at_close. Orders
        with the same `oco` text cancel each other; one with a `parent` waits for its fill; `take_profit` and
        `stop_loss` add two such orders on the other side.
        """
        ...

    def sell(  # noqa: PLR0913 - the keywords are the language of orders
        self,
        symbol: str,
        quantity: float,
        *,
        limit: float | None = None,
        stop: float | None = None,
        trail: float | None = None,
        trail_percent: float | None = None,
        touch: float | None = None,
        tif: str = "gtc",
        expire: Moment | None = None,
        post_only: bool = False,
        reduce_only: bool = False,
        tag: str | None = None,
        id: str | None = None,
        oco: str | None = None,
        parent: int | None = None,
        take_profit: float | None = None,
        stop_loss: float | None = None,
    ) -> int:
        """Send a sell order and return its number; the keywords are those of `buy`."""
        ...

    def target(self, symbol: str, quantity: float, **keywords: Any) -> int | None:  # noqa: ANN401 - those of buy
        """Send what brings the position to this size; None if it is there already."""
        ...

    def close(self, symbol: str, tag: str | None = None) -> int | None:
        """Send what closes the position; None if there is none."""
        ...

    def modify(
        self,
        order: int,
        quantity: float | None = None,
        limit: float | None = None,
        stop: float | None = None,
        trail: float | None = None,
        trail_percent: float | None = None,
        touch: float | None = None,
    ) -> bool:
        """Change an order's size or prices; False if it has ended."""
        ...

    def cancel(self, order: int) -> bool:
        """Cancel an order; False if it has ended."""
        ...

    def cancel_all(self, symbol: str | None = None) -> int:
        """Cancel all live orders (of one instrument) and return how many there were."""
        ...

    def order(self, id: int) -> OrderView:
        """An order as it stands."""
        ...

    def open_orders(self, symbol: str | None = None) -> list[int]:
        """The numbers of the live orders (of one instrument)."""
        ...

    # ----------------------------------------------------------------------------------------- money, time, notes

    def deposit(self, amount: float, currency: str | None = None) -> None:
        """Add cash."""
        ...

    def withdraw(self, amount: float, currency: str | None = None) -> None:
        """Take cash out."""
        ...

    def convert(self, amount: float, source: str, target: str) -> None:
        """Change cash of one currency into another at the rate of the moment."""
        ...

    def kill_switch(self, on: bool = True) -> None:  # noqa: FBT001, FBT002 - a switch is on or off
        """Refuse everything that would enlarge a position."""
        ...

    def timer(self, name: str, *, at: Moment | None = None, after: Span | None = None, every: Span = 0) -> None:
        """Set a timer: due `at` a time, or `after` a while, then again `every` so often."""
        ...

    def set_timer(self, name: str, due_ns: int, every_ns: int = 0) -> None:
        """The same in nanoseconds."""
        ...

    def cancel_timer(self, name: str) -> bool:
        """Forget a timer; False if there is none of this name."""
        ...

    @property
    def random(self) -> RandomStream:
        """Random numbers that depend on the run's seed and on nothing else."""
        ...

    def log(self, message: str, **fields: Any) -> None:  # noqa: ANN401 - any value can be logged
        """Write a line into the run's log."""
        ...
