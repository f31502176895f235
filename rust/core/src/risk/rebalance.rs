//! From what is held to what is wanted: copy size, change, order type, limit price, size.

use super::caps::share_down;
use crate::units::PPB;

/// my share of somebody's position: `⌊⌊mine · position / theirs⌋ · ratio⌋`; nothing for an account worth nothing.
#[must_use]
pub fn copy_size(mine: i64, theirs: i64, position: i64, ratio_ppb: i64) -> Option<i64> {
    if mine <= 0 || theirs <= 0 || position <= 0 {
        return Some(0);
    }
    let share = i128::from(mine) * i128::from(position) / i128::from(theirs);
    Some(share_down(i64::try_from(share).ok()?, ratio_ppb))
}

/// What has to happen to a position, in the order of execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Action {
    /// Away with it.
    Close,
    /// Less of it.
    Decrease,
    /// More of it.
    Increase,
    /// A new one.
    Open,
}

impl Action {
    /// Every action, in order of execution.
    pub const ALL: &'static [Self] = &[Self::Close, Self::Decrease, Self::Increase, Self::Open];

    /// The text that users read.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Decrease => "decrease",
            Self::Increase => "increase",
            Self::Open => "open",
        }
    }

    /// Whether it lowers risk: sent reduce-only, sized up.
    #[must_use]
    pub const fn reduces(self) -> bool {
        matches!(self, Self::Close | Self::Decrease)
    }
}

/// One order to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// What it is for.
    pub action: Action,
    /// +1 buy, -1 sell.
    pub side: i8,
    /// How much, minor units, more than nothing.
    pub amount: i64,
}

/// the orders that lead from a signed value to another; a flip takes two.
#[must_use]
pub fn legs(current: i64, target: i64, band_ppb: i64) -> [Option<Leg>; 2] {
    let leg = |action, side: i64, amount| {
        let side = if side > 0 { 1 } else { -1 };
        Some(Leg { action, side, amount })
    };
    if current == target {
        return [None, None];
    }
    if current == 0 {
        return [leg(Action::Open, target, target.saturating_abs()), None];
    }
    if target == 0 {
        return [leg(Action::Close, -current, current.saturating_abs()), None];
    }
    if (current > 0) != (target > 0) {
        let close = leg(Action::Close, -current, current.saturating_abs());
        return [close, leg(Action::Open, target, target.saturating_abs())];
    }
    let difference = i128::from(target) - i128::from(current);
    if difference.abs() * i128::from(PPB) < i128::from(band_ppb) * i128::from(current).abs() {
        return [None, None];
    }
    // Both have one sign: the difference fits.
    let amount = target.abs_diff(current).cast_signed();
    let grows = target.unsigned_abs() > current.unsigned_abs();
    let action = if grows { Action::Increase } else { Action::Decrease };
    [leg(action, if target > current { 1 } else { -1 }, amount), None]
}

/// whether the order goes at market; only a small increase has time for a limit.
#[must_use]
pub fn at_market(action: Action, amount: i64, current: i64, switch_ppb: i64) -> bool {
    let large = i128::from(amount) * i128::from(PPB) > i128::from(switch_ppb) * i128::from(current).abs();
    action != Action::Increase || large
}

/// the worst price of a limit order, ticks: `mark · (1 ± allowance)`, rounded to the passive side.
#[must_use]
pub fn limit_ticks(mark: i64, side: i8, allowance_ppb: i64) -> Option<i64> {
    let factor = i128::from(PPB) + i128::from(side) * i128::from(allowance_ppb);
    let product = i128::from(mark) * factor;
    let ticks = if side > 0 {
        product.div_euclid(i128::from(PPB))
    } else {
        -(-product).div_euclid(i128::from(PPB))
    };
    i64::try_from(ticks).ok().filter(|ticks| *ticks > 0)
}

/// how many lots an amount is, `amount · scale / mark`: rounded up if that lowers risk, down if it adds.
#[must_use]
pub fn lots(amount: i64, mark_ticks: i64, scale: Scale, up: bool) -> Option<i64> {
    if mark_ticks <= 0 {
        return None;
    }
    let above = i128::from(amount).checked_mul(scale.above)?;
    let below = i128::from(mark_ticks).checked_mul(scale.below)?;
    let whole = above / below + i128::from(up && above % below != 0);
    i64::try_from(whole).ok()
}

/// Lots of one minor unit at one tick, as a fraction of two powers of ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    above: i128,
    below: i128,
}

impl Scale {
    /// From the decimals of prices, sizes and money.
    #[must_use]
    pub fn of(price_decimals: u32, size_decimals: u32, money_decimals: u32) -> Self {
        let (up, down) = (price_decimals + size_decimals, money_decimals);
        Self {
            above: 10_i128.pow(up.saturating_sub(down)),
            below: 10_i128.pow(down.saturating_sub(up)),
        }
    }
}
