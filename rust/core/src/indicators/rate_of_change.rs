//! How far the price has come.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::error::{IndicatorError, period};
use super::window::Window;

/// Change against the value `period` steps ago, in percent; no value if that was 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roc {
    window: Window,
    value: Option<f64>,
}

impl Roc {
    /// A change over `period` steps; it takes `period + 1` values to be ready.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`.
    pub fn new(given: i64) -> Result<Self, IndicatorError> {
        Ok(Self {
            window: Window::new(period("ROC", "period", 1, given)?),
            value: None,
        })
    }
}

impl Indicator for Roc {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: f64) -> Option<f64> {
        if value.is_finite() {
            let before = self.window.push(value).filter(|before| *before != 0.0);
            self.value = before.map(|before| (value / before - 1.0) * 100.0);
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
