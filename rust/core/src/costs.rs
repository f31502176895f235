//! What a fill costs (S-50 to S-53): one definition for the engine and the lanes.

use crate::codes::Role;
use crate::error::{Result, overflow};
use crate::settings::InstrumentSettings;
use crate::units::{PPB, ratio_nearest, ratio_up, scale, sum};

/// A fill's price and what of it is cost, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakerPrice {
    /// Ticks.
    pub ticks: i64,
    /// Ticks of half spread.
    pub half_spread: i64,
    /// Ticks of slippage.
    pub slippage: i64,
}

/// The bar in which a fill happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillBar {
    /// Opening price, ticks.
    pub open: i64,
    /// Volume, lots.
    pub volume: i64,
}

/// S-50: the price of a market order that meets `x`.
///
/// # Errors
/// The price does not fit 64 bits.
#[inline]
pub fn taker_price(instrument: &InstrumentSettings, bar: FillBar, side: i64, x: i64, lots: i64) -> Result<TakerPrice> {
    let spread = half_spread(instrument, bar.open)?;
    let slip = slippage(instrument, x, lots, bar.volume)?;
    let ticks = sum(x, side * sum(spread, slip)?)?.max(1);
    let paid = side * (ticks - x);
    let half_spread = spread.min(paid);
    Ok(TakerPrice {
        ticks,
        half_spread,
        slippage: paid - half_spread,
    })
}

/// S-51.
///
/// # Errors
/// The spread does not fit 64 bits.
#[inline]
pub fn half_spread(instrument: &InstrumentSettings, open: i64) -> Result<i64> {
    if instrument.half_spread_ppb == 0 {
        return Ok(instrument.half_spread_ticks);
    }
    sum(
        instrument.half_spread_ticks,
        ratio_up(open, instrument.half_spread_ppb, PPB)?,
    )
}

/// S-52.
///
/// # Errors
/// The slippage does not fit 64 bits.
#[inline]
pub fn slippage(instrument: &InstrumentSettings, x: i64, lots: i64, volume: i64) -> Result<i64> {
    let mut ticks = instrument.slippage_ticks;
    if instrument.slippage_ppb > 0 {
        ticks = sum(ticks, ratio_up(x, instrument.slippage_ppb, PPB)?)?;
    }
    let volume = volume.max(1);
    if instrument.impact_ppb > 0 {
        ticks = sum(ticks, impact(x, lots, instrument.impact_ppb, volume)?)?;
    }
    if instrument.root_coefficient > 0.0 {
        ticks = sum(ticks, root_impact(instrument, x, lots, volume)?)?;
    }
    Ok(ticks)
}

/// A fill, as far as its commission depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    /// Minor units.
    pub notional: i64,
    /// Lots.
    pub lots: i64,
    /// Whose side of the book.
    pub role: Role,
    /// Whether it is the first of its order.
    pub first: bool,
}

/// S-53; `traded` is the notional before it.
///
/// # Errors
/// The commission does not fit 64 bits.
#[inline]
pub fn commission(instrument: &InstrumentSettings, traded: i64, fill: Charged) -> Result<i64> {
    let rules = &instrument.commission;
    let tier = rules.tiers.iter().rev().find(|tier| tier.0 <= traded);
    let (maker, taker) = tier.map_or((rules.maker_ppb, rules.taker_ppb), |tier| (tier.1, tier.2));
    let mut fee = scale(fill.notional, if fill.role == Role::Maker { maker } else { taker })?;
    if fill.first {
        fee = sum(fee, rules.fixed)?;
    }
    if rules.per_unit_minor > 0 {
        let whole = 10_i64.pow(instrument.size_precision);
        fee = sum(fee, ratio_nearest(fill.lots, rules.per_unit_minor, whole)?)?;
    }
    fee = fee.max(rules.minimum);
    match rules.maximum_ppb {
        Some(ppb) => Ok(fee.min(scale(fill.notional, ppb)?)),
        None => Ok(fee),
    }
}

fn impact(x: i64, lots: i64, ppb: i64, volume: i64) -> Result<i64> {
    let overflow = overflow("a market impact");
    let product = i128::from(x)
        .checked_mul(i128::from(lots))
        .and_then(|xq| xq.checked_mul(i128::from(ppb)))
        .ok_or(overflow.clone())?;
    let divisor = i128::from(volume) * i128::from(PPB);
    i64::try_from((product + divisor - 1) / divisor).map_err(|_| overflow)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "S-52 is defined in doubles; the size is checked"
)]
fn root_impact(costs: &InstrumentSettings, x: i64, lots: i64, volume: i64) -> Result<i64> {
    let share = lots as f64 / volume as f64;
    if share <= costs.root_free {
        return Ok(0);
    }
    let ticks = (x as f64 * costs.root_coefficient * share.sqrt()).ceil();
    if ticks < 9e18 {
        Ok(ticks as i64)
    } else {
        Err(overflow("a market impact"))
    }
}
