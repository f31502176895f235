"""The integers that tables and both engines use for kinds, states and reasons.

The same values stand in the Rust core. The text of a code is its name in lower case.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Self

from triplebar.contracts.suggest import hint


class Code(IntEnum):
    """An integer with a name; the text form is what people read and write.

    >>> OrderKind.STOP_LIMIT.text, int(OrderKind.STOP_LIMIT), OrderKind.from_text("stop_limit").name
    ('stop_limit', 3, 'STOP_LIMIT')
    """

    @property
    def text(self) -> str:
        """The name in lower case."""
        return self.name.lower()

    @classmethod
    def texts(cls) -> list[str]:
        """The texts of all members, in the order of their values.

        >>> Role.texts()
        ['taker', 'maker']
        """
        return [member.text for member in cls]

    @classmethod
    def from_text(cls, text: object) -> Self:
        """The member with this text; `ValueError` with a suggestion if there is none.

        >>> TimeInForce.from_text("at_opne")
        Traceback (most recent call last):
        ValueError: TimeInForce has no 'at_opne'; did you mean 'at_open'?
        """
        member = cls.__members__.get(text.upper()) if isinstance(text, str) and text == text.lower() else None
        if member is None:
            fix = hint(text, cls.texts())
            raise ValueError(f"{cls.__name__} has no {text!r}; {fix}")
        return member


class Side(Code):
    """Which way: the sign is all that tells a buy from a sell."""

    BUY = 1
    SELL = -1

    @property
    def opposite(self) -> Side:
        """The other side.

        >>> Side.BUY.opposite.text
        'sell'
        """
        return Side(-self.value)


class OrderKind(Code):
    """How an order wants its price."""

    MARKET = 0
    LIMIT = 1
    STOP = 2
    STOP_LIMIT = 3
    TRAILING_STOP = 4
    MARKET_IF_TOUCHED = 5


class TimeInForce(Code):
    """How long an order may live."""

    GTC = 0
    DAY = 1
    GTD = 2
    IOC = 3
    FOK = 4
    AT_OPEN = 5
    AT_CLOSE = 6


class OrderStatus(Code):
    """Where an order is in its life."""

    PENDING = 0
    SUBMITTED = 1
    ACCEPTED = 2
    PARTIALLY_FILLED = 3
    FILLED = 4
    CANCELED = 5
    REJECTED = 6
    EXPIRED = 7

    @property
    def terminal(self) -> bool:
        """Whether the order has ended.

        >>> [status.text for status in OrderStatus if not status.terminal]
        ['pending', 'submitted', 'accepted', 'partially_filled']
        """
        return self >= OrderStatus.FILLED


class EventKind(Code):
    """What happened to an order."""

    ACCEPTED = 0
    TRIGGERED = 1
    FILLED = 2
    MODIFIED = 3
    CANCELED = 4
    REJECTED = 5
    EXPIRED = 6


class Moment(Code):
    """The part of a tick of the clock in which something happened (S-10)."""

    BEFORE = 0
    OPEN = 1
    PATH = 2
    CLOSE = 3
    DECISION = 4


class Role(Code):
    """Whether a fill took liquidity or gave it."""

    TAKER = 0
    MAKER = 1


class Cause(Code):
    """What made an order fill; `close` is the auction of S-43, `forced` a liquidation or `close_at_end`."""

    ARRIVAL = 0
    JUMP = 1
    PATH = 2
    CLOSE = 3
    FORCED = 4


class FlowKind(Code):
    """A change of cash that is not a fill."""

    DEPOSIT = 0
    WITHDRAWAL = 1
    FUNDING = 2
    BORROW = 3
    CONVERSION = 4
    INSURANCE = 5


class RiskRule(Code):
    """Which limit has refused an order (S-60 to S-66)."""

    TRADING_ENABLED = 0
    DRAWDOWN_TOTAL = 1
    DRAWDOWN_DAILY = 2
    POSITION_QUANTITY = 3
    POSITION_VALUE = 4
    GROSS_EXPOSURE = 5
    NET_EXPOSURE = 6
    SHORT_SALE = 7
    CASH = 8
    LEVERAGE = 9
    MARGIN = 10
    AMOUNT = 11
    POSITION_SHARE = 12
    POSITIONS = 13
    LONG_EXPOSURE = 14
    SHORT_EXPOSURE = 15


class Ledger(Code):
    """The accounts of the double-entry ledger (S-71)."""

    CASH = 0
    HOLDING = 1
    REALISED = 2
    COMMISSION = 3
    FUNDING = 4
    BORROW = 5
    CAPITAL = 6
    CONVERSION = 7
    INSURANCE = 8


class AccountKind(Code):
    """How buying power is measured (S-61 to S-63)."""

    CASH = 0
    MARGIN = 1
    ISOLATED = 2


class FillConvention(Code):
    """When a decision made at a close reaches the venue (S-20)."""

    NEXT_OPEN = 0
    SAME_CLOSE = 1


class PathRule(Code):
    """In which order a bar visits its extremes (S-11)."""

    OPEN_HIGH_LOW_CLOSE = 0
    OPEN_LOW_HIGH_CLOSE = 1
    ADAPTIVE = 2
    PESSIMISTIC = 3


class Reason(Code):
    """Why an order ended, or was refused."""

    NONE = 0
    BY_STRATEGY = 1
    ONE_CANCELS_OTHER = 2
    GROUP_CANCELED = 3
    PARENT_ENDED = 4
    IMMEDIATE_OR_CANCEL = 5
    FILL_OR_KILL = 6
    AT_OPEN_MISSED = 7
    AT_CLOSE_MISSED = 8
    DAY_ENDED = 9
    DATE_REACHED = 10
    END_OF_DATA = 11
    POST_ONLY_WOULD_TAKE = 12
    REDUCE_ONLY_NO_POSITION = 13
    INSUFFICIENT_FUNDS = 14
    SHORT_NOT_ALLOWED = 15
    INVALID_QUANTITY = 16
    INVALID_PRICE = 17
    OFF_GRID = 18
    NOTIONAL_BELOW_MINIMUM = 19
    DUPLICATE_ORDER = 20
    UNSUPPORTED = 21
    WARM_UP = 22
    MISSED_FILL = 23
    LIQUIDATION = 24
    RISK_TRADING_DISABLED = 25
    RISK_DRAWDOWN_LIMIT = 26
    RISK_POSITION_LIMIT = 27
    RISK_EXPOSURE_LIMIT = 28
    NOTIONAL_ABOVE_MAXIMUM = 29


class OrderFlag(IntFlag):
    """Bits of the column `flags` of the order table.

    >>> OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY == 3
    True
    """

    POST_ONLY = 1
    REDUCE_ONLY = 2
    VENUE = 4
    TRAIL_IS_PPB = 8
