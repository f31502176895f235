"""The tables that people read, made from the canonical integers: prices, sizes and money as numbers, names as text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from triplebar.contracts import codes
from triplebar.contracts.arrow import Column, to_arrow, to_numpy, to_table
from triplebar.contracts.result_scales import Scales, words
from triplebar.contracts.tables import TIME

UNITS = "units"
SIZED = (codes.RiskRule.POSITION_QUANTITY, codes.RiskRule.SHORT_SALE)
"""Rules whose numbers are sizes."""
COUNTED = (codes.RiskRule.TRADING_ENABLED, codes.RiskRule.POSITIONS, codes.RiskRule.AMOUNT)
"""Rules whose numbers are counts."""


def columns(table: pa.Table) -> dict[str, Column]:
    """The columns of a canonical table as arrays; times as nanoseconds.

    >>> columns(pa.table({"clock": pa.array([1], pa.int32())}))["clock"].tolist()
    [1]
    """
    return {name: to_numpy(table.column(name)) for name in table.column_names}


def equity(scales: Scales, table: pa.Table) -> pa.Table:
    """One row per tick of the clock: time, equity, cash, stale, and the exact equity."""
    raw = columns(table)
    return to_table(
        {
            "time": table.column("time"),
            "equity": scales.money(raw["equity"]),
            "cash": scales.money(raw["cash"]),
            "stale": table.column("stale"),
            "bar": table.column("clock"),
            "equity_minor": table.column("equity"),
        }
    )


def fills(scales: Scales, table: pa.Table, orders: pa.Table) -> pa.Table:
    """One row per fill, in the order in which they happened."""
    raw = columns(table)
    instrument = raw["instrument"]
    tag = columns(orders)["tag"]
    return to_table(
        {
            "time": scales.times(raw["clock"]),
            "bar": raw["clock"],
            "order": raw["order"],
            "symbol": scales.symbol_texts(instrument),
            "side": side_texts(raw["side"], "buy", "sell"),
            "quantity": scales.sizes(raw["quantity"], instrument),
            "price": scales.prices(raw["price"], instrument),
            "fee": scales.money(raw["fee"]),
            "currency": scales.currency_texts(scales.currency[instrument]),
            "role": code_texts(codes.Role, raw["role"]),
            "moment": code_texts(codes.Moment, raw["moment"]),
            "cause": code_texts(codes.Cause, raw["cause"]),
            "half_spread": scales.prices(raw["half_spread"], instrument),
            "slippage": scales.prices(raw["slippage"], instrument),
            "tag": scales.label_texts(tag[raw["order"].astype(np.int64) - 1]),
        }
    )


def orders(scales: Scales, table: pa.Table, fills_table: pa.Table) -> pa.Table:
    """One row per order, as it is at the end."""
    raw = columns(table)
    instrument = raw["instrument"]
    flags = raw["flags"]
    share = (flags & codes.OrderFlag.TRAIL_IS_PPB) != 0
    return to_table(
        {
            "order": raw["order"],
            "symbol": scales.symbol_texts(instrument),
            "side": side_texts(raw["side"], "buy", "sell"),
            "kind": code_texts(codes.OrderKind, raw["kind"]),
            "tif": code_texts(codes.TimeInForce, raw["tif"]),
            "quantity": scales.sizes(raw["quantity"], instrument),
            "filled": scales.sizes(raw["filled"], instrument),
            "average_price": _average_prices(scales, raw, columns(fills_table)),
            "limit": _optional(scales.prices(raw["limit"], instrument), raw["limit"] != 0),
            "stop": _optional(scales.prices(raw["trigger"], instrument), raw["trigger"] != 0),
            "trail": _optional(scales.prices(raw["trail"], instrument), (raw["trail"] != 0) & ~share),
            "trail_percent": _optional(raw["trail"] / 1e7, (raw["trail"] != 0) & share),
            "status": code_texts(codes.OrderStatus, raw["status"]),
            "reason": code_texts(codes.Reason, raw["reason"]),
            "sent_time": scales.times(raw["sent"]),
            "arrived_time": scales.times(raw["arrived"]),
            "ended_time": scales.times(raw["ended"]),
            "expire_time": to_arrow(raw["expire"], raw["expire"] == 0, TIME),
            "sent": raw["sent"],
            "arrived": raw["arrived"],
            "ended": raw["ended"],
            "post_only": (flags & codes.OrderFlag.POST_ONLY) != 0,
            "reduce_only": (flags & codes.OrderFlag.REDUCE_ONLY) != 0,
            "venue": (flags & codes.OrderFlag.VENUE) != 0,
            "parent": to_arrow(raw["parent"], raw["parent"] == 0),
            "oco": scales.label_texts(raw["group"]),
            "tag": scales.label_texts(raw["tag"]),
            "id": scales.label_texts(raw["client"]),
        }
    )


def refusals(scales: Scales, table: pa.Table, orders_table: pa.Table) -> pa.Table:
    """One row per order that a limit refused: the rule, its limit and what would have been, and in which unit."""
    raw = columns(table)
    instrument = columns(orders_table)["instrument"][raw["order"].astype(np.int64) - 1]
    units = _units_of_rules(scales, raw["rule"], instrument)
    numbers = {name: _in_units(scales, raw[name], instrument, units) for name in ("limit", "value")}
    return to_table(
        {
            "time": scales.times(raw["clock"]),
            "bar": raw["clock"],
            "moment": code_texts(codes.Moment, raw["moment"]),
            "order": raw["order"],
            "symbol": scales.symbol_texts(instrument),
            "reason": code_texts(codes.Reason, columns(orders_table)["reason"][raw["order"].astype(np.int64) - 1]),
            "rule": code_texts(codes.RiskRule, raw["rule"]),
            **numbers,
            "unit": pa.array(units, pa.string()),
        }
    )


def _units_of_rules(scales: Scales, rules: Column, instrument: Column) -> list[str]:
    """What the numbers of each refusal count: units of the instrument, money of a currency, or just a count."""
    currencies = scales.settings.currencies
    found = []
    for rule, number in zip(rules.tolist(), instrument.tolist(), strict=True):
        if rule in SIZED:
            found.append(UNITS)
        elif rule in COUNTED:
            found.append("")
        else:
            own = scales.settings.instruments[number].currency if rule == codes.RiskRule.CASH else 0
            found.append(currencies[own])
    return found


def _in_units(scales: Scales, values: Column, instrument: Column, units: list[str]) -> pa.Array:
    sizes, money = scales.sizes(values, instrument), scales.money(values)
    found = [float((sizes if unit == UNITS else money if unit else values)[row]) for row, unit in enumerate(units)]
    return pa.array(found, pa.float64())


def trades(scales: Scales, table: pa.Table, orders_table: pa.Table) -> pa.Table:
    """One row per closed part of a position."""
    raw = columns(table)
    instrument = raw["instrument"]
    tag = columns(orders_table)["tag"]
    return to_table(
        {
            "symbol": scales.symbol_texts(instrument),
            "side": side_texts(raw["side"], "long", "short"),
            "quantity": scales.sizes(raw["quantity"], instrument),
            "opened_time": scales.times(raw["opened"]),
            "closed_time": scales.times(raw["closed"]),
            "entry_price": _mean_price(scales, raw["cost"], raw["quantity"], instrument),
            "exit_price": _mean_price(scales, raw["proceeds"], raw["quantity"], instrument),
            "cost": scales.money(raw["cost"]),
            "proceeds": scales.money(raw["proceeds"]),
            "fees": scales.money(raw["fees"]),
            "profit": scales.money(raw["profit"]),
            "multiplier": scales.multiplier[instrument],
            "currency": scales.currency_texts(scales.currency[instrument]),
            "opened": raw["opened"],
            "closed": raw["closed"],
            "order": raw["order"],
            "tag": scales.label_texts(tag[raw["order"].astype(np.int64) - 1]),
        }
    )


def positions(scales: Scales, table: pa.Table) -> pa.Table:
    """One row per fill: the position after it."""
    raw = columns(table)
    instrument, position = raw["instrument"], raw["position"]
    return to_table(
        {
            "time": scales.times(raw["clock"]),
            "bar": raw["clock"],
            "symbol": scales.symbol_texts(instrument),
            "position": scales.sizes(position, instrument),
            "average_price": _optional(_mean_price(scales, raw["cost"], position, instrument), position != 0),
            "cost": scales.money(raw["cost"]),
            "realised": scales.money(raw["realised"]),
            "currency": scales.currency_texts(scales.currency[instrument]),
        }
    )


def events(scales: Scales, table: pa.Table, orders_table: pa.Table) -> pa.Table:
    """One row per thing that happened to an order."""
    raw = columns(table)
    instrument = columns(orders_table)["instrument"][raw["order"].astype(np.int64) - 1]
    kind, value = raw["kind"], raw["value"]
    priced = (kind == codes.EventKind.ACCEPTED) | (kind == codes.EventKind.TRIGGERED)
    return to_table(
        {
            "time": scales.times(raw["clock"]),
            "bar": raw["clock"],
            "moment": code_texts(codes.Moment, raw["moment"]),
            "kind": code_texts(codes.EventKind, kind),
            "order": raw["order"],
            "symbol": scales.symbol_texts(instrument),
            "reason": code_texts(codes.Reason, raw["reason"]),
            "price": _optional(scales.prices(value, instrument), priced),
            "quantity": _optional(scales.sizes(value, instrument), kind == codes.EventKind.MODIFIED),
            "fill": to_arrow(value, kind != codes.EventKind.FILLED),
        }
    )


def flows(scales: Scales, table: pa.Table) -> pa.Table:
    """One row per change of cash that is not a fill."""
    raw = columns(table)
    return to_table(
        {
            "time": scales.times(raw["clock"]),
            "bar": raw["clock"],
            "kind": code_texts(codes.FlowKind, raw["kind"]),
            "symbol": scales.symbol_texts(raw["instrument"]),
            "currency": scales.currency_texts(raw["currency"]),
            "amount": scales.money(raw["amount"]),
        }
    )


def postings(scales: Scales, table: pa.Table) -> pa.Table:
    """The double-entry ledger: the rows of one fact sum to zero in each currency (S-71)."""
    raw = columns(table)
    return to_table(
        {
            "source": words(("fill", "flow", "capital"), raw["source"]),
            "row": raw["row"],
            "account": code_texts(codes.Ledger, raw["account"]),
            "symbol": scales.symbol_texts(raw["instrument"]),
            "currency": scales.currency_texts(raw["currency"]),
            "amount": scales.money(raw["amount"]),
        }
    )


def code_texts(kind: type[codes.Code], values: Column) -> pa.Array:
    """Codes as their texts.

    >>> code_texts(codes.Role, np.array([1, 0])).to_pylist()
    ['maker', 'taker']
    """
    return words(kind.texts(), values)


def side_texts(side: Column, positive: str, negative: str) -> pa.Array:
    """Signs as words.

    >>> side_texts(np.array([1, -1]), "buy", "sell").to_pylist()
    ['buy', 'sell']
    """
    return words((positive, negative), (side < 0).astype(np.int64))


def _optional(values: npt.NDArray[np.float64], there: Column) -> pa.Array:
    return to_arrow(values, ~np.asarray(there, dtype=bool))


def _mean_price(scales: Scales, minor: Column, lots: Column, instrument: Column) -> npt.NDArray[np.float64]:
    """What one piece cost on average: money over size and the worth of a tick."""
    held = np.where(lots == 0, 1, lots).astype(np.float64)
    ticks = minor / (held * scales.unit[instrument])
    return np.asarray(ticks / 10.0 ** scales.price_precision[instrument])


def _average_prices(scales: Scales, orders_raw: dict[str, Column], fills_raw: dict[str, Column]) -> pa.Array:
    """The mean price of each order's fills, weighted by size; null without fills."""
    place = fills_raw["order"].astype(np.int64) - 1
    count = len(orders_raw["order"])
    weight = np.bincount(place, weights=fills_raw["quantity"], minlength=count)
    value = np.bincount(place, weights=fills_raw["quantity"] * fills_raw["price"].astype(np.float64), minlength=count)
    mean = np.divide(value, weight, out=np.zeros(count), where=weight > 0)
    return _optional(mean / 10.0 ** scales.price_precision[orders_raw["instrument"]], weight > 0)
