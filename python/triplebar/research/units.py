"""What the numbers of result tables are counted in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from triplebar.contracts.result import RunResult
from triplebar.contracts.tables import NO_INSTRUMENT

IN_BASE: Final = {("equity", "equity"), ("equity", "cash")}
IN_QUOTE: Final = {"price", "limit", "stop", "trigger", "trail", "fee", "half_spread", "slippage", "average_price"}
SIZES: Final = {"quantity", "filled"}
CLOCKS: Final = {"clock", "sent", "arrived", "ended", "bar"}


def unit_of(result: RunResult, table: str, column: str, row: Mapping[str, Any]) -> str | None:
    """Name the unit of a cell in the user's units; `row` is the exact row. None for texts, flags and codes.

    >>> import triplebar as tb
    >>> result = tb.run(tb.samples.BuyAndHold(), tb.Market.synthetic(bars=9, seed=1), engine="reference")
    >>> [unit_of(result, "fills", column, {"instrument": 0}) for column in ("price", "quantity", "role")]
    ['USD', 'of X', None]
    """
    settings = result.settings
    if (table, column) in IN_BASE:
        return settings.currencies[0]
    if table == "flows" and column == "amount" and "currency" in row:
        return settings.currencies[int(row["currency"])]
    if column in CLOCKS:
        return "(bar of the clock)"
    number = _instrument(result, row)
    if number is None:
        return None
    if column in IN_QUOTE:
        return settings.currencies[settings.instruments[number].currency]
    return f"of {settings.instruments[number].symbol}" if column in SIZES else None


def _instrument(result: RunResult, row: Mapping[str, Any]) -> int | None:
    """The instrument of a row: its own, or that of its order."""
    if "instrument" in row:
        return None if row["instrument"] == NO_INSTRUMENT else int(row["instrument"])
    if "order" in row:
        return int(result.canonical("orders").column("instrument")[row["order"] - 1].as_py())
    return None
