"""The caps of a portfolio, checked, and which of them can never bind."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import ClassVar, Final

from triplebar.contracts import checks
from triplebar.contracts.errors import ConfigError
from triplebar.contracts.exact import Number, exact, scaled
from triplebar.contracts.model import Model, strict
from triplebar.contracts.risk import RiskLimits

SHARE_DECIMALS: Final = 9
"""Shares are counted in parts per billion."""

SHARE_MAX: Final = 1_000
"""A thousand times the account: larger shares are a slip of the pen."""


@dataclass(frozen=True, slots=True)
class IdleCap:
    """A cap that can never bind, and why.

    >>> print(IdleCap("per_token", "each token holds one position, at most 0.1 of the account"))
    per_token can never bind: each token holds one position, at most 0.1 of the account
    """

    cap: str
    because: str

    def __str__(self) -> str:
        return f"{self.cap} can never bind: {self.because}"


@strict
@dataclass(frozen=True)
class Caps(Model):
    """What a portfolio may not exceed; `None` is no cap.

    Shares are of the account's value, notional (R-03): `per_position`, `per_token`, all `long`, all `short`, `total`,
    and `leverage`, a multiple. `per_position_usd` is an amount, `positions` a count. Money is counted in whole units of
    10^-`decimals`.

    >>> caps = Caps(per_position=0.10, per_token=0.15, total=0.50, positions=5)
    >>> caps.per_position
    Decimal('0.1')
    >>> [idle.cap for idle in caps.idle()]
    ['per_token', 'total']
    """

    per_position: Number | None = None
    per_position_usd: Number | None = None
    per_token: Number | None = None
    long: Number | None = None
    short: Number | None = None
    total: Number | None = None
    positions: int | None = None
    leverage: Number | None = None
    decimals: int = 2

    COPY_TRADING: ClassVar[Caps]
    """The constants of a copy-trading index on perpetuals: one configuration among others."""

    def __post_init__(self) -> None:
        """Check everything; what could never hold a position is refused."""
        for name in ("per_position", "per_token", "long", "short", "total", "leverage"):
            self._optional_number(name)
            self._share(name)
        self._optional_number("per_position_usd")
        self._set("decimals", checks.integer(self._named("decimals"), self.decimals, high=9))
        if self.per_position_usd is not None:
            self._whole("per_position_usd", self.decimals, "cut it to the decimals of money")
        if self.positions is not None:
            self._set("positions", checks.integer(self._named("positions"), self.positions, high=2**32 - 1))
        self._refuse_nothing()

    def _share(self, name: str) -> None:
        value = getattr(self, name)
        if value is None:
            return
        if value > SHARE_MAX:
            fix = "a share is a fraction: write 0.1 for 10 %"
            raise ConfigError.of(self._named(name), value, f"must be at most {SHARE_MAX}", fix=fix)
        self._whole(name, SHARE_DECIMALS, f"give at most {SHARE_DECIMALS} decimals")

    def _whole(self, name: str, decimals: int, fix: str) -> None:
        value = exact(getattr(self, name))
        count = scaled(value, decimals)
        if count != int(count):
            raise ConfigError.of(self._named(name), value, "is too fine", fix=fix)
        if count > 2**53:
            raise ConfigError.of(self._named(name), value, "is too large", fix="leave it out for no cap")

    def _refuse_nothing(self) -> None:
        """R-03: caps under which nothing could ever be held contradict themselves."""
        zero = [each.name for each in fields(self) if getattr(self, each.name) == 0 and each.name != "decimals"]
        sides = {"long", "short"}
        if stops := [name for name in zero if name not in sides]:
            name = stops[0]
        elif sides <= set(zero):
            name = "long"
        else:
            return
        fix = "leave it out for no cap, or stop trading by RiskLimits(trading_enabled=False)"
        raise ConfigError.of(self._named(name), getattr(self, name), "nothing could ever be held", fix=fix)

    def units(self) -> tuple[int | None, ...]:
        """The caps in whole numbers, as the kernel reads them."""
        money = None if self.per_position_usd is None else int(scaled(exact(self.per_position_usd), self.decimals))
        first, *rest = (self._ppb(name) for name in ("per_position", "per_token", "long", "short", "total"))
        return (first, money, *rest, self.positions, self._ppb("leverage"))

    def _ppb(self, name: str) -> int | None:
        value = getattr(self, name)
        return None if value is None else int(scaled(exact(value), SHARE_DECIMALS))

    def limits(self) -> RiskLimits:
        """The same caps as limits of a backtest, where they are checked before every fill (S-65).

        An instrument is a token there. Nothing is scaled: an order beyond a limit is refused.

        >>> limits = Caps.COPY_TRADING.limits()
        >>> limits.position_share, limits.gross_exposure, limits.positions
        (Decimal('0.1'), Decimal('0.5'), 5)
        """
        return RiskLimits(
            position_share=_least(_number(self.per_position), _number(self.per_token)),
            position_value=self.per_position_usd,
            long_exposure=self.long,
            short_exposure=self.short,
            gross_exposure=_least(_number(self.total), _number(self.leverage)),
            positions=self.positions,
        )

    def idle(self) -> tuple[IdleCap, ...]:
        """Name the caps that can never bind, because those before them never leave enough (R-19).

        A program that trades shows them when it starts.

        >>> for idle in Caps.COPY_TRADING.idle():
        ...     print(idle)
        per_token can never bind: each token holds one position, at most 0.1 of the account
        long can never bind: at most 0.5 of the account gets there
        short can never bind: at most 0.5 of the account gets there
        total can never bind: at most 0.5 of the account gets there
        leverage can never bind: at most 0.5 of the account gets there
        """
        return tuple(_idle(self))


def _idle(caps: Caps) -> list[IdleCap]:
    found = []
    position, token = _number(caps.per_position), _number(caps.per_token)
    if position is not None and token is not None and token >= position:
        found.append(IdleCap("per_token", f"each token holds one position, at most {position} of the account"))
    each = _least(position, token)
    most = None if each is None or caps.positions is None else each * caps.positions
    sides = []
    for name in ("long", "short"):
        side = _number(getattr(caps, name))
        sides.append(_least(most, side))
        if side is not None and most is not None and most <= side:
            found.append(_too_wide(name, most))
    long, short = sides
    most = _least(most, None if long is None or short is None else long + short)
    for name in ("total", "leverage"):
        cap = _number(getattr(caps, name))
        if cap is not None and most is not None and most <= cap:
            found.append(_too_wide(name, most))
        most = _least(most, cap)
    return found


def _number(value: Number | None) -> Decimal | None:
    return None if value is None else exact(value)


def _least(*values: Decimal | None) -> Decimal | None:
    return min((each for each in values if each is not None), default=None)


def _too_wide(name: str, most: Decimal) -> IdleCap:
    return IdleCap(name, f"at most {most.normalize():f} of the account gets there")


Caps.COPY_TRADING = Caps(
    per_position=0.10,
    per_position_usd=50_000,
    per_token=0.15,
    long=0.60,
    short=0.60,
    total=0.50,
    positions=5,
    leverage=5,
)
