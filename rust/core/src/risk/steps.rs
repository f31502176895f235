//! The steps of the overlay, each on its own: they look at positions of one group, in the order of their tokens.

use super::bound::Bound;
use crate::error::Result;
use crate::units::sum;
use std::cmp::Reverse;

/// One side of one token: what all its rows want together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Number of the token in the group, by name.
    pub token: u32,
    /// +1 long, -1 short.
    pub side: i8,
    /// What is left of it, minor units, never negative.
    pub amount: i64,
    /// The last step that cut it.
    pub bound: Bound,
}

impl Position {
    /// Cuts to at most `most`.
    #[inline]
    fn cut(&mut self, most: i64, bound: Bound) {
        if self.amount > most {
            self.amount = most;
            self.bound = bound;
        }
    }
}

/// the smaller side of a token is taken off the larger one; equal sides leave nothing.
pub fn net(positions: &mut [Position]) {
    for at in 1..positions.len() {
        let (before, rest) = positions.split_at_mut(at);
        let (one, other) = (&mut before[at - 1], &mut rest[0]);
        if one.token == other.token {
            let both = one.amount.min(other.amount);
            one.cut(one.amount - both, Bound::Net);
            other.cut(other.amount - both, Bound::Net);
        }
    }
}

/// the places of the positions that are left, largest first; ties go to the token whose name comes first.
pub fn rank(positions: &[Position], places: &mut Vec<u32>) {
    places.clear();
    let some = (0_u32..).zip(positions).filter(|(_, one)| one.amount > 0);
    places.extend(some.map(|(place, _)| place));
    places.sort_unstable_by_key(|place| (Reverse(positions[*place as usize].amount), *place));
}

/// only the `most` largest stay.
pub fn keep(positions: &mut [Position], most: usize, places: &mut Vec<u32>) {
    if positions.len() <= most {
        return;
    }
    rank(positions, places);
    for place in places.iter().skip(most) {
        positions[*place as usize].cut(0, Bound::Positions);
    }
}

/// no position above `most`.
pub fn cap_each(positions: &mut [Position], most: i64, bound: Bound) {
    for one in positions {
        one.cut(most, bound);
    }
}

/// no token above `most`, both sides counted.
///
/// # Errors
/// A sum does not fit 64 bits.
pub fn cap_tokens(positions: &mut [Position], most: i64) -> Result<()> {
    let mut rest = positions;
    while let Some(first) = rest.first() {
        let token = first.token;
        let count = rest.iter().take_while(|one| one.token == token).count();
        let (sides, others) = rest.split_at_mut(count);
        scale_down(sides, most, Bound::PerToken, |_| true)?;
        rest = others;
    }
    Ok(())
}

/// no side above its cap.
///
/// # Errors
/// A sum does not fit 64 bits.
pub fn cap_sides(positions: &mut [Position], long: i64, short: i64) -> Result<()> {
    scale_down(positions, long, Bound::Long, |one| one.side > 0)?;
    scale_down(positions, short, Bound::Short, |one| one.side < 0)
}

/// everything together not above `most`.
///
/// # Errors
/// A sum does not fit 64 bits.
pub fn cap_sum(positions: &mut [Position], most: i64, bound: Bound) -> Result<()> {
    scale_down(positions, most, bound, |_| true)
}

/// every chosen position in the same proportion, each rounded down, so that the sum is at most `most`.
fn scale_down(positions: &mut [Position], most: i64, bound: Bound, chosen: impl Fn(&Position) -> bool) -> Result<()> {
    let mut all = 0;
    for one in positions.iter().filter(|one| chosen(one)) {
        all = sum(all, one.amount)?;
    }
    if all <= most {
        return Ok(());
    }
    for one in positions.iter_mut().filter(|one| chosen(one)) {
        one.cut(proportion(one.amount, most, all), bound);
    }
    Ok(())
}

/// `⌊amount · part / whole⌋` for numbers that are not negative, `part < whole`.
#[inline]
#[must_use]
pub fn proportion(amount: i64, part: i64, whole: i64) -> i64 {
    match amount.checked_mul(part) {
        Some(product) => product / whole,
        None => i64::try_from(i128::from(amount) * i128::from(part) / i128::from(whole)).unwrap_or(amount),
    }
}

/// The sum of the amounts on one side, or of all.
///
/// # Errors
/// It does not fit 64 bits.
pub fn total(positions: &[Position], side: Option<i8>) -> Result<i64> {
    let chosen = positions.iter().filter(|one| side.is_none_or(|side| one.side == side));
    chosen.map(|one| one.amount).try_fold(0, sum)
}
