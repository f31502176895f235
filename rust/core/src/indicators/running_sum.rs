//! A sum that does not drift.

use serde::{Deserialize, Serialize};
use std::mem::offset_of;

/// A running sum that keeps what rounding would lose: about 106 bits, so that a value that leaves takes exactly itself
/// along, however many went before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct RunningSum {
    high: f64,
    low: f64,
}

impl RunningSum {
    /// Where its fields lie.
    pub(super) const FIELDS: [(&'static str, usize); 2] =
        [("high", offset_of!(Self, high)), ("low", offset_of!(Self, low))];

    pub(super) const ZERO: Self = Self { high: 0.0, low: 0.0 };

    /// Adds one value.
    pub(super) fn add(&mut self, value: f64) {
        let (high, lost) = exact_sum(self.high, value);
        self.high = high;
        self.low += lost;
    }

    /// Adds `new` and takes `old` away.
    pub(super) fn replace(&mut self, old: f64, new: f64) {
        let (difference, lost) = exact_sum(new, -old);
        self.add(difference);
        self.low += lost;
    }

    /// Moves what has gathered in the low part up. Once per round of a window is enough.
    pub(super) fn settle(&mut self) {
        (self.high, self.low) = exact_sum(self.high, self.low);
    }

    /// The two parts.
    pub(super) fn parts(self) -> (f64, f64) {
        (self.high, self.low)
    }

    /// The sum, rounded once.
    pub(super) fn total(self) -> f64 {
        self.high + self.low
    }
}

/// `a + b` rounded, and exactly what the rounding lost.
fn exact_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_kept = sum - a;
    let a_kept = sum - b_kept;
    (sum, (a - a_kept) + (b - b_kept))
}

#[cfg(test)]
mod tests {
    use super::RunningSum;

    #[test]
    fn a_large_value_leaves_without_a_trace() {
        let mut sum = RunningSum::ZERO;
        for value in [0.1, 1e17, 0.2] {
            sum.add(value);
        }
        sum.replace(1e17, 0.3);
        assert!((sum.total() - 0.6).abs() < 1e-15);
    }

    #[test]
    fn ten_million_replacements_do_not_drift() {
        let mut sum = RunningSum::ZERO;
        for value in [100.01, 100.02, 100.03] {
            sum.add(value);
        }
        let before = sum.total();
        for step in 0_u32..10_000_000 {
            let moved = 100.01 + f64::from(step % 7) * 0.01;
            sum.replace(100.02, moved);
            sum.replace(moved, 100.02);
        }
        assert_eq!(sum.total().to_bits(), before.to_bits());
    }
}
