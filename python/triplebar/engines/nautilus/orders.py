"""The orders of a strict run at the guest: placed, withdrawn, resized, and found again by their ids."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nautilus_trader.model.enums import TimeInForce as GuestTime
from nautilus_trader.model.enums import TrailingOffsetType, TriggerType

from triplebar.contracts.codes import OrderFlag, OrderKind, TimeInForce
from triplebar.contracts.errors import AdapterError
from triplebar.engines.nautilus.instruments import VENUE, instrument_id
from triplebar.engines.nautilus.translator import market_at, minor_units, money, side_of

if TYPE_CHECKING:
    from triplebar.contracts.settings import Settings
    from triplebar.engines.nautilus.session import Session
    from triplebar.engines.reference.order import Order

AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.AT_OPEN, TimeInForce.AT_CLOSE})
"""What does not rest is sent at its moment, as immediate-or-cancel."""


class GuestOrders:
    """What the venue of the guest knows: prices, orders, positions, cash."""

    def __init__(self, session: Session, settings: Settings) -> None:
        """Nothing is known yet."""
        self.session = session
        self.precision = settings.cash_precision
        self.ids = [instrument_id(place) for place in range(len(settings.instruments))]
        self.placed: dict[int, Any] = {}
        """The guest's order of each of ours that it has."""
        self.numbers: dict[str, int] = {}
        """Our number of each of the guest's."""
        self.prices: dict[int, tuple[int, int]] = {}
        """The price and half spread last shown, by instrument."""

    # -- prices ---------------------------------------------------------------------------------------------------

    def show(self, place: int, x: int, half_spread: int, time_ns: int, *, again: bool = False) -> None:
        """Move the market of an instrument to x; the guest then looks at all its resting orders."""
        if not again and self.prices.get(place) == (x, half_spread):
            return
        self.prices[place] = (x, half_spread)
        grid = self.session.grids[place]
        bid, ask = grid.price(x - half_spread), grid.price(x + half_spread)
        deltas = market_at(self.ids[place], bid, ask, grid.size(1), time_ns)
        self.session.module.exchange.process_order_book_deltas(deltas)

    def hide(self, place: int) -> None:
        """Leave nothing in the guest's own book, so that it cannot fall back on it."""
        self.matching(place).get_book().clear(0, 0)

    def matching(self, place: int) -> Any:  # noqa: ANN401
        """The guest's matching engine of an instrument."""
        return self.session.module.exchange.get_matching_engine(self.ids[place])

    def has_any(self, place: int) -> bool:
        """Whether the guest has resting orders of an instrument."""
        return bool(self.matching(place).get_open_orders())

    # -- orders ---------------------------------------------------------------------------------------------------

    def place(self, order: Order) -> None:
        """Send an order to the guest, which may fill it at once."""
        found = self.build(order)
        self.placed[order.number] = found
        self.numbers[found.client_order_id.value] = order.number
        self.session.strategy.submit_order(found)

    def build(self, order: Order) -> Any:  # noqa: ANN401
        """The guest's order for what is left of ours, of the kind that ours acts as now."""
        factory, grid = self.session.strategy.order_factory, self.session.grids[order.instrument]
        common = self.common(order)
        trigger = {"trigger_price": grid.price(order.trigger)} if order.trigger else {}
        match order.acts_as:
            case OrderKind.LIMIT:
                post_only = order.has(OrderFlag.POST_ONLY)
                return factory.limit(**common, price=grid.price(order.limit), post_only=post_only)
            case OrderKind.STOP:
                return factory.stop_market(**common, **trigger)
            case OrderKind.STOP_LIMIT:
                return factory.stop_limit(**common, **trigger, price=grid.price(order.limit))
            case OrderKind.MARKET_IF_TOUCHED:
                return factory.market_if_touched(**common, **trigger)
            case OrderKind.TRAILING_STOP:
                return factory.trailing_stop_market(**common, **self.trail(order))
        return factory.market(**common)

    def common(self, order: Order) -> dict[str, Any]:
        """What orders of all kinds have."""
        return {
            "instrument_id": self.ids[order.instrument],
            "order_side": side_of(order.side),
            "quantity": self.session.grids[order.instrument].size(order.remaining),
            "time_in_force": guest_time(order.tif),
        }

    def trail(self, order: Order) -> dict[str, Any]:
        """How a trailing stop follows: by an amount, from bid or ask, which are the price of the path."""
        return {
            "trailing_offset": Decimal(order.trail).scaleb(-self.session.grids[order.instrument].price_precision),
            "trailing_offset_type": TrailingOffsetType.PRICE,
            "trigger_type": TriggerType.BID_ASK,
        }

    def withdraw(self, order: Order) -> None:
        """Cancel an order at the guest, and listen no more to what it says of it."""
        found = self.placed.pop(order.number, None)
        if found is None:
            return
        del self.numbers[found.client_order_id.value]
        if not found.is_closed:
            self.matching(order.instrument).cancel_order(found)

    def resize(self, order: Order) -> None:
        """Tell the guest a smaller size; the order keeps its place."""
        found = self.placed.get(order.number)
        if found is None:
            return
        filled_before = order.filled - self.session.grids[order.instrument].lots(found.filled_qty)
        size = self.session.grids[order.instrument].size(order.quantity - filled_before)
        self.session.strategy.modify_order(found, quantity=size)

    def number_of(self, found: Any) -> int | None:  # noqa: ANN401 - an order or an event of one
        """Our number of an order of the guest; None if we have withdrawn it."""
        return self.numbers.get(found.client_order_id.value)

    def number_that_lives(self, found: Any) -> int:  # noqa: ANN401 - an order of the guest
        """Our number of an order that the guest is about to fill; `AdapterError` if it has ended for us."""
        number = self.number_of(found)
        if number is None:
            raise AdapterError(
                f"NautilusTrader fills {found.client_order_id}, which has ended", where="nautilus", fix="report this"
            )
        return number

    # -- the account ----------------------------------------------------------------------------------------------

    def lots(self, place: int) -> int:
        """The position that the guest has."""
        grid = self.session.grids[place]
        found: Decimal = self.session.engine.portfolio.net_position(self.ids[place])
        return int(found.scaleb(grid.size_precision))

    def move_cash(self, currency: int, amount: int) -> None:
        """Book what changes cash beside the fills."""
        known = self.session.currencies[currency]
        self.session.module.exchange.adjust_account(money(amount, self.precision, known))

    def balances(self) -> list[int]:
        """What the guest's account says for each currency, in minor units."""
        account = self.session.engine.portfolio.account(VENUE)
        if account is None:
            raise AdapterError("NautilusTrader has no account", where="nautilus", fix="report this")
        return [minor_units(account.balance_total(each), self.precision) for each in self.session.currencies]

    def worth(self, marks: list[int]) -> list[int]:
        """Cash and positions in each currency, in minor units, as the guest values them."""
        totals = self.balances()
        for place, mark in enumerate(marks):
            for position in self.session.engine.cache.positions_open(instrument_id=self.ids[place]):
                profit = position.unrealized_pnl(self.session.grids[place].price(mark))
                totals[self.session.currencies.index(profit.currency)] += minor_units(profit, self.precision)
        return totals


def guest_time(tif: TimeInForce) -> GuestTime:
    """How long an order lives at the guest: what ends by the clock, the desk ends.

    >>> guest_time(TimeInForce.DAY).name
    'GTC'
    """
    if tif is TimeInForce.FOK:
        return GuestTime.FOK
    return GuestTime.IOC if tif in AT_ONCE else GuestTime.GTC
