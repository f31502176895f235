"""The numbered rules of simulation as data: what each code of a fact means, in one sentence, and which rule says so.

The numbers and titles are those of docs/semantics.md; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triplebar.contracts.codes import Cause, EventKind, FlowKind, OrderKind, Reason, TimeInForce


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence and the number of the rule behind it.

    >>> str(Saying("S-22", "the path of the bar reached it"))
    'the path of the bar reached it (S-22)'
    """

    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.sentence} ({self.rule})"


RULES: Final[dict[str, str]] = {
    "S-01": "Scaling",
    "S-02": "Off the grid",
    "S-03": "Marks",
    "S-04": "Refused when sent",
    "S-10": "Ticks of the clock",
    "S-11": "The path of a bar",
    "S-12": "A tick is a bar",
    "S-20": "Arrival",
    "S-21": "The jump to O",
    "S-22": "The path",
    "S-23": "Touch",
    "S-24": "Spread",
    "S-25": "Trailing",
    "S-26": "Order of evaluation",
    "S-27": "Groups",
    "S-28": "Parents and children",
    "S-29": "Sides are mirror images",
    "S-30": "Decision points",
    "S-31": "Notices",
    "S-32": "Warm-up",
    "S-33": "Timers",
    "S-40": "Good till canceled",
    "S-41": "Day",
    "S-42": "At the open",
    "S-43": "At the close",
    "S-44": "Expiry",
    "S-45": "Reduce-only",
    "S-46": "Cancel and modify",
    "S-47": "Client ids",
    "S-48": "States",
    "S-50": "Fill price",
    "S-51": "Half spread",
    "S-52": "Slippage",
    "S-53": "Commission",
    "S-54": "Missed and partial fills",
    "S-55": "Volume",
    "S-56": "Random draws",
    "S-57": "Latency",
    "S-58": "A fill",
    "S-60": "The gate",
    "S-61": "Cash account",
    "S-62": "Margin account",
    "S-63": "Isolated margin",
    "S-64": "Cross-margin liquidation",
    "S-65": "Exposure limits",
    "S-66": "Drawdown limits",
    "S-67": "Average cost",
    "S-70": "Equity",
    "S-71": "Postings",
    "S-72": "Funding",
    "S-73": "Borrow",
    "S-74": "Currencies",
    "S-75": "Deposits and withdrawals",
    "S-80": "End of data",
    "S-81": "close_at_end",
}
"""All rules by number."""

REASONS: Final[dict[Reason, Saying]] = {
    Reason.NONE: Saying("S-48", "nothing went against it"),
    Reason.BY_STRATEGY: Saying("S-46", "the strategy canceled it, or lowered its size to what was filled"),
    Reason.ONE_CANCELS_OTHER: Saying("S-27", "another member of its group filled, which cancels the rest"),
    Reason.GROUP_CANCELED: Saying(
        "S-27", "another member of its group was canceled or expired, which cancels the rest"
    ),
    Reason.PARENT_ENDED: Saying("S-28", "its parent ended, and a child never fills more than its parent"),
    Reason.IMMEDIATE_OR_CANCEL: Saying("S-20", "it was immediate-or-cancel, and this was left after its arrival"),
    Reason.FILL_OR_KILL: Saying("S-20", "it was fill-or-kill and could not fill whole on arrival"),
    Reason.AT_OPEN_MISSED: Saying("S-42", "it was for the open of a session, and this was left after it"),
    Reason.AT_CLOSE_MISSED: Saying("S-43", "it was for the close of a session, and this was left after it"),
    Reason.DAY_ENDED: Saying("S-44", "it was good for the session of its arrival, which is over"),
    Reason.DATE_REACHED: Saying("S-44", "it was good till a date, which has passed"),
    Reason.END_OF_DATA: Saying("S-80", "the data ended while it was live, or before it could be"),
    Reason.POST_ONLY_WOULD_TAKE: Saying(
        "S-20", "it was post-only, and the price on arrival would have filled it at once"
    ),
    Reason.REDUCE_ONLY_NO_POSITION: Saying("S-45", "it was reduce-only, and there was no opposite position left"),
    Reason.INSUFFICIENT_FUNDS: Saying("S-60", "the account did not have the funds"),
    Reason.SHORT_NOT_ALLOWED: Saying("S-61", "a cash account cannot sell what it does not hold"),
    Reason.INVALID_QUANTITY: Saying("S-02", "its size is 0, or outside the sizes of the instrument"),
    Reason.INVALID_PRICE: Saying("S-02", "a price of it is not positive"),
    Reason.OFF_GRID: Saying("S-02", "a price or size of it is not on the grid, and off_grid is 'reject'"),
    Reason.NOTIONAL_BELOW_MINIMUM: Saying("S-02", "its worth is under the least of the instrument"),
    Reason.DUPLICATE_ORDER: Saying("S-47", "its id was used before in this run"),
    Reason.UNSUPPORTED: Saying("S-41", "its kind and its time in force do not go together"),
    Reason.WARM_UP: Saying("S-32", "it was sent during the warm-up, when orders are refused"),
    Reason.MISSED_FILL: Saying("S-54", "the draw for missed fills took it the first time it would have filled"),
    Reason.LIQUIDATION: Saying("S-64", "the account or position was liquidated"),
    Reason.RISK_TRADING_DISABLED: Saying("S-60", "the kill switch was on"),
    Reason.RISK_DRAWDOWN_LIMIT: Saying("S-66", "the account had lost more than the drawdown limit"),
    Reason.RISK_POSITION_LIMIT: Saying("S-65", "the position would have exceeded its limit"),
    Reason.RISK_EXPOSURE_LIMIT: Saying("S-65", "the exposure of the account would have exceeded its limit"),
    Reason.NOTIONAL_ABOVE_MAXIMUM: Saying("S-60", "its worth, or what it makes of the account, does not fit 64 bits"),
}
"""Why an order ended, or was refused."""

FUNDS: Final[dict[str, Saying]] = {
    "cash": Saying("S-61", "cash after the fill and its fee would have been below zero"),
    "margin": Saying("S-62", "equity after the fee, times leverage, would not have covered the positions"),
    "isolated": Saying("S-63", "the wallet after the fill would not have covered the margins"),
}
"""`insufficient_funds`, by kind of account."""

CAUSES: Final[dict[Cause, Saying]] = {
    Cause.ARRIVAL: Saying("S-20", "on arrival"),
    Cause.JUMP: Saying("S-21", "in the jump to O, which met it while it rested"),
    Cause.PATH: Saying("S-22", "on the path of the bar, which reached its price"),
    Cause.CLOSE: Saying("S-43", "at C, the last of the session"),
    Cause.FORCED: Saying("S-64", "by force of the venue"),
}
"""What made an order fill."""

KINDS: Final[dict[OrderKind, Saying]] = {
    OrderKind.MARKET: Saying("S-23", "a market order fills at the price it meets"),
    OrderKind.LIMIT: Saying("S-23", "a limit order fills where the price satisfies its limit"),
    OrderKind.STOP: Saying("S-23", "a stop becomes a market order where the price has reached its trigger"),
    OrderKind.STOP_LIMIT: Saying("S-23", "a stop-limit becomes a limit order where the price has reached its trigger"),
    OrderKind.TRAILING_STOP: Saying("S-25", "a trailing stop's trigger follows the price and never loosens"),
    OrderKind.MARKET_IF_TOUCHED: Saying("S-23", "it becomes a market order where the price has come to its trigger"),
}
"""How each kind of order wants its price."""

TIMES_IN_FORCE: Final[dict[TimeInForce, Saying]] = {
    TimeInForce.GTC: Saying("S-40", "good till canceled"),
    TimeInForce.DAY: Saying("S-41", "good for the day"),
    TimeInForce.GTD: Saying("S-44", "good till a date"),
    TimeInForce.IOC: Saying("S-20", "immediate or cancel"),
    TimeInForce.FOK: Saying("S-20", "fill or kill"),
    TimeInForce.AT_OPEN: Saying("S-42", "at the open"),
    TimeInForce.AT_CLOSE: Saying("S-43", "at the close"),
}
"""How long each order may live."""

EVENTS: Final[dict[EventKind, Saying]] = {
    EventKind.ACCEPTED: Saying("S-48", "accepted: it rests in the book"),
    EventKind.TRIGGERED: Saying("S-23", "triggered"),
    EventKind.FILLED: Saying("S-50", "filled"),
    EventKind.MODIFIED: Saying("S-46", "modified by the strategy"),
    EventKind.CANCELED: Saying("S-46", "canceled"),
    EventKind.REJECTED: Saying("S-60", "rejected"),
    EventKind.EXPIRED: Saying("S-44", "expired"),
}
"""What happened to an order."""

FLOWS: Final[dict[FlowKind, Saying]] = {
    FlowKind.DEPOSIT: Saying("S-71", "the strategy paid money in"),
    FlowKind.WITHDRAWAL: Saying("S-71", "the strategy took money out"),
    FlowKind.FUNDING: Saying("S-72", "funding of a position"),
    FlowKind.BORROW: Saying("S-73", "borrow of a short position"),
    FlowKind.CONVERSION: Saying("S-74", "money changed into another currency"),
    FlowKind.INSURANCE: Saying("S-63", "the venue paid what a liquidation lost beyond the margin"),
}
"""What changed cash without a fill."""


def reason(code: Reason, account: str) -> Saying:
    """Say why an order ended; the kind of account matters for funds and liquidations.

    >>> str(reason(Reason.INSUFFICIENT_FUNDS, "cash"))
    'cash after the fill and its fee would have been below zero (S-61)'
    """
    if code == Reason.INSUFFICIENT_FUNDS:
        return FUNDS[account]
    if code == Reason.LIQUIDATION and account == "isolated":
        return Saying("S-63", "the position was liquidated")
    return REASONS[code]
