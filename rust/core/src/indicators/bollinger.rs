//! Bollinger bands.

use serde::{Deserialize, Serialize};

use super::deviation::RollingStd;
use super::error::IndicatorError;
use super::{Bands, Indicator};

/// Mean of the last `period` values, with a band of `width` standard deviations (of the values themselves) each way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bollinger {
    deviation: RollingStd,
    width: f64,
}

impl Bollinger {
    /// Bands of `width` deviations over `period` values; 20 and 2 are customary.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`; [`IndicatorError::Width`].
    pub fn new(period: i64, width: f64) -> Result<Self, IndicatorError> {
        if !(width.is_finite() && width > 0.0) {
            return Err(IndicatorError::Width { given: width });
        }
        Ok(Self {
            deviation: RollingStd::named("Bollinger", period, false)?,
            width,
        })
    }
}

impl Indicator for Bollinger {
    type Input = f64;
    type Output = Bands;

    fn update(&mut self, value: f64) -> Option<Bands> {
        self.deviation.update(value);
        self.value()
    }

    fn value(&self) -> Option<Bands> {
        let (deviation, middle) = self.deviation.value().zip(self.deviation.mean())?;
        let distance = self.width * deviation;
        Some(Bands {
            upper: middle + distance,
            middle,
            lower: middle - distance,
        })
    }

    fn reset(&mut self) {
        self.deviation.reset();
    }
}
