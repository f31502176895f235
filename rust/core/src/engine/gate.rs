//! The gate (S-60 to S-66): asked on arrival and at every fill.

use super::Engine;
use crate::codes::{AccountKind, Role};
use crate::error::Result;
use crate::position::Outcome;
use crate::risk::pretrade::{
    Change, Exposure, Leverage, PositionLimits, Situation, Switches, clamped, judge, reduction,
};
use crate::risk::{Proposal, Refusal, Rule, Verdict};
use crate::settings::RiskSettings;
use crate::units::{scale, sum, worth};

/// The fill that asks to pass, and the account that it asks about.
struct Candidate<'a> {
    engine: &'a Engine,
    at: usize,
    side: i64,
    proposal: &'a Proposal,
    fee: i64,
    /// The position afterwards, lots.
    after: i64,
}

impl Engine {
    /// Whether a fill of this size and price may be.
    #[inline]
    pub(super) fn judge<'proposal>(&mut self, proposal: &'proposal Proposal, role: Role) -> Result<Verdict<'proposal>> {
        let order = &self.orders[proposal.order as usize - 1];
        let (at, side) = (usize::from(order.instrument), order.sign());
        let held = self.position(at);
        let Some(after) = held.checked_add(side * proposal.lots) else {
            return Ok(Err(too_large()));
        };
        let change = Change { held, after };
        if self.account.kind != AccountKind::Cash
            && !(change.turns() && self.settings.risk.has_sides())
            && let Some(approval) = reduction(proposal, change)
        {
            return Ok(Ok(approval));
        }
        let first = order.filled == 0;
        let Some(fee) = self.fee_with_room(at, side, proposal, after, (role, first)) else {
            return Ok(Err(too_large()));
        };
        if self.account.kind == AccountKind::Margin || self.duties.exposure {
            self.account.add_up()?;
        }
        let candidate = Candidate {
            engine: self,
            at,
            side,
            proposal,
            fee,
            after,
        };
        judge(proposal, change, &candidate)
    }

    /// The fee of a fill, if every amount that it brings about fits 64 bits.
    #[inline]
    fn fee_with_room(
        &self,
        at: usize,
        side: i64,
        proposal: &Proposal,
        after: i64,
        (role, first): (Role, bool),
    ) -> Option<i64> {
        let holding = &self.account.holdings[at];
        let notional = proposal.lots.checked_mul(proposal.ticks)?.checked_mul(holding.unit)?;
        let fee = self.commission(at, notional, proposal.lots, role, first).ok()?;
        scale(fee, holding.rate).ok()?;
        holding.value_of(after, proposal.ticks).ok()?;
        let cash = i128::from(self.account.cash[holding.currency]) - i128::from(side * notional) - i128::from(fee);
        i64::try_from(cash).ok()?;
        if self.account.kind == AccountKind::Isolated {
            let leverage = self.account.isolated_leverage();
            let position = &holding.position;
            position
                .after(side, proposal.lots, proposal.ticks, holding.unit, leverage)
                .ok()?;
        } else if (holding.position.lots < 0) != (side > 0) {
            holding.position.cost.checked_add(side * notional)?;
        }
        Some(fee)
    }

    /// S-66, at the close.
    pub(super) fn watch_drawdown(&mut self) -> Result<()> {
        if self.watch.session.is_some_and(|session| session != self.session) {
            self.watch.day_base = self.watch.last;
            self.watch.day_hit = None;
        }
        let equity = self.account.equity()?;
        if let Some(ppb) = self.settings.risk.drawdown_total_ppb {
            let floor = sum(self.watch.peak, -scale(self.watch.peak, ppb)?)?;
            if equity <= floor && self.watch.total_hit.is_none() {
                self.watch.total_hit = Some((floor, equity));
            }
        }
        if let Some(ppb) = self.settings.risk.drawdown_daily_ppb {
            let floor = sum(self.watch.day_base, -scale(self.watch.day_base, ppb)?)?;
            if equity <= floor && self.watch.day_hit.is_none() {
                self.watch.day_hit = Some((floor, equity));
            }
        }
        Ok(())
    }
}

/// No account holds what this fill would bring about.
#[cold]
#[expect(clippy::unnecessary_box_returns, reason = "a verdict holds it in a box")]
fn too_large() -> Box<Refusal> {
    Refusal::over(Rule::Amount, i64::MAX, i64::MAX)
}

impl Situation for Candidate<'_> {
    #[inline]
    fn switches(&self) -> Switches {
        let watch = &self.engine.watch;
        Switches {
            disabled: !watch.enabled,
            total: watch.total_hit.is_some(),
            daily: watch.day_hit.is_some(),
        }
    }

    fn drawdown(&self) -> (i64, i64) {
        let watch = &self.engine.watch;
        watch.total_hit.or(watch.day_hit).unwrap_or_default()
    }

    #[inline]
    fn position_limits(&self) -> PositionLimits {
        let instrument = &self.engine.settings.instruments[self.at];
        PositionLimits {
            lots: instrument.position_limit_lots,
            minor: instrument.position_limit_minor,
        }
    }

    #[inline]
    fn risk(&self) -> &RiskSettings {
        &self.engine.settings.risk
    }

    fn positions_held(&self) -> u32 {
        let held = self
            .engine
            .account
            .holdings
            .iter()
            .filter(|holding| holding.position.lots != 0);
        u32::try_from(held.count()).unwrap_or(u32::MAX)
    }

    /// The position after the fill at the fill's price, base currency.
    #[inline]
    fn value_after(&self) -> Result<i64> {
        let holding = &self.engine.account.holdings[self.at];
        holding.value_of(self.after, self.proposal.ticks)
    }

    #[inline]
    fn exposure_after(&self, value: i64) -> Result<Exposure> {
        let account = &self.engine.account;
        let equity = account.equity()?;
        let after = account.totals()?.minus(account.holdings[self.at].value()?).plus(value);
        Ok(Exposure {
            equity,
            gross: after.gross,
            net: after.net,
        })
    }

    /// S-61 to S-63.
    #[inline]
    fn unfunded(&self, grows: bool) -> Result<Option<Box<Refusal>>> {
        match self.engine.account.kind {
            AccountKind::Cash => self.unfunded_cash(),
            AccountKind::Margin if grows => self.unfunded_margin(),
            AccountKind::Isolated if grows => self.unfunded_isolated(),
            _ => Ok(None),
        }
    }
}

impl Candidate<'_> {
    #[inline]
    fn outcome(&self) -> Result<Outcome> {
        let account = &self.engine.account;
        let holding = &account.holdings[self.at];
        let leverage = account.isolated_leverage();
        holding.position.after(
            self.side,
            self.proposal.lots,
            self.proposal.ticks,
            holding.unit,
            leverage,
        )
    }

    /// S-61.
    #[inline]
    fn unfunded_cash(&self) -> Result<Option<Box<Refusal>>> {
        if self.side < 0 && self.after < 0 {
            return Ok(Some(Refusal::over(Rule::ShortSale, 0, -self.after)));
        }
        let holding = &self.engine.account.holdings[self.at];
        let cash = self.engine.account.cash[holding.currency];
        let notional = self.side * worth(self.proposal.lots, self.proposal.ticks, holding.unit)?;
        let needed = i128::from(notional) + i128::from(self.fee);
        Ok((needed > i128::from(cash)).then(|| Refusal::over(Rule::Cash, cash, clamped(needed))))
    }

    /// S-62.
    #[inline]
    fn unfunded_margin(&self) -> Result<Option<Box<Refusal>>> {
        let account = &self.engine.account;
        let holding = &account.holdings[self.at];
        let fee = account.in_base(self.fee, holding.currency)?;
        let others = account.totals()?.minus(holding.value()?);
        let after = Leverage {
            equity: i128::from(account.equity()?) - i128::from(fee),
            gross: others.plus(self.value_after()?).gross,
            milli: account.leverage_milli,
        };
        let most = after.most().div_euclid(1000);
        Ok((!after.is_enough()).then(|| Refusal::over(Rule::Leverage, clamped(most), clamped(after.gross))))
    }

    /// S-63.
    #[inline]
    fn unfunded_isolated(&self) -> Result<Option<Box<Refusal>>> {
        let free = self.engine.account.free_after(self.at, &self.outcome()?, self.fee)?;
        Ok((free < 0).then(|| Refusal::over(Rule::Margin, 0, clamped(free))))
    }
}
