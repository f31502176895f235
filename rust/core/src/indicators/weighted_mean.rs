//! The linearly weighted moving average.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::window::Window;

/// Mean of the last `period` values, the newest weighing `period`, the oldest 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wma {
    window: Window,
    weights: f64,
    value: Option<f64>,
}

impl Wma {
    /// A weighted mean over `period` values.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`.
    pub fn new(given: i64) -> Result<Self, IndicatorError> {
        let period = period("WMA", "period", 1, given)?;
        let count = f64::from(period);
        Ok(Self {
            window: Window::new(period),
            weights: count * (count + 1.0) / 2.0,
            value: None,
        })
    }

    /// Summed anew each time: a period is short, and nothing can drift.
    fn weighted_sum(&self) -> f64 {
        let mut weight = 0.0;
        let mut sum = 0.0;
        for value in self.window.values() {
            weight += 1.0;
            sum += weight * value;
        }
        sum
    }
}

impl Indicator for Wma {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: f64) -> Option<f64> {
        if value.is_finite() {
            self.window.push(value);
            self.value = self.window.is_full().then(|| self.weighted_sum() / self.weights);
        }
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }

    fn reset(&mut self) {
        self.window.clear();
        self.value = None;
    }
}
