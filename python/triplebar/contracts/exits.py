"""Why positions were closed, in the words of older reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from triplebar.contracts.arrow import Column
from triplebar.contracts.codes import OrderFlag, OrderKind, Reason
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
    return [_reason(int(order) - 1, orders) for order in columns(result.canonical("trades"))["order"]]


def _reason(row: int, orders: dict[str, Column]) -> str:
    if orders["flags"][row] & OrderFlag.VENUE:
        return "liquidation" if orders["reason"][row] == Reason.LIQUIDATION else "end_of_data"
    if orders["kind"][row] in STOPS:
        return "stop_loss"
    if orders["parent"][row] and orders["kind"][row] in (OrderKind.LIMIT, OrderKind.MARKET_IF_TOUCHED):
        return "take_profit"
    return "strategy_signal"
