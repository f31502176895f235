"""The causes that a difference can have, and the rules of simulation they belong to."""

from __future__ import annotations

from typing import Final

from triplebar.contracts.codes import OrderKind, Reason

UNEXPLAINED: Final = "unexplained"
FILL_TIME: Final = "fill time"
FILL_PRICE: Final = "fill price"
PATH: Final = "path order"
STOP_BASIS: Final = "stop basis"
GAP: Final = "gap rule"
TRAILING: Final = "trailing stop"
STOP_LIMIT: Final = "stop-limit rule"
TOUCH: Final = "touch"
GROUPS: Final = "groups and brackets"
EXPIRY: Final = "time in force"
SPREAD: Final = "spread"
SLIPPAGE: Final = "slippage"
COMMISSION: Final = "fee base"
MISSES: Final = "missed and partial fills"
VOLUME: Final = "partial-fill cap"
LATENCY: Final = "latency"
CASH: Final = "cash check"
LIQUIDATION: Final = "liquidation"
RISK: Final = "risk limits"
ROUNDING: Final = "price or size rounding"
UNSUPPORTED: Final = "unsupported order"
WARM_UP: Final = "warm-up"
END: Final = "end of data"
DRAWS: Final = "random draws"
CAPITAL: Final = "initial cash"
RATES: Final = "currency rates"
FUNDING: Final = "funding"
BORROW: Final = "borrow"
DEPOSITS: Final = "deposits"
ACCOUNT: Final = "account arithmetic"
DATA_ORDER: Final = "data order"

RULES: Final[dict[str, str]] = {
    UNEXPLAINED: "",
    FILL_TIME: "S-20",
    FILL_PRICE: "S-50",
    PATH: "S-11",
    STOP_BASIS: "S-23",
    GAP: "S-21",
    TRAILING: "S-25",
    STOP_LIMIT: "S-23",
    TOUCH: "S-22",
    GROUPS: "S-27",
    EXPIRY: "S-44",
    SPREAD: "S-51",
    SLIPPAGE: "S-52",
    COMMISSION: "S-53",
    MISSES: "S-54",
    VOLUME: "S-55",
    LATENCY: "S-57",
    CASH: "S-60",
    LIQUIDATION: "S-64",
    RISK: "S-65",
    ROUNDING: "S-02",
    UNSUPPORTED: "S-04",
    WARM_UP: "S-32",
    END: "S-81",
    DRAWS: "S-56",
    CAPITAL: "S-70",
    RATES: "S-74",
    FUNDING: "S-72",
    BORROW: "S-73",
    DEPOSITS: "S-75",
    ACCOUNT: "S-70",
    DATA_ORDER: "S-10",
}
"""Every cause, and the rule of simulation that says how our own engine does it."""

OF_REASON: Final[dict[Reason, str]] = {
    Reason.ONE_CANCELS_OTHER: GROUPS,
    Reason.GROUP_CANCELED: GROUPS,
    Reason.PARENT_ENDED: GROUPS,
    Reason.IMMEDIATE_OR_CANCEL: EXPIRY,
    Reason.FILL_OR_KILL: EXPIRY,
    Reason.AT_OPEN_MISSED: EXPIRY,
    Reason.AT_CLOSE_MISSED: EXPIRY,
    Reason.DAY_ENDED: EXPIRY,
    Reason.DATE_REACHED: EXPIRY,
    Reason.END_OF_DATA: END,
    Reason.POST_ONLY_WOULD_TAKE: TOUCH,
    Reason.REDUCE_ONLY_NO_POSITION: TOUCH,
    Reason.INSUFFICIENT_FUNDS: CASH,
    Reason.SHORT_NOT_ALLOWED: CASH,
    Reason.INVALID_QUANTITY: ROUNDING,
    Reason.INVALID_PRICE: ROUNDING,
    Reason.OFF_GRID: ROUNDING,
    Reason.NOTIONAL_BELOW_MINIMUM: ROUNDING,
    Reason.NOTIONAL_ABOVE_MAXIMUM: CASH,
    Reason.DUPLICATE_ORDER: UNSUPPORTED,
    Reason.UNSUPPORTED: UNSUPPORTED,
    Reason.WARM_UP: WARM_UP,
    Reason.MISSED_FILL: MISSES,
    Reason.LIQUIDATION: LIQUIDATION,
    Reason.RISK_TRADING_DISABLED: RISK,
    Reason.RISK_DRAWDOWN_LIMIT: RISK,
    Reason.RISK_POSITION_LIMIT: RISK,
    Reason.RISK_EXPOSURE_LIMIT: RISK,
}
"""Why an order that the other side filled ended here."""

OF_KIND: Final[dict[OrderKind, str]] = {
    OrderKind.MARKET: FILL_PRICE,
    OrderKind.LIMIT: GAP,
    OrderKind.STOP: STOP_BASIS,
    OrderKind.STOP_LIMIT: STOP_LIMIT,
    OrderKind.TRAILING_STOP: TRAILING,
    OrderKind.MARKET_IF_TOUCHED: STOP_BASIS,
}
"""What another price in the same bar means, by the kind of the order."""
