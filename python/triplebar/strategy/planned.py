"""Orders that were decided up front, each at the time of a bar."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from triplebar.contracts.codes import TimeInForce
from triplebar.contracts.errors import DataQualityError, UnknownSymbolError
from triplebar.contracts.suggest import hint
from triplebar.contracts.time import to_text
from triplebar.strategy.signal_columns import array_of, numbers, times_of
from triplebar.strategy.signal_tables import arrow_table

if TYPE_CHECKING:
    import pyarrow as pa

    from triplebar.data.market import Market
    from triplebar.strategy.context import Context

NEEDED: Final = ("time", "symbol", "quantity")
OPTIONAL: Final = ("limit", "stop", "tif", "post_only", "reduce_only")


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """One order and when to send it; `row` is its place in the table it came from."""

    row: int
    time_ns: int
    symbol: str
    quantity: float
    limit: float | None = None
    stop: float | None = None
    tif: str = "gtc"
    post_only: bool = False
    reduce_only: bool = False

    def clock_index(self, market: Market) -> int:
        """The tick of the clock at which it is sent: that of a bar of its instrument."""
        where = f"orders, row {self.row}, {self.symbol}"
        if self.symbol not in market.symbols:
            raise UnknownSymbolError.of(self.symbol, market.symbols)
        series = market.series(self.symbol)
        row = int(np.searchsorted(series.time, self.time_ns))
        if row == len(series) or series.time[row] != self.time_ns:
            problem = f"there is no bar at {to_text(self.time_ns)}"
            raise DataQualityError(problem, where=where, fix="give the time at which a bar of the market closes")
        return int(series.clock_index[row])

    def send(self, ctx: Context) -> None:
        """Send it."""
        trade = ctx.buy if self.quantity > 0 else ctx.sell
        trade(
            self.symbol,
            abs(self.quantity),
            limit=self.limit,
            stop=self.stop,
            tif=self.tif,
            post_only=self.post_only,
            reduce_only=self.reduce_only,
        )

    def plain(self, clock: int, instrument: int) -> tuple[Any, ...]:
        """As the core takes it."""
        tif = int(TimeInForce[self.tif.upper()])
        return (clock, instrument, self.quantity, self.limit, self.stop, tif, self.post_only, self.reduce_only)


def planned_orders(given: object) -> tuple[PlannedOrder, ...]:
    """Read a table of orders; the first row that cannot be an order is named.

    >>> planned_orders({"time": [60], "symbol": ["X"], "quantity": [-2.0], "limit": [101.5]})[0].limit
    101.5
    """
    table = arrow_table("orders", given, NEEDED)
    for name in table.column_names:
        if name not in {*NEEDED, *OPTIONAL}:
            fix = hint(name, (*NEEDED, *OPTIONAL))
            raise DataQualityError(f"has a column {name!r} that is not known", where="orders", fix=fix)
    if not table.num_rows:
        return ()
    times = times_of("orders", table.column("time"))
    symbols = array_of("orders, symbol", table.column("symbol"))
    sizes = numbers("orders, quantity", table.column("quantity"))
    rest = [_options(table, name) for name in OPTIONAL]
    rows = zip(times.tolist(), symbols.tolist(), sizes.tolist(), *rest, strict=True)
    return tuple(_order(row, values) for row, values in enumerate(rows))


def _options(table: pa.Table, name: str) -> list[Any]:
    return table.column(name).to_pylist() if name in table.column_names else [None] * table.num_rows


def _order(row: int, values: tuple[Any, ...]) -> PlannedOrder:
    time_ns, symbol, quantity, limit, stop, tif, post_only, reduce_only = values
    where = f"orders, row {row}, {symbol}"
    if quantity == 0:
        raise DataQualityError("quantity is 0", where=where, fix="leave the row out")
    tif = "gtc" if tif is None else tif
    known = [each.name.lower() for each in TimeInForce if each is not TimeInForce.GTD]
    if tif not in known:
        raise DataQualityError(f"tif = {tif!r} is not possible here", where=where, fix=hint(tif, known))
    return PlannedOrder(
        row=row,
        time_ns=time_ns,
        symbol=str(symbol),
        quantity=quantity,
        limit=_price(where, "limit", limit),
        stop=_price(where, "stop", stop),
        tif=tif,
        post_only=_switch(where, "post_only", post_only),
        reduce_only=_switch(where, "reduce_only", reduce_only),
    )


def _price(where: str, name: str, value: object) -> float | None:
    number = _number(value)
    if value is None or (number is not None and isnan(number)):
        return None
    if number is None or not isfinite(number) or number < 0:
        raise DataQualityError(f"{name} = {value!r} is no price", where=where, fix="give a number that is not negative")
    return number


def _switch(where: str, name: str, value: object) -> bool:
    number = _number(value)
    if value is None or (number is not None and isnan(number)):
        return False
    if number not in {0.0, 1.0}:
        raise DataQualityError(f"{name} = {value!r} is neither true nor false", where=where, fix="give a bool")
    return bool(number)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float, Decimal)) else None
