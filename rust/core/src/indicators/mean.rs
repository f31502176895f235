//! The simple moving average.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::ring::Ring;
use super::running_sum::RunningSum;
use super::window::Window;
use std::mem::offset_of;

/// Somewhere that keeps the last values.
pub(super) trait Kept {
    fn over(period: u32) -> Self;
    /// Takes a value in and returns the one that leaves, if it was full.
    fn push(&mut self, value: f64) -> Option<f64>;
    fn at_turn(&self) -> bool;
    fn is_full(&self) -> bool;
    fn clear(&mut self);
}

macro_rules! kept {
    ($($kind:ident),+) => {$(
        impl Kept for $kind {
            fn over(period: u32) -> Self {
                Self::new(period)
            }

            #[inline]
            fn push(&mut self, value: f64) -> Option<f64> {
                self.push(value)
            }

            #[inline]
            fn at_turn(&self) -> bool {
                self.at_turn()
            }

            #[inline]
            fn is_full(&self) -> bool {
                self.is_full()
            }

            fn clear(&mut self) {
                self.clear();
            }
        }
    )+};
}

kept!(Ring, Window);

/// The mean of the last `period` values, which are kept one way or the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Mean<K> {
    kept: K,
    sum: RunningSum,
    count: f64,
}

impl<K: Kept> Mean<K> {
    pub(super) fn over(period: u32) -> Self {
        Self {
            kept: K::over(period),
            sum: RunningSum::ZERO,
            count: f64::from(period),
        }
    }

    pub(super) const fn kept(&self) -> &K {
        &self.kept
    }

    pub(super) const fn count(&self) -> f64 {
        self.count
    }

    #[inline]
    pub(super) fn update(&mut self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return self.value();
        }
        let Some(leaving) = self.kept.push(value) else {
            return self.warm(value);
        };
        self.sum.replace(leaving, value);
        self.settled()
    }

    /// What a value does for which none leaves.
    fn warm(&mut self, value: f64) -> Option<f64> {
        self.sum.add(value);
        self.settled()
    }

    /// The value now, after what each round needs.
    #[inline]
    fn settled(&mut self) -> Option<f64> {
        if self.kept.at_turn() {
            self.sum.settle();
        }
        self.value()
    }

    #[inline]
    pub(super) fn value(&self) -> Option<f64> {
        self.kept.is_full().then(|| self.sum.total() / self.count)
    }

    pub(super) fn reset(&mut self) {
        self.kept.clear();
        self.sum = RunningSum::ZERO;
    }
}

/// Mean of the last `period` values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sma {
    mean: Mean<Ring>,
}

impl Sma {
    /// A mean over `period` values.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`.
    pub fn new(given: i64) -> Result<Self, IndicatorError> {
        Ok(Self::over(period("SMA", "period", 1, given)?))
    }

    pub(super) fn over(period: u32) -> Self {
        Self {
            mean: Mean::over(period),
        }
    }

    /// Where its fields lie, by name, in bytes; `cells` is the vector of [`Ring`]. Compiled strategies take the step of a
    /// mean that is full by themselves.
    #[must_use]
    pub fn fields() -> Vec<(&'static str, usize)> {
        let mean = offset_of!(Self, mean);
        let within = |start: usize| move |(name, at): (&'static str, usize)| (name, mean + start + at);
        let ring = Ring::FIELDS.into_iter().map(within(offset_of!(Mean<Ring>, kept)));
        let sum = RunningSum::FIELDS.into_iter().map(within(offset_of!(Mean<Ring>, sum)));
        let count = within(0)(("count", offset_of!(Mean<Ring>, count)));
        ring.chain(sum).chain([count]).collect()
    }
}

impl Indicator for Sma {
    type Input = f64;
    type Output = f64;

    #[inline]
    fn update(&mut self, value: f64) -> Option<f64> {
        self.mean.update(value)
    }

    #[inline]
    fn value(&self) -> Option<f64> {
        self.mean.value()
    }

    fn reset(&mut self) {
        self.mean.reset();
    }

    #[inline]
    fn ready(&self) -> bool {
        self.mean.kept().is_full()
    }
}
