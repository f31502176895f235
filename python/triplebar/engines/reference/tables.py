"""Canonical tables from the facts; positions, trades and postings are folded from fills and flows alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from triplebar.contracts.codes import FlowKind, Ledger
from triplebar.contracts.settings import InstrumentSettings, Settings
from triplebar.contracts.tables import NO_INSTRUMENT, SCHEMAS
from triplebar.engines.reference.order import Order
from triplebar.engines.reference.record import FillRow, FlowRow, Record
from triplebar.engines.reference.units import share, sign_of

COUNTER_ACCOUNT = {
    FlowKind.DEPOSIT: Ledger.CAPITAL,
    FlowKind.WITHDRAWAL: Ledger.CAPITAL,
    FlowKind.FUNDING: Ledger.FUNDING,
    FlowKind.BORROW: Ledger.BORROW,
    FlowKind.CONVERSION: Ledger.CONVERSION,
    FlowKind.INSURANCE: Ledger.INSURANCE,
}

Row = Sequence[Any]


def canonical_tables(record: Record, orders: Sequence[Order], settings: Settings) -> dict[str, pa.Table]:
    """All tables."""
    folds = [Fold(instrument) for instrument in settings.instruments]
    positions, fill_postings = fold_fills(record.fills, folds)
    rows: dict[str, Iterable[Row]] = {
        "equity": record.equity,
        "orders": [order_row(each) for each in orders],
        "fills": record.fills,
        "events": record.events,
        "flows": record.flows,
        "positions": positions,
        "trades": trades(record.fills, settings),
        "refusals": record.refusals,
        "postings": [*fill_postings, *flow_postings(record.flows), *capital_postings(settings)],
    }
    return {name: table(name, rows[name]) for name in SCHEMAS}


def table(name: str, rows: Iterable[Row]) -> pa.Table:
    """A canonical table from rows in the order of its columns."""
    schema = SCHEMAS[name]
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [
        pa.array([plain(value) for value in column], kind) for column, kind in zip(columns, schema.types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def plain(value: Any) -> int | bool:  # noqa: ANN401 - a code, a number or a truth value
    """The bare number of a code."""
    return value if isinstance(value, bool) else int(value)


def order_row(order: Order) -> Row:
    """One row of the table of orders."""
    return (
        order.number, order.instrument, order.side, order.kind, order.tif, order.flags, order.quantity, order.filled,
        order.limit, order.trigger, order.trail, order.expire, order.group, order.parent, order.tag, order.client,
        order.sent, order.arrived, order.ended, order.status, order.reason,
    )  # fmt: skip


class Fold:
    """A position folded from fills: average cost (S-67)."""

    def __init__(self, instrument: InstrumentSettings) -> None:
        """Flat."""
        self.instrument = instrument
        self.lots = 0
        self.cost = 0

    def add(self, fill: FillRow) -> tuple[int, int]:
        """Take one fill; the change of cost and the realised profit."""
        value = fill.price * self.instrument.unit
        held = abs(self.lots)
        closed = min(fill.quantity, held) if self.lots * fill.side < 0 else 0
        released = share(self.cost, closed, held) if closed else 0
        change = fill.side * (fill.quantity - closed) * value - released
        self.lots += fill.side * fill.quantity
        self.cost += change
        return change, -fill.side * closed * value - released


def fold_fills(fills: Sequence[FillRow], folds: Sequence[Fold]) -> tuple[list[Row], list[Row]]:
    """The rows of positions, and the postings of fills."""
    positions: list[Row] = []
    postings: list[Row] = []
    for place, fill in enumerate(fills):
        fold = folds[fill.instrument]
        change, realised = fold.add(fill)
        positions.append((fill.clock, fill.instrument, fold.lots, fold.cost, realised))
        cash = -fill.side * fill.quantity * fill.price * fold.instrument.unit - fill.fee
        postings += balanced(
            (0, place, fill.instrument, fold.instrument.currency),
            {Ledger.CASH: cash, Ledger.HOLDING: change, Ledger.REALISED: -realised, Ledger.COMMISSION: fill.fee},
        )
    return positions, postings


def flow_postings(flows: Sequence[FlowRow]) -> list[Row]:
    """S-71: cash against the account that the kind of flow names."""
    rows: list[Row] = []
    for place, flow in enumerate(flows):
        source = (1, place, flow.instrument, flow.currency)
        rows += balanced(source, {Ledger.CASH: flow.amount, COUNTER_ACCOUNT[flow.kind]: -flow.amount})
    return rows


def capital_postings(settings: Settings) -> list[Row]:
    """S-71: the opening capital of each currency."""
    rows: list[Row] = []
    for currency, amount in enumerate(settings.cash):
        rows += balanced((2, 0, NO_INSTRUMENT, currency), {Ledger.CASH: amount, Ledger.CAPITAL: -amount})
    return rows


def balanced(source: tuple[int, int, int, int], amounts: dict[Ledger, int]) -> list[Row]:
    """One row for each amount that is not zero; together they sum to zero."""
    if sum(amounts.values()) != 0:
        raise AssertionError(f"postings of {source} do not balance: {amounts}")
    kind, place, instrument, currency = source
    return [(kind, place, each, instrument, currency, amount) for each, amount in amounts.items() if amount]


class Holding:
    """What a trade needs to know about the open position of one instrument."""

    def __init__(self) -> None:
        """Flat."""
        self.lots = 0
        self.cost = 0
        self.fees = 0
        self.opened = -1


def trades(fills: Sequence[FillRow], settings: Settings) -> list[Row]:
    """One row for each part of a fill that closes something; a flip closes, then opens."""
    holdings = [Holding() for _ in settings.instruments]
    rows: list[Row] = []
    for fill in fills:
        holding, value = holdings[fill.instrument], fill.price * settings.instruments[fill.instrument].unit
        held = abs(holding.lots)
        closed = min(fill.quantity, held) if holding.lots * fill.side < 0 else 0
        exit_fee = fill.fee * closed // fill.quantity
        if closed:
            rows.append(close_part(holding, fill, closed, exit_fee, value))
        if opened := fill.quantity - closed:
            holding.opened = fill.clock if holding.lots == 0 else holding.opened
            holding.lots += fill.side * opened
            holding.cost += fill.side * opened * value
            holding.fees += fill.fee - exit_fee
    return rows


def close_part(holding: Holding, fill: FillRow, closed: int, exit_fee: int, value: int) -> Row:
    """Take `closed` lots out of the holding, and tell the trade."""
    side, held = sign_of(holding.lots), abs(holding.lots)
    cost, entry_fees = share(holding.cost, closed, held), share(holding.fees, closed, held)
    fees, proceeds = exit_fee + entry_fees, closed * value
    holding.lots -= side * closed
    holding.cost -= cost
    holding.fees -= entry_fees
    profit = side * (proceeds - abs(cost)) - fees
    return (
        fill.instrument, side, closed, holding.opened, fill.clock, abs(cost), proceeds, fees, profit, fill.order,
    )  # fmt: skip
