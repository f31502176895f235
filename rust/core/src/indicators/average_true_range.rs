//! Wilder's average true range.

use serde::{Deserialize, Serialize};

use super::error::{IndicatorError, period};
use super::smoother::Smoother;
use super::true_range::TrueRange;
use super::{Indicator, PriceRange};

/// True range with Wilder's smoothing over `period` ranges; it takes `period + 1` bars to be ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Atr {
    range: TrueRange,
    smooth: Smoother,
}

impl Atr {
    /// An average over `period` true ranges.
    ///
    /// # Errors
    /// [`IndicatorError::Period`] if the period is not in `1..=PERIOD_MAX`.
    pub fn new(given: i64) -> Result<Self, IndicatorError> {
        let period = period("ATR", "period", 1, given)?;
        Ok(Self {
            range: TrueRange::new(),
            smooth: Smoother::wilder(period),
        })
    }
}

impl Indicator for Atr {
    type Input = PriceRange;
    type Output = f64;

    fn update(&mut self, bar: PriceRange) -> Option<f64> {
        if !bar.is_finite() {
            return self.value();
        }
        self.range.update(bar).and_then(|range| self.smooth.update(range))
    }

    fn value(&self) -> Option<f64> {
        self.smooth.value()
    }

    fn reset(&mut self) {
        self.range.reset();
        self.smooth.reset();
    }
}
