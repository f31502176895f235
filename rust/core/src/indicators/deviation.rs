//! The standard deviation of a window.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::mean::Mean;
use super::window::Window;

/// Standard deviation of the last `period` values: of the values themselves, or as a sample (`n - 1`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollingStd {
    mean: Mean<Window>,
    divisor: f64,
    value: Option<f64>,
}

impl RollingStd {
    /// A deviation over `period` values.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`, or is 1 for a sample.
    pub fn new(given: i64, sample: bool) -> Result<Self, IndicatorError> {
        Self::named("RollingStd", given, sample)
    }

    pub(super) fn named(indicator: &'static str, given: i64, sample: bool) -> Result<Self, IndicatorError> {
        let period = period(indicator, "period", if sample { 2 } else { 1 }, given)?;
        let divisor = f64::from(period) - if sample { 1.0 } else { 0.0 };
        Ok(Self {
            mean: Mean::over(period),
            divisor,
            value: None,
        })
    }

    /// Mean of the same values.
    pub(super) fn mean(&self) -> Option<f64> {
        self.mean.value()
    }
}

impl Indicator for RollingStd {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: f64) -> Option<f64> {
        if value.is_finite() {
            self.value = self.mean.update(value).map(|mean| {
                (squared_distance(self.mean.kept().values(), mean, self.mean.count()) / self.divisor).sqrt()
            });
        }
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }

    fn reset(&mut self) {
        self.mean.reset();
        self.value = None;
    }
}

/// Sum of squared distances from the mean, less what the mean's own rounding adds. Walking the window each time costs
/// less than a nanosecond a value and cannot drift; four lanes let the processor add them side by side.
fn squared_distance(values: &[f64], mean: f64, count: f64) -> f64 {
    let mut squares = [0.0; 4];
    let mut offsets = [0.0; 4];
    for chunk in values.chunks(4) {
        for (lane, value) in chunk.iter().enumerate() {
            let distance = value - mean;
            squares[lane] += distance * distance;
            offsets[lane] += distance;
        }
    }
    let offset = across(offsets);
    (across(squares) - offset * offset / count).max(0.0)
}

fn across([first, second, third, fourth]: [f64; 4]) -> f64 {
    (first + second) + (third + fourth)
}
