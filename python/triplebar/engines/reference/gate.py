"""The gate that an order passes on arrival and at every fill (S-60 to S-66)."""

from __future__ import annotations

from dataclasses import dataclass

from triplebar.contracts.codes import AccountKind, Reason
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
    total_hit: bool = False
    daily_hit: bool = False

    def look(self, account: Account, equity: int, *, new_session: bool, written: int | None) -> None:
        """S-66: compare the equity at the close with the peak and with the session before."""
        risk = account.settings.risk
        if new_session:
            self.daily_hit = False
            self.day_start = self.day_start if written is None else written
        if risk.drawdown_total_ppb is not None:
            self.total_hit |= equity <= self.peak - scale(self.peak, risk.drawdown_total_ppb)
        if risk.drawdown_daily_ppb is not None:
            self.daily_hit |= equity <= self.day_start - scale(self.day_start, risk.drawdown_daily_ppb)


@dataclass(frozen=True, slots=True)
class Fill:
    """A fill that is asked for."""

    instrument: int
    sign: int
    quantity: int
    price: int
    fee: int


def refusal(account: Account, limits: Limits, fill: Fill) -> Reason:
    """S-60: why this fill may not be, or `Reason.NONE`."""
    found = account.after_fill(fill.instrument, fill.sign, fill.quantity, fill.price)
    grows = abs(found.position.lots) > abs(account.positions[fill.instrument].lots)
    if account.kind is AccountKind.CASH:
        return (risk_refusal(account, limits, fill, found) if grows else Reason.NONE) or cash_refusal(
            account, fill, found
        )
    if not grows:
        return Reason.NONE
    return risk_refusal(account, limits, fill, found) or margin_refusal(account, fill, found)


def risk_refusal(account: Account, limits: Limits, fill: Fill, found: Outcome) -> Reason:
    """S-60, S-65, S-66: kill switch, drawdown, position, exposure, in this order."""
    if not limits.trading_enabled:
        return Reason.RISK_TRADING_DISABLED
    if limits.total_hit or limits.daily_hit:
        return Reason.RISK_DRAWDOWN_LIMIT
    lots = found.position.lots
    instrument, risk = account.settings.instruments[fill.instrument], account.settings.risk
    if instrument.position_limit_lots is not None and abs(lots) > instrument.position_limit_lots:
        return Reason.RISK_POSITION_LIMIT
    if instrument.position_limit_minor is not None:
        value = account.value_at(fill.instrument, lots, fill.price)
        if abs(value) > instrument.position_limit_minor:
            return Reason.RISK_POSITION_LIMIT
    if risk.gross_ppb is None and risk.net_ppb is None:
        return Reason.NONE
    return exposure_refusal(account, account.values_with(fill.instrument, lots, fill.price))


def exposure_refusal(account: Account, values: list[int]) -> Reason:
    """S-65: gross and net value against equity."""
    risk, equity = account.settings.risk, account.equity()
    gross, net = sum(abs(value) for value in values), abs(sum(values))
    if risk.gross_ppb is not None and gross > scale(equity, risk.gross_ppb):
        return Reason.RISK_EXPOSURE_LIMIT
    if risk.net_ppb is not None and net > scale(equity, risk.net_ppb):
        return Reason.RISK_EXPOSURE_LIMIT
    return Reason.NONE


def cash_refusal(account: Account, fill: Fill, found: Outcome) -> Reason:
    """S-61: no short position, no debt."""
    if fill.sign < 0 and found.position.lots < 0:
        return Reason.SHORT_NOT_ALLOWED
    currency = account.settings.instruments[fill.instrument].currency
    if account.cash[currency] + found.cash_change - fill.fee < 0:
        return Reason.INSUFFICIENT_FUNDS
    return Reason.NONE


def margin_refusal(account: Account, fill: Fill, found: Outcome) -> Reason:
    """S-62, S-63: what the account can carry."""
    if account.kind is AccountKind.ISOLATED:
        free = account.free_margin_after(fill.instrument, found, fill.fee)
        return Reason.INSUFFICIENT_FUNDS if free < 0 else Reason.NONE
    gross = sum(abs(value) for value in account.values_with(fill.instrument, found.position.lots, fill.price))
    equity = account.equity() - account.quote_in_base(fill.instrument, fill.fee)
    enough = equity * account.settings.account.leverage_milli >= gross * 1000
    return Reason.NONE if enough else Reason.INSUFFICIENT_FUNDS
