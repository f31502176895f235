//! The simple moving average.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::running_sum::RunningSum;
use super::window::Window;
use std::mem::offset_of;

/// Mean of the last `period` values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sma {
    window: Window,
    sum: RunningSum,
    count: f64,
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
            window: Window::new(period),
            sum: RunningSum::ZERO,
            count: f64::from(period),
        }
    }

    pub(super) fn values(&self) -> &[f64] {
        self.window.values()
    }

    pub(super) fn count(&self) -> f64 {
        self.count
    }
}

impl Sma {
    /// Where its fields lie, by name, in bytes; `cells` is the vector of [`Window`], twice as long as the period. Compiled
    /// strategies take the step of a mean whose window is full by themselves.
    #[must_use]
    pub fn fields() -> Vec<(&'static str, usize)> {
        let within = |start: usize| move |(name, at): (&'static str, usize)| (name, start + at);
        let window = Window::FIELDS.into_iter().map(within(offset_of!(Self, window)));
        let sum = RunningSum::FIELDS.into_iter().map(within(offset_of!(Self, sum)));
        window.chain(sum).chain([("count", offset_of!(Self, count))]).collect()
    }

    /// What a value does for which none leaves.
    fn warm(&mut self, value: f64) -> Option<f64> {
        self.sum.add(value);
        self.settled()
    }

    /// The value now, after what each round of the window needs.
    #[inline]
    fn settled(&mut self) -> Option<f64> {
        if self.window.at_turn() {
            self.sum.settle();
        }
        self.value()
    }
}

impl Indicator for Sma {
    type Input = f64;
    type Output = f64;

    #[inline]
    fn update(&mut self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return self.value();
        }
        let Some(leaving) = self.window.push(value) else {
            return self.warm(value);
        };
        self.sum.replace(leaving, value);
        self.settled()
    }

    #[inline]
    fn value(&self) -> Option<f64> {
        self.window.is_full().then(|| self.sum.total() / self.count)
    }

    fn reset(&mut self) {
        self.window.clear();
        self.sum = RunningSum::ZERO;
    }

    #[inline]
    fn ready(&self) -> bool {
        self.window.is_full()
    }
}
