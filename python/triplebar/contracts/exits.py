"""Why positions were closed, in the words of older reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from triplebar.contracts.codes import Cause, Moment, OrderFlag, OrderKind, Reason
from triplebar.contracts.result_scales import Column
from triplebar.contracts.result_tables import columns

if TYPE_CHECKING:
    from triplebar.contracts.result import RunResult

STOPS: Final = (OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.TRAILING_STOP)
EXIT_REASONS: Final = ("stop_loss", "take_profit", "strategy_signal", "end_of_data", "liquidation")


def exit_reasons(result: RunResult) -> list[str]:
    """One reason for each row of the trade table.

    A stop that closes is a `stop_loss`, a child that is a limit a `take_profit`; what the venue closed is a
    `liquidation` or the `end_of_data`; everything else is a `strategy_signal`.
    """
    orders = columns(result.canonical("orders"))
    liquidated = _liquidated(result)
    closing = columns(result.canonical("trades"))["order"]
    return [_reason(int(order), orders, liquidated) for order in closing]


def _reason(order: int, orders: dict[str, Column], liquidated: frozenset[int]) -> str:
    row = order - 1
    if orders["flags"][row] & OrderFlag.VENUE:
        return "liquidation" if order in liquidated else "end_of_data"
    if orders["kind"][row] in STOPS:
        return "stop_loss"
    if orders["parent"][row] and orders["kind"][row] in (OrderKind.LIMIT, OrderKind.MARKET_IF_TOUCHED):
        return "take_profit"
    return "strategy_signal"


def _liquidated(result: RunResult) -> frozenset[int]:
    """The orders of the venue that liquidated: said so, or forced before the end of the bar's decision."""
    orders = columns(result.canonical("orders"))
    fills = columns(result.canonical("fills"))
    said = orders["order"][orders["reason"] == Reason.LIQUIDATION]
    early = fills["order"][
        (fills["cause"] == Cause.FORCED) & np.isin(fills["moment"], (Moment.OPEN, Moment.PATH, Moment.CLOSE))
    ]
    return frozenset(int(each) for each in np.concatenate([said, early]))
