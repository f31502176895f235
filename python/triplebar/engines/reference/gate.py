"""The gate that an order passes on arrival and at every fill (S-60 to S-66)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from triplebar.contracts.codes import AccountKind, Reason, RiskRule
from triplebar.contracts.settings import RiskSettings
from triplebar.engines.reference.account import Account, Outcome
from triplebar.engines.reference.units import scale


@dataclass(slots=True)
class Limits:
    """What may change about the risk limits while a run goes on (S-60, S-66)."""

    trading_enabled: bool
    peak: int
    """The highest equity written, at least the initial one."""
    day_start: int
    """The equity written last in the session before."""
    total_hit: tuple[int, int] | None = None
    """The least equity that was allowed, and the equity that met it."""
    daily_hit: tuple[int, int] | None = None

    def look(self, account: Account, equity: int, *, new_session: bool, written: int | None) -> None:
        """S-66: compare the equity at the close with the peak and with the session before."""
        risk = account.settings.risk
        if new_session:
            self.daily_hit = None
            self.day_start = self.day_start if written is None else written
        if risk.drawdown_total_ppb is not None:
            self.total_hit = self.total_hit or _met(self.peak, risk.drawdown_total_ppb, equity)
        if risk.drawdown_daily_ppb is not None:
            self.daily_hit = self.daily_hit or _met(self.day_start, risk.drawdown_daily_ppb, equity)


def _met(best: int, ppb: int, equity: int) -> tuple[int, int] | None:
    least = best - scale(best, ppb)
    return (least, equity) if equity <= least else None


class Refusal(NamedTuple):
    """Why a fill may not be: the limit, and what would have been."""

    rule: RiskRule
    limit: int
    value: int

    @property
    def reason(self) -> Reason:
        """What the order ends with."""
        return REASONS[self.rule]


REASONS: Final = {
    RiskRule.TRADING_ENABLED: Reason.RISK_TRADING_DISABLED,
    RiskRule.DRAWDOWN_TOTAL: Reason.RISK_DRAWDOWN_LIMIT,
    RiskRule.DRAWDOWN_DAILY: Reason.RISK_DRAWDOWN_LIMIT,
    RiskRule.POSITION_QUANTITY: Reason.RISK_POSITION_LIMIT,
    RiskRule.POSITION_VALUE: Reason.RISK_POSITION_LIMIT,
    RiskRule.POSITION_SHARE: Reason.RISK_POSITION_LIMIT,
    RiskRule.POSITIONS: Reason.RISK_POSITION_LIMIT,
    RiskRule.GROSS_EXPOSURE: Reason.RISK_EXPOSURE_LIMIT,
    RiskRule.NET_EXPOSURE: Reason.RISK_EXPOSURE_LIMIT,
    RiskRule.LONG_EXPOSURE: Reason.RISK_EXPOSURE_LIMIT,
    RiskRule.SHORT_EXPOSURE: Reason.RISK_EXPOSURE_LIMIT,
    RiskRule.SHORT_SALE: Reason.SHORT_NOT_ALLOWED,
    RiskRule.CASH: Reason.INSUFFICIENT_FUNDS,
    RiskRule.LEVERAGE: Reason.INSUFFICIENT_FUNDS,
    RiskRule.MARGIN: Reason.INSUFFICIENT_FUNDS,
    RiskRule.AMOUNT: Reason.NOTIONAL_ABOVE_MAXIMUM,
}

SIDES: Final = (RiskRule.LONG_EXPOSURE, RiskRule.SHORT_EXPOSURE)
SHARES: Final = (RiskRule.POSITION_SHARE, RiskRule.GROSS_EXPOSURE, RiskRule.NET_EXPOSURE, *SIDES)
LARGEST: Final = 2**63 - 1
TOO_LARGE: Final = Refusal(RiskRule.AMOUNT, LARGEST, LARGEST)
"""No account holds what this fill would bring about."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A fill that is asked for."""

    instrument: int
    sign: int
    quantity: int
    price: int
    fee: int


def refusal(account: Account, limits: Limits, fill: Fill) -> Refusal | None:
    """S-60: why this fill may not be; None if it may."""
    found = account.after_fill(fill.instrument, fill.sign, fill.quantity, fill.price)
    held, after = account.positions[fill.instrument].lots, found.position.lots
    grows = abs(after) > abs(held)
    risky = None
    if grows:
        risky = risk_refusal(account, limits, fill, found)
    elif is_judged(account.settings.risk, held, after):
        risky = exposure_refusal(account, fill, after, SIDES)
    if account.kind is AccountKind.CASH:
        return risky or cash_refusal(account, fill, found)
    return (risky or margin_refusal(account, fill, found)) if grows else risky


def is_judged(risk: RiskSettings, held: int, after: int) -> bool:
    """S-60: what grows is; what turns the position round is, if the sides have limits of their own."""
    has_sides = risk.long_ppb is not None or risk.short_ppb is not None
    return abs(after) > abs(held) or (has_sides and held * after < 0)


def risk_refusal(account: Account, limits: Limits, fill: Fill, found: Outcome) -> Refusal | None:
    """S-60, S-65, S-66: kill switch, drawdown, position, exposure, in this order."""
    if not limits.trading_enabled:
        return Refusal(RiskRule.TRADING_ENABLED, 0, 1)
    if limits.total_hit:
        return Refusal(RiskRule.DRAWDOWN_TOTAL, *limits.total_hit)
    if limits.daily_hit:
        return Refusal(RiskRule.DRAWDOWN_DAILY, *limits.daily_hit)
    return position_refusal(account, fill, found.position.lots) or exposure_refusal(account, fill, found.position.lots)


def position_refusal(account: Account, fill: Fill, lots: int) -> Refusal | None:
    """S-65: the position by itself, and how many there are."""
    instrument, risk = account.settings.instruments[fill.instrument], account.settings.risk
    if instrument.position_limit_lots is not None and abs(lots) > instrument.position_limit_lots:
        return Refusal(RiskRule.POSITION_QUANTITY, instrument.position_limit_lots, abs(lots))
    if risk.positions is not None and account.positions[fill.instrument].lots == 0:
        held = sum(position.lots != 0 for position in account.positions)
        if held >= risk.positions:
            return Refusal(RiskRule.POSITIONS, risk.positions, held + 1)
    if instrument.position_limit_minor is not None:
        value = abs(account.value_at(fill.instrument, lots, fill.price))
        if value > instrument.position_limit_minor:
            return Refusal(RiskRule.POSITION_VALUE, instrument.position_limit_minor, value)
    return None


def exposure_refusal(account: Account, fill: Fill, lots: int, rules: Sequence[RiskRule] = SHARES) -> Refusal | None:
    """S-65: shares of equity: the position, gross and net value, longs and shorts."""
    risk = account.settings.risk
    shares = (risk.position_ppb, risk.gross_ppb, risk.net_ppb, risk.long_ppb, risk.short_ppb)
    if all(share is None for share in shares):
        return None
    values, equity = account.values_with(fill.instrument, lots, fill.price), account.equity()
    looked_at = (
        (RiskRule.POSITION_SHARE, abs(values[fill.instrument])),
        (RiskRule.GROSS_EXPOSURE, sum(abs(value) for value in values)),
        (RiskRule.NET_EXPOSURE, abs(sum(values))),
        (RiskRule.LONG_EXPOSURE, sum(value for value in values if value > 0)),
        (RiskRule.SHORT_EXPOSURE, -sum(value for value in values if value < 0)),
    )
    for share, (rule, amount) in zip(shares, looked_at, strict=True):
        if rule in rules and share is not None and amount > scale(equity, share):
            return Refusal(rule, clamped(scale(equity, share)), clamped(amount))
    return None


def cash_refusal(account: Account, fill: Fill, found: Outcome) -> Refusal | None:
    """S-61: no short position, no debt."""
    if fill.sign < 0 and found.position.lots < 0:
        return Refusal(RiskRule.SHORT_SALE, 0, -found.position.lots)
    currency = account.settings.instruments[fill.instrument].currency
    cash, needed = account.cash[currency], fill.fee - found.cash_change
    return Refusal(RiskRule.CASH, cash, clamped(needed)) if needed > cash else None


def margin_refusal(account: Account, fill: Fill, found: Outcome) -> Refusal | None:
    """S-62, S-63: what the account can carry."""
    if account.kind is AccountKind.ISOLATED:
        free = account.free_margin_after(fill.instrument, found, fill.fee)
        return Refusal(RiskRule.MARGIN, 0, clamped(free)) if free < 0 else None
    gross = sum(abs(value) for value in account.values_with(fill.instrument, found.position.lots, fill.price))
    equity = account.equity() - account.quote_in_base(fill.instrument, fill.fee)
    most = equity * account.settings.account.leverage_milli
    return None if most >= gross * 1000 else Refusal(RiskRule.LEVERAGE, clamped(most // 1000), clamped(gross))


def clamped(amount: int) -> int:
    """The nearest number of 64 bits: what a refusal tells of a sum that is wider."""
    return max(-LARGEST - 1, min(LARGEST, amount))
