"""The first thing that two sides did differently, and how both stood at that moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from triplebar.contracts.codes import OrderFlag, OrderKind, OrderStatus, Reason
from triplebar.contracts.time import to_text
from triplebar.research.verify.direct import Part
from triplebar.research.verify.pairing import Order
from triplebar.research.verify.pieces import Fill, Match, fills_by_order
from triplebar.research.verify.side import Side


@dataclass(frozen=True, slots=True)
class State:
    """How one side stood at the close of a tick."""

    engine: str
    position: float
    cash: float | None
    equity: float | None
    open_orders: tuple[str, ...]
    did: tuple[str, ...]
    """What it did with the order in question."""

    def __str__(self) -> str:
        money = "" if self.equity is None else f", cash {self.cash:,.2f}, equity {self.equity:,.2f}"
        resting = f"; open: {', '.join(self.open_orders)}" if self.open_orders else ""
        return f"{self.engine}: {'; '.join(self.did)} - position {self.position:g}{money}{resting}"


@dataclass(frozen=True, slots=True)
class FirstDifference:
    """Where two runs part: the tick, the order, and both sides' state."""

    time: str
    clock: int
    symbol: str
    cause: str
    what: str
    bar: Mapping[str, float]
    left: State
    right: State

    def to_mapping(self) -> dict[str, Any]:
        """All parts as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        prices = ", ".join(f"{name} {price:g}" for name, price in self.bar.items())
        head = f"{self.symbol} at {self.time} (bar {self.clock}): {self.what} [{self.cause}]"
        return "\n".join([head, f"  bar: {prices}", f"  {self.left}", f"  {self.right}"])


def first_difference(left: Side, right: Side, found: Sequence[Match], rows: Sequence[Part]) -> FirstDifference | None:
    """Find the earliest order that was sent or filled differently, or else the earliest flow; None if none was."""
    differing = [match for match in found if not match.quiet]
    if differing:
        match = min(differing, key=lambda each: (each.first_clock, each.order.number))
        clock, number = max(0, match.first_clock), match.order["instrument"]
        orders = (match.left, match.right)
        cause = next((part.cause for part in rows if _is_of(part, match)), "")
        what = f"{_described(left, match.order)}"
    elif rows:
        part = rows[0]
        clock, number, orders = part.clock, min(part.instrument, len(left.units) - 1), (None, None)
        cause, what = part.cause, part.text
    else:
        return None
    states = [_state(side, order, clock, number) for side, order in zip((left, right), orders, strict=True)]
    time = to_text(int(left.market.clock[clock]))
    symbol = left.settings.instruments[number].symbol
    return FirstDifference(time, clock, symbol, cause, what, _bar(left, number, clock), states[0], states[1])


def _is_of(part: Part, match: Match) -> bool:
    return (part.left, part.right) == (match.left, match.right)


def _bar(side: Side, number: int, clock: int) -> dict[str, float]:
    series = side.market.series(number)
    row = int(np.searchsorted(series.clock_index, clock, side="right")) - 1
    if row < 0:
        return {}
    return {name: float(getattr(series, name)[row]) for name in ("open", "high", "low", "close", "volume")}


def _state(side: Side, order: Order | None, clock: int, number: int) -> State:
    rows = np.flatnonzero(side.equity["clock"] == clock)
    own = side.settings
    power = 10.0**own.cash_precision
    cash, equity = (float(side.equity[name][rows[0]]) / power if rows.size else None for name in ("cash", "equity"))
    fills = side.fills
    until = (fills["clock"] <= clock) & (fills["instrument"] == number)
    lots = int((fills["side"][until] * fills["quantity"][until]).sum())
    return State(
        side.name,
        lots / 10.0 ** own.instruments[number].size_precision,
        cash,
        equity,
        tuple(_open_orders(side, clock, number)),
        tuple(_did(side, order)),
    )


def _open_orders(side: Side, clock: int, number: int) -> Iterator[str]:
    """Orders of the instrument that live after this tick."""
    orders = side.orders
    ended = np.where(orders["ended"] < 0, np.iinfo(np.int64).max, orders["ended"].astype(np.int64))
    alive = (orders["sent"] <= clock) & (ended > clock) & (orders["instrument"] == number)
    for row in np.flatnonzero(alive)[:20].tolist():
        yield _words(side, {name: int(orders[name][row]) for name in orders}, row + 1)


def _described(side: Side, order: Order) -> str:
    return _words(side, order.row, order.number) + (f" ({order.tag})" if order.tag else "")


def _words(side: Side, row: Mapping[str, int], number: int) -> str:
    own = side.settings.instruments[row["instrument"]]
    power = 10**own.price_precision
    prices = [f"{name} {row[name] / power:g}" for name in ("limit", "trigger") if row[name]]
    if row["trail"]:
        share = row["flags"] & OrderFlag.TRAIL_IS_PPB
        prices.append(f"trail {row['trail'] / 1e7:g} %" if share else f"trail {row['trail'] / power:g}")
    size = row["quantity"] / 10**own.size_precision
    text = f"order {number}: {'buy' if row['side'] > 0 else 'sell'} {size:g} {OrderKind(row['kind']).text}"
    return " ".join([text, *prices])


def _did(side: Side, order: Order | None) -> Iterator[str]:
    """What became of an order, fill by fill."""
    if order is None:
        yield "nothing of the kind"
        return
    own = side.settings.instruments[order["instrument"]]
    for fill in fills_by_order(side).get(order.number, ()):
        yield _filled(fill, own.price_precision, own.size_precision, side.settings.cash_precision)
    status, reason = OrderStatus(order["status"]), Reason(order["reason"])
    if status is not OrderStatus.FILLED:
        why = "" if reason is Reason.NONE else f" ({reason.text})"
        yield f"{status.text}{why}" + (f" at bar {order['ended']}" if order["ended"] >= 0 else "")


def _filled(fill: Fill, prices: int, sizes: int, money: int) -> str:
    size, price = fill.quantity / 10**sizes, fill.price / 10**prices
    return f"filled {size:g} at {price:g} at bar {fill.clock}, fee {fill.fee / 10**money:g}"
