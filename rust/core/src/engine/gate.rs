//! The gate (S-60 to S-66): asked on arrival and at every fill.

use super::Engine;
use crate::account::Outcome;
use crate::codes::{AccountKind, Reason, Role};
use crate::error::Result;
use crate::order::OrderId;
use crate::units::{scale, sum, worth};

/// The fill that asks to pass.
struct Candidate {
    at: usize,
    side: i64,
    lots: i64,
    ticks: i64,
    fee: i64,
    /// The position afterwards, lots.
    after: i64,
}

impl Engine {
    /// Why a fill of this size and price may not be, if so.
    pub(super) fn refusal(&self, id: OrderId, lots: i64, ticks: i64, role: Role) -> Result<Option<Reason>> {
        let order = &self.orders[id as usize - 1];
        let at = usize::from(order.instrument);
        let held = self.position(at);
        let after = sum(held, order.sign() * lots)?;
        let larger = after.abs() > held.abs();
        if !larger && self.account.kind != AccountKind::Cash {
            return Ok(None);
        }
        let fee = self.commission(at, lots, ticks, role, order.filled == 0)?;
        let side = order.sign();
        let candidate = Candidate {
            at,
            side,
            lots,
            ticks,
            fee,
            after,
        };
        if larger && let Some(reason) = self.over_limit(&candidate)? {
            return Ok(Some(reason));
        }
        self.unfunded(&candidate, larger)
    }

    /// S-65 and S-66.
    fn over_limit(&self, candidate: &Candidate) -> Result<Option<Reason>> {
        if !self.watch.enabled {
            return Ok(Some(Reason::RiskTradingDisabled));
        }
        if self.watch.total_hit || self.watch.day_hit {
            return Ok(Some(Reason::RiskDrawdownLimit));
        }
        let instrument = &self.settings.instruments[candidate.at];
        if instrument
            .position_limit_lots
            .is_some_and(|limit| candidate.after.abs() > limit)
        {
            return Ok(Some(Reason::RiskPositionLimit));
        }
        let risk = &self.settings.risk;
        if instrument.position_limit_minor.is_none() && risk.gross_ppb.is_none() && risk.net_ppb.is_none() {
            return Ok(None);
        }
        let value = self.value_after(candidate)?;
        if instrument.position_limit_minor.is_some_and(|limit| value.abs() > limit) {
            return Ok(Some(Reason::RiskPositionLimit));
        }
        let equity = self.account.equity()?;
        let old = self.account.holdings[candidate.at].value;
        let gross = sum(self.account.gross - old.abs(), value.abs())?;
        let net = sum(self.account.net - old, value)?;
        let over = |limit: Option<i64>, amount: i64| -> Result<bool> {
            Ok(match limit {
                Some(ppb) => amount > scale(equity, ppb)?,
                None => false,
            })
        };
        let exceeded = over(risk.gross_ppb, gross)? || over(risk.net_ppb, net.abs())?;
        Ok(exceeded.then_some(Reason::RiskExposureLimit))
    }

    /// The position after the fill at the fill's price, base currency.
    fn value_after(&self, candidate: &Candidate) -> Result<i64> {
        let holding = &self.account.holdings[candidate.at];
        let value = worth(candidate.after, candidate.ticks, holding.unit)?;
        self.account.in_base(value, holding.currency)
    }

    /// S-61 to S-63.
    fn unfunded(&self, candidate: &Candidate, larger: bool) -> Result<Option<Reason>> {
        match self.account.kind {
            AccountKind::Cash => self.unfunded_cash(candidate),
            AccountKind::Margin if larger => {
                let holding = &self.account.holdings[candidate.at];
                let fee = self.account.in_base(candidate.fee, holding.currency)?;
                let equity = sum(self.account.equity()?, -fee)?;
                let gross = sum(
                    self.account.gross - holding.value.abs(),
                    self.value_after(candidate)?.abs(),
                )?;
                let covered = i128::from(equity) * i128::from(self.account.leverage_milli) >= i128::from(gross) * 1000;
                Ok((!covered).then_some(Reason::InsufficientFunds))
            }
            AccountKind::Isolated if larger => {
                let outcome = self.outcome(candidate)?;
                let free = self.account.free_after(candidate.at, &outcome, candidate.fee)?;
                Ok((free < 0).then_some(Reason::InsufficientFunds))
            }
            _ => Ok(None),
        }
    }

    fn outcome(&self, candidate: &Candidate) -> Result<Outcome> {
        let Candidate {
            at, side, lots, ticks, ..
        } = *candidate;
        let holding = &self.account.holdings[at];
        holding
            .position
            .after(side, lots, ticks, holding.unit, self.account.isolated_leverage())
    }

    fn unfunded_cash(&self, candidate: &Candidate) -> Result<Option<Reason>> {
        if candidate.side < 0 && candidate.after < 0 {
            return Ok(Some(Reason::ShortNotAllowed));
        }
        let holding = &self.account.holdings[candidate.at];
        let notional = candidate.side * worth(candidate.lots, candidate.ticks, holding.unit)?;
        let left = i128::from(self.account.cash[holding.currency]) - i128::from(notional) - i128::from(candidate.fee);
        Ok((left < 0).then_some(Reason::InsufficientFunds))
    }

    /// S-66, at the close.
    pub(super) fn watch_drawdown(&mut self) -> Result<()> {
        if self.watch.session.is_some_and(|session| session != self.session) {
            self.watch.day_base = self.watch.last;
            self.watch.day_hit = false;
        }
        let equity = self.account.equity()?;
        if let Some(ppb) = self.settings.risk.drawdown_total_ppb {
            let floor = sum(self.watch.peak, -scale(self.watch.peak, ppb)?)?;
            self.watch.total_hit |= equity <= floor;
        }
        if let Some(ppb) = self.settings.risk.drawdown_daily_ppb {
            let floor = sum(self.watch.day_base, -scale(self.watch.day_base, ppb)?)?;
            self.watch.day_hit |= equity <= floor;
        }
        Ok(())
    }
}
