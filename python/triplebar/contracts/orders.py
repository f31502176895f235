"""Orders as a strategy sees them: what it asks for, what has become of it, and what it is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from triplebar.contracts.capabilities import refusal
from triplebar.contracts.codes import OrderKind, OrderStatus, Side, TimeInForce
from triplebar.contracts.errors import OrderError
from triplebar.contracts.time import from_ns, to_ns

ORDER_KEYWORDS = (
    "limit", "stop", "trail", "trail_percent", "touch", "tif", "expire", "post_only", "reduce_only", "tag", "id", "oco",
    "parent", "take_profit", "stop_loss",
)  # fmt: skip
"""The keywords that `ctx.buy` and `ctx.sell` take beside symbol and quantity."""

CHANGE_KEYWORDS = ("limit", "stop", "trail", "trail_percent", "touch")
"""The keywords that `ctx.modify` takes beside order and quantity."""

PRICES_OF_KIND = {
    OrderKind.MARKET: frozenset[str](),
    OrderKind.LIMIT: frozenset({"limit"}),
    OrderKind.STOP: frozenset({"trigger"}),
    OrderKind.STOP_LIMIT: frozenset({"limit", "trigger"}),
    OrderKind.TRAILING_STOP: frozenset({"trail", "trail_percent"}),
    OrderKind.MARKET_IF_TOUCHED: frozenset({"trigger"}),
}
"""The prices that orders of a kind take; a trailing stop takes one of its two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """A request for an order, in the user's units; a request that makes no sense is an `OrderError`.

    >>> OrderRequest(symbol="X", side="buy", quantity=10, kind="limit", limit=99.5).kind.text
    'limit'
    >>> OrderRequest(symbol="X", side="buy", quantity=10, kind="stop", trigger=101.0, tif="ioc")
    Traceback (most recent call last):
    triplebar.contracts.errors.OrderError: X: ioc is for market and limit orders, not stop
    """

    symbol: str
    side: Side | str
    quantity: float
    kind: OrderKind | str = OrderKind.MARKET
    limit: float | None = None
    trigger: float | None = None
    trail: float | None = None
    trail_percent: float | None = None
    tif: TimeInForce | str = TimeInForce.GTC
    expire: datetime | int | str | None = None
    post_only: bool = False
    reduce_only: bool = False
    tag: str | None = None
    id: str | None = None
    group: str | None = None
    parent: int | None = None

    def __post_init__(self) -> None:
        """Codes from their texts, then every number, then the combination."""
        for name, codes in (("side", Side), ("kind", OrderKind), ("tif", TimeInForce)):
            object.__setattr__(self, name, self._code(name, codes))
        self._check_number("quantity", self.quantity)
        self._check_prices()
        self._check_combination()

    def _fail(self, problem: str, fix: str | None = None) -> OrderError:
        return OrderError(problem, where=self.symbol, fix=fix)

    def _code(self, name: str, codes: type[Side | OrderKind | TimeInForce]) -> object:
        value = getattr(self, name)
        try:
            return value if isinstance(value, codes) else codes.from_text(value)
        except ValueError as problem:
            raise self._fail(str(problem)) from None

    def _check_number(self, name: str, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value <= 0:
            raise self._fail(f"{name} = {value!r} is not a number above 0", f"give e.g. {name}=10")

    def _check_prices(self) -> None:
        kind = cast("OrderKind", self.kind)
        wanted = PRICES_OF_KIND[kind]
        given = {name for name in ("limit", "trigger", "trail", "trail_percent") if getattr(self, name) is not None}
        for name in sorted(given):
            self._check_number(name, getattr(self, name))
        right = len(given) == 1 and given <= wanted if kind is OrderKind.TRAILING_STOP else given == wanted
        if not right:
            takes = " or ".join(sorted(wanted)) if kind is OrderKind.TRAILING_STOP else " and ".join(sorted(wanted))
            raise self._fail(f"a {kind.text} order takes {takes or 'no price'}", f"given: {sorted(given) or 'nothing'}")

    def _check_combination(self) -> None:
        try:
            expire = None if self.expire is None else to_ns(self.expire)
        except ValueError as problem:
            raise self._fail(f"expire: {problem}") from None
        object.__setattr__(self, "expire", expire)
        problem_text = refusal(
            cast("OrderKind", self.kind),
            cast("TimeInForce", self.tif),
            post_only=self.post_only,
            has_expire=expire is not None,
        )
        if problem_text:
            raise self._fail(problem_text)


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as it stands now, in the user's units and words.

    >>> OrderView(1, "X", 1, "market", "gtc", "submitted", "none", 10.0, 0.0, None, None, None).live
    True
    """

    order: int
    symbol: str
    side: int
    kind: str
    tif: str
    status: str
    reason: str
    quantity: float
    filled: float
    limit: float | None
    stop: float | None
    tag: str | None

    @property
    def live(self) -> bool:
        """Whether it can still fill."""
        return not OrderStatus.from_text(self.status).terminal

    @property
    def remaining(self) -> float:
        """What it may still fill."""
        return self.quantity - self.filled


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """What happened to an order: the kind and reason are the texts of `EventKind` and `Reason`.

    >>> OrderEvent("canceled", "by_strategy", 1, "X", 0, None).time.year
    1970
    """

    kind: str
    reason: str
    order: int
    symbol: str
    time_ns: int
    tag: str | None = None

    @property
    def time(self) -> datetime:
        """When it happened."""
        return from_ns(self.time_ns)
