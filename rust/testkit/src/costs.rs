//! What a fill should have cost, by the formulas of S-50 to S-53 in 128 bits.

use crate::bars::{Bar, Bars};
use crate::facts::Facts;
use crate::oracle::scale;
use crate::{Verdict, ensure};
use std::collections::BTreeSet;
use triplebar_core::codes::{Reason, Role, flags};
use triplebar_core::record::Fill;
use triplebar_core::settings::{InstrumentSettings, Settings};

const PPB: i128 = 1_000_000_000;

/// `⌈a / b⌉` for numbers that are not negative.
const fn divide_up(a: i128, b: i128) -> i128 {
    (a + b - 1) / b
}

/// S-51: the half spread of a bar.
#[must_use]
pub fn half_spread(costs: &InstrumentSettings, bar: Bar) -> i128 {
    i128::from(costs.half_spread_ticks) + divide_up(i128::from(bar.open) * i128::from(costs.half_spread_ppb), PPB)
}

/// S-52: the slippage of a taker.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "S-52 is defined in doubles, and generated numbers are small"
)]
pub fn slippage(costs: &InstrumentSettings, bar: Bar, x: i64, lots: i64) -> i128 {
    let volume = bar.volume.max(1);
    let fixed = i128::from(costs.slippage_ticks) + divide_up(i128::from(x) * i128::from(costs.slippage_ppb), PPB);
    let impact = i128::from(x) * i128::from(lots) * i128::from(costs.impact_ppb);
    let share = lots as f64 / volume as f64;
    let root = if costs.root_coefficient > 0.0 && share > costs.root_free {
        (x as f64 * costs.root_coefficient * share.sqrt()).ceil()
    } else {
        0.0
    };
    fixed + divide_up(impact, i128::from(volume) * PPB) + root as i128
}

/// S-53: the commission of a fill, given what was traded before it.
#[must_use]
pub fn commission(instrument: &InstrumentSettings, fill: &Fill, first: bool, traded: i128) -> i128 {
    let rules = &instrument.commission;
    let notional = i128::from(fill.quantity) * i128::from(fill.price) * i128::from(instrument.unit);
    let tier = rules.tiers.iter().rev().find(|tier| i128::from(tier.0) <= traded);
    let (maker, taker) = tier.map_or((rules.maker_ppb, rules.taker_ppb), |tier| (tier.1, tier.2));
    let rate = if fill.role == Role::Maker { maker } else { taker };
    let whole = 10_i128.pow(instrument.size_precision);
    let per_unit = (i128::from(fill.quantity) * i128::from(rules.per_unit_minor) + whole / 2) / whole;
    let fixed = if first { i128::from(rules.fixed) } else { 0 };
    let fee = (fixed + scale(notional, i128::from(rate)) + per_unit).max(i128::from(rules.minimum));
    rules
        .maximum_ppb
        .map_or(fee, |most| fee.min(scale(notional, i128::from(most))))
}

/// Every fee is what [`commission`] says.
///
/// # Errors
/// The fill with another fee.
pub fn check_fees(facts: &Facts, settings: &Settings) -> Verdict {
    let mut traded = vec![0_i128; settings.instruments.len()];
    let mut seen = BTreeSet::new();
    for fill in &facts.record.fills {
        let at = usize::from(fill.instrument);
        let instrument = &settings.instruments[at];
        let expected = commission(instrument, fill, seen.insert(fill.order), traded[at]);
        ensure(i128::from(fill.fee) == expected, || {
            format!("a fee of {expected} instead of {fill:?}")
        })?;
        traded[at] += i128::from(fill.quantity) * i128::from(fill.price) * i128::from(instrument.unit);
    }
    Ok(())
}

/// Every price is the one that was met and its costs, unless a limit or the floor of one tick holds it back (S-50).
///
/// # Errors
/// The fill with another price.
pub fn check_prices(facts: &Facts, settings: &Settings, bars: &Bars) -> Verdict {
    for fill in &facts.record.fills {
        let order = facts.order(fill.order);
        let liquidated = order.has(flags::VENUE) && order.reason == Reason::Liquidation;
        let Some(bar) = bars.bar(fill.clock, usize::from(fill.instrument)) else {
            continue;
        };
        let costs = &settings.instruments[usize::from(fill.instrument)];
        let x = fill.price - i64::from(fill.side) * (fill.half_spread + fill.slippage);
        let slip = if fill.role == Role::Taker {
            slippage(costs, bar, x, fill.quantity)
        } else {
            0
        };
        let full = if liquidated { 0 } else { half_spread(costs, bar) + slip };
        let paid = i128::from(fill.half_spread) + i128::from(fill.slippage);
        let held_back = fill.price == 1 || order.limit != 0;
        ensure(paid == full || (held_back && paid < full), || {
            format!("costs of {full} instead of {fill:?}")
        })?;
        let spread = half_spread(costs, bar).min(paid);
        ensure(liquidated || i128::from(fill.half_spread) == spread, || {
            format!("a half spread of {spread}: {fill:?}")
        })?;
    }
    Ok(())
}
