//! What is held of one instrument, and what a fill does to it.

use crate::error::Result;
use crate::units::{ratio_down, ratio_up, sum, times, worth};
use serde::{Deserialize, Serialize};

/// What is held of one instrument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Signed lots.
    pub lots: i64,
    /// What it cost, minor units; negative for a short (S-67).
    pub cost: i64,
    /// Isolated margin set aside (S-63).
    pub margin: i64,
}

/// What a fill does to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The position afterwards.
    pub position: Position,
    /// Realised profit, before the fee.
    pub realised: i64,
    /// What leaves cash for the instrument itself: `sign · q · p · unit`.
    pub paid: i64,
}

impl Position {
    /// S-67 and S-63: average cost, isolated margin.
    ///
    /// # Errors
    /// An amount does not fit 64 bits.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "an outcome that goes through memory costs as much as its arithmetic"
    )]
    pub fn after(
        &self,
        side: i64,
        quantity: i64,
        price: i64,
        unit: i64,
        leverage_milli: Option<i64>,
    ) -> Result<Outcome> {
        let tick_worth = worth(1, price, unit)?;
        let paid = side * times(quantity, tick_worth)?;
        let lots = sum(self.lots, side * quantity)?;
        // Opening and closing parts are no larger than the whole, so their products fit if that of the whole does.
        let held = self.lots.abs();
        let opposite = self.lots != 0 && (self.lots < 0) == (side > 0);
        let closing = if opposite { quantity.min(held) } else { 0 };
        let opening = quantity - closing;
        let (mut next, mut realised) = (*self, 0);
        next.lots = lots;
        if closing > 0 {
            let released = share(self.cost, closing, held)?;
            realised = sum(-side * closing * tick_worth, -released)?;
            next.cost -= released;
            next.margin -= share(self.margin, closing, held)?;
        }
        if opening > 0 {
            let notional = opening * tick_worth;
            next.cost = sum(next.cost, side * notional)?;
            if let Some(leverage) = leverage_milli {
                next.margin = sum(next.margin, ratio_up(notional, 1000, leverage)?)?;
            }
        }
        Ok(Outcome {
            position: next,
            realised,
            paid,
        })
    }
}

/// `sgn(a) · ⌊|a| · part / whole⌋`, all of it for the whole.
///
/// # Errors
/// Never for `part <= whole`; the type says so because the division is checked.
#[inline]
pub fn share(a: i64, part: i64, whole: i64) -> Result<i64> {
    if part == whole {
        Ok(a)
    } else {
        Ok(a.signum() * ratio_down(a.abs(), part, whole)?)
    }
}
