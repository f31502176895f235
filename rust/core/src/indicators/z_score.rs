//! How unusual a value is.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::deviation::RollingStd;
use super::error::IndicatorError;

/// Distance of the newest value from the mean of the last `period`, in standard deviations; 0 if they are all equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ZScore {
    deviation: RollingStd,
    value: Option<f64>,
}

impl ZScore {
    /// A score over `period` values.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`, or is 1 for a sample.
    pub fn new(period: i64, sample: bool) -> Result<Self, IndicatorError> {
        Ok(Self {
            deviation: RollingStd::named("ZScore", period, sample)?,
            value: None,
        })
    }
}

impl Indicator for ZScore {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: f64) -> Option<f64> {
        if value.is_finite() {
            let deviation = self.deviation.update(value);
            self.value = deviation.zip(self.deviation.mean()).map(|(deviation, mean)| {
                if deviation > 0.0 {
                    (value - mean) / deviation
                } else {
                    0.0
                }
            });
        }
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }

    fn reset(&mut self) {
        self.deviation.reset();
        self.value = None;
    }
}
