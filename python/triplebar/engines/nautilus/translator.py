"""Between our whole numbers and NautilusTrader's fixed-point values, both ways and exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from nautilus_trader.model.data import Bar, BarType, BookOrder, OrderBookDelta, OrderBookDeltas
from nautilus_trader.model.enums import BookAction, OrderSide
from nautilus_trader.model.objects import (
    FIXED_PRECISION,
    MONEY_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    Currency,
    Money,
    Price,
    Quantity,
)

from triplebar.contracts.errors import TranslationError

SCALE: Final = 10**FIXED_PRECISION
PRICE_RAW_MAX: Final = int(PRICE_MAX) * SCALE
QUANTITY_RAW_MAX: Final = int(QUANTITY_MAX) * SCALE
MONEY_RAW_MAX: Final = int(MONEY_MAX) * SCALE
FINE_ENOUGH: Final = int(FIXED_PRECISION)
"""The most decimals that this build of NautilusTrader can hold."""


def fitting(raw: int, limit: int, what: str) -> int:
    """A raw value that NautilusTrader can hold: beyond that it ends the whole process.

    >>> fitting(5, 10, "price")
    5
    """
    if not -limit <= raw <= limit:
        raise TranslationError(
            f"{what} {raw / SCALE:g} is beyond the {limit / SCALE:g} that NautilusTrader can hold",
            fix="trade smaller sizes, or use engine='custom'",
        )
    return raw


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid of one instrument.

    >>> grid = Grid("X", price_precision=2, size_precision=0)
    >>> str(grid.price(10_050)), grid.ticks(grid.price(10_050)), grid.lots(grid.size(7))
    ('100.50', 10050, 7)
    """

    symbol: str
    price_precision: int
    size_precision: int

    def price(self, ticks: int) -> Price:
        """Ticks as a price."""
        raw = ticks * 10 ** (FIXED_PRECISION - self.price_precision)
        return Price.from_raw(fitting(raw, PRICE_RAW_MAX, f"price of {self.symbol}"), self.price_precision)

    def ticks(self, price: Price) -> int:
        """A price as ticks; `TranslationError` if it lies between two."""
        return whole(price.raw, FIXED_PRECISION - self.price_precision, f"price {price} of {self.symbol}")

    def size(self, lots: int) -> Quantity:
        """Lots as a quantity."""
        raw = lots * 10 ** (FIXED_PRECISION - self.size_precision)
        return Quantity.from_raw(fitting(raw, QUANTITY_RAW_MAX, f"size of {self.symbol}"), self.size_precision)

    def lots(self, quantity: Quantity) -> int:
        """A quantity as lots; `TranslationError` if it lies between two."""
        return whole(quantity.raw, FIXED_PRECISION - self.size_precision, f"size {quantity} of {self.symbol}")


def whole(raw: int, decimals: int, what: str) -> int:
    """`raw / 10^decimals`, if that is a whole number.

    >>> whole(1200, 2, "price")
    12
    """
    value: int = raw
    found, rest = divmod(value, int(10**decimals))
    if rest:
        raise TranslationError(f"{what} is not on the grid", fix="use prices and sizes of the instrument's precision")
    return found


def money(minor: int, precision: int, currency: Currency) -> Money:
    """Minor units of our account as money."""
    raw = minor * 10 ** (FIXED_PRECISION - precision)
    return Money.from_raw(fitting(raw, MONEY_RAW_MAX, f"amount of {currency.code}"), currency)


def minor_units(amount: Money, precision: int) -> int:
    """Money as minor units; what the guest computed in doubles goes to the nearest unit."""
    unit = 10 ** (FIXED_PRECISION - precision)
    return int((amount.raw + unit // 2) // unit)


def side_of(sign: int) -> OrderSide:
    """Buy or sell."""
    return OrderSide.BUY if sign > 0 else OrderSide.SELL


def sign_of(side: OrderSide) -> int:
    """+1 or -1."""
    return 1 if side == OrderSide.BUY else -1


def bar(kind: BarType, grid: Grid, ticks: tuple[int, int, int, int], lots: int, time_ns: int) -> Bar:
    """One bar, stamped with its close."""
    prices = [grid.price(each) for each in ticks]
    return Bar(kind, *prices, grid.size(lots), time_ns, time_ns)


def bar_numbers(found: Bar, grid: Grid) -> tuple[tuple[int, ...], int, int]:
    """Open, high, low, close in ticks, volume in lots, time: what `bar` was given."""
    prices = (found.open, found.high, found.low, found.close)
    return tuple(grid.ticks(each) for each in prices), grid.lots(found.volume), int(found.ts_event)


def market_at(instrument_id: Any, bid: Price, ask: Price, size: Quantity, time_ns: int) -> OrderBookDeltas:  # noqa: ANN401
    """A book that has one price on each side and nothing else."""
    levels = [(OrderSide.BUY, bid, 1), (OrderSide.SELL, ask, 2)]
    deltas = [
        OrderBookDelta.clear(instrument_id, 0, time_ns, time_ns),
        *(
            OrderBookDelta(instrument_id, BookAction.ADD, BookOrder(side, price, size, number), 0, 0, time_ns, time_ns)
            for side, price, number in levels
        ),
    ]
    return OrderBookDeltas(instrument_id, deltas)
