"""From a result to the plain arrays that metrics are computed from."""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.contracts import codes
from triplebar.contracts.different import different
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import FloatArray, IntArray, decimal_floats
from triplebar.contracts.result_tables import columns
from triplebar.metrics.annual import periods_per_year
from triplebar.metrics.inputs import Activity, CashFlows, ClosedTrades, Curve, MetricInput
from triplebar.metrics.measure import MetricReport, measure

DEPOSITS: Final = (codes.FlowKind.DEPOSIT, codes.FlowKind.WITHDRAWAL)


def measure_result(
    result: RunResult, *, gross_minor: IntArray | None = None, risk_free_rate: float = 0.0
) -> MetricReport:
    """Compute all metrics of a result; `gross_minor` is the gross value of its positions at each row of `equity`."""
    return measure(metric_input(result, gross_minor=gross_minor, risk_free_rate=risk_free_rate))


def metric_input(result: RunResult, *, gross_minor: IntArray | None = None, risk_free_rate: float = 0.0) -> MetricInput:
    """Take out of a result what metrics are computed from, all money in the base currency."""
    curve = curve_of_result(result, gross_minor)
    return MetricInput(
        curve,
        _trades(result),
        _activity(result),
        periods_per_year(result.record.calendar, curve.days),
        risk_free_rate,
        _flows(result),
    )


def _money(result: RunResult, minor: IntArray) -> FloatArray:
    return decimal_floats(minor, result.settings.cash_precision)


def curve_of_result(result: RunResult, gross_minor: IntArray | None = None) -> Curve:
    """Take out the curve alone."""
    raw = columns(result.canonical("equity"))
    if gross_minor is None and len(result.settings.instruments) == 1:
        gross_minor = np.abs(raw["equity"] - raw["cash"])
    return Curve(
        result.start_ns,
        result.starting_value,
        raw["time"],
        _money(result, raw["equity"]),
        _money(result, raw["cash"]),
        None if gross_minor is None else _money(result, gross_minor),
    )


def _trades(result: RunResult) -> ClosedTrades:
    raw = columns(result.canonical("trades"))
    closed_ns = result.clock[raw["closed"]]
    currency = result.scales.currency[raw["instrument"]]
    in_base = {name: result.scales.to_base(raw[name], currency, closed_ns) for name in ("profit", "cost")}
    return ClosedTrades(
        _money(result, in_base["profit"]),
        _money(result, in_base["cost"]),
        raw["side"].astype(np.int64),
        result.clock[np.maximum(raw["opened"], 0)],
        closed_ns,
    )


def _flows(result: RunResult) -> CashFlows:
    flows = columns(result.canonical("flows"))
    paid_in = np.isin(flows["kind"], DEPOSITS)
    if not paid_in.any():
        return CashFlows.none()
    time_ns = result.clock[np.maximum(flows["clock"][paid_in], 0)]
    return CashFlows(
        time_ns, _money(result, result.scales.to_base(flows["amount"][paid_in], flows["currency"][paid_in], time_ns))
    )


def _activity(result: RunResult) -> Activity:
    fills = columns(result.canonical("fills"))
    scales = result.scales
    instrument = fills["instrument"]
    notional = fills["price"] * fills["quantity"] * scales.unit[instrument]
    traded = scales.to_base(notional, scales.currency[instrument], result.clock[fills["clock"]])
    status = columns(result.canonical("orders"))["status"]
    costs = result.cost_summary
    return Activity(
        traded=float(_money(result, traded).sum()),
        commission=costs.commission,
        spread=costs.spread,
        slippage=costs.slippage,
        market_impact=costs.market_impact,
        funding=costs.funding,
        borrow=costs.borrow,
        unrealised=_unrealised(result),
        deposits=float(_flows(result).amount.sum()),
        orders=int(status.size),
        fills=int(fills["order"].size),
        rejected=int(np.count_nonzero(status == codes.OrderStatus.REJECTED)),
    )


def _unrealised(result: RunResult) -> float:
    """Value of the open positions at the end, less their cost."""
    equity = columns(result.canonical("equity"))
    if equity["equity"].size == 0:
        return 0.0
    value = int(equity["equity"][-1] - equity["cash"][-1])
    raw = columns(result.canonical("positions"))
    cost = 0
    for number in different(raw["instrument"]):
        last = raw["cost"][np.flatnonzero(raw["instrument"] == number)[-1:]]
        currency = result.scales.currency[[number]]
        cost += int(result.scales.to_base(last, currency, equity["time"][-1:])[0])
    return float(decimal_floats(np.array([value - cost]), result.settings.cash_precision)[0])
