//! The true range of a bar.

use serde::{Deserialize, Serialize};

use super::{Indicator, PriceRange};

/// Distance between the extremes of a bar and the close before it; it takes two bars to be ready.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrueRange {
    last_close: Option<f64>,
    value: Option<f64>,
}

impl TrueRange {
    /// A true range.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Indicator for TrueRange {
    type Input = PriceRange;
    type Output = f64;

    fn update(&mut self, bar: PriceRange) -> Option<f64> {
        if !bar.is_finite() {
            return self.value;
        }
        if let Some(last) = self.last_close.replace(bar.close) {
            self.value = Some(bar.high.max(last) - bar.low.min(last));
        }
        self.value
    }

    fn value(&self) -> Option<f64> {
        self.value
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}
