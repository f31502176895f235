"""Where the profit of a run comes from: parts that add up to the total, to the last minor unit."""

from __future__ import annotations

from typing import Final

import numpy as np

from triplebar.contracts import codes
from triplebar.contracts.different import different
from triplebar.contracts.result import RunResult
from triplebar.contracts.result_numbers import IntArray
from triplebar.contracts.result_tables import columns

FLOWS: Final = {
    "funding": codes.FlowKind.FUNDING,
    "borrow": codes.FlowKind.BORROW,
    "paid by the venue": codes.FlowKind.INSURANCE,
}
REST: Final = "exchange rates"
"""What is left is the change of the rates at which money in other currencies is counted, and its conversion."""


def profit_parts(result: RunResult) -> list[tuple[str, float]]:
    """Split the profit: realised before fees, unrealised, commission, funding and the like; then the total.

    Parts that are nothing are left out, except the first three. Money that was paid in or taken out is no profit.

    >>> import triplebar as tb
    >>> config = tb.BacktestConfig(commission_bps=1)
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=50, seed=1), config, engine="reference")
    >>> [name for name, _ in profit_parts(result)]
    ['realised before fees', 'unrealised', 'commission', 'total profit']
    """
    power = 10.0**result.settings.cash_precision
    parts = {"realised before fees": _realised(result), "unrealised": _unrealised(result), "commission": -_fees(result)}
    flows = columns(result.canonical("flows"))
    in_base = result.scales.to_base(flows["amount"], flows["currency"], _times(result, flows["clock"]))
    parts |= {name: int(in_base[flows["kind"] == kind].sum()) for name, kind in FLOWS.items()}
    total = _ending(result) - result.initial_minor - _deposits(flows["kind"], in_base)
    parts[REST] = total - sum(parts.values())
    always = list(parts)[:3]
    shown = [(name, minor / power) for name, minor in parts.items() if minor or name in always]
    return [*shown, ("total profit", total / power)]


def _times(result: RunResult, clock: IntArray) -> IntArray:
    return result.clock[np.maximum(clock, 0)]


def _realised(result: RunResult) -> int:
    rows = columns(result.canonical("positions"))
    currency = result.scales.currency[rows["instrument"]]
    return int(result.scales.to_base(rows["realised"], currency, _times(result, rows["clock"])).sum())


def _fees(result: RunResult) -> int:
    rows = columns(result.canonical("fills"))
    currency = result.scales.currency[rows["instrument"]]
    return int(result.scales.to_base(rows["fee"], currency, _times(result, rows["clock"])).sum())


def _unrealised(result: RunResult) -> int:
    """Value of what is held at the end, less what it cost."""
    equity, rows = columns(result.canonical("equity")), columns(result.canonical("positions"))
    if equity["equity"].size == 0:
        return 0
    cost = 0
    for number in different(rows["instrument"]):
        last = rows["cost"][np.flatnonzero(rows["instrument"] == number)[-1:]]
        cost += int(result.scales.to_base(last, result.scales.currency[[number]], equity["time"][-1:])[0])
    return int(equity["equity"][-1] - equity["cash"][-1]) - cost


def _ending(result: RunResult) -> int:
    equity = columns(result.canonical("equity"))["equity"]
    return int(equity[-1]) if equity.size else result.initial_minor


def _deposits(kind: IntArray, in_base: IntArray) -> int:
    paid = np.isin(kind, (codes.FlowKind.DEPOSIT, codes.FlowKind.WITHDRAWAL))
    return int(in_base[paid].sum())


def rejected_orders(result: RunResult) -> tuple[int, str, int]:
    """Count the orders that were rejected: how many, the reason most of them have, and how many have it.

    >>> import triplebar as tb
    >>> much = {"symbol": "X", "quantity": 10_000}
    >>> script = tb.Script([(0, "buy", much), (1, "buy", much), ("stop", "buy", much)])
    >>> rejected_orders(tb.run(script, tb.Market.synthetic(bars=50, seed=1), engine="reference"))
    (3, 'insufficient_funds', 2)
    """
    orders = columns(result.canonical("orders"))
    reasons = orders["reason"][orders["status"] == codes.OrderStatus.REJECTED]
    if reasons.size == 0:
        return 0, "", 0
    counts = np.bincount(reasons)
    return int(reasons.size), codes.Reason(int(counts.argmax())).text, int(counts.max())
