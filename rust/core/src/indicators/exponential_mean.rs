//! The exponential moving average.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::smoother::Smoother;

/// Exponential mean at rate `2 / (period + 1)`; its first value is the plain mean of the first `period` values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ema(Smoother);

impl Ema {
    /// An exponential mean of the speed of a mean over `period` values.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`.
    pub fn new(given: i64) -> Result<Self, IndicatorError> {
        Ok(Self::over(period("EMA", "period", 1, given)?))
    }

    pub(super) fn over(period: u32) -> Self {
        Self(Smoother::exponential(period))
    }
}

impl Indicator for Ema {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: f64) -> Option<f64> {
        if value.is_finite() {
            self.0.update(value)
        } else {
            self.0.value()
        }
    }

    fn value(&self) -> Option<f64> {
        self.0.value()
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}
