"""From the keywords of `buy` and `sell` to an order (S-02, S-27, S-28, S-32, S-47)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from triplebar.contracts.capabilities import refusal
from triplebar.contracts.codes import OrderFlag, OrderKind, Reason, TimeInForce
from triplebar.contracts.errors import OrderError
from triplebar.contracts.orders import CHANGE_KEYWORDS, ORDER_KEYWORDS
from triplebar.contracts.time import to_ns
from triplebar.engines.reference import grid
from triplebar.engines.reference.grid import Gridded, Prices
from triplebar.engines.reference.listing import Listing
from triplebar.engines.reference.order import Order

if TYPE_CHECKING:
    from triplebar.engines.reference.engine import Simulation

GENERATIONS_MAX: Final = 32
"""Orders at most behind which one waits, each the parent of the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The keywords of `buy` and `sell`."""

    limit: Any = None
    stop: Any = None
    trail: Any = None
    trail_percent: Any = None
    touch: Any = None
    tif: str = "gtc"
    expire: datetime | int | None = None
    post_only: bool = False
    reduce_only: bool = False
    tag: str | None = None
    id: str | None = None
    oco: str | None = None
    parent: Any = None
    take_profit: Any = None
    stop_loss: Any = None

    @property
    def kind(self) -> OrderKind:
        """What the price keywords ask for."""
        return grid.kind_of(
            limit=self.limit, stop=self.stop, trail=self.trail, trail_percent=self.trail_percent, touch=self.touch
        )

    @property
    def time_in_force(self) -> TimeInForce:
        """The code of `tif`."""
        try:
            return TimeInForce.from_text(self.tif)
        except ValueError as problem:
            raise OrderError(str(problem), where="tif") from None

    @property
    def expire_ns(self) -> int:
        """The date as nanoseconds since 1970; 0 for none."""
        try:
            return 0 if self.expire is None else to_ns(self.expire)
        except ValueError as problem:
            raise OrderError(str(problem), where="expire") from None

    def prices(self, quantity: Gridded, side: int, listing: Listing) -> Prices:
        """S-02: everything on the grid."""
        instrument = listing.instrument
        trigger = self.stop if self.touch is None else self.touch
        trail = None if self.trail is None else grid.trail_ticks(self.trail, instrument)
        return Prices(
            quantity,
            limit=None if self.limit is None else grid.limit_ticks(self.limit, side, instrument),
            trigger=None if trigger is None else grid.trigger_ticks(trigger, side, instrument),
            trail=trail if self.trail_percent is None else grid.trail_ppb(self.trail_percent),
            trail_is_ppb=self.trail_percent is not None,
        )

    def is_supported(self) -> bool:
        """The capability table: which kinds go with which times in force and flags."""
        has_expire = self.expire is not None
        return not refusal(self.kind, self.time_in_force, post_only=self.post_only, has_expire=has_expire)


def asked(word: str, keywords: dict[str, Any]) -> Ticket:
    """The ticket of one of the desk's words; a keyword that it does not have is an error of the call.

    >>> asked("buy", {"limmit": 9.5})
    Traceback (most recent call last):
    TypeError: Desk.buy() got an unexpected keyword argument 'limmit'
    """
    for name in keywords:
        if name not in (CHANGE_KEYWORDS if word == "modify" else ORDER_KEYWORDS):
            raise TypeError(f"Desk.{word}() got an unexpected keyword argument {name!r}")
    return Ticket(**keywords)


def send(simulation: Simulation, listing: Listing, side: int, quantity: object, ticket: Ticket) -> int:
    """Send an order, and its bracket; its id."""
    lots = grid.size_lots(quantity, listing.instrument)
    return send_gridded(simulation, listing, side, lots, ticket)


def send_lots(simulation: Simulation, listing: Listing, lots: int, ticket: Ticket) -> int:
    """Send an order of signed lots, which are what they are: a position may be off the grid of sizes."""
    return send_gridded(simulation, listing, 1 if lots > 0 else -1, Gridded(abs(lots)), ticket)


def send_gridded(simulation: Simulation, listing: Listing, side: int, lots: Gridded, ticket: Ticket) -> int:
    """Check, build and send an order and the children of its bracket."""
    prices = ticket.prices(lots, side, listing)
    check_bracket(side, ticket)
    check_names(ticket)
    check_parent(simulation, listing, ticket)
    bracket = bracket_tickets(ticket, len(simulation.orders) + 1)
    legs = [(each, each.prices(lots, -side, listing)) for each in bracket]
    order = build(simulation, listing, side, ticket, prices)
    simulation.send(order, problem(simulation, listing, order, ticket, prices))
    ended = not order.live
    for leg, leg_prices in legs:
        child = build(simulation, listing, -side, leg, leg_prices)
        fault = Reason.NONE if ended else problem(simulation, listing, child, leg, leg_prices)
        simulation.send(child, fault)
    return order.number


def check_bracket(side: int, ticket: Ticket) -> None:
    """S-28: a bracket is around its entry, as far as the entry's price is known."""
    named = {name: getattr(ticket, name) for name in ("limit", "stop", "touch", "take_profit", "stop_loss")}
    given = {name: side * grid.number(value, name) for name, value in named.items() if value is not None}
    entry = next((given[name] for name in ("limit", "stop", "touch") if name in given), None)
    profit, loss = given.get("take_profit"), given.get("stop_loss")
    if profit is not None and loss is not None and profit <= loss:
        raise OrderError("take_profit and stop_loss are on each other's side", fix="swap them")
    if entry is not None and profit is not None and profit < entry:
        raise OrderError("take_profit is a loss for this entry", fix="put it on the other side of the entry's price")
    if entry is not None and loss is not None and loss > entry:
        raise OrderError("stop_loss is a profit for this entry", fix="put it on the other side of the entry's price")


def check_names(ticket: Ticket) -> None:
    """Tags, ids and groups are texts that can be written down."""
    for name in ("tag", "id", "oco"):
        text = getattr(ticket, name)
        if text is None:
            continue
        try:
            str.encode(text)
        except (TypeError, UnicodeEncodeError):
            raise OrderError(f"{text!r} is not a text", where=name, fix="give a str") from None


def check_parent(simulation: Simulation, listing: Listing, ticket: Ticket) -> None:
    """S-28: a parent is an order of the same instrument, and not the last of too many that wait."""
    number = ticket.parent
    if number is None:
        return
    number = grid.whole(number, "parent")
    known = 1 <= number <= len(simulation.orders)
    if not known or simulation.orders[number - 1].instrument != listing.index:
        raise OrderError(f"{number!r} is no order of {listing.instrument.symbol}", where="parent", fix="give its id")
    waiting = int(ticket.take_profit is not None or ticket.stop_loss is not None)
    while number and simulation.orders[number - 1].live and simulation.orders[number - 1].filled == 0:
        waiting += 1
        number = simulation.orders[number - 1].parent
    if waiting > GENERATIONS_MAX:
        problem = f"it would wait behind more than {GENERATIONS_MAX} others, each the parent of the next"
        raise OrderError(problem, where="parent", fix="send it once some have filled")


def bracket_tickets(ticket: Ticket, parent: int) -> list[Ticket]:
    """Take profit and stop loss of an order that will get the id `parent`: one cancels the other."""
    both = ticket.take_profit is not None and ticket.stop_loss is not None
    group = f"bracket-{parent}" if both else None
    legs = []
    if ticket.take_profit is not None:
        legs.append(Ticket(limit=ticket.take_profit, tag=ticket.tag, oco=group, parent=parent))
    if ticket.stop_loss is not None:
        legs.append(Ticket(stop=ticket.stop_loss, tag=ticket.tag, oco=group, parent=parent))
    return legs


def build(simulation: Simulation, listing: Listing, side: int, ticket: Ticket, prices: Prices) -> Order:
    """The order that a ticket asks for."""
    record = simulation.record
    flags = OrderFlag(0)
    for flag, is_set in (
        (OrderFlag.POST_ONLY, ticket.post_only),
        (OrderFlag.REDUCE_ONLY, ticket.reduce_only),
        (OrderFlag.TRAIL_IS_PPB, prices.trail_is_ppb),
    ):
        flags |= flag if is_set else OrderFlag(0)
    tag, client, group = (record.label(text) for text in (ticket.tag, ticket.id, ticket.oco))
    return Order(
        number=len(simulation.orders) + 1,
        instrument=listing.index,
        side=side,
        kind=ticket.kind,
        tif=ticket.time_in_force,
        flags=flags,
        quantity=prices.quantity.units,
        limit=prices.limit.units if prices.limit else 0,
        trigger=prices.trigger.units if prices.trigger else 0,
        trail=prices.trail.units if prices.trail else 0,
        expire=ticket.expire_ns,
        group=group,
        parent=ticket.parent or 0,
        tag=tag,
        client=client,
        sent=simulation.tick,
        sent_ns=simulation.time_ns if simulation.tick >= 0 else None,
    )


def problem(simulation: Simulation, listing: Listing, order: Order, ticket: Ticket, prices: Prices) -> Reason:
    """The first reason to refuse an order when it is sent."""
    if simulation.over:
        return Reason.END_OF_DATA  # S-30
    if simulation.is_warming(listing):
        return Reason.WARM_UP  # S-32
    if order.client and any(other.client == order.client for other in simulation.orders):
        return Reason.DUPLICATE_ORDER  # S-47
    if not ticket.is_supported():
        return Reason.UNSUPPORTED
    return grid.fault(prices, listing.instrument, simulation.settings.off_grid, reduce_only=ticket.reduce_only)  # S-02
