//! Wilder's relative strength index.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::smoother::Smoother;

/// What a price that does not move at all is worth: neither strong nor weak.
const NEUTRAL: f64 = 50.0;

/// Share of the rises in all moves, 0 to 100, with Wilder's smoothing over `period` moves; 50 if nothing moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rsi {
    rises: Smoother,
    falls: Smoother,
    last: Option<f64>,
    value: Option<f64>,
}

impl Rsi {
    /// A relative strength over `period` moves; it takes `period + 1` values to be ready.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`.
    pub fn new(given: i64) -> Result<Self, IndicatorError> {
        let period = period("RSI", "period", 1, given)?;
        Ok(Self {
            rises: Smoother::wilder(period),
            falls: Smoother::wilder(period),
            last: None,
            value: None,
        })
    }
}

impl Indicator for Rsi {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return self.value;
        }
        if let Some(last) = self.last.replace(value) {
            let rise = self.rises.update((value - last).max(0.0));
            let fall = self.falls.update((last - value).max(0.0));
            self.value = rise.zip(fall).map(|(rise, fall)| share(rise, fall));
        }
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }

    fn reset(&mut self) {
        self.rises.reset();
        self.falls.reset();
        self.last = None;
        self.value = None;
    }
}

fn share(rise: f64, fall: f64) -> f64 {
    let moves = rise + fall;
    if moves > 0.0 { 100.0 * (rise / moves) } else { NEUTRAL }
}
