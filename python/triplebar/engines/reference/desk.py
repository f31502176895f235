"""The desk at which a strategy acts: the same words as the desk of the Rust core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from triplebar.contracts.codes import FlowKind
from triplebar.contracts.errors import OrderError, UnknownSymbolError
from triplebar.contracts.suggest import hint
from triplebar.engines.reference import grid
from triplebar.engines.reference.alarm import Alarm
from triplebar.engines.reference.changes import modify
from triplebar.engines.reference.order import Order
from triplebar.engines.reference.sending import Ticket, asked, send, send_lots
from triplebar.engines.reference.units import checked, nearest
from triplebar.strategy.bar import OrderView
from triplebar.strategy.context import ContextTools

if TYPE_CHECKING:
    from triplebar.engines.reference.engine import Simulation
    from triplebar.engines.reference.listing import Listing


class Desk(ContextTools):
    """Orders, positions, cash and timers of one run."""

    def __init__(self, simulation: Simulation, market: Any, alarms: list[Alarm], logs: list[Any]) -> None:  # noqa: ANN401
        """Belong to one run."""
        self._simulation = simulation
        self._alarms = alarms
        self._market = market
        self._seed = simulation.settings.seed
        self._settings = simulation.settings
        self._logs = logs

    def _cursor(self, symbol: str) -> int:
        return self._listing(symbol).seen

    # -- orders ---------------------------------------------------------------------------------------------------

    def buy(self, symbol: str, quantity: float, **keywords: Any) -> int:  # noqa: ANN401 - checked by `Ticket`
        """Send a buy order; its id."""
        return send(self._simulation, self._listing(symbol), 1, quantity, asked("buy", keywords))

    def sell(self, symbol: str, quantity: float, **keywords: Any) -> int:  # noqa: ANN401 - checked by `Ticket`
        """Send a sell order; its id."""
        return send(self._simulation, self._listing(symbol), -1, quantity, asked("sell", keywords))

    def close(self, symbol: str, tag: str | None = None) -> int | None:
        """Send a reduce-only market order for the whole position; None if there is none."""
        listing = self._listing(symbol)
        lots = self._simulation.account.positions[listing.index].lots
        return send_lots(self._simulation, listing, -lots, Ticket(reduce_only=True, tag=tag)) if lots else None

    def target(self, symbol: str, quantity: float, **keywords: Any) -> int | None:  # noqa: ANN401
        """Send an order for what is missing from `quantity`; None if nothing is."""
        listing = self._listing(symbol)
        wanted = grid.size_lots(abs(grid.number(quantity, "quantity")), listing.instrument)
        lots = wanted.units if quantity >= 0 else -wanted.units
        lots -= self._simulation.account.positions[listing.index].lots
        missing = abs(lots) / 10.0**listing.instrument.size_precision
        return (self.buy if lots > 0 else self.sell)(symbol, missing, **keywords) if lots else None

    def cancel(self, order: int) -> bool:
        """Cancel an order; whether it was live."""
        found = self._order(order)
        if found.live:
            self._simulation.cancel_by_strategy(found)
            return True
        return False

    def cancel_all(self, symbol: str | None = None) -> int:
        """Cancel all live orders, of one instrument or of all; how many this call canceled itself."""
        return sum(self.cancel(number) for number in self.open_orders(symbol))

    def modify(self, order: int, quantity: float | None = None, **prices: Any) -> bool:  # noqa: ANN401
        """Change an order (S-46); False if it is not live any more."""
        asked("modify", prices)
        return modify(self._simulation, self._order(order), quantity, **prices)

    def order(self, id: int) -> OrderView:
        """How an order stands."""
        found, simulation = self._order(id), self._simulation
        instrument = simulation.settings.instruments[found.instrument]
        sizes, prices = 10.0**instrument.size_precision, 10.0**instrument.price_precision
        return OrderView(
            order=found.number,
            symbol=instrument.symbol,
            side=found.side,
            kind=found.kind.text,
            tif=found.tif.text,
            status=found.status.text,
            reason=found.reason.text,
            quantity=found.quantity / sizes,
            filled=found.filled / sizes,
            limit=found.limit / prices if found.limit else None,
            stop=found.trigger / prices if found.trigger else None,
            tag=simulation.record.text(found.tag),
        )

    def open_orders(self, symbol: str | None = None) -> list[int]:
        """The ids of live orders, of one instrument or of all."""
        if symbol is None:
            return [order.number for order in self._simulation.live]
        return [order.number for order in self._simulation.live_orders(self._listing(symbol))]

    # -- what is held ---------------------------------------------------------------------------------------------

    def position(self, symbol: str) -> float:
        """The position, negative for a short."""
        listing = self._listing(symbol)
        lots = self._simulation.account.positions[listing.index].lots
        return lots / 10.0**listing.instrument.size_precision

    def average_price(self, symbol: str) -> float | None:
        """What the position cost per unit; None if there is none."""
        listing = self._listing(symbol)
        position = self._simulation.account.positions[listing.index]
        if not position.lots:
            return None
        ticks = float(position.cost) / float(position.lots * listing.instrument.unit)
        return ticks / 10.0**listing.instrument.price_precision

    @property
    def cash(self) -> float:
        """All cash, in the base currency."""
        return self._simulation.account.cash_in_base() / 10.0**self._simulation.settings.cash_precision

    @property
    def equity(self) -> float:
        """Cash and positions at marks, in the base currency."""
        return self._simulation.account.equity() / 10.0**self._simulation.settings.cash_precision

    # -- time -----------------------------------------------------------------------------------------------------

    @property
    def time_ns(self) -> int:
        """The time of this tick of the clock."""
        return self._simulation.time_ns

    @property
    def index(self) -> int:
        """The tick of the clock; -1 in `on_start`."""
        return self._simulation.tick

    @property
    def warming(self) -> bool:
        """Whether orders are refused because some instrument still warms up (S-32)."""
        return any(self._simulation.is_warming(listing) for listing in self._simulation.listings)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All instruments, in order."""
        return tuple(listing.instrument.symbol for listing in self._simulation.listings)

    def set_timer(self, name: str, due_ns: int, every_ns: int = 0) -> None:
        """Ask for `on_timer` at the first tick at or after `due_ns`; a timer of the same name is replaced."""
        due_ns, every_ns = grid.whole(due_ns, "due_ns"), grid.whole(every_ns, "every_ns")
        if due_ns < self.time_ns or every_ns < 0:
            raise OrderError(
                f"{due_ns} is in the past", where=f"timer {name!r}", fix="give a time that is still to come"
            )
        self.cancel_timer(name)
        self._alarms.append(Alarm(name, due_ns, every_ns))

    def cancel_timer(self, name: str) -> bool:
        """Forget a timer; whether there was one."""
        found = [alarm for alarm in self._alarms if alarm.name == name]
        for alarm in found:
            self._alarms.remove(alarm)
        return bool(found)

    # -- capital and risk -----------------------------------------------------------------------------------------

    def deposit(self, amount: float, currency: str | None = None) -> None:
        """Add cash, at once."""
        self._simulation.move_capital(FlowKind.DEPOSIT, self._currency(currency), self._minor(amount))

    def withdraw(self, amount: float, currency: str | None = None) -> None:
        """Take cash out, at once; a cash account cannot go below zero."""
        self._simulation.move_capital(FlowKind.WITHDRAWAL, self._currency(currency), -self._minor(amount))

    def convert(self, amount: float, source: str, target: str) -> None:
        """Change `amount` of one currency into another, at the rates of this tick (S-74)."""
        paid, origin, goal = self._minor(amount), self._currency(source), self._currency(target)
        if origin == goal:
            raise OrderError(f"{source!r} is both source and target", where="convert", fix="name two currencies")
        account = self._simulation.account
        bought = nearest(paid * account.rates[origin], account.rates[goal])
        # Both sides or none.
        self._simulation.check_capital(FlowKind.CONVERSION, origin, -paid)
        checked(account.cash[goal] + bought, "cash")
        self._simulation.move_capital(FlowKind.CONVERSION, origin, -paid)
        self._simulation.move_capital(FlowKind.CONVERSION, goal, bought)

    def kill_switch(self, on: bool = True) -> None:  # noqa: FBT001, FBT002 - a switch
        """Refuse entries from now on, or allow them again (S-60)."""
        self._simulation.allow_entries(not on)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _listing(self, symbol: str) -> Listing:
        for listing in self._simulation.listings:
            if listing.instrument.symbol == symbol:
                return listing
        raise UnknownSymbolError.of(symbol, self.symbols)

    def _order(self, number: int) -> Order:
        place = grid.whole(number, "order")
        if place not in range(1, len(self._simulation.orders) + 1):
            raise OrderError("no order has this id", where=f"order {number!r}", fix="use what buy() or sell() returned")
        return self._simulation.orders[place - 1]

    def _currency(self, name: str | None) -> int:
        known = self._simulation.settings.currencies
        if name is not None and name not in known:
            raise OrderError(f"unknown currency {name!r}", where="currency", fix=hint(name, known))
        return 0 if name is None else known.index(name)

    def _minor(self, amount: float) -> int:
        scaled = grid.number(amount, "amount") * 10.0**self._simulation.settings.cash_precision
        if not 0 < scaled < grid.TOO_LARGE:
            raise OrderError(f"{amount!r} cannot be moved", where="amount", fix="give a positive amount of money")
        return round(scaled)
