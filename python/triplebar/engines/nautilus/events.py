"""Quotes, bars and fills as NautilusTrader's, and back again, each exactly (F-127)."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.data import Bar as GuestBar
from nautilus_trader.model.data import BarType, QuoteTick
from nautilus_trader.model.enums import LiquiditySide, OrderType
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import (
    AccountId,
    ClientOrderId,
    InstrumentId,
    StrategyId,
    TradeId,
    TraderId,
    VenueOrderId,
)
from nautilus_trader.model.objects import Currency

from triplebar.contracts.bars import Bar, Quote
from triplebar.contracts.codes import Role, Side
from triplebar.contracts.errors import DataQualityError, TranslationError
from triplebar.contracts.fills import Fill
from triplebar.engines.nautilus import translator
from triplebar.engines.nautilus.translator import Grid

Ours = TypeVar("Ours", Quote, Bar, Fill)

NEAR = 1e-6
"""Within this of a whole tick a double is that tick (S-02)."""


def units(value: float, precision: int, what: str) -> int:
    """A double as ticks or lots; `TranslationError` if it is none.

    >>> units(0.29, 2, "price")
    29
    """
    scaled = value * 10.0**precision
    if not math.isfinite(scaled) or abs(scaled - round(scaled)) > NEAR * max(1.0, abs(scaled) * NEAR):
        raise TranslationError(f"{what} {value!r} is not on the grid of {precision} decimals", fix="round it first")
    return round(scaled)


def to_guest_quote(quote: Quote, grid: Grid, instrument: InstrumentId) -> QuoteTick:
    """A quote; a side that is missing is the last price. The size on both sides is the volume."""
    bid, ask = (
        grid.price(units(quote.price(side), grid.price_precision, f"price of {quote.symbol}"))
        for side in (Side.SELL, Side.BUY)
    )
    size = grid.size(units(quote.volume, grid.size_precision, f"volume of {quote.symbol}"))
    return QuoteTick(instrument, bid, ask, size, size, quote.time_ns, quote.time_ns)


def from_guest_quote(tick: QuoteTick, grid: Grid) -> Quote:
    """A quote of the guest's."""
    return _checked(
        Quote,
        grid.symbol,
        int(tick.ts_event),
        bid=grid.ticks(tick.bid_price) / 10.0**grid.price_precision,
        ask=grid.ticks(tick.ask_price) / 10.0**grid.price_precision,
        volume=grid.lots(tick.bid_size) / 10.0**grid.size_precision,
    )


def to_guest_bar(bar: Bar, grid: Grid, kind: BarType) -> GuestBar:
    """A bar, stamped with its close."""
    opened, high, low, close = (
        units(price, grid.price_precision, f"price of {bar.symbol}")
        for price in (bar.open, bar.high, bar.low, bar.close)
    )
    lots = units(bar.volume, grid.size_precision, f"volume of {bar.symbol}")
    return translator.bar(kind, grid, (opened, high, low, close), lots, bar.time_ns)


def from_guest_bar(found: GuestBar, grid: Grid, index: int = 0) -> Bar:
    """A bar of the guest's; `index` is its number."""
    ticks, lots, time_ns = translator.bar_numbers(found, grid)
    opened, high, low, close = (each / 10.0**grid.price_precision for each in ticks)
    volume = lots / 10.0**grid.size_precision
    return _checked(Bar, grid.symbol, time_ns, open=opened, high=high, low=low, close=close, volume=volume, index=index)


def to_guest_fill(fill: Fill, grid: Grid, instrument: InstrumentId, currency: Currency) -> OrderFilled:
    """A fill, as the event that the guest would tell of it; its ids are made of the number of the order."""
    fee = units(fill.fee, currency.precision, f"fee of order {fill.order}")
    return OrderFilled(
        TraderId("TRIPLEBAR-001"),
        StrategyId("TRIPLEBAR-000"),
        instrument,
        ClientOrderId(f"O-{fill.order}"),
        VenueOrderId(f"V-{fill.order}"),
        AccountId("TRIPLEBAR-001"),
        TradeId(f"T-{fill.order}"),
        None,
        translator.side_of(fill.side),
        OrderType.MARKET,
        grid.size(units(fill.quantity, grid.size_precision, f"size of order {fill.order}")),
        grid.price(units(fill.price, grid.price_precision, f"price of order {fill.order}")),
        currency,
        translator.money(fee, currency.precision, currency),
        LiquiditySide.MAKER if fill.role == Role.MAKER.text else LiquiditySide.TAKER,
        UUID4(),
        fill.time_ns,
        fill.time_ns,
    )


def from_guest_fill(event: OrderFilled, grid: Grid, order: int, moment: str = "open", tag: str | None = None) -> Fill:
    """A fill of the guest's; which order, which moment and which tag it does not know."""
    if event.liquidity_side not in {LiquiditySide.MAKER, LiquiditySide.TAKER}:
        raise TranslationError(f"the fill of order {order} is neither maker nor taker", fix="check the event")
    currency = event.commission.currency
    return _checked(
        Fill,
        order=order,
        symbol=grid.symbol,
        side=translator.sign_of(event.order_side),
        quantity=grid.lots(event.last_qty) / 10.0**grid.size_precision,
        price=grid.ticks(event.last_px) / 10.0**grid.price_precision,
        fee=translator.minor_units(event.commission, currency.precision) / 10.0**currency.precision,
        time_ns=int(event.ts_event),
        role=(Role.MAKER if event.liquidity_side == LiquiditySide.MAKER else Role.TAKER).text,
        moment=moment,
        tag=tag,
    )


def _checked(kind: type[Ours], *values: Any, **named: Any) -> Ours:  # noqa: ANN401 - what it is made of
    """One of ours, or a `TranslationError` that says why it is none."""
    try:
        return kind(*values, **named)
    except DataQualityError as problem:
        raise TranslationError(str(problem), where="nautilus", fix="check the data it was given") from problem
