"""The orders of a native run at the guest: with its own times in force, brackets and ways of trailing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from nautilus_trader.model.enums import OrderType, TradingState, TrailingOffsetType, TriggerType
from nautilus_trader.model.enums import TimeInForce as GuestTime

from triplebar.contracts.capabilities import Capabilities
from triplebar.contracts.codes import OrderFlag, OrderKind, TimeInForce
from triplebar.engines.nautilus.orders import GuestOrders

if TYPE_CHECKING:
    from triplebar.engines.reference.order import Order

TIMES: Final = {
    TimeInForce.GTC: GuestTime.GTC,
    TimeInForce.GTD: GuestTime.GTD,
    TimeInForce.IOC: GuestTime.IOC,
    TimeInForce.FOK: GuestTime.FOK,
}
"""Day orders never end at its venue, and orders for open or close are not filled there."""
ENTRIES: Final = {
    OrderKind.MARKET: OrderType.MARKET,
    OrderKind.LIMIT: OrderType.LIMIT,
    OrderKind.STOP_LIMIT: OrderType.STOP_LIMIT,
    OrderKind.MARKET_IF_TOUCHED: OrderType.MARKET_IF_TOUCHED,
}
"""The kinds that its brackets begin with."""
PPB_PER_BASIS_POINT: Final = 100_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def native_capabilities() -> Capabilities:
    """What orders its venue takes.

    >>> native_capabilities().supports(OrderKind.LIMIT, TimeInForce.DAY)
    False
    """
    everything = Capabilities.all().table
    dated_market = (OrderKind.MARKET, TimeInForce.GTD)
    return Capabilities(frozenset(each for each in everything if each[1] in TIMES and each != dated_market))


class NativeOrders(GuestOrders):
    """What the venue of the guest knows, as its users tell it."""

    def place(self, order: Order) -> None:
        """Send an order to the guest, which works it off when the strategy is done."""
        found = self.build(order)
        self.know(order, found)
        self.session.strategy.submit_order(found)

    def know(self, order: Order, found: Any) -> None:  # noqa: ANN401
        """Remember which is which."""
        self.placed[order.number] = found
        self.numbers[found.client_order_id.value] = order.number

    def place_bracket(self, entry: Order, profit: Order, loss: Order) -> None:
        """Send an order with the two that wait for it, as the guest's own bracket."""
        grid, common = self.session.grids[entry.instrument], self.common(entry)
        del common["reduce_only"]
        made = self.session.strategy.order_factory.bracket(
            **common,
            entry_order_type=ENTRIES[entry.kind],
            entry_price=grid.price(entry.limit) if entry.limit else None,
            entry_trigger_price=grid.price(entry.trigger) if entry.trigger else None,
            entry_post_only=entry.has(OrderFlag.POST_ONLY),
            tp_price=grid.price(profit.limit),
            tp_post_only=False,
            sl_trigger_price=grid.price(loss.trigger),
        )
        first, stop, limit = made.orders
        for order, found in ((entry, first), (loss, stop), (profit, limit)):
            self.know(order, found)
        self.session.strategy.submit_order_list(made)

    def common(self, order: Order) -> dict[str, Any]:
        """What orders of all kinds have."""
        terms = {**super().common(order), "time_in_force": TIMES[order.tif]}
        if order.tif is TimeInForce.GTD:
            terms["expire_time"] = EPOCH + timedelta(microseconds=order.expire / 1000)
        if order.acts_as is not OrderKind.TRAILING_STOP or order.has(OrderFlag.REDUCE_ONLY):
            terms["reduce_only"] = order.has(OrderFlag.REDUCE_ONLY)
        return terms

    def trail(self, order: Order) -> dict[str, Any]:
        """How a trailing stop follows: by its default."""
        if not order.has(OrderFlag.TRAIL_IS_PPB):
            return {**super().trail(order), "trigger_type": TriggerType.DEFAULT}
        return {
            "trailing_offset": Decimal(order.trail) / PPB_PER_BASIS_POINT,
            "trailing_offset_type": TrailingOffsetType.BASIS_POINTS,
        }

    def cancel(self, order: Order) -> None:
        """Ask the guest to cancel an order; it says when it has."""
        self.session.strategy.cancel_order(self.placed[order.number])

    def change(self, order: Order) -> None:
        """Ask the guest to change an order to what ours is now."""
        found, grid = self.placed[order.number], self.session.grids[order.instrument]
        self.session.strategy.modify_order(
            found,
            quantity=grid.size(order.quantity),
            price=grid.price(order.limit) if order.limit else None,
            trigger_price=grid.price(order.trigger) if order.trigger and not order.triggered else None,
        )

    def has(self, order: Order) -> bool:
        """Whether the guest has an order, and it is not closed there."""
        found = self.placed.get(order.number)
        return found is not None and not found.is_closed

    def lots_of(self, order: Order) -> int:
        """The size that the guest has of an order."""
        return self.session.grids[order.instrument].lots(self.placed[order.number].quantity)

    def halt(self, *, entries: bool) -> None:
        """The switch of its risk engine: only what makes positions smaller, or everything."""
        state = TradingState.REDUCING if entries else TradingState.ACTIVE
        self.session.engine.kernel.risk_engine.set_trading_state(state)
