//! The pre-trade check (S-60, S-65, S-66): the one place where an [`Approval`] is made.
//!
//! It decides from numbers and changes nothing. Whoever holds the account answers its questions, each only when a limit
//! needs the answer.

use super::approval::{Approval, Proposal, Refusal, Rule, Verdict};
use crate::error::Result;
use crate::settings::RiskSettings;
use crate::units::scale_wide;

/// What a fill makes of a position, lots, signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The position before.
    pub held: i64,
    /// The position afterwards.
    pub after: i64,
}

impl Change {
    /// Whether the position grows: what does not grow passes every limit on risk.
    #[inline]
    #[must_use]
    pub const fn grows(&self) -> bool {
        self.after.unsigned_abs() > self.held.unsigned_abs()
    }

    /// Whether a long becomes a short or the other way round: what limits the sides is asked about that, too.
    #[inline]
    #[must_use]
    pub const fn turns(&self) -> bool {
        self.held.signum() * self.after.signum() < 0
    }
}

/// What stops all entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switches {
    /// The kill switch is on.
    pub disabled: bool,
    /// The drawdown from the peak was met.
    pub total: bool,
    /// The drawdown of the day was met.
    pub daily: bool,
}

/// The limits of one instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PositionLimits {
    /// Lots.
    pub lots: Option<i64>,
    /// Minor units of the base currency.
    pub minor: Option<i64>,
}

/// The account as it would be after the fill, base currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    /// Equity at marks.
    pub equity: i64,
    /// Sum of absolute values.
    pub gross: i128,
    /// Sum of values.
    pub net: i128,
}

/// What a margin account would have after the fill, base currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leverage {
    /// Equity less the fee.
    pub equity: i128,
    /// Sum of absolute values.
    pub gross: i128,
    /// Leverage in thousandths.
    pub milli: i64,
}

impl Leverage {
    /// The most that the equity bears, thousandths of a minor unit.
    #[inline]
    #[must_use]
    pub fn most(&self) -> i128 {
        self.equity * i128::from(self.milli)
    }

    /// Whether it bears the positions (S-62).
    #[inline]
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.most() >= self.gross * 1000
    }
}

/// Who holds the account.
pub trait Situation {
    /// The kill switch and the drawdowns.
    fn switches(&self) -> Switches;
    /// The least equity that the drawdown allowed, and the equity that met it; asked after a refusal.
    fn drawdown(&self) -> (i64, i64);
    /// The instrument's own limits.
    fn position_limits(&self) -> PositionLimits;
    /// The account's limits.
    fn risk(&self) -> &RiskSettings;
    /// How many positions are held before the fill; asked when it opens one.
    fn positions_held(&self) -> u32;
    /// The position's value after the fill, base currency.
    ///
    /// # Errors
    /// It does not fit 64 bits.
    fn value_after(&self) -> Result<i64>;
    /// The account after the fill that leaves the position worth `value`.
    ///
    /// # Errors
    /// It does not fit 64 bits.
    fn exposure_after(&self, value: i64) -> Result<Exposure>;
    /// What the account's kind refuses (S-61 to S-63); asked last.
    ///
    /// # Errors
    /// A sum does not fit 64 bits.
    fn unfunded(&self, grows: bool) -> Result<Option<Box<Refusal>>>;
}

/// Leave for what does not make the position larger: no limit on risk forbids it. Only a cash account has more to say,
/// and has to ask [`judge`].
#[inline]
#[must_use]
pub const fn reduction(proposal: &Proposal, change: Change) -> Option<Approval<'_>> {
    if change.grows() {
        None
    } else {
        Some(Approval::new(proposal))
    }
}

/// Leave for a fill that nothing but the account's leverage limits (S-62), if the account bears it.
#[inline]
#[must_use]
pub fn covered<'proposal>(proposal: &'proposal Proposal, after: &Leverage) -> Option<Approval<'proposal>> {
    if after.is_enough() {
        Some(Approval::new(proposal))
    } else {
        None
    }
}

/// Judges a fill (S-60).
///
/// # Errors
/// A number leaves 64 bits.
#[inline]
pub fn judge<'proposal>(
    proposal: &'proposal Proposal,
    change: Change,
    situation: &impl Situation,
) -> Result<Verdict<'proposal>> {
    let grows = change.grows();
    if grows && let Some(refusal) = over_limit(change, situation)? {
        return Ok(Err(refusal));
    }
    if !grows
        && change.turns()
        && let Some(refusal) = turned(situation)?
    {
        return Ok(Err(refusal));
    }
    Ok(match situation.unfunded(grows)? {
        Some(refusal) => Err(refusal),
        None => Ok(Approval::new(proposal)),
    })
}

/// Leave to close all that is held, which no limit forbids: for closings that the venue forces (S-63, S-64, S-81).
///
/// # Panics
/// The proposal is not for exactly what is held.
#[inline]
pub(crate) fn closing(proposal: &Proposal, held: i64) -> Approval<'_> {
    assert_eq!(proposal.lots, held.abs(), "a forced closing closes all that is held");
    Approval::new(proposal)
}

/// S-65 and S-66.
#[inline]
fn over_limit(change: Change, situation: &impl Situation) -> Result<Option<Box<Refusal>>> {
    let switches = situation.switches();
    if switches.disabled || switches.total || switches.daily {
        return Ok(Some(stopped(switches, situation.drawdown())));
    }
    let own = situation.position_limits();
    let size = change.after.saturating_abs();
    if let Some(limit) = own.lots
        && size > limit
    {
        return Ok(Some(Refusal::over(Rule::PositionQuantity, limit, size)));
    }
    let risk = situation.risk();
    if let Some(limit) = risk.positions
        && change.held == 0
        && situation.positions_held() >= limit
    {
        let held = i64::from(situation.positions_held());
        return Ok(Some(Refusal::over(Rule::Positions, i64::from(limit), held + 1)));
    }
    if own.minor.is_none() && !risk.has_shares() {
        return Ok(None);
    }
    let value = situation.value_after()?;
    if let Some(limit) = own.minor
        && value.saturating_abs() > limit
    {
        return Ok(Some(Refusal::over(Rule::PositionValue, limit, value.saturating_abs())));
    }
    Ok(exposed(risk, value, &situation.exposure_after(value)?))
}

#[cold]
#[expect(clippy::unnecessary_box_returns, reason = "a verdict holds it in a box")]
fn stopped(switches: Switches, (limit, value): (i64, i64)) -> Box<Refusal> {
    if switches.disabled {
        return Refusal::over(Rule::TradingEnabled, 0, 1);
    }
    let rule = if switches.total {
        Rule::DrawdownTotal
    } else {
        Rule::DrawdownDaily
    };
    Refusal::over(rule, limit, value)
}

/// S-65: the side that a smaller position of the other side comes to.
#[cold]
fn turned(situation: &impl Situation) -> Result<Option<Box<Refusal>>> {
    let risk = situation.risk();
    if !risk.has_sides() {
        return Ok(None);
    }
    let after = situation.exposure_after(situation.value_after()?)?;
    Ok(beyond(&sides(risk, &after), after.equity))
}

/// A limit that is a share of equity, and the amount that it is about.
type Share = (Rule, Option<i64>, i128);

fn sides(risk: &RiskSettings, after: &Exposure) -> [Share; 2] {
    [
        (
            Rule::LongExposure,
            risk.long_ppb,
            i128::midpoint(after.gross, after.net),
        ),
        (
            Rule::ShortExposure,
            risk.short_ppb,
            i128::midpoint(after.gross, -after.net),
        ),
    ]
}

/// S-65: shares of equity.
#[inline]
fn exposed(risk: &RiskSettings, value: i64, after: &Exposure) -> Option<Box<Refusal>> {
    let whole = [
        (Rule::PositionShare, risk.position_ppb, i128::from(value).abs()),
        (Rule::GrossExposure, risk.gross_ppb, after.gross),
        (Rule::NetExposure, risk.net_ppb, after.net.abs()),
    ];
    beyond(&whole, after.equity).or_else(|| beyond(&sides(risk, after), after.equity))
}

#[inline]
fn beyond(shares: &[Share], equity: i64) -> Option<Box<Refusal>> {
    shares.iter().find_map(|(rule, ppb, amount)| {
        let limit = scale_wide(i128::from(equity), (*ppb)?);
        (*amount > limit).then(|| Refusal::over(*rule, clamped(limit), clamped(*amount)))
    })
}

/// The nearest number of 64 bits: what a refusal tells of a sum that is wider.
#[inline]
#[must_use]
pub fn clamped(wide: i128) -> i64 {
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}
